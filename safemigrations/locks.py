"""Named locks of MySQL and MariaDB (GET_LOCK). The server frees them when the connection ends."""

import hashlib

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.utils import CursorWrapper


def lock_name(connection: BaseDatabaseWrapper, task: str) -> str:
    """Return the name of the lock that `task` takes in this connection's database.

    Lock names are shared by all databases of a server and limited to 64 characters, so the name
    of the database, which may have 64 by itself, is hashed.
    """
    database = str(connection.settings_dict["NAME"])
    digest = hashlib.sha256(database.encode()).hexdigest()[:16]
    return f"safemigrations:{digest}:{task}"


def acquire(cursor: CursorWrapper, name: str, timeout: int) -> bool:
    """Wait up to `timeout` seconds for the lock; return whether this connection holds it."""
    cursor.execute("SELECT GET_LOCK(%s, %s)", [name, timeout])
    return bool(cursor.fetchone() == (1,))


def release(cursor: CursorWrapper, name: str) -> None:
    """Free the lock if this connection holds it."""
    cursor.execute("SELECT RELEASE_LOCK(%s)", [name])


def holder(cursor: CursorWrapper, name: str) -> int | None:
    """Return the id of the connection that holds the lock, as in SHOW PROCESSLIST, or None."""
    cursor.execute("SELECT IS_USED_LOCK(%s)", [name])
    (connection_id,) = cursor.fetchone()
    return None if connection_id is None else int(connection_id)
