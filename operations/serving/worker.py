"""The gunicorn worker: it returns errors as problem documents and balances connections.

Gunicorn itself answers requests that it refuses (a URI that is too long, broken headers) with HTML.

If several workers listen on one socket, the first to wake up accepts all simultaneous
connections. Connections of proxies and phones stay open, so one worker would have all the work.

Gunicorn's threads read requests and wait for slow clients. Here a thread gets a request when it has
arrived entirely, and each health check has a thread of its own.
"""

import errno
import mmap
import selectors
import socket
import struct
import tempfile
import time
from collections import Counter, deque
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from typing import IO, Any

from django.conf import settings
from django.utils import translation
from gunicorn import util  # type: ignore[import-untyped]  # it has no types
from gunicorn.http.errors import LimitRequestHeaders  # type: ignore[import-untyped]  # as above
from gunicorn.workers.gthread import TConn, ThreadWorker  # type: ignore[import-untyped]  # as above

from core.events import of_request
from operations.serving.fairness import FairQueue
from operations.serving.receiving import Incoming

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
    "busy": "Service Unavailable",
}


# Bytes of uploads in the files of a worker, which are in memory in our containers (/tmp). They
# count until their requests end. If there are more, no upload is read on but the oldest, if none is
# complete: so there is one whole upload more at most, and the first part of each that waits.
MAX_FILES = 20 * 1024 * 1024
MAX_PAUSED = 16  # uploads that wait for room
# Seconds that an upload waits for room, and then for a thread. Then it is answered with `busy`.
UPLOAD_PATIENCE = 10
RECEIVE_SIZE = 64 * 1024  # bytes to read at once
MAX_BUFFERED = 8 * 1024 * 1024  # bytes of requests in a worker; the heaviest address loses some
# Bytes. A thread takes some ten times the length of a request, so one thread works on those that
# are longer than this.
LARGE = 128 * 1024
SWEEP_INTERVAL = 0.5  # seconds between two looks at the clients that are too slow
STOP_LINGER = 2  # seconds that an idle connection stays open when the worker stops
LINGER_TIME = 2  # seconds that a client has to close a connection


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


def start_ready_thread() -> None:
    """Prepare the thread of the readiness check."""
    from core.limits import probe_in_this_thread  # noqa: PLC0415  # it needs Django's setup

    probe_in_this_thread()


def no_more(size_hint: int | None = None) -> bytes:
    """Return the end of the data, as a source of gunicorn's parser whose client has hung up."""
    return b""


def read_part(file: IO[bytes], size_hint: int | None = None) -> bytes:
    """Return the next part of an upload, as a source of gunicorn's parser."""
    return file.read(RECEIVE_SIZE)


def too_long(size_hint: int | None = None) -> bytes:
    """Refuse a head of which more has arrived than is kept."""
    raise LimitRequestHeaders("limit request headers size")


connection_counts = ConnectionCounts()  # created before the workers are forked


class Connection(TConn):  # type: ignore[misc]  # gunicorn has no types
    """A connection of a client, which is closed without waiting for the client."""

    def __init__(self, worker: "Worker", *args: object) -> None:
        super().__init__(*args)
        self.worker = worker
        self.incoming = Incoming()
        self.queued_as: str | None = None  # the client, while a thread is needed
        self.is_large = False  # the request takes much memory
        self.counted = 0  # bytes of the request that count in the worker's sum
        self.in_file = 0  # bytes of it that count in the sum of files
        self.heard = 0.0  # the time at which something of it was read last
        for option, seconds in ((socket.SO_RCVTIMEO, 5), (socket.SO_SNDTIMEO, 10)):
            self.sock.setsockopt(socket.SOL_SOCKET, option, struct.pack("ll", seconds, 0))

    def close(self, graceful: bool = False) -> None:
        if graceful:
            self.worker.linger(self)
        else:
            super().close()


