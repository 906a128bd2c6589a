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
        self._waiting: dict[Hashable, deque[Request]] = {}  # the next client first

    def put(self, client: Hashable, request: Request) -> None:
        """Add a request of a client."""
        self._waiting.setdefault(client, deque()).append(request)

    def start_next(self) -> Request | None:
        """Return the next request that may start, None if there is none. Call `end` after it."""
        if not self._waiting or self._started.total() >= self.most:
            return None
        client = next((one for one in self._waiting if self._started[one] < self.share), None)
        if client is None:
            return None
        requests = self._waiting.pop(client)
        request = requests.popleft()
        if requests:
            self._waiting[client] = requests  # behind the others
        self._started[client] += 1
        return request

    def end(self, client: Hashable) -> None:
        """Note that a request of this client has ended."""
        self._started[client] -= 1
        if not self._started[client]:
            del self._started[client]
