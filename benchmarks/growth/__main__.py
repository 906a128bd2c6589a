"""How the figures change as the rows become more: `make growth`.

The same requests in databases of 10 thousand, 1 million and 10 million todos, one after the other in every round; then
people unlike the others in the largest. The databases are filled once and kept.
"""

import argparse
import json
import os
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from benchmarks import (
    database,
    environment,
    growth_docs,
    growth_report,
    load,
    machine,
    pairs,
    people,
    run,
    seed,
    servers,
    special,
)
from benchmarks.calls import Call
from benchmarks.errors import BenchmarkError
from benchmarks.measures import API, MEASURES, App, Bars, Measure, token_for
from benchmarks.people import Person
from benchmarks.rows import DAY, FIRST
from benchmarks.run import Stage
from benchmarks.servers import ROOT, Server

SIZES = (5, 500, 5_000)  # people
DAYS_EACH = 20  # of past days that may be asked of each person
WARM = 2  # requests per person, before it counts
DISK = "Innodb_buffer_pool_reads"


@dataclass(frozen=True)
class Options:
    """How much is measured: `sizes` in people, each with about `todos` todos."""

    url: str
    sizes: Sequence[int] = SIZES
    todos: int = 2_000
    rounds: int = 5
    seconds: int = 3


@dataclass
class Size:
    """One database with a server of its own, and what was measured there."""

    stage: Stage
    server: Server
    special: list[Person]
    loads: dict[str, list[load.Load]] = field(default_factory=lambda: defaultdict(list))
    # Pages that InnoDB had to read from the disk.
    pages: dict[str, int] = field(default_factory=lambda: defaultdict(int))


def url_of(options: Options, size: int) -> str:
    """The database of so many people; kept for the next run."""
    return urlsplit(options.url)._replace(path=f"/{database.NAME}_{size}").geturl()


def prepare(options: Options) -> None:
    """Fill what is not filled yet: about a minute for a million todos."""
    if max(options.sizes) > special.DILIGENT_NUMBER:
        raise BenchmarkError(f"It takes {special.DILIGENT_NUMBER} people at most.")
    for size in options.sizes:
        print(f"Filling {database.NAME}_{size}: {size} people × {options.todos} todos", flush=True)
        seed.prepare(url_of(options, size), size, options.todos)
    special.prepare(url_of(options, max(options.sizes)), max(options.sizes), options.todos)


def any_day(todos: int) -> Measure:
    """A day's list of any day that a person has: nobody else has just asked for its pages, nor for those beside it."""
    days = todos // seed.TODOS_PER_DAY - seed.DAYS_AHEAD

    def calls(app: App, person: Person, rng: Any) -> list[Call]:
        asked = (DAY.fromordinal(DAY.toordinal() - rng.randrange(days)) for _ in range(DAYS_EACH))
        return [Call("GET", f"{API}/todos/?date={day}", token_for(app, person)) for day in asked]

    return Measure("any_day", "todos/?date= of any day", calls, Bars())


