"""Measure every list with every filter in the world of world.py: rows read, time in the database.

The rows are those that the server counts (Handler_read%). The time is the processor time of the
connection's thread of the server in all statements of a request, of the cheapest of three. From
another machine it is the time until the statements are answered, which is more.
"""

import itertools
import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.db import DEFAULT_DB_ALIAS, connection, connections
from rest_framework.test import APIClient

from accounts.credentials.tokens import pair
from accounts.models import Session, User
from benchmarks import seed
from benchmarks.growth import world
from diaries.models.labels import LabelKind, label_id

MOST_ROWS = 20_000
MOST_MILLISECONDS = 50.0
# Here Alice follows ten times as many people as one may. Each costs some rows.
OTHER_BARS = {"timeline/": (500_000, 2_500.0)}
TRIES = 3
API = "/api/v1/"
DAY = "2021-06-01"
NAMED_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}")
LATE = "2022-09-26"
PLACE = label_id(LabelKind.PLACE, "found")
FIRST_TODO = "date IS NULL, date, position"


@dataclass(frozen=True)
class Cost:
    """A request and its cost in the database."""

    path: str
    returned: int
    rows: int
    milliseconds: float

    @property
    def list_path(self) -> str:
        """The path without the query."""
        return re.split("[? ]", self.path)[0]

    @property
    def is_met(self) -> bool:
        """True if the cost is within the bounds."""
        rows, milliseconds = OTHER_BARS.get(self.list_path, (MOST_ROWS, MOST_MILLISECONDS))
        return self.rows <= rows and self.milliseconds <= milliseconds


@dataclass(frozen=True)
class Ids:
    """The ids that requests name."""

    alice: str
    bob: str
    carol: str
    goals: Mapping[str, Sequence[str]]
    todos: Mapping[str, str]
    quick_input: str
    diary: str


Values = dict[str, list[str]]


def filters(ids: Ids) -> dict[str, tuple[str, Values, Values]]:
    """Return the path of each list, its optional parameters and its required ones.

    Optional parameters have the values to try: each alone, the first of each in pairs, all.
    """
    dates = {"date": [DAY, LATE], "date_from": ["2020-01-02"], "date_to": [LATE, "2020-01-02"]}
    owners = [ids.bob, ids.carol, ids.alice]
    flag = ["true", "false"]
    title = ["found", "nowhere", "a"]
    goals = [ids.goals["alice"][0], ids.goals["bob"][0], ids.goals["carol"][2]]
    quick = [ids.quick_input]
    return {
        "list_alarms": ("alarms/", {}, {}),
        "list_archive": ("archive/", {"goal": goals[:1], "q": title}, {}),
        "list_blocks": ("blocks/", {}, {}),
        "list_cheers": (
            "cheers/",
            {
                "todo": [ids.todos["carol"], ids.todos["bob"], ids.todos["alice"]],
                "diary": [ids.diary],
                "received": flag,
                "after": ["2024-01-01T05:00:00Z"],
            },
            {},
        ),
        "list_diaries": (
            "diaries/",
            dates
            | {
                "owner": owners,
                "emoji": ["😢"],
                "visibility": ["public", "followers"],
                "is_draft": flag,
            },
            {},
        ),
        "list_follow_requests": ("follow-requests/", {}, {}),
        "list_followers": (f"users/{ids.alice}/followers/", {}, {}),
        "list_following": (f"users/{ids.alice}/following/", {}, {}),
        "list_goals": (
            "goals/",
            {"owner": owners, "state": ["active", "done"], "visibility": ["public", "selected"]},
            {},
        ),
        "list_offers": (
            "quick-inputs/offers/",
            {},
            {"date_from": ["2024-01-01"], "date_to": ["2024-02-28"]},
        ),
        "list_photos": ("photos/", {}, {}),
        "list_posts": (
            "posts/",
            {"hashtag": ["found"], "place": [f"{PLACE}"], "has_photos": flag},
            {"owner": owners[:2]},
        ),
        "list_quick_inputs": (
            "quick-inputs/",
            {"goal": goals[:1], "weekday": ["mon", "sun"], "active_on": ["2024-01-01"]},
            {},
        ),
        "list_sessions": ("auth/sessions/", {}, {}),
        "list_timeline": ("timeline/", {}, {}),
        "list_todos": (
            "todos/",
            dates
            | {
                "owner": owners,
                "goal": goals,
                "is_done": flag,
                "has_time": flag,
                "quick_input": quick,
                "q": title,
            },
            {},
        ),
        "list_users": (
            "users/",
            {"handle": ["bench.100500"]},
            {"q": ["bench", "be", "사람", "bench.1005", "nobody"]},
        ),
    }


def paths(ids: Ids) -> Iterator[str]:
    """Yield the requests to measure."""
    for path, optional, required in filters(ids).values():
        for needed in _products(required):
            for query in _combinations(optional):
                yield f"{path}?{urlencode(needed | query)}".removesuffix("?")


def _products(values: Values) -> Iterator[dict[str, str]]:
    for choice in itertools.product(*values.values()):
        yield dict(zip(values, choice, strict=True))


def _combinations(values: Values) -> Iterator[dict[str, str]]:
    yield {}
    for name, each in values.items():
        yield from ({name: value} for value in each)
    for pair_of in itertools.combinations(values, 2):
        yield from _products({name: values[name] for name in pair_of})
    if len(values) > 2:
        yield {name: each[0] for name, each in values.items()}


