"""Rows shaped into the project's JSON by hand, for the bare function: the same bodies with nothing in between.

Which column is where is found once, when the function starts; the statements are the project's own.
"""

import datetime as dt
from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo

from benchmarks.statements import Rows, Statement

Row = tuple[Any, ...]
Shape = Callable[[Row], dict[str, Any]]
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def spelled(pk: bytes | None) -> str | None:
    """An id as it is written in JSON."""
    if pk is None:
        return None
    digits = pk.hex()
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"


def places(statement: Statement, table: str, *names: str) -> list[int]:
    """Where these columns of a table are in the rows of a statement."""
    return [statement.place(f"{table}.{name}", name) for name in names]


class Viewer:
    """What the session's row says of who asks."""

    def __init__(self, statement: Statement) -> None:
        self.places = [statement.place("accounts_user.id", "accounts_session.user_id")]
        self.places += places(statement, "accounts_user", "uuid")
        self.places += places(
            statement, "accounts_profile", "handle", "nickname", "timezone", "day_starts_at"
        )

    def card(self, row: Row) -> dict[str, Any]:
        _, uuid, handle, nickname, _, _ = self.places
        return {
            "id": spelled(row[uuid]),
            "handle": row[handle],
            "nickname": row[nickname],
            "avatar": None,
        }

    def today(self, row: Row) -> str:
        zone, day_starts_at = row[self.places[4]], row[self.places[5]]
        return str((dt.datetime.now(ZoneInfo(zone)) - dt.timedelta(hours=day_starts_at)).date())


def todo_shape(statement: Statement) -> Callable[[Row, dict[str, Any]], dict[str, Any]]:
    names = (
        "id",
        "goal_id",
        "title",
        "memo",
        "date",
        "time",
        "position",
        "is_done",
        "done_at",
        "quick_input_id",
    )
    pk, goal, title, memo, date, time, position, is_done, done_at, quick_input = places(
        statement, "todos_todo", *names
    )
    offered_on, created_at, updated_at = places(
        statement, "todos_todo", "offered_on", "created_at", "updated_at"
    )

    def shape(row: Row, owner: dict[str, Any]) -> dict[str, Any]:
        return {
            "id": spelled(row[pk]),
            "owner": owner,
            "goal": spelled(row[goal]),
            "title": row[title],
            "memo": row[memo],
            "date": row[date],
            "time": row[time],
            "position": row[position],
            "is_done": bool(row[is_done]),
            "done_at": row[done_at],
            "quick_input": spelled(row[quick_input]),
            "offered_on": row[offered_on],
            "created_at": row[created_at],
            "updated_at": row[updated_at],
        }

    return shape


def flat_shape(
    statement: Statement, table: str, names: Sequence[str], flags: Sequence[str] = ()
) -> Shape:
    """A dict of these columns; `id` and what ends in `_id` are spelled out, `flags` are true or false."""
    columns = list(zip(names, places(statement, table, *names), strict=True))
    ids = [
        (name.removesuffix("_id"), place)
        for name, place in columns
        if name == "id" or name.endswith("_id")
    ]
    plain = [(name, place) for name, place in columns if name != "id" and not name.endswith("_id")]

    def shape(row: Row) -> dict[str, Any]:
        result: dict[str, Any] = {name: spelled(row[place]) for name, place in ids}
        result.update(
            (name, bool(row[place]) if name in flags else row[place]) for name, place in plain
        )
        return result

    return shape


GOAL = ("id", "title", "color", "visibility", "position", "state", "created_at", "updated_at")
DIARY = (
    "id",
    "date",
    "body",
    "emoji",
    "temperature",
    "color",
    "visibility",
    "is_draft",
    "created_at",
    "updated_at",
)
ALARM = ("id", "time", "is_on", "created_at", "updated_at")


def kind_of(statement: Statement) -> str:
    """What a statement of a composed read is about."""
    if "todos_dismissal" in statement.sql:
        return "taken"
    return "viewers" if "_viewers" in statement.sql else statement.table


