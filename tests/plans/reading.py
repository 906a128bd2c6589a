"""What statements read: their plans, and how many rows the server really touched."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.db import connection

WATCHED = "Variable_name LIKE 'Handler_read%' OR Variable_name = 'Sort_rows'"


@dataclass(frozen=True)
class Step:
    """One table of a plan."""

    table: str
    kind: str  # const, ref, range, index, ALL, …
    keys: tuple[str, ...]

    @property
    def full_scan(self) -> bool:
        """Of a table that grows: all of ours do. What a query makes for itself (<subquery2>) holds what it read."""
        return self.kind in {"ALL", "index"} and not self.table.startswith("<")


@dataclass(frozen=True)
class Statement:
    sql: str
    params: Any
    returned: int
    read: int  # rows, of tables and indexes, temporary ones included
    sorted: int

    def plan(self) -> list[Step]:
        with connection.cursor() as cursor:
            cursor.execute(f"{_explain()} {self.sql}", self.params)
            names = [column[0] for column in cursor.description]
            return [_step(dict(zip(names, row, strict=True))) for row in cursor.fetchall()]


def _explain() -> str:
    return "EXPLAIN" if connection.mysql_is_mariadb else "EXPLAIN FORMAT=TRADITIONAL"


def _step(row: dict[str, Any]) -> Step:
    # MariaDB writes ref|filter where a second index sieves what the first one finds.
    kind, key = (str(row[name] or "").partition("|")[0] for name in ("type", "key"))
    return Step(str(row["table"] or "<none>"), kind, tuple(filter(None, key.split(","))))


@cache
def first_columns() -> dict[tuple[str, str], str]:
    """(table, index) → the column it begins with."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name, index_name, column_name FROM information_schema.statistics"
            " WHERE table_schema = DATABASE() AND seq_in_index = 1"
        )
        return {(str(table), str(index)): str(column) for table, index, column in cursor.fetchall()}


def columns_of(step: Step) -> set[str]:
    """Those that the indexes used for this table begin with."""
    return {first_columns()[step.table, key] for key in step.keys}


def _counters() -> dict[str, int]:
    # On the driver's own cursor, so that nobody who watches Django's sees it.
    with connection.connection.cursor() as cursor:
        cursor.execute(f"SHOW SESSION STATUS WHERE {WATCHED}")
        return {name: int(value) for name, value in cursor.fetchall()}


@contextmanager
def statements() -> Iterator[list[Statement]]:
    """The SELECTs that are run within, each with what it read."""
    seen: list[Statement] = []

    def watch(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        if not sql.lstrip("(").startswith("SELECT"):
            return execute(sql, params, many, context)
        before = _counters()
        result = execute(sql, params, many, context)
        spent = {name: value - before[name] for name, value in _counters().items()}
        rows_sorted = spent.pop("Sort_rows")
        seen.append(
            Statement(
                sql, params, context["cursor"].cursor.rowcount, sum(spent.values()), rows_sorted
            )
        )
        return result

    with connection.execute_wrapper(watch):
        yield seen
