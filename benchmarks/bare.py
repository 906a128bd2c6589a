"""What the machine could do: a plain WSGI function that answers the measured requests and nothing else.

The same server, driver, SQL, signed token and JSON as the project's, with the token verified and the rows shaped by
hand. The statements are those that the project was recorded with (BENCH_STATEMENTS): of the reads all, of a create all
in one transaction and in the same packets. Set done executes less where more was recorded, as the bar says: the
session's check, and then SELECT … FOR UPDATE and UPDATE in a transaction.
"""

import base64
import datetime as dt
import hmac
import os
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any
from uuid import UUID

import orjson
from MySQLdb.constants import FIELD_TYPE
from MySQLdb.converters import conversions

from benchmarks import database, statements
from benchmarks.shapes import Calendar, Day, Viewer, spelled, todo_shape
from benchmarks.statements import Rows, Statement

# As the project's connections.
STRICT, ISOLATED = (
    "SET sql_mode = 'STRICT_TRANS_TABLES'",
    "SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED",
)
KEY = os.environ["JWT_SIGNING_KEY"].encode()


JSON = orjson.OPT_NAIVE_UTC | orjson.OPT_UTC_Z
# Dates and times go into the JSON as the database spells them.
READERS = {
    FIELD_TYPE.DATE: str,
    FIELD_TYPE.TIME: lambda text: text[:5],
    FIELD_TYPE.DATETIME: dt.datetime.fromisoformat,
}

_local = threading.local()


def connection() -> Any:
    """This thread's own."""
    found = getattr(_local, "connection", None)
    if found is None:
        url = os.environ["DATABASE_URL"]
        found = _local.connection = database.connect(
            url, conv=conversions | READERS, init_command=STRICT
        )
        database.query(found, ISOLATED)
    return found


Roles = dict[str, Any]


def packets(steps: Sequence[Statement]) -> list[list[int]]:
    """Group the numbers of the statements by the packet in which each is sent."""
    found: list[list[int]] = [[]]
    for number, step in enumerate(steps):
        found[-1].append(number)
        if not step.with_next:
            found.append([])
    return [packet for packet in found if packet]


RECORDED = statements.load(Path(os.environ["BENCH_STATEMENTS"]))
SESSION = RECORDED["list"][0]
VIEWER = Viewer(SESSION)
TODO = todo_shape(RECORDED["list"][1])
DAY, CALENDAR = Day(RECORDED["day"]), Calendar(RECORDED["calendar"])
OWN_ROW = next(one for one in RECORDED["done"] if one.locks and one.table == "todos_todo")
OWN_TODO = todo_shape(OWN_ROW)
UPDATES = {
    done: next(one for one in RECORDED[name] if one.verb == "UPDATE")
    for done, name in ((True, "done"), (False, "undone"))
}
CREATE = RECORDED["create"][1:]
# The statement that counts the day, and where in its row the count and the last position are.
ROOM = next(n for n, one in enumerate(CREATE) if "MAX(" in one.sql.upper())
COUNT, LAST = (CREATE[ROOM].place(name) for name in ("count", "last"))
IDS = next(n for n, one in enumerate(CREATE) if "UNION" in one.sql)
GOAL = next(n for n, one in enumerate(CREATE) if one.table == "goals_goal")
PACKETS = packets(CREATE)
STATE = CREATE[GOAL].place("goals_goal.state")


class RefusedError(Exception):
    """Not answered with 200 or 201; the argument is the status."""


def ask(link: Any, sql: bytes, arguments: Sequence[Any]) -> Rows:
    """Execute one statement and return all its rows; none where it has no result set."""
    return send(link, [sql % tuple(map(link.literal, arguments))])[0]


def send(link: Any, queries: Sequence[bytes]) -> list[Rows]:
    """Execute these statements in one round trip and return the rows of each."""
    link.query(b"; ".join(queries))
    rows: list[Rows] = []
    for _ in queries:
        result = link.store_result()
        rows.append(result.fetch_row(0) if result else ())
        link.next_result()
    return rows


def run(
    link: Any, steps: Sequence[Statement], roles: Mapping[str, Any], results: list[Rows]
) -> list[Rows]:
    """The results with those of these statements behind them."""
    for step in steps:
        results.append(ask(link, step.encoded, step.bind(roles, results)))
    return results


def verified(token: str) -> dict[str, Any]:
    """The claims of an access token with a good signature that has not ended. Raises RefusedError."""
    signed, _, signature = token.rpartition(".")
    right = base64.urlsafe_b64encode(hmac.digest(KEY, signed.encode(), "sha256")).rstrip(b"=")
    if not hmac.compare_digest(right, signature.encode()):
        raise RefusedError(401)
    claims: dict[str, Any] = orjson.loads(base64.urlsafe_b64decode(f"{signed.partition('.')[2]}=="))
    if claims["exp"] < time.time() or claims["token_type"] != "access":  # noqa: S105  # the kind of a token
        raise RefusedError(401)
    return claims


def sign_in(environ: Mapping[str, Any], link: Any) -> tuple[Roles, tuple[Any, ...]]:
    """The roles of who asks, and the session's row."""
    claims = verified(environ.get("HTTP_AUTHORIZATION", "")[7:])
    roles = {
        "session": bytes.fromhex(claims["sid"].replace("-", "")),
        "now": dt.datetime.now(dt.UTC).isoformat(" ", "microseconds")[:26],
    }
    rows = ask(link, SESSION.encoded, SESSION.bind(roles, ()))
    if not rows:
        raise RefusedError(401)
    row = rows[0]
    roles["viewer"], roles["uuid"] = row[VIEWER.places[0]], row[VIEWER.places[1]]
    return roles, row


