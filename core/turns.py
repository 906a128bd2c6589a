"""At most a part of the threads of a process works for any one person.

Requests that change rows of one person wait for each other in the database, since they lock the
same row. If that row stays locked, they would hold all threads. So they take turns here first.
"""

from collections.abc import Hashable
from functools import partial
from threading import Condition
from time import monotonic

from core.problems import Problem
from core.waiting import current_waits


class Turns:
    """The requests of this process that change something of a person, by that person's key."""

    # Seconds. A request that has its turn for longer is stuck, and no other waits for it.
    PATIENCE = 0.5

    def __init__(self, limit: int | None = None) -> None:
        self.limit = limit  # turns at a time for one key; None: any number
        self._changed = Condition()
        self._taken: dict[Hashable, list[float]] = {}  # times by key, the oldest first

    def take(self, key: Hashable) -> float:
        """Wait for a turn and return its time, for `give_back`. Raise Problem `busy`."""
        with self._changed:
            started = monotonic()
            while True:
                now = monotonic()
                times = self._taken.setdefault(key, [])
                if self.limit is None or len(times) < self.limit:
                    times.append(now)
                    return now
                left = self.PATIENCE - now + min(times[0], started)
                if left <= 0:
                    raise Problem("busy")
                self._changed.wait(left)

    def give_back(self, key: Hashable, taken_at: float) -> None:
        """End a turn."""
        with self._changed:
            times = self._taken[key]
            times.remove(taken_at)
            if not times:
                del self._taken[key]
            self._changed.notify_all()


turns = Turns()


def take_turn(key: Hashable) -> None:
    """Take a turn at changing a person's rows until the request ends. Raise Problem `busy`.

    Call this before a lock of the person's rows, or with the key of another row before a lock of
    that one. Outside of a request nothing is limited.
    """
    waits = current_waits()
    if waits is not None and turns.limit is not None and ("turn", key) not in waits.at_end:
        waits.at_end["turn", key] = partial(turns.give_back, key, turns.take(key))
