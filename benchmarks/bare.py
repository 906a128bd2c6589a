"""A plain WSGI function that answers the measured requests: the fastest this stack could be.

It runs under the same server, with the same driver, tokens and JSON as the project, and sends the
statements in bare.sql. Tokens are verified and rows turned into JSON by hand.
"""

import base64
import datetime as dt
import hmac
import os
import re
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo

import orjson
from MySQLdb.connections import Connection
from MySQLdb.constants import FIELD_TYPE
from MySQLdb.converters import conversions

Row = tuple[Any, ...]
Json = dict[str, Any]
Environ = Mapping[str, Any]
# Like the project's connections.
STRICT = "SET sql_mode = 'STRICT_TRANS_TABLES'"
ISOLATION = "SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED"
# Dates and times go into the JSON as the database writes them.
READERS = {
    FIELD_TYPE.DATE: str,
    FIELD_TYPE.TIME: lambda text: text[:5],
    FIELD_TYPE.DATETIME: dt.datetime.fromisoformat,
}
KEY = os.environ["JWT_SIGNING_KEY"].encode()
JSON = orjson.OPT_NAIVE_UTC | orjson.OPT_UTC_Z
STATEMENTS: dict[str, bytes] = {
    name: sql.strip().encode()
    for name, sql in re.findall(
        r"^-- name: (.+)\n([^;]+?)(?=^--|\Z)",
        Path(__file__).with_suffix(".sql").read_text(),
        re.MULTILINE,
    )
}
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
TODOS_PER_DAY = 200  # at most

_local = threading.local()


class RefusedError(Exception):
    """Raised for every answer but 200 and 201; the argument is the status."""


def connection() -> Connection:
    """Return this thread's connection."""
    link: Connection | None = getattr(_local, "link", None)
    if link is None:
        url = urlsplit(os.environ["DATABASE_URL"])
        link = _local.link = Connection(
            host=url.hostname,
            port=url.port or 3306,
            user=unquote(url.username or ""),
            password=unquote(url.password or ""),
            database=url.path.strip("/"),
            charset="utf8mb4",
            autocommit=True,
            conv=conversions | READERS,
            init_command=STRICT,
        )
        link.query(ISOLATION)
    return link


def statement(link: Connection, name: str, **values: object) -> bytes:
    """Return a statement of bare.sql with these values."""
    return STATEMENTS[name] % {key.encode(): link.literal(value) for key, value in values.items()}


def send(link: Connection, *statements: bytes) -> list[Sequence[Row]]:
    """Execute statements in one round trip and return the rows of each."""
    link.query(b"; ".join(statements))
    rows = []
    for _ in statements:
        result = link.store_result()
        rows.append(result.fetch_row(0) if result else ())
        link.next_result()
    return rows


def execute(link: Connection, name: str, **values: object) -> Sequence[Row]:
    """Execute one statement of bare.sql and return its rows."""
    return send(link, statement(link, name, **values))[0]


class Viewer:
    """The caller, as the session's row describes them."""

    def __init__(self, row: Row) -> None:
        self.pk, uuid, handle, nickname, _avatar, *rest = row
        self.timezone, self.day_starts_at = rest[:2]
        self.card = {"id": spell(uuid), "handle": handle, "nickname": nickname, "avatar": None}

    def today(self) -> str:
        """Return the caller's current date."""
        now = dt.datetime.now(ZoneInfo(self.timezone))
        return str((now - dt.timedelta(hours=self.day_starts_at)).date())


def verify(token: str) -> Json:
    """Return the claims of an access token. Raise RefusedError unless it is valid."""
    signed, _, signature = token.rpartition(".")
    right = base64.urlsafe_b64encode(hmac.digest(KEY, signed.encode(), "sha256")).rstrip(b"=")
    if not hmac.compare_digest(right, signature.encode()):
        raise RefusedError(401)
    claims: Json = orjson.loads(base64.urlsafe_b64decode(f"{signed.partition('.')[2]}=="))
    if claims["exp"] < time.time() or claims["token_type"] != "access":  # noqa: S105  # no secret
        raise RefusedError(401)
    return claims


def sign_in(link: Connection, environ: Environ, now: str) -> Viewer:
    """Return the caller. Raise RefusedError unless their session is alive."""
    claims = verify(environ.get("HTTP_AUTHORIZATION", "")[7:])
    session = bytes.fromhex(claims["sid"].replace("-", ""))
    rows = execute(link, "session", now=now, session=session)
    if not rows:
        raise RefusedError(401)
    return Viewer(rows[0])


