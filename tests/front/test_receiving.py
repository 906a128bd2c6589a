"""The bytes of a request, collected until it is complete"""

import errno
from unittest.mock import patch

import pytest

from operations.serving.receiving import (
    HEAD_TIME,
    MAX_AUTH_BODY,
    MAX_BODY,
    MAX_HEAD,
    REQUEST_TIME,
    Incoming,
)

HEAD = b"POST /api/v1/goals/ HTTP/1.1\r\nHost: x\r\n"
AUTH = b"POST /api/v1/auth/token/ HTTP/1.1\r\nHost: x\r\n"
COMPLETE = {
    "without a body": b"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
    "with a body": HEAD + b"Content-Length: 5\r\n\r\n12345",
    "with a body in other letters": HEAD + b"content-LENGTH:5 \r\n\r\n12345",
    "with an empty body": HEAD + b"Content-Length: 0\r\n\r\n",
    "with a length of many digits": HEAD + b"Content-Length: 00000000000000000000005\r\n\r\n12345",
    "in a chunk whose size has many digits": HEAD
    + b"Transfer-Encoding: chunked\r\n\r\n0000000005\r\n12345\r\n0000000000\r\n\r\n",
    "in chunks": HEAD
    + b"Transfer-Encoding: chunked\r\n\r\n5\r\n12345\r\n3;a=b\r\n0\r\n\r\n0\r\n\r\n",
    "in chunks, with a trailer": HEAD
    + b"Transfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\nA: b\r\n\r\n",
}


@pytest.mark.parametrize("name", COMPLETE)
def test_a_request_is_complete_with_its_last_byte(name: str) -> None:
    request = COMPLETE[name]
    byte_by_byte = Incoming()
    for position, byte in enumerate(request):
        assert not byte_by_byte.is_complete, request[:position]
        byte_by_byte.add(bytes([byte]))
    assert byte_by_byte.is_complete
    at_once = Incoming()
    at_once.add(request)
    assert at_once.is_complete
    assert bytes(at_once.data) == bytes(byte_by_byte.data) == request


@pytest.mark.parametrize(
    "request_",
    [
        b"\x16\x03\x01",
        b"G" * (MAX_HEAD + 1),
        HEAD + b"Content-Length: %d\r\n\r\n" % (MAX_BODY + 1),
        HEAD + b"Transfer-Encoding: chunked\r\n\r\nnonsense\r\n",
        HEAD + b"Transfer-Encoding: chunked\r\n\r\nfffffff\r\n" + bytes(MAX_BODY + MAX_HEAD + 1),
        HEAD + b"Content-Length: -1\r\n\r\n",
        AUTH + b"Content-Length: %d\r\n\r\n" % (MAX_AUTH_BODY + 1),
        AUTH
        + b"Transfer-Encoding: chunked\r\n\r\nfffffff\r\n"
        + bytes(MAX_AUTH_BODY + MAX_HEAD + 1),
    ],
)
def test_what_would_be_refused_is_not_waited_for(request_: bytes) -> None:
    incoming = Incoming()
    incoming.add(request_)
    assert incoming.is_complete


def test_a_long_body_is_waited_for_where_it_may_be_long() -> None:
    incoming = Incoming()
    incoming.add(HEAD + b"Content-Length: %d\r\n\r\n" % MAX_BODY + bytes(MAX_BODY - 1))
    assert not incoming.is_complete
    incoming.add(b"}")
    assert incoming.is_complete
    assert not incoming.is_cut


def test_a_client_that_waits_for_100_continue_is_told_once() -> None:
    incoming = Incoming()
    incoming.add(HEAD + b"Expect: 100-continue\r\nContent-Length: 2\r\n\r\n")
    assert incoming.take_expectation()
    assert not incoming.take_expectation()
    incoming.add(b"{}")
    assert incoming.is_complete
    assert bytes(incoming.data) == HEAD + b"Content-Length: 2\r\n\r\n{}"


def test_a_request_has_a_time_for_its_head_and_one_for_all() -> None:
    incoming = Incoming()
    assert incoming.deadline == incoming.started + HEAD_TIME
    incoming.add(HEAD + b"Content-Length: 2\r\n\r\n")
    assert incoming.deadline == incoming.started + REQUEST_TIME


def test_a_health_check_is_recognised() -> None:
    for line, found in (
        (b"GET /api/v1/health/live/ HTTP/1.1", "live"),
        (b"HEAD /api/v1/health/ready/?x=1 HTTP/1.1", "ready"),
        (b"GET /api/v1/health/other/ HTTP/1.1", ""),
        (b"GET /api/v1/goals/?q=/api/v1/health/live/ HTTP/1.1", ""),
    ):
        incoming = Incoming()
        incoming.add(line + b"\r\n\r\n")
        assert incoming.health == found


UPLOAD = b"PUT /api/v1/photos/0190f3a2-5b6c-7d8e-9f00-112233445566/ HTTP/1.1\r\nHost: x\r\n"


def test_the_rest_of_a_refused_upload_is_read_and_not_kept() -> None:
    upload = Incoming()
    upload.add(UPLOAD + b"Content-Length: 300000\r\n\r\n" + bytes(100_000))
    assert (upload.in_file, upload.is_complete) == (100_000, False)
    upload.refuse()
    upload.close()
    upload.add(bytes(199_999))
    assert (upload.in_file, upload.is_complete) == (0, False)
    upload.add(b"x")
    assert (upload.in_file, upload.is_complete) == (0, True)
    assert len(upload.data) < 200


def test_an_upload_without_a_file_can_be_refused() -> None:
    upload = Incoming()
    full = OSError(errno.ENOSPC, "No space left on device")
    with patch("tempfile.TemporaryFile", side_effect=full), pytest.raises(OSError, match="space"):
        upload.add(UPLOAD + b"Content-Length: 9\r\n\r\n1234")
    upload.refuse()
    upload.close()
    upload.add(b"5678")
    assert not upload.is_complete
    upload.add(b"9")
    assert upload.is_complete
