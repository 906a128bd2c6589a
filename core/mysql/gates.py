"""One attempt at a time to connect to a server that did not answer.

Without this each thread would wait for its own attempt, request after request.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock
from time import monotonic
from typing import Any

from MySQLdb import Error, OperationalError

logger = logging.getLogger(__name__)

CLOSED_FOR = 1.0  # seconds without an attempt after one that failed
ATTEMPT = 3.0  # seconds in which an attempt ends, or another thread makes one
# Seconds after which a connection that was given up is forgotten.
REMEMBERED = 600
UNREACHABLE = frozenset({2002, 2003, 2005, 2006, 2012, 2013, 2055})


class Gate:
    """Permission to connect to a server now, and the connections to it that were given up.

    A connection is given up when the server did not answer in time. The server may still execute
    its statement and keep its locks, so the next connection ends it.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._opens_at: float | None = None  # None: the server answers
        self._given_up: list[tuple[int, float]] = []

    @contextmanager
    def attempt(self) -> Iterator[None]:
        """Connect in the block. Raise OperationalError 2003 if this thread may not do so now."""
        with self._lock:
            if self._opens_at is not None:
                now = monotonic()
                if now < self._opens_at:
                    raise OperationalError(2003, "The database did not answer a moment ago")
                self._opens_at = now + ATTEMPT  # others wait for the result of this attempt
        try:
            yield
        except OperationalError as error:
            if error.args[0] in UNREACHABLE:
                self.close()
            else:
                self._opens_at = None
            raise
        self._opens_at = None

    def close(self, given_up: int | None = None) -> None:
        """Let nobody connect for a while. `given_up` is a connection whose server is silent."""
        with self._lock:
            self._opens_at = monotonic() + CLOSED_FOR
            if given_up is not None:
                self._given_up.append((given_up, monotonic()))

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
