"""Writes down the statements that the project executes for each measured request.

So the bare function follows by itself when the project's SQL changes. Runs where Django is set up with the project's
settings, on the seeded database. The values of the person who asks are told from constants by what they are: keys from
100,001 on, ids, dates of the year 2026 and a title that nobody else has.
"""

import datetime as dt
import re
from typing import Any
from uuid import UUID

import orjson
import uuid_utils.compat
from django.db import connection

from benchmarks import measures
from benchmarks.calls import Application, Call, answer, environ_of
from benchmarks.errors import BenchmarkError
from benchmarks.people import Person
from benchmarks.rows import DAY
from benchmarks.statements import Argument, Recorded, Rows, Statement

SPARE_DAY = measures.FIRST_FREE_DAY - dt.timedelta(days=1)
SOON = dt.timedelta(minutes=10)
MONTH_ENDS = {"2026-03-01": "first", "2026-03-31": "last"}


def record(application: Application, person: Person) -> Recorded:
    """The statements of every measured request, as one person's made them. Raises BenchmarkError."""
    read = {name: measures.API + path for name, path in _paths().items()}
    recorded = {
        name: _tape(application, Call("GET", path, person.access), person)
        for name, path in read.items()
    }
    todo = f"{measures.API}/todos/{person.todos[0]}/"
    for name, done in (("done", True), ("undone", False)):
        call = Call("PATCH", todo, person.access, orjson.dumps({"is_done": done}))
        recorded[name] = _tape(application, call, person)
    pk = uuid_utils.compat.uuid7()
    body = {"id": str(pk), "title": measures.TITLE, "goal": person.goals[0], "date": SPARE_DAY}
    call = Call("POST", f"{measures.API}/todos/", person.access, orjson.dumps(body))
    recorded["create"] = _tape(application, call, person, pk.bytes)
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM todos_todo WHERE owner_id = %s AND date = %s", [person.pk, SPARE_DAY]
        )
    return recorded


def _paths() -> dict[str, str]:
    return {
        "list": f"/todos/?date={DAY}",
        "day": f"/days/{DAY}/",
        "calendar": f"/calendar/?month={DAY:%Y-%m}",
    }


def _tape(
    application: Application, call: Call, person: Person, new_id: bytes = b""
) -> list[Statement]:
    taken: list[tuple[str, Any, bool]] = []

    def take(execute: Any, sql: str, arguments: Any, many: bool, context: Any) -> Any:
        result = execute(sql, arguments, many, context)
        taken.append((sql, tuple(arguments or ()), bool(connection.connection.held)))
        return result

    connection.ensure_connection()  # or opening it would be on the tape
    with connection.execute_wrapper(take):
        status, body = answer(application, environ_of(call))
    if status not in (200, 201):
        raise BenchmarkError(f"{call.method} {call.path}: {status} {body.decode()[:500]}")
    results = [_rows(sql, arguments) for sql, arguments, _ in taken]
    roles = _roles(person, new_id)
    return [
        Statement(sql, _arguments(sql, given, roles, results[:number]), with_next)
        for number, (sql, given, with_next) in enumerate(taken)
    ]


def _rows(sql: str, arguments: tuple[Any, ...]) -> Rows:
    """What a question answers, asked again of the driver: ids come as the bytes that later statements are given."""
    if "SELECT" not in sql[:10].upper() or "FOR UPDATE" in sql:
        return ()
    with connection.connection.cursor() as cursor:
        cursor.execute(sql, arguments)
        rows: Rows = cursor.fetchall()
    return rows


def _roles(person: Person, new_id: bytes) -> dict[Any, str]:
    roles: dict[Any, str] = {
        UUID(person.session).bytes: "session",
        UUID(person.uuid).bytes: "uuid",
        UUID(person.todos[0]).bytes: "todo",
        UUID(person.goals[0]).bytes: "goal",
        person.pk: "viewer",
        measures.TITLE: "title",
        measures.TITLE.casefold(): "title_folded",
        str(DAY): "date",
        str(SPARE_DAY): "date",
    }
    return roles | MONTH_ENDS | ({new_id: "new_id"} if new_id else {})


def _arguments(
    sql: str, given: tuple[Any, ...], roles: dict[Any, str], results: list[Rows]
) -> list[Argument]:
    return [
        {"role": "position"}
        if name == "position" and sql.startswith("INSERT")
        else _argument(value, roles, results)
        for name, value in zip(_names(sql, len(given)), given, strict=True)
    ]


def _names(sql: str, count: int) -> list[str]:
    """The columns of an INSERT, in whose order its arguments come; nothing for other statements."""
    found = re.match(r"INSERT INTO \S+ \(([^)]*)\) VALUES \((?:%s(?:, )?)*\)", sql)
    return [name.strip(" `") for name in found[1].split(",")] if found else [""] * count


def _argument(value: Any, roles: dict[Any, str], results: list[Rows]) -> Argument:
    if not isinstance(value, bool | None):
        if isinstance(value, dt.date | dt.datetime | UUID):
            value = value.bytes if isinstance(value, UUID) else str(value)
        if value in roles and roles[value] != "goal":
            return {"role": roles[value]}
        if isinstance(value, str) and _is_now(value):
            return {"role": "now"}
        for number, rows in enumerate(results):
            for row, columns in enumerate(rows):
                if isinstance(value, bytes) and value in columns:
                    return {"statement": number, "row": row, "column": columns.index(value)}
        if value in roles:
            return {"role": roles[value]}
    return {"value": value}


def _is_now(value: str) -> bool:
    try:
        moment = dt.datetime.fromisoformat(value)
    except ValueError:
        return False
    return abs(dt.datetime.now(dt.UTC).replace(tzinfo=None) - moment.replace(tzinfo=None)) < SOON
