"""Clients that send slowly, or do not end a connection, hold no thread of the server."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from django.db import connection

from tests.server import running_server

pytestmark = pytest.mark.skipif(
    connection.vendor != "sqlite",
    reason="independent of the database; runs with the suite on SQLite",
)
HOST = b"Host: localhost\r\n"
SLOW = {
    "nothing": b"",
    "a part of the first line": b"GET /api/v1/",
    "a part of the head": b"GET /api/v1/ HTTP/1.1\r\n" + HOST,
    "a part of a body": b"POST /api/v1/auth/token/ HTTP/1.1\r\n"
    + HOST
    + b"Content-Type: application/json\r\nContent-Length: 500\r\n\r\n{",
    "a part of a chunk": b"POST /api/v1/auth/token/ HTTP/1.1\r\n"
    + HOST
    + b"Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n1f4\r\n{",
    "a part of a body whose length has many digits": b"POST /api/v1/auth/token/ HTTP/1.1\r\n"
    + HOST
    + b"Content-Type: application/json\r\nContent-Length: 0000000000000000000500\r\n\r\n{",
    "a part of a chunk whose size has many digits": b"POST /api/v1/auth/token/ HTTP/1.1\r\n"
    + HOST
    + b"Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n0000001f4\r\n{",
    "a part of a long head": b"GET /api/v1/ HTTP/1.1\r\n"
    + HOST
    + b"".join(b"X-%d: %s\r\n" % (number, 7_000 * b"a") for number in range(10)),
    "a part of a body that is too long": b"POST /api/v1/auth/token/ HTTP/1.1\r\n"
    + HOST
    + b"Content-Type: application/json\r\nContent-Length: 2000000\r\n\r\n{",
    "a head, to be told to continue": b"POST /api/v1/auth/token/ HTTP/1.1\r\n"
    + HOST
    + b"Content-Length: 500\r\nExpect: 100-continue\r\n\r\n",
    "a request, and does not close its end": b"GET /api/v1/ HTTP/1.1\r\n"
    + HOST
    + b"Connection: close\r\n\r\n",
}


@pytest.fixture(scope="module")
def server(tmp_path_factory: Any, django_db_setup: None, django_db_blocker: Any) -> Iterator[str]:
    with django_db_blocker.unblock(), running_server(tmp_path_factory.mktemp("server")) as address:
        yield address


def connect(address: str) -> socket.socket:
    url = urlsplit(address)
    return socket.create_connection((str(url.hostname), int(url.port or 0)), timeout=20)


@pytest.mark.parametrize("sent", SLOW)
def test_sixty_four_slow_clients_keep_nobody_waiting(server: str, sent: str) -> None:
    with ExitStack() as stack:
        for _ in range(64):
            stack.enter_context(connect(server)).sendall(SLOW[sent])
        for path in ("health/live/", "health/ready/", "", ""):
            started = time.monotonic()
            assert httpx.get(f"{server}/api/v1/{path}").status_code == 200
            assert time.monotonic() - started < 1


def test_a_body_that_arrives_in_parts_is_read(server: str) -> None:
    body = b'{"email": "nobody@example.com", "password": "wrong"}'
    head = (
        b"POST /api/v1/auth/token/ HTTP/1.1\r\n"
        + HOST
        + b"Content-Type: application/json\r\nContent-Length: %d\r\n" % len(body)
    )
    with connect(server) as client:
        for part in (head[:30], head[30:] + b"\r\n", body[:10], body[10:]):
            client.sendall(part)
        assert b'"invalid_credentials"' in read_until(client, b"}")
        # The same connection, with the expectation of curl.
        client.sendall(head + b"Expect: 100-continue\r\n\r\n")
        assert read_until(client, b"\r\n\r\n") == b"HTTP/1.1 100 Continue\r\n\r\n"
        client.sendall(body)
        assert b'"invalid_credentials"' in read_until(client, b"}")
        # Two requests at once.
        client.sendall(2 * (b"GET /api/v1/health/live/ HTTP/1.1\r\n" + HOST + b"\r\n"))
        for _ in range(2):
            assert b'"status":"ok"' in read_until(client, b"}")


def read_until(client: socket.socket, end: bytes) -> bytes:
    """Read byte by byte until these bytes have been read."""
    read = b""
    while not read.endswith(end):
        byte = client.recv(1)
        assert byte, read
        read += byte
    return read
