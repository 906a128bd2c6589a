"""One attempt at a time to connect to a server that did not answer.

Without this each thread would wait for its own attempt, request after request.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock
from time import monotonic

CLOSED_FOR = 1.0  # seconds without an attempt after one that failed
ATTEMPT = 3.0  # seconds in which an attempt ends, or another thread makes one
SILENT = "The database did not answer a moment ago"


class Gate(ABC):
    """Permission to connect to a server now."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._opens_at: float | None = None  # None: the server answers

    @abstractmethod
    def refusal(self) -> Exception:
        """Return the driver's error for a thread that may not connect now."""

    @abstractmethod
    def is_unreachable(self, error: Exception) -> bool:
        """Return whether this error of connecting says that there is no server that answers."""

    @contextmanager
    def attempt(self) -> Iterator[None]:
        """Connect in the block. Raise `refusal()` if this thread may not do so now."""
        with self._lock:
            if self._opens_at is not None:
                now = monotonic()
                if now < self._opens_at:
                    raise self.refusal()
                self._opens_at = now + ATTEMPT  # others wait for the result of this attempt
        try:
            yield
        except Exception as error:
            if self.is_unreachable(error):
                self.close()
            else:
                self._opens_at = None
            raise
        self._opens_at = None

    def close(self) -> None:
        """Let nobody connect for a while."""
        with self._lock:
            self._opens_at = monotonic() + CLOSED_FOR
