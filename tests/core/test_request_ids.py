"""Every request has an id, which its answer, its problem and its lines in the log have"""

from __future__ import annotations

import re
from unittest import mock

from django.http import UnreadablePostError
from django.test import Client as Browser

from core.events import request_id
from tests.base import ApiTest

NEW = re.compile(r"[0-9a-f]{32}")


class RequestIdTest(ApiTest):
    def test_a_well_formed_id_is_kept(self) -> None:
        for given in ("x", "a" * 64, "0195a1b2-0000-7000-8000-000000000001", "A.b_c-9"):
            answer = self.as_alice.get("goals/", HTTP_X_REQUEST_ID=given)
            assert answer["X-Request-ID"] == given

    def test_another_one_is_replaced(self) -> None:
        for given in ("", "a" * 65, "a b", "a\nb", "a@b.example", "é", "<b>", "a\n", '"', "%0a"):
            answer = self.as_alice.get("nothing/", HTTP_X_REQUEST_ID=given)
            assert NEW.fullmatch(answer["X-Request-ID"]), given
            assert answer.json()["request_id"] == answer["X-Request-ID"]

    def test_two_requests_have_two_ids(self) -> None:
        first, second = (
            self.anonymous.get("goals/", HTTP_X_REQUEST_ID="")["X-Request-ID"] for _ in range(2)
        )
        assert first != second

    def test_problems_have_it(self) -> None:
        for answer in (
            self.as_alice.post("goals/", {}, HTTP_X_REQUEST_ID="mine"),
            self.as_alice.get("nothing/", HTTP_X_REQUEST_ID="mine"),
            self.anonymous.get("goals/", HTTP_X_REQUEST_ID="mine"),
            self.anonymous.get("goals/", HTTP_X_REQUEST_ID="mine", HTTP_HOST="evil.example"),
            Browser().get("/nothing/", headers={"x-request-id": "mine"}),
            Browser().post("/", headers={"x-request-id": "mine"}),
        ):
            assert answer.json()["request_id"] == answer["X-Request-ID"] == "mine"

    def test_pages_have_it_too(self) -> None:
        assert NEW.fullmatch(Browser().get("/")["X-Request-ID"])

    def test_there_is_none_after_a_request(self) -> None:
        self.as_alice.get("goals/")
        assert request_id() == ""


class HangUpTest(ApiTest):
    """A client that hangs up while it sends its body"""

    def test_it_is_no_error_in_the_log(self) -> None:
        broken = mock.patch(
            "django.core.handlers.wsgi.WSGIRequest.read", side_effect=UnreadablePostError("gone")
        )
        form = "application/x-www-form-urlencoded"
        for path, kind in (
            ("/api/v1/goals/", "application/json"),
            ("/api/v1/auth/token/", "application/json"),
            ("/admin/login/", form),
        ):
            with self.subTest(path), broken, self.assertNoLogs(level="WARNING"):
                headers = {"authorization": f"Bearer {self.as_alice.tokens['access']}"}
                answer = Browser(headers=headers).post(path, "{}", content_type=kind)
                self.assert_problem(answer, 400, "bad_request")
