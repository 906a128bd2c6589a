"""SQLSTATEs of PostgreSQL, and those that we give to errors of the driver that have none."""

from django.db.utils import Error

# The connection has ended, and the server rolls back what it had received, except a COMMIT. 08xxx:
# ours and the server's of a lost connection, 57P01 ended by an administrator, 57P02 a crash, 57P05
# and 25P03 the session or the transaction was idle.
LOST = frozenset({"08000", "08003", "08006", "08P01", "57P01", "57P02", "57P05", "25P03"})
# Those after which the server may have executed a COMMIT. 08003 is a connection that had ended
# before, and the idle ones ended before they received it.
LOST_AFTER_SENDING = LOST - {"08003", "57P05", "25P03"}
# The server could not be connected to: 08001 and 08004 ours and the server's of a refused
# connection, 57P03 it starts or stops, 53300 too many connections, 28xxx access denied, 3D000 no
# such database.
REFUSED = frozenset({"08001", "08004", "57P03", "53300", "28000", "28P01", "3D000"})
# The statement was ended: its time was up, or it was cancelled. 57P04: the database is gone.
ENDED = frozenset({"57014", "57P04"})
# The server cannot write: 25006 read-only (a failover), 53xxx full or out of memory, 58030 I/O.
UNABLE = frozenset({"25006", "53000", "53100", "53200", "53400", "58000", "58030"})
# 40P01 deadlock found, 55P03 lock wait timeout, 40001 serialization. The transaction may succeed if
# it is run again.
TRANSIENT = frozenset({"40001", "40P01", "55P03"})

CONNECTION_LOST = "08006"
NOT_CONNECTED = "08003"
NO_CONNECTION = "08001"


def sqlstate_of(error: Error) -> str | None:
    """Return the SQLSTATE of an error that Django has made of one of the driver's, or None."""
    state: str | None = getattr(error.__cause__, "sqlstate", None)
    return state
