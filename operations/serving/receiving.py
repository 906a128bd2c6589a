"""Requests that are arriving: no thread waits for a slow client.

The worker's event loop collects the bytes of a request, and gives it to a thread when it is
complete. This works with sockets that have no TLS.
"""

import re
import tempfile
import time
from contextlib import suppress
from typing import IO

MAX_HEAD = 64 * 1024  # bytes; a longer head is refused by gunicorn, which has limits of its own
# Bytes. A longer body is refused by Django before it is read, so it is not waited for.
MAX_BODY = 1024 * 1024
MAX_AUTH_BODY = 16 * 1024
# Bytes. The limit of an upload (photos/views.py), whose body is collected in a file.
MAX_UPLOAD = 10 * 1024 * 1024
AUTH_PATH = "/api/v1/auth/"  # where MAX_AUTH_BODY is the limit
# Seconds in which a head and a whole request must have arrived.
HEAD_TIME = 10
REQUEST_TIME = 30
UPLOAD_TIME = 120  # of an upload; without nginx in front a phone sends it slowly

CONTENT_LENGTH = re.compile(rb"\r\ncontent-length:[ \t]*0*(\d{1,18})[ \t]*\r\n", re.IGNORECASE)
CHUNKED = re.compile(rb"\r\ntransfer-encoding:[^\r\n]*chunked", re.IGNORECASE)
EXPECT = re.compile(rb"\r\nexpect:[ \t]*100-continue[ \t]*(?=\r\n)", re.IGNORECASE)
AUTH = re.compile(rb"[A-Z]+ " + AUTH_PATH.encode())
UPLOAD = re.compile(rb"PUT /api/v1/photos/[0-9a-fA-F-]{36}/ ")
HEALTH = re.compile(rb"(?:GET|HEAD) /api/v1/health/(live|ready)/?[ ?]")
CHUNK_SIZE = re.compile(rb"0*([0-9a-fA-F]{1,8})[ \t]*(?:;[^\r\n]*)?\r\n")