class Day:
    """days/{date}/ from the results of its statements. Nobody was chosen to see these goals and diaries."""

    def __init__(self, statements: Sequence[Statement]) -> None:
        self.at = {kind_of(statement): number for number, statement in enumerate(statements)}
        by = {kind_of(statement): statement for statement in statements}
        self.todo = todo_shape(by["todos_todo"])
        self.goal = flat_shape(by["goals_goal"], "goals_goal", GOAL)
        self.diary = flat_shape(by["diaries_diary"], "diaries_diary", DIARY, flags=("is_draft",))
        self.alarm = flat_shape(by["accounts_alarm"], "accounts_alarm", ALARM, flags=("is_on",))
        names = ("id", "goal_id", "title", "weekdays", "time", "starts_on", "ends_on")
        self.template = places(by["todos_quickinput"], "todos_quickinput", *names)
        self.cheer = places(
            by["cheers_cheer"], "cheers_cheer", "todo_id", "diary_id", "emoji", "count", "mine"
        )

    def body(
        self, results: Sequence[Rows], owner: dict[str, Any], date: str, today: str
    ) -> dict[str, Any]:
        def rows(kind: str) -> Rows:
            return results[self.at[kind]] if kind in self.at else ()

        goals = {}
        for row in rows("goals_goal"):
            goal = self.goal(row)
            goals[goal["id"]] = goal | {"owner": owner, "viewers": [], "todos": []}
        for row in rows("todos_todo"):
            todo = self.todo(row, owner)
            goals[todo["goal"]]["todos"].append(todo)
        diaries = [
            self.diary(row) | {"owner": owner, "viewers": [], "photos": []}
            for row in rows("diaries_diary")
        ]
        return {
            "owner": owner,
            "date": date,
            "today": today,
            "goals": list(goals.values()),
            "offers": self.offers(rows("todos_quickinput"), rows("taken"), date),
            "diary": diaries[0] if diaries else None,
            "alarms": [self.alarm(row) for row in rows("accounts_alarm")],
            "cheers": [self.count(row) for row in rows("cheers_cheer")],
        }

    def offers(self, templates: Rows, taken: Rows, date: str) -> list[dict[str, Any]]:
        weekday, gone = WEEKDAYS[dt.date.fromisoformat(date).weekday()], {row[0] for row in taken}
        offers = [
            self.offer(row, date)
            for row in templates
            if self.offered(row, weekday, date) and row[self.template[0]] not in gone
        ]
        return sorted(
            offers, key=lambda offer: (offer["time"] is None, offer["time"], offer["quick_input"])
        )

    def offered(self, row: Row, weekday: str, date: str) -> bool:
        *_, weekdays, _time, starts_on, ends_on = self.template
        return (
            weekday in row[weekdays]
            and row[starts_on] <= date
            and (row[ends_on] is None or date <= row[ends_on])
        )

    def offer(self, row: Row, date: str) -> dict[str, Any]:
        pk, goal, title, _weekdays, time, *_ = self.template
        return {
            "quick_input": spelled(row[pk]),
            "date": date,
            "todo_id": str(uuid5(UUID(bytes=row[pk]), date)),
            "goal": spelled(row[goal]),
            "title": row[title],
            "time": row[time],
        }

    def count(self, row: Row) -> dict[str, Any]:
        todo, diary, emoji, count, mine = (row[place] for place in self.cheer)
        kind, pk = ("diary", diary) if todo is None else ("todo", todo)
        return {"kind": kind, "id": spelled(pk), "emoji": emoji, "count": count, "mine": bool(mine)}


class Calendar:
    """calendar/ from the results of its statements."""

    def __init__(self, statements: Sequence[Statement]) -> None:
        self.at = {kind_of(statement): number for number, statement in enumerate(statements)}
        by = {kind_of(statement): statement for statement in statements}
        todos = by["todos_todo"]
        self.goal = [
            *places(todos, "todos_todo", "date"),
            todos.place("goal", "goal_id"),
            *places(todos, "", "done", "total"),
        ]
        self.diary = places(by["diaries_diary"], "diaries_diary", "date", "id", "emoji")

    def body(
        self, results: Sequence[Rows], owner: dict[str, Any], first: str, last: str
    ) -> dict[str, Any]:
        days: dict[str, dict[str, Any]] = {}

        def marks(date: str) -> dict[str, Any]:
            return days.setdefault(date, {"date": date, "goals": [], "diary": None, "cheers": 0})

        date, goal, done, total = self.goal
        for row in results[self.at["todos_todo"]]:
            marks(row[date])["goals"].append(
                {"goal": spelled(row[goal]), "done": row[done], "total": row[total]}
            )
        date, pk, emoji = self.diary
        for row in results[self.at["diaries_diary"]]:
            marks(row[date])["diary"] = {"id": spelled(row[pk]), "emoji": row[emoji]}
        for row in results[self.at["cheers_cheer"]]:
            marks(row[0])["cheers"] += row[1]
        return {
            "owner": owner,
            "date_from": first,
            "date_to": last,
            "days": [days[date] for date in sorted(days)],
        }
