"""One at a time: who changes the schema holds a lock of the database's, which ends with the connection."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.core.management.base import CommandError
from django.db import DatabaseError

PATIENCE = 60  # seconds


@contextmanager
def turn(connection: Any, patience: int = PATIENCE) -> Iterator[None]:
    """Wait until nobody else migrates this database, and keep others waiting meanwhile. CommandError after `patience`.

    The server frees the lock when the connection ends, but not before the statement that runs on it: whoever comes
    after a migration that was killed sees its last statement done or not begun, and never under way.
    SQLite locks by itself.
    """
    if connection.vendor != "mysql":
        yield
        return
    # A lock's name has 64 characters, and belongs to the server, not to the database.
    name = f"todomate-migrate-{connection.settings_dict['NAME']}"[:64]
    with connection.cursor() as cursor:
        cursor.execute("SELECT GET_LOCK(%s, %s)", [name, patience])
        if cursor.fetchone() != (1,):
            cursor.execute("SELECT IS_USED_LOCK(%s)", [name])
            (holder,) = cursor.fetchone()
            raise CommandError(
                f"Another migration of this database has been under way for {patience} seconds (connection {holder} in"
                " SHOW PROCESSLIST): wait until it is done, then try again."
            )
    try:
        yield
    finally:
        release(connection, name)


def release(connection: Any, name: str) -> None:
    """Give the lock back, unless it has gone with the connection."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT RELEASE_LOCK(%s)", [name])
    except DatabaseError:
        connection.close()