class BaseWorker(ThreadWorker):  # type: ignore[misc]  # gunicorn has no types
    """The gthread worker, with problem documents and balanced connections, for any application."""

    # In seconds. A worker with fewer connections may be busy or stuck, so the wait is limited.
    MAX_YIELD = 0.004
    YIELD_STEP = 0.0005
    _waits_since: float | None = None
    _swept_at = 0.0

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
        try:
            client, address = listener.accept()
        except OSError as error:
            if error.errno not in (errno.EAGAIN, errno.ECONNABORTED, errno.EWOULDBLOCK):
                raise
            return
        self.nr_conns += 1
        if self.nr_conns >= self.worker_connections:
            self.make_room()
        self.enqueue_req(Connection(self, self.cfg, client, address, listener.getsockname()))
        connection_counts.set(self.age, self.nr_conns)

    # Receiving requests, in the event loop

    def init_process(self) -> None:
        self.receiving: dict[Connection, None] = {}  # in the order of their beginning
        self.paused: dict[Connection, float] = {}  # uploads that are not read, and since when
        self.lingering: deque[tuple[Connection, float]] = deque()
        self.queue: FairQueue[Connection] = FairQueue(self.cfg.threads)
        self.buffered = 0  # bytes of requests, those that threads work on included
        self.in_files = 0  # bytes of uploads in files, likewise
        # These have a thread each, because all others may wait for the database.
        self.health_pools = {
            "live": ThreadPoolExecutor(1),
            "ready": ThreadPoolExecutor(1, initializer=start_ready_thread),
        }
        super().init_process()

    def enqueue_req(self, conn: Connection) -> None:
        """Receive a request, and give it to a thread when it is complete."""
        if self.cfg.is_ssl or conn.is_http2:
            super().enqueue_req(conn)
            return
        conn.incoming = Incoming()
        conn.sock.setblocking(False)
        if conn.parser is not None:
            self.add(conn, conn.parser.unreader.take_buffered())
        self.receiving[conn] = None
        if not self.receive(conn):
            self.poller.register(
                conn.sock, selectors.EVENT_READ, lambda _: self.continue_receiving(conn)
            )

    def continue_receiving(self, conn: Connection) -> None:
        """Read what has arrived on a connection in the poller."""
        # A thread must not get a socket that the poller still watches.
        self.poller.unregister(conn.sock)
        if conn in self.receiving and not self.receive(conn):
            self.poller.register(
                conn.sock, selectors.EVENT_READ, lambda _: self.continue_receiving(conn)
            )

    def add(self, conn: Connection, data: bytes) -> None:
        conn.incoming.add(data)
        self.count(conn, len(conn.incoming.data), conn.incoming.in_file)

    def take(self, conn: Connection, data: bytes) -> None:
        """Add what has arrived, or refuse an upload for which there is no room."""
        conn.heard = time.monotonic()
        try:
            self.add(conn, data)
        except OSError as error:  # of the file of an upload
            self.log.warning("An upload was refused: %s: %s", tempfile.gettempdir(), error)
            self.refuse(conn)

    def count(self, conn: Connection, length: int, in_file: int) -> None:
        """Set how many bytes of a request are in memory and in a file."""
        self.buffered += length - conn.counted
        self.in_files += in_file - conn.in_file
        conn.counted, conn.in_file = length, in_file

    def uncount(self, conn: Connection) -> None:
        """Give up a request that has ended, and its file."""
        has_file = conn.in_file > 0
        self.count(conn, 0, 0)
        conn.incoming.close()
        if has_file:
            self.resume()

    # Uploads that wait for room

    def may_grow(self, conn: Connection) -> bool:
        """Return whether an upload may be read on."""
        if self.in_files <= MAX_FILES:
            return True
        arriving = [other for other in self.receiving if other.in_file]
        # If none is complete, no other makes room when it ends.
        return arriving[0] is conn and sum(other.in_file for other in arriving) == self.in_files

    def pause(self, conn: Connection) -> bool:
        """Read no more of an upload while there is no room. Return whether it waits."""
        if not conn.in_file or self.may_grow(conn):
            return False
        if len(self.paused) >= MAX_PAUSED:
            self.refuse(conn)
            return False
        self.paused[conn] = time.monotonic()
        return True

    def resume(self) -> None:
        """Read on the uploads that may grow now."""
        for conn in list(self.paused):
            if self.may_grow(conn):
                self.unpause(conn)

    def unpause(self, conn: Connection) -> None:
        conn.incoming.started += time.monotonic() - self.paused.pop(conn)
        self.poller.register(
            conn.sock, selectors.EVENT_READ, lambda _: self.continue_receiving(conn)
        )

    def refuse(self, conn: Connection) -> None:
        """Answer an upload with `busy`, and keep nothing of it.

        What its client still sends is read, or the client might lose the answer.
        """
        if conn in self.paused:
            self.unpause(conn)
        conn.incoming.refuse()
        self.uncount(conn)
        self.answer_busy(conn)

    def answer_busy(self, conn: Connection) -> None:
        with suppress(OSError):
            util.write_nonblock(conn.sock, problem_answer("busy"))

    def end_refused(self, conn: Connection) -> None:
        """Close the connection of an upload that was answered with `busy` and has arrived."""
        self.uncount(conn)
        self.nr_conns -= 1
        conn.close(graceful=True)

    def receive(self, conn: Connection) -> bool:
        """Read once. Return False if more has to arrive, True if the connection is dealt with."""
        incoming = conn.incoming
        if not incoming.is_complete:
            if self.pause(conn):
                return True
            try:
                data = conn.sock.recv(RECEIVE_SIZE)
            except BlockingIOError:
                return False
            except OSError:
                data = b""
            if not data:
                self.drop(conn)
                return True
            self.take(conn, data)
        if not incoming.is_complete:
            if incoming.take_expectation():
                with suppress(OSError):
                    conn.sock.send(b"HTTP/1.1 100 Continue\r\n\r\n")
            if len(self.receiving) > self.worker_connections // 2:
                self.shed()
            elif self.buffered > MAX_BUFFERED:
                self.shed(LARGE)
            return conn not in self.receiving or self.pause(conn)
        self.end_receiving(conn)
        return True

    def end_receiving(self, conn: Connection) -> None:
        """Give a request that is complete to a thread, when its turn has come."""
        incoming = conn.incoming
        del self.receiving[conn]
        if incoming.is_refused:
            self.end_refused(conn)
        elif pool := self.health_pools.get(incoming.health):
            self.start(conn, pool)
        else:
            conn.queued_as = self.client(conn)
            conn.is_large = len(incoming.data) > LARGE
            self.queue.put(
                conn.queued_as,
                conn,
                is_large=conn.is_large,
                is_upload=incoming.file is not None,
            )
            self.start_requests()

    def start(self, conn: Connection, pool: Any) -> None:
        """Give a request to a thread."""
        incoming = conn.incoming
        conn.init()
        conn.parser.unreader.unread(bytes(incoming.data))
        # What gunicorn measures in another way than `Incoming` ends here: no thread waits for more.
        conn.parser.unreader.chunk = too_long if incoming.is_head_too_long else no_more
        if incoming.file is not None:
            conn.parser.unreader.chunk = partial(read_part, incoming.file)
        incoming.data = bytearray()  # not twice in memory
        future = pool.submit(self.handle, conn)
        future.add_done_callback(partial(self.method_queue.defer, self.finish_request, conn))

    def start_requests(self) -> None:
        """Start the requests that may start now."""
        while (conn := self.queue.start_next()) is not None:
            is_upload = conn.incoming.file is not None
            if is_upload and time.monotonic() > conn.heard + UPLOAD_PATIENCE:
                self.leave_queue(conn)
                self.answer_busy(conn)
                self.end_refused(conn)
            else:
                self.start(conn, self.tpool)

    def leave_queue(self, conn: Connection) -> None:
        """Note that a request has ended that had a turn."""
        if conn.queued_as is not None:
            is_upload = conn.incoming.file is not None
            self.queue.end(conn.queued_as, is_large=conn.is_large, is_upload=is_upload)
            conn.queued_as = None

    def finish_request(self, conn: Connection, future: Any) -> None:
        self.uncount(conn)
        self.leave_queue(conn)
        self.start_requests()
        super().finish_request(conn, future)

    def client(self, conn: Connection) -> str:
        """Return the client of a request that is complete, for its turns."""
        return conn.incoming.authorization.decode("latin-1") or self.address(conn)

    def address(self, conn: Connection) -> str:
        """Return the address of the client."""
        return str(conn.client)

    # Closing connections

    def drop(self, conn: Connection) -> None:
        """Close a connection whose request has not arrived entirely."""
        del self.receiving[conn]
        self.paused.pop(conn, None)
        self.uncount(conn)
        self.nr_conns -= 1
        with suppress(KeyError, ValueError):
            self.poller.unregister(conn.sock)
        conn.close()

    def shed(self, least: int = 0) -> None:
        """Drop the oldest request of the address from which the most is arriving.

        With `least` drop its longest one, or none if it sends less than so many bytes: then
        requests that wait for a thread have filled the memory, and not those that arrive.
        """
        weights: Counter[str] = Counter()
        for conn in self.receiving:
            weights[self.address(conn)] += 1_000 + conn.counted + conn.in_file
        if weights:
            (heaviest, weight), *_ = weights.most_common(1)
            if weight < least:
                return
            requests = [conn for conn in self.receiving if self.address(conn) == heaviest]
            longest = max(requests, key=lambda conn: conn.counted + conn.in_file)
            self.drop(longest if least else requests[0])

    def make_room(self) -> None:
        """Close the connection that is idle for longest, so that others can be accepted."""
        if self.keepalived_conns:
            conn = self.keepalived_conns.popleft()
            self.poller.unregister(conn.sock)
            self.nr_conns -= 1
            conn.close()
        else:
            self.shed()

    def murder_pending(self) -> None:
        """Close connections whose clients are too slow, or did not close them in their turn."""
        super().murder_pending()
        now = time.monotonic()
        if now < self._swept_at + SWEEP_INTERVAL:
            return
        self._swept_at = now
        for conn in list(self.receiving):
            incoming = conn.incoming
            ends_soon = not incoming.data and not self.alive
            deadline = incoming.started + STOP_LINGER if ends_soon else incoming.deadline
            is_stuck = incoming.in_file and now > conn.heard + UPLOAD_PATIENCE
            if is_stuck and self.in_files > MAX_FILES:
                self.refuse(conn)  # it waits for room, or holds some while others wait
            elif now > deadline and conn not in self.paused:
                self.drop(conn)
        while self.lingering and self.lingering[0][1] < now:
            self.end_linger(self.lingering[0][0])

    def linger(self, conn: Connection) -> None:
        """Close a connection when the client has closed it, or after a short time.

        Closed at once, the client might lose the end of the answer (RFC 9112, 9.6).
        """
        try:
            conn.sock.setblocking(False)
            conn.sock.shutdown(socket.SHUT_WR)
            self.poller.register(conn.sock, selectors.EVENT_READ, lambda _: self.drain(conn))
        except (OSError, ValueError, KeyError):
            conn.close()
            return
        self.lingering.append((conn, time.monotonic() + LINGER_TIME))

    def drain(self, conn: Connection) -> None:
        """Read what a client still sends on a connection that is being closed."""
        try:
            if conn.sock.recv(RECEIVE_SIZE):
                return
        except BlockingIOError:
            return
        except OSError:
            pass
        self.end_linger(conn)

    def end_linger(self, conn: Connection) -> None:
        self.lingering = deque(entry for entry in self.lingering if entry[0] is not conn)
        with suppress(KeyError, ValueError):
            self.poller.unregister(conn.sock)
        conn.close()

    def handle_request(self, req: Any, conn: Connection) -> bool:
        """Answer a request. A client that is too slow to read or send counts as gone.

        Behind a body that has not arrived, or is in a file, there cannot be another request.
        """
        if conn.incoming.is_cut or conn.incoming.file is not None:
            req.force_close()
        try:
            return bool(super().handle_request(req, conn))
        except BlockingIOError as error:  # of SO_RCVTIMEO or SO_SNDTIMEO
            raise ConnectionResetError(errno.ECONNRESET, "The client is too slow") from error

    def handle_error(self, req: Any, client: socket.socket, addr: Any, exc: BaseException) -> None:
        """Answer with a problem document, with the status that gunicorn chooses."""
        recording = RecordingSocket()
        super().handle_error(req, recording, addr, exc)
        try:
            util.write_nonblock(client, problem_answer(CODES.get(recording.status, "bad_request")))
        except OSError:
            self.log.debug("The client did not wait for the answer.")


