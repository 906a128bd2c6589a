"""One run of growth: databases of several sizes loaded in turn, then special people in the largest.

Needs Django set up; see environment.set_up().
"""

import random
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from benchmarks import BenchmarkError, environment, load, people, run, seed, servers
from benchmarks.growth import pairs, report, special
from benchmarks.measures import API, MEASURES, App, Call, Measure, Person
from benchmarks.rows import DAY
from benchmarks.run import Stage
from benchmarks.servers import Server

SIZES = (5, 500, 5_000)  # people
DAYS_EACH = 20  # past days per person in the measure "any_day"
WARM_UP = 2  # requests per person


@dataclass(frozen=True)
class Options:
    """How much is measured: `sizes` in people, each with about `todos` todos."""

    sizes: Sequence[int] = SIZES
    todos: int = 2_000
    rounds: int = 5
    seconds: int = 3


@dataclass
class Size:
    """One database with a server of its own, and the results so far."""

    stage: Stage
    server: Server
    special: Sequence[Person]
    loads: dict[str, list[load.Load]] = field(default_factory=lambda: defaultdict(list))
    # Pages that InnoDB read from the disk, by measure.
    pages: dict[str, int] = field(default_factory=lambda: defaultdict(int))

    def measure(self, measure: Measure, seconds: int) -> None:
        """Run wrk once."""
        before = pages_read()
        result = run.load_once(self.stage, "project", measure, self.server.address, seconds)
        self.loads[measure.name].append(result)
        self.pages[measure.name] += pages_read() - before

    def figures(self, name: str) -> dict[str, float]:
        """Return the medians of a measure and the pages read per request."""
        requests = sum(one.requests for one in self.loads[name])
        return load.medians(self.loads[name]) | {"pages_from_disk": self.pages[name] / requests}


def name_of(size: int) -> str:
    """Return the name of the database with so many people, which is kept for the next run."""
    return f"{environment.NAME}_{size}"


def prepare(options: Options) -> None:
    """Fill the databases that are not filled yet, at about a minute for a million todos."""
    if max(options.sizes) > special.DILIGENT_NUMBER:
        raise BenchmarkError(f"The largest size is {special.DILIGENT_NUMBER} people.")
    for size in sorted(options.sizes):
        seed.use(name_of(size))
        seed.prepare(size, options.todos)
    special.prepare(max(options.sizes), options.todos)  # the connection's database is the largest


def any_day(todos: int) -> Measure:
    """Return the measure of a list of a random past day, whose pages no request has just read."""
    days = todos // seed.TODOS_PER_DAY - seed.DAYS_AHEAD

    def calls(app: App, person: Person, rng: random.Random) -> list[Call]:
        dates = [DAY - timedelta(days=rng.randrange(days)) for _ in range(DAYS_EACH)]
        return [Call("GET", f"{API}/todos/?date={date}", person.token(app)) for date in dates]

    return Measure("any_day", report.LABELS["any_day"], calls)


@contextmanager
def start(env: Mapping[str, str], options: Options) -> Iterator[dict[int, Size]]:
    """Sign everyone in and start a server for each size."""
    with ExitStack() as stack:
        sizes = {}
        for size in options.sizes:
            seed.use(name_of(size))
            url = urlsplit(env["DATABASE_URL"])._replace(path=f"/{name_of(size)}").geturl()
            ready = stack.enter_context(
                run.stage({**env, "DATABASE_URL": url}, size, options.todos)
            )
            unusual = [special.DILIGENT, special.POPULAR] if size == max(options.sizes) else []
            signed_in = people.sign_in(unusual)
            server = stack.enter_context(servers.serve("project", ready.env, ready.folder))
            sizes[size] = Size(ready, server, signed_in)
        yield sizes


def measure(env: Mapping[str, str], options: Options) -> dict[str, Any]:
    """Return all figures of one run, of databases that have been in use for a while."""
    load.require_wrk()
    prepare(options)
    with start(env, options) as sizes:
        for size in sizes.values():
            warm_up(size, options.seconds)
        measures = list(MEASURES.values())
        in_turn(sizes, measures, options)
        # Last, because it fills the memory with pages of other days.
        last = any_day(options.todos)
        in_turn(sizes, [last], options)
        found = {
            one.name: {number: size.figures(one.name) for number, size in sizes.items()}
            for one in [*measures, last]
        }
        return {
            "people": list(sizes),
            "measures": found,
            "bars": list(report.bars(found)),
            "pairs": compare_special(sizes[max(sizes)], options),
            "disk": {number: disk_usage(size.stage.database) for number, size in sizes.items()},
            "worker_megabytes": {
                number: size.server.worker_memory() for number, size in sizes.items()
            },
        }


def warm_up(size: Size, seconds: int) -> None:
    """Send requests for nearly everyone, so that their pages are in memory if they fit."""
    print(f"Warming up {size.stage.database}", flush=True)
    for one in MEASURES.values():
        sent, wanted = 0, WARM_UP * len(size.stage.people) if one.kind == "read" else 1
        while sent < wanted:
            address = size.server.address
            sent += run.load_once(size.stage, "project", one, address, seconds).requests


def in_turn(sizes: Mapping[int, Size], measures: Sequence[Measure], options: Options) -> None:
    """Load all sizes one after another, in every round."""
    names = ", ".join(one.name for one in measures)
    for number in range(options.rounds):
        print(f"{names}: round {number + 1} of {options.rounds}", flush=True)
        for one in measures:
            for size in sizes.values():
                size.measure(one, options.seconds)


def compare_special(size: Size, options: Options) -> dict[str, Any]:
    """Return the figures of all pairs, after a first round that does not count."""
    address = size.server.address
    chosen = list(pairs.pairs(address, size.stage.people, *size.special))
    runs: dict[str, list[tuple[load.Load, load.Load]]] = defaultdict(list)
    for number in range(options.rounds + 1):
        print(f"Special people: round {number} of {options.rounds}", flush=True)
        for pair in chosen:
            result = pairs.measure(address, pair, size.stage.folder, options.seconds)
            if number:
                runs[pair.name].append(result)
    return {pair.name: report.compare(pair, runs[pair.name]) for pair in chosen}


def pages_read() -> int:
    """Return how many pages InnoDB has read from the disk since the server started."""
    ((_, count),) = seed.query("SHOW GLOBAL STATUS LIKE 'Innodb_buffer_pool_reads'")
    return int(count)


def disk_usage(database: str) -> dict[str, float]:
    """Return the number of todos, and the bytes of their table and of all, indexes included."""
    sql = """SELECT table_name, data_length + index_length FROM information_schema.tables
        WHERE table_schema = %s AND table_name NOT LIKE 'bench%%'"""
    sizes = {name: float(size) for name, size in seed.query(sql, [database])}
    ((todos,),) = seed.query(f"SELECT COUNT(*) FROM `{database}`.todos_todo")
    return {
        "todos": float(todos),
        "todos_bytes": sizes["todos_todo"],
        "bytes": sum(sizes.values()),
    }
