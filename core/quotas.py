"""Quotas of people and networks in this process, and limits of the rows of one person.

Quotas are buckets in memory: a request takes one, and they fill again steadily, so a phone that was
offline may send all that it holds at once. They cost no query, and are those of one process:
docs/limits.md says what that means. Attempts to guess a password are counted in the database
(accounts/credentials/rates.py), because those limits have to be exact.
"""

import math
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Any, NamedTuple

from django.conf import settings
from django.db.models import QuerySet

from core.events import security_event
from core.problems import LimitReached, Throttled

# People of one network share its quota, and a carrier's customers may have one address.
PEOPLE_PER_NETWORK = 20
# Buckets and counts that are kept. The least recently used ones are dropped, as if they were full.
MOST = 100_000


class Quota(NamedTuple):
    """At most `amount` at once, and as many again after `seconds`."""

    name: str
    amount: int
    seconds: int

    @property
    def policy(self) -> str:
        """The value of the header RateLimit-Policy."""
        return f'"{self.name}";q={self.amount};w={self.seconds}'


class Level(NamedTuple):
    """The rest of a quota after a request."""

    quota: Quota
    left: int
    full_in: float  # seconds
    wait: float  # seconds until a refused request would be accepted, or 0

    @property
    def headers(self) -> dict[str, str]:
        """The headers of draft-ietf-httpapi-ratelimit-headers."""
        left = f'"{self.quota.name}";r={self.left};t={math.ceil(self.full_in)}'
        return {"RateLimit-Policy": self.quota.policy, "RateLimit": left}


class Buckets:
    """The buckets of this process: for each key the time at which it is full again."""

    def __init__(self) -> None:
        self._full_at: OrderedDict[Hashable, float] = OrderedDict()
        self._lock = threading.Lock()

    def take(self, quota: Quota, key: Hashable, now: float) -> Level:
        """Take one from the bucket of `key`, unless it is empty.

        `now` is in seconds on a clock that never goes back.
        """
        step = quota.seconds / quota.amount
        with self._lock:
            full_at = max(self._full_at.pop(key, now), now)
            wait = full_at + step - now - quota.seconds
            # Sums of steps are not exact.
            is_refused = wait > step / 1000
            if not is_refused:
                full_at += step
            self._full_at[key] = full_at
            if len(self._full_at) > MOST:
                self._full_at.popitem(last=False)
        full_in = full_at - now
        left = max(0, int((quota.seconds - full_in) / step + 0.001))
        return Level(quota, left, full_in, wait if is_refused else 0.0)

    def clear(self) -> None:
        self._full_at.clear()


buckets = Buckets()


def take(name: str, person: Hashable, network_of: Callable[[], str]) -> Level | None:
    """Take one from the quota `name` of a person, or of a network if `person` is None.

    `network_of` is called if there is a quota: to find a network takes longer than to count. A
    person's requests count for the network, too, in a larger quota. Return None if the quota is
    off. Check `wait` of the result.
    """
    amount, seconds = settings.QUOTAS[name]
    if not amount or not settings.RATE_LIMITS:
        return None
    network, now = network_of(), time.monotonic()
    if person is None:
        return buckets.take(Quota(name, amount, seconds), (name, network), now)
    level = buckets.take(Quota(name, amount, seconds), (name, person), now)
    if level.wait:
        return level
    of_all = Quota(f"{name}-network", amount * PEOPLE_PER_NETWORK, seconds)
    shared = buckets.take(of_all, (of_all.name, network), now)
    return shared if shared.wait else level


def require(level: Level) -> None:
    """Raise Throttled if the request was refused."""
    if level.wait:
        security_event("throttled", rate=level.quota.name)
        raise Throttled(math.ceil(level.wait))


class RowCounts:
    """Checks of the number of rows of a person, of which few take a query.

    A count is made after every hundredth part of the limit that a person has created in this
    process, and more often close to the limit. So hardly anyone ever waits for one, and nobody
    exceeds a limit by more than a hundredth for each process. Limits below 200 are exact, if the
    caller holds the person's lock.
    """

    def __init__(self) -> None:
        self._until_count: OrderedDict[Hashable, int] = OrderedDict()
        self._lock = threading.Lock()

    def require_room(self, name: str, person: int, rows: Callable[[], QuerySet[Any, Any]]) -> None:
        """Raise Problem `limit` if the person has as many `rows` as ROW_LIMITS allows."""
        limit = settings.ROW_LIMITS[name]
        if not limit:
            return
        key, every = (name, person), max(limit // 100, 1)
        with self._lock:
            left = self._until_count.pop(key, every)
            self._until_count[key] = max(left - 1, 1)
            if len(self._until_count) > MOST:
                self._until_count.popitem(last=False)
        if left > 1:
            return
        count = rows()[:limit].count()
        with self._lock:
            self._until_count[key] = max(min(every, limit - count), 1)
        if count >= limit:
            raise LimitReached(limit)

    def clear(self) -> None:
        self._until_count.clear()


row_counts = RowCounts()
require_room = row_counts.require_room
