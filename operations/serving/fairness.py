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
        self.uploads = max(1, threads // 2)  # that may be worked on at a time
        self._started: Counter[Hashable] = Counter()
        # The next client first; its uploads apart, so that nothing else of it waits for them.
        self._waiting: dict[tuple[Hashable, bool], deque[tuple[Request, bool]]] = {}
        self._has_large = False  # a large request has started
        self._uploading = 0  # uploads that have started

    def put(
        self,
        client: Hashable,
        request: Request,
        *,
        is_large: bool = False,
        is_upload: bool = False,
    ) -> None:
        """Add a request of a client. Large ones take much memory: one starts at a time.

        Uploads wait for each other in their threads, so these are half of all at most.
        """
        self._waiting.setdefault((client, is_upload), deque()).append((request, is_large))

    def start_next(self) -> Request | None:
        """Return the next request that may start, None if there is none. Call `end` after it."""
        if not self._waiting or self._started.total() >= self.most:
            return None
        line = next(filter(self._may_start, self._waiting), None)
        if line is None:
            return None
        client, is_upload = line
        requests = self._waiting.pop(line)
        request, is_large = requests.popleft()
        if requests:
            self._waiting[line] = requests  # behind the others
        self._started[client] += 1
        self._has_large = self._has_large or is_large
        self._uploading += is_upload
        return request

    def _may_start(self, line: tuple[Hashable, bool]) -> bool:
        """Return whether the first of these requests of a client may start."""
        client, is_upload = line
        _, is_large = self._waiting[line][0]
        return (
            self._started[client] < self.share
            and not (is_large and self._has_large)
            and not (is_upload and self._uploading >= self.uploads)
        )

    def end(self, client: Hashable, *, is_large: bool = False, is_upload: bool = False) -> None:
        """Note that a request of this client has ended."""
        if is_large:
            self._has_large = False
        self._uploading -= is_upload
        self._started[client] -= 1
        if not self._started[client]:
            del self._started[client]
