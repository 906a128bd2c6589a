"""One run: seed, sign in, compare the answers, measure CPU in process, load three servers.

Needs Django set up; see environment.set_up().
"""

import tempfile
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import date
from itertools import batched
from pathlib import Path
from typing import Any

from django.db import connection

from benchmarks import checks, load, people, report, seed, servers
from benchmarks.measures import APPS, FIRST_FREE_DAY, MEASURES, App, Measure, Person
from benchmarks.rows import FIRST, WRITTEN_DAY
from benchmarks.workers import measure_costs, workers


@dataclass(frozen=True)
class Options:
    """How much is measured; `requests` are in process, per measure, application and round."""

    people: int = 50
    rounds: int = 5
    seconds: int = 3
    todos: int = 2_000
    requests: int = 60
    measures: Sequence[str] = tuple(MEASURES)


@dataclass(frozen=True)
class Stage:
    """A filled database with signed-in people, and a folder for the files of the run."""

    database: str
    people: Sequence[Person]
    env: Mapping[str, str]
    folder: Path


@contextmanager
def stage(env: Mapping[str, str], count: int, todos: int) -> Iterator[Stage]:
    """Fill the connection's database and sign everyone in."""
    database = connection.settings_dict["NAME"]
    seed.prepare(count, todos)
    seed.query("DELETE FROM accounts_session")  # of earlier runs
    with tempfile.TemporaryDirectory(prefix="todomate-bench-") as folder:
        ready = Stage(database, people.sign_in(range(FIRST, FIRST + count)), env, Path(folder))
        reset(ready)
        delete_created(ready)
        yield ready


def measure(env: Mapping[str, str], options: Options) -> dict[str, Any]:
    """Return all figures of one run."""
    load.require_wrk()
    chosen = [MEASURES[name] for name in options.measures]
    with stage(env, options.people, options.todos) as ready:
        print("CPU in process", flush=True)
        with workers(APPS, ready.people, env) as started:
            checks.check(started)
            shapes = {
                one.name: {app: started[app].shape(one) for app in one.apps} for one in chosen
            }
            costs = measure_costs(started, chosen, options.rounds, options.requests)
        delete_created(ready)
        loads = load_all(ready, chosen, options)
    return report.result(shapes, costs, loads)


def load_all(ready: Stage, chosen: Sequence[Measure], options: Options) -> report.Loads:
    """Load the three servers in turn, in every round, while all of them run."""
    loads: dict[str, dict[App, list[load.Load]]] = defaultdict(lambda: defaultdict(list))
    with ExitStack() as stack:
        running = {
            app: stack.enter_context(servers.serve(app, ready.env, ready.folder)) for app in APPS
        }
        for number in range(options.rounds):
            print(f"Load, round {number + 1} of {options.rounds}", flush=True)
            for one in chosen:
                for app in one.apps:
                    result = load_once(ready, app, one, running[app].address, options.seconds)
                    loads[one.name][app].append(result)
    return loads


def load_once(ready: Stage, app: App, measure: Measure, address: str, seconds: int) -> load.Load:
    """Run wrk once, on the rows as they were seeded."""
    file = ready.folder / f"{app}-{measure.name}.txt"
    if not file.exists():
        file.write_text("".join(load.lines(app, measure, ready.people)))
    if measure.kind == "done":
        reset(ready)
    result = load.run(address, file, measure.kind, seconds)
    if measure.kind == "create":
        delete_created(ready)
    return result


def reset(ready: Stage) -> None:
    """Mark all todos of WRITTEN_DAY as not done."""
    _for_everyone(ready, "UPDATE todos_todo SET is_done = 0, done_at = NULL", "=", WRITTEN_DAY)


def delete_created(ready: Stage) -> None:
    """Delete the todos that the measure "create" has made."""
    _for_everyone(ready, "DELETE FROM todos_todo", ">=", FIRST_FREE_DAY)


def _for_everyone(ready: Stage, sql: str, operator: str, day: date) -> None:
    if connection.settings_dict["NAME"] != ready.database:
        seed.use(ready.database)
    for chunk in batched(ready.people, 200):
        pks = tuple(person.pk for person in chunk)
        seed.query(f"{sql} WHERE owner_id IN %s AND date {operator} %s", (pks, day))
