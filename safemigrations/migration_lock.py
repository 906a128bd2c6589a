"""Let one process at a time change a database's schema."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.core.management.base import CommandError
from django.db import DatabaseError, OperationalError
from django.db.backends.base.base import BaseDatabaseWrapper

from safemigrations import locks
from safemigrations.conf import long_tasks
from safemigrations.schema_editors import is_lock_timeout

TASK = "migrate"
LOCK_TIMEOUT = 60  # seconds
# Where each server shows its connections.
PROCESSES = {"mysql": "SHOW PROCESSLIST", "postgresql": "pg_stat_activity"}


@contextmanager
def migration_lock(connection: BaseDatabaseWrapper, timeout: int = LOCK_TIMEOUT) -> Iterator[None]:
    """Hold the migration lock of this database. Do nothing on SQLite, which locks by itself.

    Raise CommandError if another process holds it for longer than `timeout` seconds, or if a
    statement could not get its table in time.

    The server frees the lock when the connection ends, but not before its last statement does. So
    the process that comes after a killed migration sees this statement either complete or not
    begun, and never while it runs.
    """
    if connection.vendor == "sqlite":
        yield
        return
    name = locks.lock_name(connection, TASK)
    with connection.cursor() as cursor:
        if not locks.acquire(cursor, name, timeout):
            raise CommandError(
                f"Another migration of this database is still running after {timeout} seconds"
                f" (connection {locks.holder(cursor, name)} in {PROCESSES[connection.vendor]})."
                " Wait for it to end and try again."
            )
    try:
        yield
    except OperationalError as error:
        if not is_lock_timeout(error):
            raise
        raise CommandError(_describe_table_timeout(connection)) from error
    finally:
        _release(connection, name)


def _describe_table_timeout(connection: BaseDatabaseWrapper) -> str:
    """Return the message for a statement that could not get its table in time."""
    culprit = "a transaction"
    with connection.cursor() as cursor:
        for task, description in long_tasks().items():
            if locks.holder(cursor, locks.lock_name(connection, task)) is not None:
                culprit = description
    return (
        f"The migration gave up waiting for a table that {culprit} keeps locked (see"
        f" {PROCESSES[connection.vendor]}). When that has ended, run `python manage.py mend` and"
        " then `python manage.py migrate`."
    )


def _release(connection: BaseDatabaseWrapper, name: str) -> None:
    try:
        with connection.cursor() as cursor:
            locks.release(cursor, name)
    except DatabaseError:
        connection.close()  # the connection is lost, and the lock with it
