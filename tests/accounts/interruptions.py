"""What a database may do in the middle of a transaction, once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.db import OperationalError, connection


@contextmanager
def before(verb: str, table: str, do: Callable[[], Any]) -> Iterator[None]:
    """Do this before the first statement that begins with `verb` and names `table`; it must come."""
    left = [do]
    name = connection.ops.quote_name(table)
    named = f"FROM {name}" if verb == "SELECT" else name

    def wrapper(execute: Any, sql: str, *rest: Any) -> Any:
        if left and sql.startswith(verb) and named in sql and connection.in_atomic_block:
            left.pop()()
        return execute(sql, *rest)

    with connection.execute_wrapper(wrapper):
        yield
    assert not left, f"no {verb} of {table}"


def deadlock_before(verb: str, table: str) -> Any:
    """InnoDB has chosen this transaction as the victim: all that it did is undone."""

    def fail() -> None:
        raise OperationalError(1213, "Deadlock found when trying to get lock")

    return before(verb, table, fail)


def timeout_before(verb: str, table: str) -> Any:
    """Another transaction holds the row for too long."""

    def fail() -> None:
        raise OperationalError(1205, "Lock wait timeout exceeded")

    return before(verb, table, fail)
