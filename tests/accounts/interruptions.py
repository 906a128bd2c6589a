"""Interrupt a transaction once, before a given statement."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.db import OperationalError, connection


@contextmanager
def before(verb: str, table: str, do: Callable[[], Any]) -> Iterator[None]:
    """Call `do` before the first statement in a transaction that begins with `verb` on `table`.

    Fail if no such statement is run.
    """
    left = [do]
    name = connection.ops.quote_name(table)
    named = f"FROM {name}" if verb == "SELECT" else name

    def wrapper(execute: Any, sql: str, *rest: Any) -> Any:
        if left and sql.startswith(verb) and named in sql and connection.in_atomic_block:
            left.pop()()
        return execute(sql, *rest)

    with connection.execute_wrapper(wrapper):
        yield
    assert not left, f"no {verb} of {table} was run"


def deadlock_before(verb: str, table: str) -> Any:
    """Fail that statement with a deadlock, which rolls the transaction back."""

    def fail() -> None:
        raise OperationalError(1213, "Deadlock found when trying to get lock")

    return before(verb, table, fail)


def timeout_before(verb: str, table: str) -> Any:
    """Fail that statement with a lock wait timeout."""

    def fail() -> None:
        raise OperationalError(1205, "Lock wait timeout exceeded")

    return before(verb, table, fail)
