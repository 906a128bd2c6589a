"""Small TCP servers for tests: a mail server, and servers with any other answer."""

from __future__ import annotations

import base64
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


@contextmanager
def listening(answer: Callable[[socket.socket], None]) -> Iterator[int]:
    """Run a server that calls `answer` for one connection after the other; return its port."""

    def serve() -> None:
        with suppress(OSError):  # the listener is closed
            while True:
                line, _ = listener.accept()
                with line, suppress(OSError):  # the client may disconnect at any time
                    line.settimeout(30)
                    answer(line)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        try:
            yield listener.getsockname()[1]
        finally:
            listener.shutdown(socket.SHUT_RDWR)
    thread.join(timeout=30)


@contextmanager
def full_queue() -> Iterator[int]:
    """Listen on a port with a full queue: clients get no answer, as behind a firewall."""
    with socket.socket() as listener, socket.socket() as first, socket.socket() as second:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        for caller in (first, second):
            caller.setblocking(False)
            caller.connect_ex(listener.getsockname())
        yield listener.getsockname()[1]


class Mail:
    """An SMTP server that accepts one password; with a certificate, TLS from the start."""

    def __init__(self, password: str, certificate: tuple[Path, Path] | None = None) -> None:
        self.password = password
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER) if certificate else None
        if self.context and certificate:
            self.context.load_cert_chain(*certificate)

    def __call__(self, line: socket.socket) -> None:
        with self.context.wrap_socket(line, server_side=True) if self.context else line as safe:
            safe.sendall(b"220 mail.example.org\r\n")
            with safe.makefile("rb") as commands:
                for command in commands:
                    safe.sendall(self.reply(command.decode().split()))

    def reply(self, words: list[str]) -> bytes:
        match [word.upper() for word in words[:2]]:
            case ["EHLO", *_]:
                return b"250-mail.example.org\r\n250 AUTH PLAIN\r\n"
            case ["AUTH", "PLAIN"]:
                given = base64.b64decode(words[2]).decode().split("\0")[2]
                return (
                    b"235 welcome\r\n"
                    if given == self.password
                    else b"535 no such user or password\r\n"
                )
        return b"250 well\r\n"
