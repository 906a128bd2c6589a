"""What is measured, with which requests, and the bars that the project is held to."""

import datetime as dt
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import quote

import orjson
import uuid_utils.compat

from benchmarks.calls import Call
from benchmarks.people import Person
from benchmarks.rows import DAY, WRITTEN_DAY

App = Literal["bare", "twin", "project"]
APPS: tuple[App, ...] = ("bare", "twin", "project")

API = "/api/v1"
# Created todos go here, spread so that no day fills up; the benchmark deletes them again.
FIRST_FREE_DAY = dt.date(2040, 1, 1)
FREE_DAYS = 3650
TITLE = "Read Twenty Pages"
# What a phone asks a plain server for, where this one has days/{date}/.
FIVE_CALLS = (
    f"todos/?date={DAY}",
    "goals/",
    f"diaries/?date={DAY}",
    f"cheers/?todo__date={DAY}",
    "quick-inputs/",
)


@dataclass(frozen=True)
class Bars:
    """What must be true of the project: at least so much of the other's requests/s, at most so much of its CPU."""

    bare: float | None = None
    twin: float | None = None
    bare_cpu: float | None = None
    twin_cpu: float | None = None


@dataclass(frozen=True)
class Measure:
    """`calls` gives what one app is asked for one unit of work: one request, but for the twin's five."""

    name: str
    label: str
    calls: Callable[[App, Person, random.Random], list[Call]]
    bars: Bars
    apps: tuple[App, ...] = APPS
    kind: Literal["read", "done", "create"] = "read"
    notes: tuple[str, ...] = field(default=())


def token_for(app: App, person: Person) -> str:
    return person.plain_access if app == "twin" else person.access


def get_list(app: App, person: Person, rng: random.Random) -> list[Call]:
    return [Call("GET", f"{API}/todos/?date={DAY}", token_for(app, person))]


def get_day(app: App, person: Person, rng: random.Random) -> list[Call]:
    paths = FIVE_CALLS if app == "twin" else (f"days/{DAY}/",)
    return [Call("GET", f"{API}/{path}", token_for(app, person)) for path in paths]


def get_calendar(app: App, person: Person, rng: random.Random) -> list[Call]:
    return [Call("GET", f"{API}/calendar/?month={DAY:%Y-%m}", token_for(app, person))]


class _Turns:
    """Which todos were set done last, so that each request changes something."""

    done: dict[tuple[App, str], bool] = {}

    @classmethod
    def flip(cls, app: App, todo: str) -> bool:
        cls.done[app, todo] = not cls.done.get((app, todo), False)
        return cls.done[app, todo]


def set_done(app: App, person: Person, rng: random.Random) -> list[Call]:
    # Each its own third of the todos, so that none finds done what another has set.
    todo = rng.choice(person.todos[APPS.index(app) :: len(APPS)])
    body = orjson.dumps({"is_done": _Turns.flip(app, todo)})
    return [Call("PATCH", f"{API}/todos/{quote(todo)}/", token_for(app, person), body)]


def create(app: App, person: Person, rng: random.Random) -> list[Call]:
    day = FIRST_FREE_DAY + dt.timedelta(days=rng.randrange(FREE_DAYS))
    body = {
        "id": str(uuid_utils.compat.uuid7()),
        "title": TITLE,
        "goal": person.goals[0],
        "date": day,
    }
    return [Call("POST", f"{API}/todos/", token_for(app, person), orjson.dumps(body))]


MEASURES = {
    measure.name: measure
    for measure in (
        Measure("list", "todos/?date= (10 todos)", get_list, Bars(0.55, 3.5, 4, 0.2)),
        Measure(
            "day",
            "days/{date}/ (10 todos, 3 goals, diary, cheers)",
            get_day,
            Bars(0.40, 4),
            notes=(
                "The twin's row is five calls: requests/s are fifths, p50 and p99 of one of the five.",
            ),
        ),
        Measure("calendar", "calendar/?month=", get_calendar, Bars(0.50), apps=("bare", "project")),
        Measure("done", "set done", set_done, Bars(0.45, 2), kind="done"),
        Measure("create", "create a todo", create, Bars(0.40, 2), kind="create"),
    )
}


def calls_of(
    measure: Measure, app: App, people: list[Person], rng: random.Random
) -> Iterator[list[Call]]:
    """Endlessly, for people drawn at random."""
    while True:
        yield measure.calls(app, rng.choice(people), rng)


__all__ = [
    "API",
    "APPS",
    "MEASURES",
    "WRITTEN_DAY",
    "App",
    "Bars",
    "Measure",
    "calls_of",
    "token_for",
]