@contextmanager
def standing(options: Options) -> Iterator[dict[int, Size]]:
    """Everyone of each size is signed in, and a server runs for each."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="todomate-growth-")))
        env = environment.production(url_of(options, options.sizes[0]), folder)
        os.environ.pop("DJANGO_SETTINGS_MODULE", None)
        os.environ.update(env)
        import todomate.wsgi  # noqa: F401, PLC0415  # sets Django up, so not before the settings are there

        sizes = {}
        for size in options.sizes:
            stage = signed_in(options, size, env, folder / str(size))
            unlike = (
                people.sign_in([special.DILIGENT, special.POPULAR])
                if size == max(options.sizes)
                else []
            )
            server = stack.enter_context(servers.serving("project", stage.env, stage.folder))
            sizes[size] = Size(stage, server, unlike)
        yield sizes


def signed_in(options: Options, size: int, env: Mapping[str, str], folder: Path) -> Stage:
    """The people of one database. Django, which can be set up once in a process, is turned to it."""
    from django.db import connection  # noqa: PLC0415  # needs the settings

    url = url_of(options, size)
    connection.close()
    connection.settings_dict["NAME"] = urlsplit(url).path.strip("/")
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM accounts_session")  # of earlier runs
    folder.mkdir()
    stage = Stage(
        url, {**env, "DATABASE_URL": url}, folder, people.sign_in(range(FIRST, FIRST + size))
    )
    run.reset(stage)
    run.tidy(stage)
    return stage


def measured(options: Options) -> dict[str, Any]:
    """All figures of one run, with the databases as they are after having served for a while."""
    load.require_wrk()
    prepare(options)
    with standing(options) as sizes:
        for size in sizes.values():
            warm_up(size, options.seconds)
        interleaved(sizes, list(MEASURES.values()), options)
        interleaved(
            sizes, [any_day(options.todos)], options
        )  # behind the others: it fills the memory with old pages
        found = growth_report.figures({number: size.loads for number, size in sizes.items()})
        for number, size in sizes.items():
            for name, pages in size.pages.items():
                found[name][number]["pages_from_disk"] = pages / sum(
                    one.requests for one in size.loads[name]
                )
        return {
            "people": list(sizes),
            "measures": found,
            "bars": list(growth_report.bars(found)),
            "pairs": unlike_others(sizes[max(sizes)], options),
            "disk": {number: on_disk(size.stage.url) for number, size in sizes.items()},
            "worker_megabytes": {number: memory(size.server) for number, size in sizes.items()},
        }


def warm_up(size: Size, seconds: int) -> None:
    """Until nearly everyone has been there: what the memory has no room for is still read from the disk then."""
    print(f"Warming up {size.stage.url.rpartition('/')[2]}", flush=True)
    for measure in MEASURES.values():
        sent, wanted = 0, WARM * len(size.stage.people) if measure.kind == "read" else 1
        while sent < wanted:
            sent += run.load_once(
                size.stage, "project", measure, size.server.address, seconds
            ).requests


def interleaved(sizes: Mapping[int, Size], measures: Sequence[Measure], options: Options) -> None:
    """All sizes one after another, in every round."""
    for turn in range(options.rounds):
        print(
            f"{', '.join(one.name for one in measures)}: round {turn + 1} of {options.rounds}",
            flush=True,
        )
        for measure in measures:
            for size in sizes.values():
                measure_once(size, measure, options.seconds)


def measure_once(size: Size, measure: Measure, seconds: int) -> None:
    """One run of wrk in one database."""
    before = read_from_disk(size.stage.url)
    result = run.load_once(size.stage, "project", measure, size.server.address, seconds)
    size.loads[measure.name].append(result)
    size.pages[measure.name] += read_from_disk(size.stage.url) - before


def unlike_others(size: Size, options: Options) -> dict[str, Any]:
    """The pairs, in as many rounds."""
    address = size.server.address
    asked = list(pairs.pairs(address, size.stage.people, *size.special))
    runs: dict[str, list[tuple[load.Load, load.Load]]] = defaultdict(list)
    for turn in range(options.rounds + 1):
        print(
            f"People unlike the others, round {turn} of {options.rounds}" if turn else "Warming up",
            flush=True,
        )
        for pair in asked:
            result = pairs.measure(address, pair, size.stage.folder, options.seconds)
            if turn:
                runs[pair.name].append(result)
    return {pair.name: growth_report.pair(pair, runs[pair.name]) for pair in asked}


def read_from_disk(url: str) -> int:
    connection = database.connect(url)
    rows = database.query(connection, "SHOW GLOBAL STATUS LIKE %s", [DISK])
    connection.close()
    return int(rows[0][1])


def memory(server: Server) -> list[float]:
    """The resident memory of each worker, in MB."""
    return sorted(kib / 1000 for kib in server.memory().values())


def on_disk(url: str) -> dict[str, float]:
    """What the database takes, indexes with it, in bytes: its todos, and everything."""
    connection = database.connect(url)
    sql = """SELECT table_name, data_length + index_length FROM information_schema.tables
        WHERE table_schema = DATABASE() AND table_name NOT LIKE 'bench%%'"""
    sizes = {name: float(size) for name, size in database.query(connection, sql)}
    rows = float(database.query(connection, "SELECT COUNT(*) FROM todos_todo")[0][0])
    connection.close()
    return {"todos": rows, "todos_bytes": sizes["todos_todo"], "bytes": sum(sizes.values())}


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="make growth", description="How the figures change as the rows become more."
    )
    defaults = Options(url="")
    parser.add_argument("--sizes", default=",".join(map(str, SIZES)), help="in people, with commas")
    parser.add_argument(
        "--todos", type=int, default=defaults.todos, help="how many each has, about"
    )
    parser.add_argument("--rounds", type=int, default=defaults.rounds)
    parser.add_argument(
        "--seconds", type=int, default=defaults.seconds, help="of load per measure, size and round"
    )
    parser.add_argument("--out", type=Path, default=ROOT / "var" / "bench" / "growth.json")
    parser.add_argument(
        "--docs", action="store_true", help="write the figures into docs/scale.md, too"
    )
    parser.add_argument("--fill", action="store_true", help="only fill the databases")
    return parser.parse_args()


def main() -> None:
    given = arguments()
    sizes = sorted(int(size) for size in given.sizes.split(","))
    options = Options(
        os.environ["BENCH_MYSQL_URL"], sizes, given.todos, given.rounds, given.seconds
    )
    try:
        if given.fill:
            prepare(options)
            return
        result = measured(options)
    except BenchmarkError as error:
        sys.exit(str(error))
    print("", *growth_report.table(result), sep="\n")
    told = {name: value for name, value in asdict(options).items() if name != "url"}
    about = {"options": told, "machine": machine.described(url_of(options, sizes[0]))}
    given.out.parent.mkdir(parents=True, exist_ok=True)
    given.out.write_text(text := json.dumps(result | about, indent=1, ensure_ascii=False) + "\n")
    if given.docs:
        growth_docs.write(json.loads(text), ROOT / "docs" / "scale.md")
    print(f"\nAll figures: {given.out}")


if __name__ == "__main__":
    main()