class Incoming:
    """The bytes of one request that have arrived so far.

    A request that cannot be understood is complete: gunicorn refuses it. So is the head of one
    whose body is too long: Django refuses it.
    """

    def __init__(self) -> None:
        self.data = bytearray()
        self.started = time.monotonic()
        self.is_complete = False
        self.is_cut = False  # complete without its body, which is too long
        self.authorization = b""  # the value of this header
        self.forwarded = b""  # that of X-Forwarded-For
        self.file: IO[bytes] | None = None  # the body of an upload; `data` is the head alone
        self.in_file = 0  # bytes of it
        self.is_refused = False  # an upload that was answered before all of it has arrived
        self._searched = 0
        self._body: int | None = None  # where the body begins
        self._end = 0  # of the body, or of the chunks that have been looked at
        self._is_chunked = False
        self._upload: int | None = None  # the length of an upload
        self._arrived = 0  # bytes of it

    def add(self, data: bytes) -> None:
        """Add what has arrived, which may be nothing. Raise OSError if a file cannot take it."""
        if self._upload is not None:
            self._write(data)
            return
        self.data += data
        if self._body is None:
            self._find_head()
        if self._body is not None and not self.is_complete:
            self._find_end()
        if not self.is_complete and self._is_upload:
            self._move_to_file()

    def close(self) -> None:
        """Give up what is in a file."""
        if self.file is not None:
            with suppress(OSError):  # there was no room for its end
                self.file.close()

    def refuse(self) -> None:
        """Keep nothing of an upload. Its rest is still read: its client may send all first."""
        self.is_refused = True
        self.in_file = 0
        self.is_complete = self._arrived >= (self._upload or 0)

    @property
    def _is_upload(self) -> bool:
        return (
            self._body is not None and not self._is_chunked and UPLOAD.match(self.data) is not None
        )

    def _move_to_file(self) -> None:
        """Write what there is of the body into a file without a name, and all that follows."""
        body = self._body or 0
        self._upload = self._end - body
        begun = bytes(self.data[body:])
        del self.data[body:]
        self._write(begun)

    def _write(self, data: bytes) -> None:
        self._arrived += len(data)
        is_whole = self._arrived >= (self._upload or 0)
        if not self.is_refused:
            if self.file is None:
                self.file = tempfile.TemporaryFile()  # noqa: SIM115  # closed with the request
            self.file.write(data)
            self.in_file += len(data)
            if is_whole:
                self.file.seek(0)
        self.is_complete = is_whole

    @property
    def deadline(self) -> float:
        """The time, of `monotonic()`, at which the client is too slow."""
        if self._body is None:
            return self.started + HEAD_TIME
        return self.started + (REQUEST_TIME if self._upload is None else UPLOAD_TIME)

    @property
    def is_head_too_long(self) -> bool:
        return self._body is None and len(self.data) > MAX_HEAD

    @property
    def health(self) -> str:
        """The health check that is asked for, `live` or `ready`; empty for other requests."""
        if not self.data.startswith(b"/health/", self.data.find(b" ") + len(" /api/v1")):
            return ""
        found = HEALTH.match(self.data)
        return found[1].decode() if found else ""

    def take_expectation(self) -> bool:
        """Return whether the client waits for `100 Continue`, once: the header is removed."""
        if self._body is None or self.is_complete:
            return False
        found = EXPECT.search(self.data, 0, self._body)
        if found is None:
            return False
        length = found.end() - found.start()
        del self.data[found.start() : found.end()]
        self._body -= length
        self._end -= length
        return True

    def _find_head(self) -> None:
        end = self.data.find(b"\r\n\r\n", max(0, self._searched - 3))
        self._searched = len(self.data)
        if end < 0:
            # No method begins like this: it is TLS, for example.
            is_foreign = bool(self.data) and not self.data[:1].isalpha()
            self.is_complete = is_foreign or len(self.data) > MAX_HEAD
            return
        self._body = self._end = end + 4
        head = self.data[:end].lower()  # most requests have none of these, and `in` is fast
        if (at := head.find(b"\nauthorization:")) >= 0:
            self.authorization = bytes(self.data[at + 15 : self.data.find(b"\r\n", at)]).strip()
        if (at := head.find(b"\nx-forwarded-for:")) >= 0:
            self.forwarded = bytes(self.data[at + 17 : self.data.find(b"\r\n", at)]).strip()
        if b"\ntransfer-encoding:" in head:
            self._is_chunked = CHUNKED.search(self.data, 0, self._body) is not None
        if b"\ncontent-length:" in head and not self._is_chunked:
            length = CONTENT_LENGTH.search(self.data, 0, self._body)
            self._end += int(length[1]) if length is not None else 0

    def _find_end(self) -> None:
        begin = self._body or 0
        if self._is_chunked:
            self._skip_chunks()
            # The sizes of chunks count, too: enough has arrived for Django to refuse the body.
            if len(self.data) - begin > self._longest_body + MAX_HEAD:
                self.is_complete = self.is_cut = True
        elif len(self.data) >= self._end:
            self.is_complete = True
        elif self._end - begin > self._longest_body:
            self.is_complete = self.is_cut = True

    @property
    def _longest_body(self) -> int:
        if AUTH.match(self.data):
            return MAX_AUTH_BODY
        return MAX_UPLOAD if self._is_upload else MAX_BODY

    def _skip_chunks(self) -> None:
        """Move `_end` to the first chunk that has not arrived entirely."""
        while self._end < len(self.data):
            size = CHUNK_SIZE.match(self.data, self._end)
            if size is None:
                # A line that is not a size, unless the rest of it is on its way.
                line_end = self.data.find(b"\r\n", self._end)
                self.is_complete = line_end >= 0 or len(self.data) - self._end > MAX_HEAD
                return
            number = int(size[1], 16)
            if number == 0:
                self.is_complete = self.data.find(b"\r\n\r\n", size.end() - 2) >= 0
                return
            if size.end() + number + 2 > len(self.data):
                return
            self._end = size.end() + number + 2
