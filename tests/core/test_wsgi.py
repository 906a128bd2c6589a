"""Requests that the WSGI entry point corrects"""

from __future__ import annotations

from io import BytesIO
from typing import Any
from wsgiref.util import setup_testing_defaults

from django.conf import settings
from django.core.signals import request_finished, request_started
from django.db import close_old_connections

from tests.base import ApiTest
from todomate.wsgi import application


class WsgiTest(ApiTest):
    def setUp(self) -> None:
        super().setUp()
        # A request would close the connection, and with it the transaction around the test.
        # Django's test client disconnects these receivers, too.
        for signal in (request_started, request_finished):
            signal.disconnect(close_old_connections)
            self.addCleanup(signal.connect, close_old_connections)

    def call(self, method: str, path: str, body: bytes = b"", **environ: Any) -> tuple[int, bytes]:
        """Return the status and the body of a request by Alice, passed as gunicorn does."""
        full: dict[str, Any] = {
            "REQUEST_METHOD": method,
            "PATH_INFO": f"/api/v1/{path}",
            "wsgi.input": BytesIO(body),
        }
        full |= {
            "HTTP_HOST": "localhost",
            "HTTP_AUTHORIZATION": f"Bearer {self.as_alice.tokens['access']}",
        }
        setup_testing_defaults(full)
        full |= environ
        statuses: list[str] = []
        answer = b"".join(application(full, lambda status, headers: statuses.append(status)))
        return int(statuses[0][:3]), answer

    def chunked(self, body: bytes) -> tuple[int, bytes]:
        return self.call(
            "PATCH",
            "me/",
            body,
            CONTENT_TYPE="application/json",
            HTTP_TRANSFER_ENCODING="chunked",
            **{"wsgi.input_terminated": True},
        )

    def test_a_body_sent_in_chunks_is_read_like_any_other(self) -> None:
        status, answer = self.chunked(b'{"nickname": "changed"}')
        assert status == 200
        assert b'"nickname":"changed"' in answer

    def test_a_body_sent_in_chunks_may_not_be_larger_than_any_other(self) -> None:
        status, answer = self.chunked(b" " * (settings.DATA_UPLOAD_MAX_MEMORY_SIZE + 1))
        assert (status, b"payload_too_large" in answer) == (413, True)

    def test_an_unknown_charset_is_ignored(self) -> None:
        for charset in ("hex", "base64", "rot13", "undefined", "no such", "utf-8", "euc-kr"):
            kind = f"application/json; charset={charset}"
            body = '{"title": "건강"}'.encode()
            status, answer = self.call(
                "POST",
                "goals/",
                body,
                CONTENT_TYPE=kind,
                CONTENT_LENGTH=str(len(body)),
                QUERY_STRING="",
            )
            assert (status, "건강" in answer.decode()) == (201, True), charset
            assert (
                self.call("GET", "goals/", CONTENT_TYPE=kind, QUERY_STRING="page_size=1")[0] == 200
            ), charset