class Worker(BaseWorker):
    """The worker of the project: it knows people by their tokens, and limits their requests."""

    # Imports are here because they need Django's setup.

    def load_wsgi(self) -> None:
        """Load the application and limit what its requests wait for."""
        super().load_wsgi()
        from core.limits import limit_all  # noqa: PLC0415  # as above
        from core.turns import turns  # noqa: PLC0415  # as above
        from operations.serving import clients  # noqa: PLC0415  # as above

        self.clients = clients
        limit_all()
        turns.limit = max(1, self.cfg.threads // 2)

    def client(self, conn: Connection) -> str:
        authorization = bytes(conn.incoming.authorization)
        return self.clients.client_of(authorization, partial(self.address, conn))

    def address(self, conn: Connection) -> str:
        """Return the address of the client. Before its head has arrived, it is the proxy's."""
        return self.clients.address_of(conn.client, conn.incoming.forwarded)


def problem_answer(code: str) -> bytes:
    """Return a whole HTTP response, in English: Accept-Language may not have been read."""
    from core.exceptions import problem_response  # noqa: PLC0415  # it needs Django's setup
    from core.problems import RETRY_AFTER  # noqa: PLC0415  # as above

    with translation.override("en"), of_request("", lambda: "") as current:
        answer = problem_response(code)
    seconds = settings.SECURE_HSTS_SECONDS
    transport_security = f"Strict-Transport-Security: max-age={seconds}\r\n" if seconds else ""
    retry_after = f"Retry-After: {RETRY_AFTER}\r\n" if answer.status_code == 503 else ""
    head = (
        f"HTTP/1.1 {answer.status_code} {REASONS.get(code, 'Bad Request')}\r\n"
        f"Content-Type: {answer['Content-Type']}\r\nContent-Length: {len(answer.content)}\r\n"
        f"X-Request-ID: {current}\r\n"
        "Cache-Control: private\r\nX-Content-Type-Options: nosniff\r\n"
        "Content-Security-Policy: default-src 'none'; frame-ancestors 'none'\r\n"
        f"{transport_security}{retry_after}Connection: close\r\n\r\n"
    )
    return head.encode() + answer.content
