"""The measures: requests for each application, and the bars that the project must meet."""

import datetime as dt
import random
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import orjson
import uuid_utils.compat

from benchmarks.rows import DAY

App = Literal["bare", "twin", "project"]
APPS: tuple[App, ...] = ("bare", "twin", "project")
APPLICATIONS = {
    "bare": "benchmarks.bare:application",
    "twin": "benchmarks.twin.wsgi:application",
    "project": "todomate.wsgi:application",
}
API = "/api/v1"
# Created todos are spread over these days so that no day fills up, and deleted after each run.
FIRST_FREE_DAY = dt.date(2040, 1, 1)
FREE_DAYS = 3650
# The requests that a client of the twin needs in place of days/{date}/.
FIVE_PATHS = (
    f"todos/?date={DAY}",
    "goals/",
    f"diaries/?date={DAY}",
    f"cheers/?todo__date={DAY}",
    "quick-inputs/",
)


@dataclass(frozen=True)
class Person:
    """A seeded user: ids of the active goals and of the todos to set done, and access tokens.

    `access` is the project's and the bare function's token, `plain_access` the twin's.
    """

    pk: int
    uuid: str
    goals: list[str]
    todos: list[str]
    access: str
    plain_access: str

    def token(self, app: App) -> str:
        """Return the access token that `app` accepts."""
        return self.plain_access if app == "twin" else self.access


@dataclass(frozen=True)
class Call:
    """One request; `path` includes the query string, `body` is JSON or empty."""

    method: str
    path: str
    token: str
    body: bytes = b""


@dataclass(frozen=True)
class Bar:
    """A limit for the project's figure divided by that of `against`.

    CPU may reach the limit at most, requests/s must reach it.
    """

    figure: Literal["per_second", "cpu_us"]
    against: App
    limit: float

    def is_met(self, ratio: float) -> bool:
        """Return whether `ratio` is on the right side of the limit."""
        return ratio <= self.limit if self.figure == "cpu_us" else ratio >= self.limit


@dataclass(frozen=True)
class Measure:
    """One kind of work; `calls` returns the requests of one unit of it."""

    name: str
    label: str
    calls: Callable[[App, Person, random.Random], list[Call]]
    bars: tuple[Bar, ...] = ()
    apps: tuple[App, ...] = APPS
    kind: Literal["read", "done", "create"] = "read"
    note: str = ""


def get_list(app: App, person: Person, rng: random.Random) -> list[Call]:
    return [Call("GET", f"{API}/todos/?date={DAY}", person.token(app))]


def get_day(app: App, person: Person, rng: random.Random) -> list[Call]:
    paths = FIVE_PATHS if app == "twin" else (f"days/{DAY}/",)
    return [Call("GET", f"{API}/{path}", person.token(app)) for path in paths]


def get_calendar(app: App, person: Person, rng: random.Random) -> list[Call]:
    return [Call("GET", f"{API}/calendar/?month={DAY:%Y-%m}", person.token(app))]


_is_done: dict[tuple[App, str], bool] = defaultdict(bool)


def set_done(app: App, person: Person, rng: random.Random) -> list[Call]:
    """Flip a todo of the application's own third, so that every request writes."""
    todo = rng.choice(person.todos[APPS.index(app) :: len(APPS)])
    _is_done[app, todo] = not _is_done[app, todo]
    body = orjson.dumps({"is_done": _is_done[app, todo]})
    return [Call("PATCH", f"{API}/todos/{todo}/", person.token(app), body)]


def create(app: App, person: Person, rng: random.Random) -> list[Call]:
    body = {
        "id": str(uuid_utils.compat.uuid7()),
        "title": "Read Twenty Pages",
        "goal": person.goals[0],
        "date": FIRST_FREE_DAY + dt.timedelta(days=rng.randrange(FREE_DAYS)),
    }
    return [Call("POST", f"{API}/todos/", person.token(app), orjson.dumps(body))]


def _bars(bare: float, twin: float) -> tuple[Bar, ...]:
    return Bar("per_second", "bare", bare), Bar("per_second", "twin", twin)


MEASURES = {
    measure.name: measure
    for measure in (
        Measure(
            "list",
            "todos/?date= (10 todos)",
            get_list,
            (*_bars(0.55, 3.5), Bar("cpu_us", "bare", 4), Bar("cpu_us", "twin", 0.2)),
        ),
        Measure(
            "day",
            "days/{date}/ (10 todos, 3 goals, diary, cheers)",
            get_day,
            _bars(0.40, 4),
            note="The twin needs five calls: its requests/s are a fifth, p50 and p99 are per call.",
        ),
        Measure(
            "calendar",
            "calendar/?month=",
            get_calendar,
            (Bar("per_second", "bare", 0.50),),
            apps=("bare", "project"),
        ),
        Measure("done", "set done", set_done, _bars(0.45, 2), kind="done"),
        Measure("create", "create a todo", create, _bars(0.40, 2), kind="create"),
    )
}
