"""Gates of servers of MySQL and MariaDB, which also end the connections that were given up."""

import logging
from time import monotonic
from typing import Any

from MySQLdb import Error, OperationalError

from core import gates
from core.gates import SILENT

logger = logging.getLogger(__name__)

# Seconds after which a connection that was given up is forgotten.
REMEMBERED = 600
UNREACHABLE = frozenset({2002, 2003, 2005, 2006, 2012, 2013, 2055})


class Gate(gates.Gate):
    """Permission to connect to a server now, and the connections to it that were given up.

    A connection is given up when the server did not answer in time. The server may still execute
    its statement and keep its locks, so the next connection ends it.
    """

    def __init__(self) -> None:
        super().__init__()
        self._given_up: list[tuple[int, float]] = []

    def refusal(self) -> Exception:
        error: Exception = OperationalError(2003, SILENT)
        return error

    def is_unreachable(self, error: Exception) -> bool:
        return isinstance(error, OperationalError) and error.args[0] in UNREACHABLE

    def give_up(self, thread_id: int | None) -> None:
        """Let nobody connect for a while, since the server of this connection is silent."""
        self.close()
        if thread_id is not None:
            with self._lock:
                self._given_up.append((thread_id, monotonic()))

    def end_given_up(self, connection: Any) -> None:
        """End the connections that were given up, by statements on a new one."""
        if not self._given_up:
            return
        with self._lock:
            given_up, self._given_up = self._given_up, []
        for thread_id, since in given_up:
            # Ids grow until the server restarts. Then the old ones are those of other connections.
            if thread_id < connection.thread_id() and monotonic() - since < REMEMBERED:
                try:
                    connection.query(b"KILL %d" % thread_id)
                except Error as error:  # it has ended by itself
                    logger.debug("A connection was not ended: %s", error)


_gates: dict[tuple[object, ...], Gate] = {}


def gate_of(parameters: dict[str, Any]) -> Gate:
    """Return the gate of the server that these parameters of the driver name."""
    key = tuple(parameters.get(name) for name in ("host", "port", "unix_socket", "user"))
    return _gates.setdefault(key, Gate())
