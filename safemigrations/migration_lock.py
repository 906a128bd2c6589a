"""One at a time: who changes the schema holds a lock of the database's, which ends with the connection."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.core.management.base import CommandError
from django.db import DatabaseError, OperationalError

from safemigrations import locks
from safemigrations.schema_editors import LOCK_WAIT_TIMEOUT

PATIENCE = 60  # seconds


@contextmanager
def turn(connection: Any, patience: int = PATIENCE) -> Iterator[None]:
    """Wait until nobody else migrates this database, and keep others waiting meanwhile. CommandError after `patience`,
    and where a table is not to be had.

    The server frees the lock when the connection ends, but not before the statement that runs on it: whoever comes
    after a migration that was killed sees its last statement done or not begun, and never under way.
    SQLite locks by itself.
    """
    if connection.vendor != "mysql":
        yield
        return
    name = locks.lock_name(connection, "migrate")
    with connection.cursor() as cursor:
        if not locks.take(cursor, name, patience):
            raise CommandError(
                f"Another migration of this database has been under way for {patience} seconds (connection"
                f" {locks.holder(cursor, name)} in SHOW PROCESSLIST): wait until it is done, then try again."
            )
    try:
        yield
    except OperationalError as error:
        if error.args[0] != LOCK_WAIT_TIMEOUT:
            raise
        raise CommandError(gave_up(connection)) from error
    finally:
        release(connection, name)


def gave_up(connection: Any) -> str:
    """What is in the way of a statement that has waited long enough for its table."""
    with connection.cursor() as cursor:
        backing_up = locks.holder(cursor, locks.lock_name(connection, "backup")) is not None
    who = "the nightly backup, which is under way, has" if backing_up else "a transaction has"
    return (
        f"The migration gave up: {who} kept its table for minutes (SHOW PROCESSLIST names it). When it has ended, run"
        " `python manage.py mend` and then `python manage.py migrate`."
    )


def release(connection: Any, name: str) -> None:
    """Give the lock back, unless it has gone with the connection."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT RELEASE_LOCK(%s)", [name])
    except DatabaseError:
        connection.close()