def spell(pk: bytes | None) -> str | None:
    """Return an id as it is written in JSON."""
    if pk is None:
        return None
    text = pk.hex()
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def todo_json(row: Row, owner: Json) -> Json:
    pk, goal, title, memo, date, time, position, is_done, done_at, quick_input = row[:10]
    offered_on, photo, created_at, updated_at = row[10:14]
    return {
        "id": spell(pk),
        "owner": owner,
        "goal": spell(goal),
        "title": title,
        "memo": memo,
        "date": date,
        "time": time,
        "position": position,
        "is_done": bool(is_done),
        "done_at": done_at,
        "quick_input": spell(quick_input),
        "offered_on": offered_on,
        "photo": spell(photo),  # the rows of benchmarks have none
        "created_at": created_at,
        "updated_at": updated_at,
    }


DATES = ("created_at", "updated_at")
GOAL = ("id", "title", "color", "visibility", "position", "state", *DATES)
DIARY = (
    *("id", "date", "body", "emoji", "temperature", "color", "visibility", "is_draft"),
    *("published_at", "allows_comments", "place", "latitude", "longitude", "photos"),
    *DATES,
)
ALARM = ("id", "time", "is_on", *DATES)


def row_json(names: Sequence[str], row: Row) -> Json:
    """Return the first columns of a row under these names; the id and flags are converted."""
    result = {
        name: bool(value) if name.startswith(("is_", "allows_")) else value
        for name, value in zip(names, row, strict=False)
    }
    result["id"] = spell(row[0])
    return result


def get_list(link: Connection, viewer: Viewer, environ: Environ, now: str) -> Json:
    date = environ["QUERY_STRING"].removeprefix("date=")
    rows = execute(link, "list", viewer=viewer.pk, date=date)
    todos = [todo_json(row, viewer.card) for row in rows]
    no_pages = dict.fromkeys(("next", "previous", "next_cursor", "previous_cursor"))
    return {**no_pages, "results": todos}


def get_day(link: Connection, viewer: Viewer, environ: Environ, now: str) -> Json:
    """Answer a day that has todos, a diary and quick inputs, none shared with chosen viewers."""
    owner, date = viewer.card, environ["PATH_INFO"].split("/")[-2]
    viewed = {"viewer": viewer.pk, "date": date}
    todos = execute(link, "todos of day", **viewed)
    diaries = execute(link, "diary of day", **viewed)
    diary_ids = [row[0] for row in diaries]
    execute(link, "viewers of diaries", diaries=diary_ids)
    goals = {}
    for row in execute(link, "goals of day", **viewed):
        goals[row[0]] = row_json(GOAL, row) | {"owner": owner, "viewers": [], "todos": []}
    for row in todos:
        goals[row[1]]["todos"].append(todo_json(row, owner))
    execute(link, "viewers of goals", goals=list(goals))
    templates = execute(link, "quick inputs of day", **viewed)
    ids = [row[0] for row in templates]
    used = {row[0] for row in execute(link, "quick inputs used", quick_inputs=ids, date=date)}
    alarms = execute(link, "alarms", viewer=viewer.pk)
    todo_ids = [row[0] for row in todos]
    cheers = execute(link, "cheers of day", viewer=viewer.pk, todos=todo_ids, diaries=diary_ids)
    nothing: Json = {"viewers": [], "hashtags": [], "photos": [], "cheers": None}
    return {
        "owner": owner,
        "date": date,
        "today": viewer.today(),
        "goals": list(goals.values()),
        "offers": offers_json(templates, used, date),
        "diary": row_json(DIARY, diaries[0]) | {"owner": owner} | nothing,
        "alarms": [row_json(ALARM, row) for row in alarms],
        "cheers": [cheer_json(row) for row in cheers],
    }


def offers_json(templates: Sequence[Row], used: set[bytes], date: str) -> list[Json]:
    """Return the todos that unused quick inputs offer on this date."""
    weekday = WEEKDAYS[dt.date.fromisoformat(date).weekday()]
    offers = [
        {
            "quick_input": spell(pk),
            "date": date,
            "todo_id": str(uuid5(UUID(bytes=pk), date)),
            "goal": spell(goal),
            "title": title,
            "time": time,
        }
        for pk, goal, title, weekdays, time, *_ in templates
        if weekday in weekdays and pk not in used
    ]
    return sorted(offers, key=lambda one: (one["time"] is None, one["time"], one["quick_input"]))


def cheer_json(row: Row) -> Json:
    todo, diary, emoji, count, mine = row
    kind, pk = ("diary", diary) if todo is None else ("todo", todo)
    return {"kind": kind, "id": spell(pk), "emoji": emoji, "count": count, "mine": bool(mine)}


