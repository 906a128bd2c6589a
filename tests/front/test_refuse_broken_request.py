"""Malformed requests, also those that gunicorn refuses before Django, get problem documents."""

import json
import socket
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.db import connection

from tests.server import running_server

pytestmark = pytest.mark.skipif(
    connection.vendor != "sqlite",
    reason="these requests do not reach the database; they are tested along with SQLite",
)
HOST = b"Host: localhost\r\n"
POST = b"POST /api/v1/%s/ HTTP/1.1\r\n" + HOST
TOO_LARGE = "payload_too_large"
SIGN_IN = POST % b"auth/token"
MANY = b"".join(b"X-%d: 1\r\n" % number for number in range(150))
BROKEN: dict[str, tuple[bytes, int, str]] = {
    "no HTTP at all": (b"garbage\r\n\r\n", 400, "bad_request"),
    "TLS on a plain port": (b"\x16\x03\x01\x02\x00\x01\x00\r\n\r\n", 400, "bad_request"),
    "an invalid version": (b"GET / HTTP/9.9\r\n" + HOST + b"\r\n", 400, "bad_request"),
    "a header without a colon": (
        b"GET / HTTP/1.1\r\n" + HOST + b"bad header\r\n\r\n",
        400,
        "bad_request",
    ),
    "a foreign host": (b"GET / HTTP/1.0\r\nHost: evil.example\r\n\r\n", 400, "bad_request"),
    "a body of a negative length": (
        b"POST / HTTP/1.1\r\n" + HOST + b"Content-Length: -1\r\n\r\n",
        400,
        "bad_request",
    ),
    "an unknown coding": (
        b"POST / HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: magic\r\n\r\n",
        400,
        "bad_request",
    ),
    "an unknown expectation": (
        b"POST / HTTP/1.1\r\n" + HOST + b"Expect: soup\r\n\r\n",
        400,
        "bad_request",
    ),
    "an address too long": (
        b"GET /" + b"a" * 9_000 + b" HTTP/1.1\r\n" + HOST + b"\r\n",
        414,
        "uri_too_long",
    ),
    "a header too long": (
        b"GET / HTTP/1.1\r\n" + HOST + b"X: " + b"a" * 9_000 + b"\r\n\r\n",
        431,
        "headers_too_large",
    ),
    # The connection is closed, so the client learns at once that it need not send the rest.
    "a body too long": (POST % b"goals" + b"Content-Length: 9000000\r\n\r\n{", 413, TOO_LARGE),
    "a sign-in too long": (SIGN_IN + b"Content-Length: 20000\r\n\r\n{", 413, TOO_LARGE),
    "a sign-in too long, in chunks": (
        SIGN_IN + b"Transfer-Encoding: chunked\r\n\r\n20000\r\n" + bytes(100_000),
        413,
        TOO_LARGE,
    ),
    "too many headers": (b"GET / HTTP/1.1\r\n" + HOST + MANY + b"\r\n", 431, "headers_too_large"),
}


@pytest.fixture(scope="module")
def server(tmp_path_factory: Any, django_db_setup: None, django_db_blocker: Any) -> Iterator[str]:
    with django_db_blocker.unblock(), running_server(tmp_path_factory.mktemp("server")) as address:
        yield address


def send(address: str, request: bytes) -> tuple[int, str, bytes]:
    """Send these bytes; return the status, the media type and the body of the answer."""
    url = urlsplit(address)
    with socket.create_connection((str(url.hostname), int(url.port or 0)), timeout=20) as client:
        client.sendall(request)
        answer = b"".join(iter(lambda: client.recv(65_536), b""))
    head, _, body = answer.partition(b"\r\n\r\n")
    headers = {
        name.lower(): value
        for name, _, value in (line.partition(b": ") for line in head.split(b"\r\n")[1:])
    }
    return int(head.split(b" ")[1]), headers[b"content-type"].decode(), body


@pytest.mark.parametrize("case", BROKEN)
def test_a_malformed_request_gets_a_problem_document(server: str, case: str) -> None:
    request, status, code = BROKEN[case]
    answered, media_type, body = send(server, request)
    assert (answered, media_type) == (status, "application/problem+json"), body
    document = json.loads(body)
    assert (document["status"], document["code"]) == (status, code)
    assert document["type"] == f"urn:todomate:problem:{code}"
    assert document["title"]
    assert document["detail"]


def test_the_server_still_answers_after_a_malformed_request(server: str) -> None:
    send(server, BROKEN["no HTTP at all"][0])
    status, _, body = send(server, b"GET /api/v1/health/live/ HTTP/1.0\r\n" + HOST + b"\r\n")
    assert (status, json.loads(body)) == (200, {"status": "ok"})