def ids_of_world() -> Ids:
    """Read the ids of the rows that requests name."""
    people = {"alice": world.ALICE, "bob": world.BOB, "carol": world.CAROL}

    def first(table: str, pk: int, order: str) -> list[str]:
        sql = (
            f"SELECT id FROM {table} WHERE owner_id = %s ORDER BY {order} LIMIT 3"  # our own names
        )
        return [str(UUID(bytes=value)) for (value,) in seed.query(sql, [pk])]

    return Ids(
        **{name: str(User.objects.get(pk=pk).uuid) for name, pk in people.items()},
        goals={name: first("goals_goal", pk, "position") for name, pk in people.items()},
        todos={name: first("todos_todo", pk, FIRST_TODO)[0] for name, pk in people.items()},
        quick_input=first("todos_quickinput", world.ALICE, "id")[0],
        diary=first("diaries_diary", world.ALICE, "date")[0],
    )


def thread_of_server() -> Path | None:
    """Return the file with the processor time of this connection's thread of a local server."""
    mysql = "SELECT thread_os_id FROM performance_schema.threads WHERE processlist_id"
    mariadb = "SELECT tid FROM information_schema.processlist WHERE id"
    sql = mariadb if getattr(connection, "mysql_is_mariadb", False) else mysql
    found = seed.query(f"{sql} = CONNECTION_ID()")
    file = Path(f"/proc/{found[0][0]}/schedstat") if found else None
    return file if file is not None and file.exists() else None


class Meter:
    """Sum the cost of the statements of a request."""

    def __init__(self, thread: Path | None) -> None:
        self.thread = thread
        self.rows = 0
        self.seconds = 0.0

    def clock(self) -> float:
        """Return the processor time of the server's thread, or of this machine's clock."""
        if self.thread is None:
            return time.perf_counter()
        return int(self.thread.read_text().split()[0]) / 1e9

    def __call__(
        self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any
    ) -> Any:
        before = self.read()
        begin = self.clock()
        try:
            return execute(sql, params, many, context)
        finally:
            self.seconds += self.clock() - begin
            self.rows += self.read() - before

    @staticmethod
    def read() -> int:
        """Return how many rows this connection has read."""
        with connection.connection.cursor() as cursor:
            cursor.execute("SHOW SESSION STATUS LIKE 'Handler_read%'")
            return sum(int(value) for _name, value in cursor.fetchall())


@contextmanager
def signed_in(pk: int) -> Iterator[APIClient]:
    """Sign in a person for the time of the measurement."""
    session = Session.start(User.objects.get(pk=pk), None)
    client = APIClient(SERVER_NAME="127.0.0.1")
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {pair(session)['access']}")
    try:
        yield client
    finally:
        session.delete()


@contextmanager
def at_once() -> Iterator[None]:
    """Receive all rows of a statement at once: during a stream its cost cannot be read."""
    wrapper: Any = connections[DEFAULT_DB_ALIAS]
    wrapper.streaming_cursor = wrapper.cursor
    try:
        yield
    finally:
        del wrapper.streaming_cursor


def cost_of(client: APIClient, path: str) -> tuple[Cost, str | None]:
    """Return the cost of a request, and the link to the next page."""
    best: Cost | None = None
    following: str | None = None
    for _ in range(TRIES):
        meter = Meter(thread_of_server())
        with at_once(), connection.execute_wrapper(meter):
            answer = client.get(path if path.startswith("http") else API + path)
        body = answer.json()
        if answer.status_code != 200:
            raise RuntimeError(f"{path}: {body}")
        following = body["next"]
        cost = Cost(path, len(body["results"]), meter.rows, 1000 * meter.seconds)
        if best is None or cost.milliseconds < best.milliseconds:
            best = cost
        if best.milliseconds > 10 * MOST_MILLISECONDS:
            break
    assert best is not None  # noqa: S101  # there was at least one try
    return best, following


def measure(only: str = "") -> list[Cost]:
    """Measure all requests of Alice, each with its second page."""
    found = []
    ids = ids_of_world()
    with signed_in(world.ALICE) as client:
        for path in paths(ids):
            if not path.startswith(only):
                continue
            cost, following = cost_of(client, path)
            found.append(cost)
            if following is not None:
                second, _ = cost_of(client, following)
                found.append(
                    Cost(f"{path} (page 2)", second.returned, second.rows, second.milliseconds)
                )
    return found


def table(costs: Sequence[Cost]) -> Iterator[str]:
    """Return a table of the dearest requests of each list, in Markdown."""
    yield "| list | requests | rows read, at most | CPU ms, at most | the dearest |"
    yield "|---|---|---|---|---|"
    lists = itertools.groupby(costs, lambda cost: NAMED_ID.sub("{id}", cost.list_path))
    for name, group in lists:
        each = list(group)
        dearest = max(each, key=lambda cost: cost.milliseconds)
        shown = NAMED_ID.sub("…", dearest.path.partition("?")[2]) or "–"
        yield (
            f"| {name} | {len(each)} | {max(cost.rows for cost in each):,} |"
            f" {dearest.milliseconds:.1f} | `{shown}` |"
        )