def get_calendar(link: Connection, viewer: Viewer, environ: Environ, now: str) -> Json:
    first = dt.date.fromisoformat(f"{environ['QUERY_STRING'].removeprefix('month=')}-01")
    last = (first + dt.timedelta(days=31)).replace(day=1) - dt.timedelta(days=1)
    values = {"viewer": viewer.pk, "first": str(first), "last": str(last)}
    days: dict[str, Json] = {}

    def day(date: str) -> Json:
        return days.setdefault(date, {"date": date, "goals": [], "diary": None, "cheers": 0})

    for date, goal, total, done in execute(link, "todos of month", **values):
        day(date)["goals"].append({"goal": spell(goal), "done": done, "total": total})
    for date, pk, emoji in execute(link, "diaries of month", **values):
        day(date)["diary"] = {"id": spell(pk), "emoji": emoji}
    for date, count in execute(link, "cheers of month", **values):
        day(date)["cheers"] += count
    dates = {"date_from": str(first), "date_to": str(last)}
    return {"owner": viewer.card, **dates, "days": [days[date] for date in sorted(days)]}


def read_body(environ: Environ) -> Json:
    body: Json = orjson.loads(environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"])))
    return body


def set_done(link: Connection, viewer: Viewer, environ: Environ, now: str) -> Json:
    pk = UUID(environ["PATH_INFO"].split("/")[-2]).bytes
    done = read_body(environ)["is_done"]
    _, rows = send(link, b"BEGIN", statement(link, "lock todo", viewer=viewer.pk, todo=pk))
    if not rows:
        raise RefusedError(404)
    todo = todo_json(rows[0], viewer.card)
    if todo["is_done"] != done:
        execute(link, "set done", done=done, done_at=now if done else None, now=now, todo=pk)
        moment = dt.datetime.fromisoformat(now)
        todo |= {"is_done": done, "done_at": moment if done else None, "updated_at": moment}
    link.commit()
    return todo


def create(link: Connection, viewer: Viewer, environ: Environ, now: str) -> Json:
    body = read_body(environ)
    pk, goal, date = UUID(body["id"]).bytes, UUID(body["goal"]).bytes, body["date"]
    _, _, taken, goals = send(
        link,
        b"BEGIN",
        statement(link, "lock profile", viewer=viewer.pk),
        statement(link, "owner of id", id=pk),
        statement(link, "goal", viewer=viewer.pk, goal=goal),
    )
    if taken or not goals or goals[0][0] != "active":
        raise RefusedError(409)
    room = execute(link, "room on day", viewer=viewer.pk, date=date)
    count, last = room[0] if room else (0, -1)
    if count >= TODOS_PER_DAY:
        raise RefusedError(409)
    title = body["title"]
    values = {"title": title, "title_folded": title.casefold(), "position": last + 1, "date": date}
    ids = {"id": pk, "viewer": viewer.pk, "goal": goal}
    send(link, statement(link, "insert todo", **ids, **values, now=now), b"COMMIT")
    moment = dt.datetime.fromisoformat(now)
    todo: Json = dict.fromkeys(("time", "done_at", "quick_input", "offered_on", "photo"))
    todo |= {"created_at": moment, "updated_at": moment, "position": last + 1}
    return body | todo | {"owner": viewer.card, "is_done": False, "memo": ""}


def roll_back_on_error(write: Callable[..., Json]) -> Callable[..., Json]:
    """Return `write` with its transaction rolled back if it raises."""

    def run(link: Connection, *arguments: object) -> Json:
        try:
            return write(link, *arguments)
        except BaseException:
            link.rollback()
            raise

    return run


WRITES = {"PATCH": roll_back_on_error(set_done), "POST": roll_back_on_error(create)}


def route(method: str, path: str) -> Callable[..., Json]:
    if method in WRITES:
        return WRITES[method]
    if path.startswith("/api/v1/days/"):
        return get_day
    return get_calendar if path.startswith("/api/v1/calendar/") else get_list


def application(environ: Json, start_response: Callable[..., object]) -> Iterable[bytes]:
    method = environ["REQUEST_METHOD"]
    status = "201 Created" if method == "POST" else "200 OK"
    link = connection()
    now = dt.datetime.now(dt.UTC).isoformat(" ", "microseconds")[:26]
    try:
        viewer = sign_in(link, environ, now)
        body = orjson.dumps(
            route(method, environ["PATH_INFO"])(link, viewer, environ, now), option=JSON
        )
    except RefusedError as error:
        status, body = f"{error.args[0]} Refused", b"{}"
    headers = [("Content-Type", "application/json"), ("Content-Length", str(len(body)))]
    start_response(status, headers)
    return [body]
