"""Named locks of the server, which frees them when the connection ends.

They are GET_LOCK of MySQL and MariaDB, and the advisory locks of PostgreSQL.
"""

import hashlib
import time

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
    if cursor.db.vendor == "postgresql":
        return _acquire_on_postgres(cursor, name, timeout)
    cursor.execute("SELECT GET_LOCK(%s, %s)", [name, timeout])
    return bool(cursor.fetchone() == (1,))


def release(cursor: CursorWrapper, name: str) -> None:
    """Free the lock if this connection holds it."""
    if cursor.db.vendor == "postgresql":
        if holder(cursor, name) == cursor.connection.info.backend_pid:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [_number(name)])
        return
    cursor.execute("SELECT RELEASE_LOCK(%s)", [name])


def holder(cursor: CursorWrapper, name: str) -> int | None:
    """Return the id of the connection that holds the lock, or None.

    It is that of SHOW PROCESSLIST, or of pg_stat_activity.
    """
    if cursor.db.vendor == "postgresql":
        return _holder_on_postgres(cursor, name)
    cursor.execute("SELECT IS_USED_LOCK(%s)", [name])
    (connection_id,) = cursor.fetchone()
    return None if connection_id is None else int(connection_id)


def _number(name: str) -> int:
    """Return the key of the advisory lock: PostgreSQL's have a signed number of 64 bits."""
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], signed=True)


def _acquire_on_postgres(cursor: CursorWrapper, name: str, timeout: int) -> bool:
    end = time.monotonic() + timeout
    # A second lock of one connection would need a second release.
    if holder(cursor, name) == cursor.connection.info.backend_pid:
        return True
    while True:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [_number(name)])
        if cursor.fetchone() == (True,):
            return True
        if time.monotonic() >= end:
            return False
        time.sleep(0.1)


def _holder_on_postgres(cursor: CursorWrapper, name: str) -> int | None:
    high, low = divmod(_number(name) % 2**64, 2**32)
    cursor.execute(
        "SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND granted AND objsubid = 1"
        " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
        " AND classid = %s AND objid = %s",
        [high, low],
    )
    row = cursor.fetchone()
    return None if row is None else int(row[0])
