"""The gunicorn worker: what it refuses before Django sees it is refused in the API's own form, and workers share out
the connections.

Too long an address, broken headers and the like are answered by gunicorn itself, with a page of HTML. And of several
workers that listen on one socket, the first to wake up accepts all connections that come at once; where these stay
open, as a proxy's and a phone's do, one worker has all the work and the other processors have none.
"""

import mmap
import time
from typing import Any

from django.utils import translation
from gunicorn import util  # type: ignore[import-untyped]  # it has no types
from gunicorn.workers.gthread import ThreadWorker  # type: ignore[import-untyped]  # as above

CODES = {
    403: "permission_denied",
    414: "uri_too_long",
    431: "headers_too_large",
    500: "server_error",
}
REASONS = {
    "permission_denied": "Forbidden",
    "uri_too_long": "URI Too Long",
    "headers_too_large": "Request Header Fields Too Large",
    "server_error": "Internal Server Error",
}


class Draft:
    """Stands for the client's socket while gunicorn writes its own answer, and keeps it."""

    written = b""

    def gettimeout(self) -> float:
        return 0.0

    def sendall(self, data: bytes) -> None:
        self.written += data

    @property
    def status(self) -> int:
        return int(self.written.split(b" ", 2)[1]) if self.written else 0


class Board:
    """How many connections each worker has: memory that the workers share, one byte for each of the last SLOTS."""

    SLOTS, NOBODY = 256, 255

    def __init__(self) -> None:
        self._counts = mmap.mmap(-1, self.SLOTS)
        self._counts[:] = bytes([self.NOBODY]) * self.SLOTS

    def write(self, worker: int, connections: int) -> None:
        self._counts[worker % self.SLOTS] = min(connections, self.NOBODY - 1)

    def erase(self, worker: int) -> None:
        self._counts[worker % self.SLOTS] = self.NOBODY

    def fewest(self) -> int:
        return min(self._counts[:])


board = Board()  # made before the workers are forked


class Worker(ThreadWorker):  # type: ignore[misc]  # gunicorn has no types
    """gthread, with problem documents, that leaves a connection to a worker which has fewer."""

    # In seconds. The worker with fewer connections may be busy or stuck, so the wait is limited.
    MAX_YIELD = 0.004
    YIELD_STEP = 0.0005
    _waits_since: float | None = None

    def notify(self) -> None:
        super().notify()
        board.write(self.age, self.nr_conns)

    def accept(self, listener: Any) -> None:
        now = time.monotonic()
        if self.nr_conns > board.fewest():
            self._waits_since = self._waits_since or now
            if now - self._waits_since < self.MAX_YIELD:
                time.sleep(
                    self.YIELD_STEP
                )  # the socket stays readable, so this is asked again at once
                return
        self._waits_since = None
        super().accept(listener)
        board.write(self.age, self.nr_conns)

    def handle_error(self, req: Any, client: Any, addr: Any, exc: BaseException) -> None:
        draft = Draft()
        super().handle_error(req, draft, addr, exc)  # logs it and settles the status
        try:
            util.write_nonblock(client, problem(CODES.get(draft.status, "bad_request")))
        except OSError:
            self.log.debug("The client did not wait for the answer.")


def problem(code: str) -> bytes:
    """A whole HTTP response. In English: the language that the client asked for may never have been read."""
    from core.exceptions import problem_response  # noqa: PLC0415  # Django is not set up where gunicorn starts

    with translation.override("en"):
        answer = problem_response(code)
    head = (
        f"HTTP/1.1 {answer.status_code} {REASONS.get(code, 'Bad Request')}\r\n"
        f"Content-Type: {answer['Content-Type']}\r\nContent-Length: {len(answer.content)}\r\n"
        "X-Content-Type-Options: nosniff\r\nConnection: close\r\n\r\n"
    )
    return head.encode() + answer.content
