"""The time that a request may wait for the database.

A request whose statements took LIMIT seconds begins no further one. With the limits of one
statement and one lock (`core/mysql/limits.py`, settings.py) it waits for 5 seconds at most.
"""

from collections.abc import Callable, Hashable
from contextvars import ContextVar, Token
from dataclasses import dataclass, field

LIMIT = 2.0  # seconds
# Seconds. Statements that end sooner are not counted: they waited for the processor at most.
NOTICEABLE = 0.1


@dataclass
class Waits:
    """The time that a request has waited, and what to call at its end, by a name for each."""

    seconds: float = 0.0
    at_end: dict[Hashable, Callable[[], None]] = field(default_factory=dict)

    @property
    def is_over(self) -> bool:
        """True if the request has waited for so long that it may begin nothing else."""
        return self.seconds >= LIMIT


_waits: ContextVar[Waits | None] = ContextVar("waits", default=None)


class limited_waits:  # noqa: N801  # a context manager, which is used like a function
    """Limit what the block waits for, and return its waits. An inner block has the outer one's."""

    _token: Token[Waits | None] | None = None

    def __enter__(self) -> Waits:
        outer = _waits.get()
        if outer is not None:
            return outer
        self._waits = Waits()
        self._token = _waits.set(self._waits)
        return self._waits

    def __exit__(self, *_: object) -> None:
        if self._token is not None:
            _waits.reset(self._token)
            for end in self._waits.at_end.values():
                end()


def current_waits() -> Waits | None:
    """Return the waits of the current request, None outside of one."""
    return _waits.get()


def add_wait(seconds: float) -> None:
    """Count the time that a statement took."""
    if seconds >= NOTICEABLE and (waits := _waits.get()) is not None:
        waits.seconds += seconds


def is_waiting_over() -> bool:
    """Return whether the request may begin nothing else. Outside of a request it may."""
    waits = _waits.get()
    return waits is not None and waits.is_over
