"""One run: rows, people, recorded statements, CPU in process, load on three servers."""

import os
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from itertools import batched
from pathlib import Path
from typing import Any

from benchmarks import (
    checks,
    cpu,
    database,
    environment,
    load,
    people,
    recording,
    report,
    seed,
    servers,
    statements,
)
from benchmarks.measures import APPS, FIRST_FREE_DAY, MEASURES, App, Measure
from benchmarks.people import Person
from benchmarks.rows import FIRST, WRITTEN_DAY


@dataclass(frozen=True)
class Options:
    """How much is measured."""

    url: str
    people: int = 50
    todos: int = 2_000
    rounds: int = 5
    seconds: int = 3
    requests: int = 60  # per measure, application and round, in process
    measures: Sequence[str] = tuple(MEASURES)


@dataclass
class Stage:
    """What is set up: the database is filled, everyone is signed in, the project's statements are recorded."""

    url: str
    env: Mapping[str, str]
    folder: Path
    people: list[Person] = field(default_factory=list)


@contextmanager
def stage(url: str, count: int, todos: int, say: Callable[[str], None] = print) -> Iterator[Stage]:
    """Everything that measuring needs but the servers; this process has the project's Django set up afterwards.

    Django can be set up once in a process, so there is one stage in it, too.
    """
    say(f"Filling {database.NAME}: {count} people × {todos} todos")
    seed.prepare(url, count, todos)
    with tempfile.TemporaryDirectory(prefix="todomate-bench-") as name:
        folder = Path(name)
        env = environment.production(url, folder)
        os.environ.pop("DJANGO_SETTINGS_MODULE", None)
        os.environ.update(env)
        from todomate.wsgi import application  # noqa: PLC0415  # reads the settings, so not before they are set

        crowd = people.sign_in(range(FIRST, FIRST + count))
        people.save(crowd, environment.people_file(folder))
        ready = Stage(url, env, folder, crowd)
        reset(ready)
        tidy(ready)
        statements.save(
            recording.record(application, crowd[0]), environment.statements_file(folder)
        )
        yield ready


def measured(options: Options, say: Callable[[str], None] = print) -> dict[str, Any]:
    """All figures of one run."""
    load.require_wrk()
    chosen = [MEASURES[name] for name in options.measures]
    with stage(options.url, options.people, options.todos, say) as ready:
        say("CPU in process")
        with cpu.workers(APPS, environment.people_file(ready.folder), ready.env) as told:
            checks.check(told)
            shapes = {one.name: {app: _shape(told[app], one) for app in one.apps} for one in chosen}
            costs = cpu.rounds(told, chosen, options.rounds, options.requests)
        tidy(ready)
        loads = loaded(ready, chosen, options, say)
    found = report.figures(costs, loads, shapes)
    return {
        "measures": {
            name: {"figures": of, "bars": list(report.bars(name, of))} for name, of in found.items()
        },
        "calibration": report.calibrated(costs),
        "rounds": {
            name: {app: [one.per_second for one in runs] for app, runs in by.items()}
            for name, by in loads.items()
        },
        "cpu_rounds": {name: dict(by) for name, by in costs.items()},
    }


def _shape(told: cpu.Worker, measure: Measure) -> dict[str, float]:
    return {"queries": told.queries(measure), "bytes": told.size(measure)}


def loaded(
    ready: Stage, chosen: Sequence[Measure], options: Options, say: Callable[[str], None]
) -> report.Loads:
    """The three servers side by side, loaded one after another in every round."""
    loads: dict[str, dict[App, list[load.Load]]] = defaultdict(lambda: defaultdict(list))
    with ExitStack() as stack:
        running = {
            app: stack.enter_context(servers.serving(app, ready.env, ready.folder)) for app in APPS
        }
        for turn in range(options.rounds):
            say(f"Load, round {turn + 1} of {options.rounds}")
            for measure in chosen:
                for app in measure.apps:
                    address = running[app].address
                    loads[measure.name][app].append(
                        load_once(ready, app, measure, address, options.seconds)
                    )
    return loads


def load_once(ready: Stage, app: App, measure: Measure, address: str, seconds: int) -> load.Load:
    """One run of wrk, on rows as they were seeded. Raises load.Failed."""
    requests = ready.folder / f"{app}-{measure.name}.txt"
    if not requests.exists():
        load.write_requests(requests, app, measure, ready.people)
    if measure.kind == "done":
        reset(ready)
    result = load.run(address, requests, measure.kind, seconds)
    if measure.kind == "create":
        tidy(ready)
    return result


def reset(ready: Stage) -> None:
    """No todo of WRITTEN_DAY is done."""
    _for_everyone(
        ready,
        "UPDATE todos_todo SET is_done = 0, done_at = NULL WHERE owner_id IN %s AND date = %s",
        WRITTEN_DAY,
    )


def tidy(ready: Stage) -> None:
    """What was created is gone."""
    _for_everyone(
        ready, "DELETE FROM todos_todo WHERE owner_id IN %s AND date >= %s", FIRST_FREE_DAY
    )


def _for_everyone(ready: Stage, sql: str, day: Any) -> None:
    connection = database.connect(ready.url)
    for chunk in batched(ready.people, 200):
        database.query(connection, sql, (tuple(one.pk for one in chunk), day))
    connection.close()
