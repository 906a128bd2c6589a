"""Read the plans of statements and the number of rows that the server read for them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connection, connections

from tests.plans import postgres
from tests.plans.step import Step

WATCHED = "Variable_name LIKE 'Handler_read%' OR Variable_name = 'Sort_rows'"


@dataclass(frozen=True)
class Statement:
    """A SELECT that was run, and its cost."""

    sql: str
    params: Any
    returned: int
    read: int  # rows of tables and indexes, including temporary ones
    sorted: int

    @property
    def finds_end(self) -> bool:
        """True if it finds the last row of a part of a list, by counting the rows of an index."""
        return " OFFSET " in self.sql

    def plan(self) -> list[Step]:
        if connection.vendor == "postgresql":
            return postgres.steps(postgres.explain(self.sql, self.params))
        with connection.cursor() as cursor:
            cursor.execute(f"{_explain()} {self.sql}", self.params)
            names = [column[0] for column in cursor.description]
            return [_step(dict(zip(names, row, strict=True))) for row in cursor.fetchall()]


def _explain() -> str:
    return "EXPLAIN" if connection.mysql_is_mariadb else "EXPLAIN FORMAT=TRADITIONAL"


def _step(row: dict[str, Any]) -> Step:
    # MariaDB writes ref|filter where a second index filters the rows of the first one.
    kind, key = (str(row[name] or "").partition("|")[0] for name in ("type", "key"))
    return Step(str(row["table"] or "<none>"), kind, tuple(filter(None, key.split(","))))


@cache
def first_columns() -> dict[tuple[str, str], str]:
    """Return the first column of each index, by (table, index)."""
    if connection.vendor == "postgresql":
        return postgres.first_columns()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name, index_name, column_name FROM information_schema.statistics"
            " WHERE table_schema = DATABASE() AND seq_in_index = 1"
        )
        return {(str(table), str(index)): str(column) for table, index, column in cursor.fetchall()}


def columns_of(step: Step) -> set[str]:
    """Return the first columns of the indexes used in this step."""
    return {first_columns()[step.table, key] for key in step.keys}


def _counters() -> dict[str, int]:
    # On the driver's own cursor, which Django's execute wrappers do not see.
    with connection.connection.cursor() as cursor:
        cursor.execute(f"SHOW SESSION STATUS WHERE {WATCHED}")
        return {name: int(value) for name, value in cursor.fetchall()}


@contextmanager
def statements() -> Iterator[list[Statement]]:
    """Collect the SELECTs run in this context, each with its cost."""
    seen: list[Statement] = []

    def watch(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        if not sql.lstrip("(").startswith("SELECT"):
            return execute(sql, params, many, context)
        if connection.vendor == "postgresql":
            result = execute(sql, params, many, context)
            returned = context["cursor"].cursor.rowcount
            plan = postgres.explain(sql, params)
            seen.append(Statement(sql, params, returned, *postgres.rows_read_and_sorted(plan)))
            return result
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

    with at_once(), connection.execute_wrapper(watch):
        yield seen


@contextmanager
def at_once() -> Iterator[None]:
    """Receive all rows of a statement at once: during a stream the counters cannot be read."""
    wrapper: Any = connections[DEFAULT_DB_ALIAS]
    wrapper.streaming_cursor = wrapper.cursor
    try:
        yield
    finally:
        del wrapper.streaming_cursor
