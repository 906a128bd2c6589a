"""The gunicorn worker: it returns errors as problem documents and balances connections.

Gunicorn itself answers requests that it refuses (a URI that is too long, broken headers) with HTML.

If several workers listen on one socket, the first to wake up accepts all simultaneous
connections. Connections of proxies and phones stay open, so one worker would have all the work.
"""

import mmap
import socket
import time
from typing import Any

from django.conf import settings
from django.utils import translation
from gunicorn import util  # type: ignore[import-untyped]  # it has no types
from gunicorn.workers.gthread import ThreadWorker  # type: ignore[import-untyped]  # as above

from core.events import of_request

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


class RecordingSocket:
    """Records gunicorn's own response instead of sending it to the client."""

    written = b""

    def gettimeout(self) -> float:
        return 0.0

    def sendall(self, data: bytes) -> None:
        self.written += data

    @property
    def status(self) -> int:
        return int(self.written.split(b" ", 2)[1]) if self.written else 0


class ConnectionCounts:
    """The number of connections of each worker, in memory that all workers share.

    One byte for each of the last SLOTS workers.
    """

    SLOTS = 256
    UNUSED = 255

    def __init__(self) -> None:
        self._counts = mmap.mmap(-1, self.SLOTS)
        self._counts[:] = bytes([self.UNUSED]) * self.SLOTS

    def set(self, worker: int, connections: int) -> None:
        self._counts[worker % self.SLOTS] = min(connections, self.UNUSED - 1)

    def clear(self, worker: int) -> None:
        self._counts[worker % self.SLOTS] = self.UNUSED

    def fewest(self) -> int:
        return min(self._counts[:])


connection_counts = ConnectionCounts()  # created before the workers are forked


class Worker(ThreadWorker):  # type: ignore[misc]  # gunicorn has no types
    """The gthread worker, with problem documents and balanced connections."""

    # In seconds. A worker with fewer connections may be busy or stuck, so the wait is limited.
    MAX_YIELD = 0.004
    YIELD_STEP = 0.0005
    _waits_since: float | None = None

    def load_wsgi(self) -> None:
        """Load the application and limit what its requests wait for."""
        super().load_wsgi()
        # Imported here because they need Django's setup.
        from core.mysql.limits import limit_all  # noqa: PLC0415  # as above
        from core.turns import turns  # noqa: PLC0415  # as above

        limit_all()
        turns.limit = max(1, self.cfg.threads // 2)

    def notify(self) -> None:
        super().notify()
        connection_counts.set(self.age, self.nr_conns)

    def accept(self, listener: socket.socket) -> None:
        """Accept a connection, unless another worker has fewer and accepts it in time."""
        now = time.monotonic()
        if self.nr_conns > connection_counts.fewest():
            self._waits_since = self._waits_since or now
            if now - self._waits_since < self.MAX_YIELD:
                time.sleep(self.YIELD_STEP)  # the socket stays readable: gunicorn calls this again
                return
        self._waits_since = None
        super().accept(listener)
        connection_counts.set(self.age, self.nr_conns)

    def handle_error(self, req: Any, client: socket.socket, addr: Any, exc: BaseException) -> None:
        """Answer with a problem document, with the status that gunicorn chooses."""
        recording = RecordingSocket()
        super().handle_error(req, recording, addr, exc)
        try:
            util.write_nonblock(client, problem_answer(CODES.get(recording.status, "bad_request")))
        except OSError:
            self.log.debug("The client did not wait for the answer.")


def problem_answer(code: str) -> bytes:
    """Return a whole HTTP response, in English: Accept-Language may not have been read."""
    from core.exceptions import problem_response  # noqa: PLC0415  # it needs Django's setup

    with translation.override("en"), of_request("", lambda: "") as current:
        answer = problem_response(code)
    seconds = settings.SECURE_HSTS_SECONDS
    transport_security = f"Strict-Transport-Security: max-age={seconds}\r\n" if seconds else ""
    head = (
        f"HTTP/1.1 {answer.status_code} {REASONS.get(code, 'Bad Request')}\r\n"
        f"Content-Type: {answer['Content-Type']}\r\nContent-Length: {len(answer.content)}\r\n"
        f"X-Request-ID: {current}\r\n"
        "Cache-Control: private\r\nX-Content-Type-Options: nosniff\r\n"
        "Content-Security-Policy: default-src 'none'; frame-ancestors 'none'\r\n"
        f"{transport_security}Connection: close\r\n\r\n"
    )
    return head.encode() + answer.content
