"""Execute statements in the same round trip as the next one."""

from collections.abc import Callable, Sequence
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections

Rows = Sequence[Sequence[Any]]


def execute_with_next(
    sql: str,
    params: Sequence[Any],
    then: Callable[[Rows], object] | None = None,
    alias: str = DEFAULT_DB_ALIAS,
) -> None:
    """Execute a statement together with the next one of the transaction, or with its COMMIT.

    `then` is called with the rows and may raise. It is called again if the connection is lost in
    the first packet of the transaction, which is sent again on a new one.

    Its exception, like a database error of the statement itself, is raised where the next
    statement is executed. It is raised again by every later one and by COMMIT, until the
    transaction is rolled back, entirely or to a savepoint. So the error cannot be lost in an
    `except` for another statement. Outside a transaction, and on databases other than MySQL and
    MariaDB, the statement is executed at once.
    """
    connection = connections[alias]
    hold = getattr(connection, "hold", None)
    if hold is not None and connection.in_atomic_block:
        hold(sql, params, then)
        return
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        if then is not None:
            then(cursor.fetchall())


def flush(alias: str = DEFAULT_DB_ALIAS) -> None:
    """Execute the statements that wait for the next one, if any."""
    send = getattr(connections[alias], "flush", None)
    if send is not None:
        send()
