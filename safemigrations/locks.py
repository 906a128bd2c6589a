"""Locks of the server's own, by a name: they end with the connection that took them."""

import hashlib
from typing import Any


def lock_name(connection: Any, what: str) -> str:
    """A name belongs to the whole server and has 64 characters at most; a database's name alone may have as many."""
    scope = hashlib.sha256(str(connection.settings_dict["NAME"]).encode()).hexdigest()[:16]
    return f"todomate:{scope}:{what}"


def take(cursor: Any, name: str, patience: int) -> bool:
    """Whether the lock is this connection's now; it is waited for so many seconds."""
    cursor.execute("SELECT GET_LOCK(%s, %s)", [name, patience])
    return bool(cursor.fetchone() == (1,))


def holder(cursor: Any, name: str) -> int | None:
    """The connection that holds it, as SHOW PROCESSLIST names it."""
    cursor.execute("SELECT IS_USED_LOCK(%s)", [name])
    (number,) = cursor.fetchone()
    return None if number is None else int(number)
