"""A TCP proxy for tests, which breaks the connection to a database in several ways."""

from __future__ import annotations

import socket
import threading
from contextlib import suppress
from typing import Self

from tests.server import free_port


class Proxy:
    """Forward connections to an address, until told to do otherwise.

    `swallow()` accepts everything and answers nothing. `refuse()` closes all connections and the
    port. `cut_at(b"COMMIT")` closes the next connection that sends these bytes, after they were
    forwarded and before they are answered. `forward()` ends all of these.
    """

    def __init__(self, host: str, port: int) -> None:
        self.target = (host, port)
        self.port = free_port()
        self._swallows = threading.Event()
        self._marker: bytes | None = None
        self._after = b""
        self._sockets: list[socket.socket] = []
        self._listener: socket.socket | None = None

    def __enter__(self) -> Self:
        self.forward()
        return self

    def __exit__(self, *_: object) -> None:
        self.refuse()

    def forward(self) -> None:
        self._swallows.clear()
        self._marker = None
        if self._listener is None:
            self._listener = socket.create_server(("127.0.0.1", self.port))
            threading.Thread(target=self._accept, args=[self._listener], daemon=True).start()

    def swallow(self) -> None:
        self._swallows.set()

    def refuse(self) -> None:
        if self._listener is not None:
            # Wakes up the thread in accept(), which close() alone does not.
            self._listener.shutdown(socket.SHUT_RDWR)
            self._listener.close()
            self._listener = None
        for connection in self._sockets:
            close(connection)
        self._sockets = []

    def cut_at(self, marker: bytes, after: bytes = b"") -> None:
        """Cut the connection that sends `marker` next, in or behind what contains `after`."""
        self._after, self._marker = after, marker

    def _accept(self, listener: socket.socket) -> None:
        with suppress(OSError):
            while True:
                client, _ = listener.accept()
                server = socket.create_connection(self.target)
                self._sockets += [client, server]
                for pair in ((client, server), (server, client)):
                    threading.Thread(target=self._pump, args=pair, daemon=True).start()

    def _pump(self, source: socket.socket, target: socket.socket) -> None:
        is_near = False
        with suppress(OSError):
            while data := source.recv(65_536):
                if self._swallows.is_set():
                    continue
                is_near = self._marker is not None and (is_near or self._after in data)
                if is_near and self._marker is not None and self._marker in data:
                    self._marker = None
                    close(source)  # first, or the answer could be quicker
                    target.sendall(data)
                    target.shutdown(socket.SHUT_WR)  # the server reads it all, then the end
                    return
                target.sendall(data)
        close(source)
        close(target)


def close(connection: socket.socket) -> None:
    """Close a connection at once, for the thread that reads it too."""
    with suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)
    connection.close()
