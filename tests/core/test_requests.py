"""Requests refused before they reach a resource: bodies, paths, methods, parameters"""

import json
import logging

from django.core.exceptions import SuspiciousOperation
from django.http import HttpRequest
from django.test import Client as PlainClient
from django.test import override_settings
from django.urls import include, path

from core import exceptions
from goals.models import Goal
from tests.base import API, ApiTest, new_id


def broken(request: HttpRequest) -> None:
    raise RuntimeError("a bug")


def suspicious(request: HttpRequest) -> None:
    raise SuspiciousOperation("not to be told")


urlpatterns = [
    path("", include("todomate.urls")),
    path("broken/", broken),
    path("suspicious/", suspicious),
]
handler400, handler403, handler404, handler500 = (
    exceptions.bad_request,
    exceptions.forbidden,
    exceptions.not_found,
    exceptions.server_error,
)


class BodyTest(ApiTest):
    def post(self, body: bytes, content_type: str = "application/json") -> object:
        return self.as_alice.generic("POST", "goals/", body, content_type=content_type)

    def test_invalid_json_is_refused_and_creates_nothing(self) -> None:
        for body in (
            b"{",
            b"title",
            b'{"title": NaN}',
            b'{"title": Infinity}',
            b'{"title": "\\ud800"}',
            b'{"title": "\xff"}',
            b'\xef\xbb\xbf{"title": "x"',
            b"\xff\xfe{\x00}\x00",
            b'{"title": "x"} {}',
            b'{"title": "a\x00b"}',
            b"[" * 100_000,
            b"[" * 100_000 + b"]" * 100_000,
            b'{"title":' * 100_000 + b"1" + b"}" * 100_000,
            b" ",
        ):
            with self.subTest(body=body[:30]):
                self.assert_problem(self.post(body), 400, "parse_error")
        assert not Goal.objects.exists()

    def test_json_other_than_an_object_is_refused(self) -> None:
        for body in (b"[]", b"null", b'"title"', b"1", b"true", b"[[]]"):
            with self.subTest(body=body):
                self.assert_problem(self.post(body), 400, "invalid")

    def test_an_error_of_the_whole_body_has_no_field(self) -> None:
        problem = self.assert_problem(self.as_alice.post("goals/", [1]), 400, "invalid")
        assert [(error["field"], error["code"]) for error in problem["errors"]] == [("", "invalid")]

    def test_a_field_may_have_the_name_that_errors_of_the_whole_have_in_other_apis(self) -> None:
        body = {"title": "x", "non_field_errors": 1}
        answer = self.as_alice.post("goals/", body)
        self.assert_field_error(answer, "non_field_errors", "unknown_field")

    def test_an_empty_body_has_no_fields(self) -> None:
        self.assert_field_error(self.post(b""), "title", "required")

    def test_other_types_than_json_are_refused(self) -> None:
        for content_type in (
            "text/plain",
            "application/x-www-form-urlencoded",
            "multipart/form-data; boundary=x",
            "x",
            "",
        ):
            with self.subTest(content_type=content_type):
                answer = self.post(b'{"title": "x"}', content_type)
                self.assert_problem(answer, 415, "unsupported_media_type")
        self.ok(self.post(b'{"title": "x"}', "Application/JSON; charset=utf-8"), 201)

    def test_a_body_of_more_than_a_megabyte_is_refused(self) -> None:
        body = json.dumps({"title": "x", "color": "x" * 1024 * 1024}).encode()
        self.assert_problem(self.post(body), 413, "payload_too_large")

    def test_huge_numbers_are_refused(self) -> None:
        for number in (b"1e999", b"9" * 400, b"-" + b"9" * 400):
            answer = self.post(b'{"title": "x", "visibility": %s}' % number)
            assert answer.status_code == 400