def get_list(link: Any, roles: Roles, row: Any, environ: Mapping[str, Any]) -> Any:
    roles["date"] = environ["QUERY_STRING"].removeprefix("date=")
    rows = run(link, RECORDED["list"][1:], roles, [(row,)])[1]
    card = VIEWER.card(row)
    return {"next": None, "previous": None, "results": [TODO(todo, card) for todo in rows]}


def get_day(link: Any, roles: Roles, row: Any, environ: Mapping[str, Any]) -> Any:
    roles["date"] = date = environ["PATH_INFO"].split("/")[-2]
    results = run(link, RECORDED["day"][1:], roles, [(row,)])
    return DAY.body(results, VIEWER.card(row), date, VIEWER.today(row))


def get_calendar(link: Any, roles: Roles, row: Any, environ: Mapping[str, Any]) -> Any:
    first = dt.date.fromisoformat(f"{environ['QUERY_STRING'].removeprefix('month=')}-01")
    last = (first + dt.timedelta(days=31)).replace(day=1) - dt.timedelta(days=1)
    roles["first"], roles["last"] = str(first), str(last)
    results = run(link, RECORDED["calendar"][1:], roles, [(row,)])
    return CALENDAR.body(results, VIEWER.card(row), str(first), str(last))


def read_body(environ: Mapping[str, Any]) -> dict[str, Any]:
    body: dict[str, Any] = orjson.loads(environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"])))
    return body


def set_done(link: Any, roles: Roles, row: Any, environ: Mapping[str, Any]) -> Any:
    roles["todo"] = UUID(environ["PATH_INFO"].split("/")[-2]).bytes
    done = read_body(environ)["is_done"]
    _, rows = send(
        link, [b"BEGIN", OWN_ROW.encoded % tuple(map(link.literal, OWN_ROW.bind(roles, [])))]
    )
    if not rows:
        raise RefusedError(404)
    todo = OWN_TODO(rows[0], VIEWER.card(row))
    if todo["is_done"] != done:
        run(link, [UPDATES[done]], roles, [])
        now = dt.datetime.fromisoformat(roles["now"])
        todo |= {"is_done": done, "done_at": now if done else None, "updated_at": now}
    link.commit()
    return todo


def create(link: Any, roles: Roles, row: Any, environ: Mapping[str, Any]) -> Any:
    body = read_body(environ)
    roles["new_id"], roles["goal"] = UUID(body["id"]).bytes, UUID(body["goal"]).bytes
    roles["date"], roles["title"], roles["title_folded"] = (
        body["date"],
        body["title"],
        body["title"].casefold(),
    )
    results: list[Rows] = [(row,)]
    for packet in PACKETS:
        steps = [CREATE[number] for number in packet]
        queries = [
            step.encoded % tuple(map(link.literal, step.bind(roles, results))) for step in steps
        ]
        first, last = [b"BEGIN"] * (packet[0] == 0), [b"COMMIT"] * (packet[-1] == len(CREATE) - 1)
        results += send(link, [*first, *queries, *last])[len(first) : len(first) + len(queries)]
        for number in packet:
            refuse(number, results[1 + number])
        if ROOM in packet:
            rows = results[1 + ROOM]
            roles["position"] = rows[0][LAST] + 1 if rows else 0
    now = dt.datetime.fromisoformat(roles["now"])
    made = dict.fromkeys(("time", "done_at", "quick_input", "offered_on"))
    made |= {
        "created_at": now,
        "updated_at": now,
        "position": roles["position"],
        "is_done": False,
        "memo": "",
    }
    return body | made | {"owner": VIEWER.card(row), "goal": spelled(roles["goal"])}


def refuse(number: int, rows: Rows) -> None:
    """Raise RefusedError where a check of the create says no: the id is taken, no such goal, the day is full."""
    if (number == IDS and rows) or (number == GOAL and (not rows or rows[0][STATE] != "active")):
        raise RefusedError(409)
    if number == ROOM and rows and rows[0][COUNT] >= 200:
        raise RefusedError(409)


def roll_back_on_error(write: Callable[..., Any]) -> Callable[..., Any]:
    """Make `write` roll its transaction back when it raises."""

    def run_write(link: Any, *arguments: Any) -> Any:
        try:
            return write(link, *arguments)
        except BaseException:
            link.rollback()
            raise

    return run_write


set_done_in_transaction, create_in_transaction = (
    roll_back_on_error(set_done),
    roll_back_on_error(create),
)


def route(method: str, path: str) -> Callable[..., Any]:
    if method == "PATCH":
        return set_done_in_transaction
    if method == "POST":
        return create_in_transaction
    if path.startswith("/api/v1/days/"):
        return get_day
    return get_calendar if path.startswith("/api/v1/calendar/") else get_list


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    method = environ["REQUEST_METHOD"]
    status = "201 Created" if method == "POST" else "200 OK"
    link = connection()
    try:
        roles, row = sign_in(environ, link)
        body = orjson.dumps(
            route(method, environ["PATH_INFO"])(link, roles, row, environ), option=JSON
        )
    except RefusedError as error:
        status, body = f"{error.args[0]} Refused", b"{}"
    start_response(
        status, [("Content-Type", "application/json"), ("Content-Length", str(len(body)))]
    )
    return [body]
