"""Threads for each client in turn."""

from collections import Counter, deque
from collections.abc import Hashable


class FairQueue[Request]:
    """Requests that wait for a thread, those of each client in the order of their arrival.

    Clients have their turns one after the other, however many requests one of them has sent. One
    client has all threads but one at most, so its slowest requests leave one to the others.
    """

    def __init__(self, threads: int) -> None:
        # Twice as many as there are threads: one that is free finds its next request at once.
        self.most = 2 * threads
        self.share = max(1, threads - 1)
        self._started: Counter[Hashable] = Counter()
        self._waiting: dict[Hashable, deque[tuple[Request, bool]]] = {}  # the next client first
        self._has_large = False  # a large request has started

    def put(self, client: Hashable, request: Request, *, is_large: bool = False) -> None:
        """Add a request of a client. Large ones take much memory: one starts at a time."""
        self._waiting.setdefault(client, deque()).append((request, is_large))

    def start_next(self) -> Request | None:
        """Return the next request that may start, None if there is none. Call `end` after it."""
        if not self._waiting or self._started.total() >= self.most:
            return None
        client = next(filter(self._may_start, self._waiting), None)
        if client is None:
            return None
        requests = self._waiting.pop(client)
        request, is_large = requests.popleft()
        if requests:
            self._waiting[client] = requests  # behind the others
        self._started[client] += 1
        self._has_large = self._has_large or is_large
        return request

    def _may_start(self, client: Hashable) -> bool:
        """Return whether the first request of this client may start."""
        _, is_large = self._waiting[client][0]
        return self._started[client] < self.share and not (is_large and self._has_large)

    def end(self, client: Hashable, *, is_large: bool = False) -> None:
        """Note that a request of this client has ended."""
        if is_large:
            self._has_large = False
        self._started[client] -= 1
        if not self._started[client]:
            del self._started[client]