class PathTest(ApiTest):
    def test_an_unknown_path_is_a_problem_document(self) -> None:
        for unknown in (
            "nothing/",
            "goals",
            "goals/1/",
            f"goals/{new_id()}",
            "goals//",
            "/nothing",
            "/api/",
            "/api/v2/goals/",
        ):
            with self.subTest(unknown):
                self.assert_problem(self.as_alice.get(unknown), 404, "not_found")
                self.assert_problem(self.as_alice.post(unknown, {}), 404, "not_found")

    def test_an_unknown_method_is_refused(self) -> None:
        for method, where in (
            ("PUT", "goals/"),
            ("DELETE", "me/"),
            ("POST", "me/"),
            ("GET", "auth/token/"),
            ("TRACE", "goals/"),
        ):
            with self.subTest(method):
                answer = self.as_alice.generic(method, where)
                self.assert_problem(answer, 405, "method_not_allowed")
                assert method not in answer["Allow"]

    def test_an_unknown_method_is_reported_before_other_errors(self) -> None:
        for method, where in (
            ("TRACE", "goals/?colour=red"),
            ("OPTIONS", "goals/"),
            ("PUT", f"goals/{new_id()}/"),
        ):
            for client in (self.anonymous, self.as_alice):
                with self.subTest(method, client=client):
                    self.assert_problem(client.generic(method, where), 405, "method_not_allowed")

    def test_head_is_get_without_a_body(self) -> None:
        answer = self.as_alice.head("goals/")
        assert (answer.status_code, answer.content) == (200, b"")

    def test_responses_are_json_whatever_accept_says(self) -> None:
        for accept in ("text/html", "*/*", "application/xml", "x", ""):
            answer = self.as_alice.get("goals/", HTTP_ACCEPT=accept)
            assert (answer.status_code, answer["Content-Type"]) == (200, "application/json")

    def test_an_unknown_parameter_is_refused_on_every_method(self) -> None:
        for method, where in (
            ("GET", "goals/"),
            ("POST", "goals/"),
            ("GET", "me/"),
            ("POST", "auth/token/"),
            ("PATCH", "me/"),
        ):
            with self.subTest(method=method, where=where):
                answer = self.as_alice.generic(
                    method, f"{where}?colour=red", content_type="application/json"
                )
                self.assert_field_error(answer, "colour", "unknown_parameter")

    def test_a_parameter_given_twice_is_refused(self) -> None:
        for twice in ("state=active&state=done", "page_size=5&page_size=5", "cursor=x&cursor=y"):
            self.assert_field_error(
                self.as_alice.get(f"goals/?{twice}"), twice.partition("=")[0], "repeated"
            )

    def test_strange_bytes_in_a_parameter_are_refused_or_find_nothing(self) -> None:
        for text in ("%00", "%FF", "%ED%A0%80", "%", "+", "'", "x" * 3000):
            assert self.as_alice.get(f"goals/?state={text}").status_code == 400

    def test_texts_follow_accept_language_and_codes_never_change(
        self,
    ) -> None:
        for language in ("ko", "en", "fr", "x" * 100, "ko;q=nonsense"):
            answer = self.anonymous.get("goals/", HTTP_ACCEPT_LANGUAGE=language)
            self.assert_problem(answer, 401, "not_authenticated")


@override_settings(ROOT_URLCONF="tests.core.test_requests")
class BugTest(ApiTest):
    def test_an_unexpected_error_is_logged_and_answered_without_a_traceback(self) -> None:
        client = PlainClient(raise_request_exception=False)
        with self.assertLogs("django.request", logging.ERROR) as logs:
            answer = client.get("/broken/")
        body = self.assert_problem(answer, 500, "server_error")
        assert "RuntimeError" in logs.output[0]
        assert "bug" not in str(body)

    def test_a_request_that_django_refuses_is_a_problem_too(self) -> None:
        body = self.assert_problem(
            PlainClient(raise_request_exception=False).get("/suspicious/"), 400, "bad_request"
        )
        assert "told" not in str(body)

    def test_a_foreign_host_is_refused_with_a_problem(self) -> None:
        answer = PlainClient(raise_request_exception=False).get(
            f"{API}goals/", headers={"host": "evil.example"}
        )
        self.assert_problem(answer, 400, "bad_request")


class BodylessTest(ApiTest):
    def test_an_unexpected_body_is_validated(self) -> None:
        goal = self.goal()
        for method, where in (
            (self.as_alice.put, f"users/{self.bob.uuid}/follow/"),
            (self.as_alice.put, f"users/{self.bob.uuid}/block/"),
            (self.as_alice.delete, f"goals/{goal.pk}/"),
        ):
            self.assert_field_error(method(where, {"surprise": 1}), "surprise", "unknown_field")
            self.assert_problem(
                method(where, "{bad", content_type="application/json"), 400, "parse_error"
            )
            assert method(where, {}).status_code in (200, 204)
