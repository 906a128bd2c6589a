"""Caches, methods, hosts, bodies and cookies, on every kind of path"""

from __future__ import annotations

import gzip
from typing import Any

from django.conf import settings
from django.core.exceptions import DisallowedRedirect, SuspiciousOperation
from django.http import HttpRequest
from django.test import Client as Browser
from django.test import RequestFactory, override_settings

from core.mail import UnsentBackend
from tests.base import API, PASSWORD, ApiTest
from tests.test_settings import GOOD, read
from todomate.middleware import ApiOrPages

PAGES = ("/", "/api/docs/", "/admin/login/", "/nothing/")


class CacheTest(ApiTest):
    def test_answers_with_tokens_are_not_stored(self) -> None:
        body = {"email": self.alice.email, "password": PASSWORD}
        for answer in (
            self.anonymous.post("auth/token/", body),
            self.anonymous.post("auth/token/", {}),
            self.anonymous.get("auth/token/"),
            self.anonymous.post(
                "auth/token/refresh/", {"refresh": self.as_alice.tokens["refresh"]}
            ),
            self.as_bob.post("auth/logout/"),
            self.anonymous.get("auth/nothing/"),
            self.anonymous.get("auth/token/", HTTP_HOST="evil.example"),
        ):
            assert answer["Cache-Control"] == "no-store", answer.wsgi_request.path

    def test_other_answers_are_private(self) -> None:
        goal = self.goal()
        for answer in (
            self.as_alice.get("goals/"),
            self.as_alice.get("me/"),
            self.as_alice.delete(f"goals/{goal.pk}/"),
            self.as_alice.get("nothing/"),
            self.anonymous.get("health/live/"),
            self.anonymous.get("/"),
            self.anonymous.get("/nothing/"),
            self.anonymous.get("/", HTTP_HOST="evil.example"),
        ):
            assert answer["Cache-Control"] == "private", answer.wsgi_request.path

    def test_forms_of_the_admin_are_not_stored(self) -> None:
        assert "no-store" in Browser().get("/admin/login/")["Cache-Control"]

    def test_the_schema_may_be_kept_and_asked_for_again(self) -> None:
        assert Browser().get("/api/schema/")["Cache-Control"] == "no-cache"


class OriginTest(ApiTest):
    def test_no_answer_allows_another_origin(self) -> None:
        headers = {
            "origin": "https://evil.example",
            "access-control-request-method": "POST",
            "access-control-request-headers": "authorization",
        }
        for path in (*PAGES, f"{API}goals/", f"{API}auth/token/", "/api/schema/"):
            for method in ("GET", "POST", "OPTIONS"):
                answer = self.as_alice.generic(method, path, headers=headers)
                allowed = [name for name in answer.headers if "access-control" in name.lower()]
                assert not allowed, (method, path)


class MethodTest(ApiTest):
    def test_a_method_that_a_path_does_not_have_is_a_problem(self) -> None:
        for method in ("TRACE", "OPTIONS", "CONNECT", "PROPFIND", "X"):
            for path in (*PAGES[:3], f"{API}goals/", f"{API}auth/token/", f"{API}health/live/"):
                with self.subTest(method=method, path=path):
                    answer = self.as_alice.generic(method, path)
                    self.assert_problem(answer, 405, "method_not_allowed")
                    assert answer["Allow"]
                    assert answer["X-Content-Type-Options"] == "nosniff"
                    assert answer["Content-Security-Policy"]

    def test_head_has_no_body_whatever_the_answer_is(self) -> None:
        """Unlike Django's test client, gunicorn would see a body, and warn of it."""
        for path in (f"{API}goals/", f"{API}nothing/", f"{API}health/live/", *PAGES):
            request = RequestFactory(headers={"host": "localhost"}).head(path)
            bare = self.handled(request)
            assert bare.content == b"", path
            length = Browser().get(path)["Content-Length"]
            if path != "/admin/login/":  # its token differs
                assert bare["Content-Length"] == length, path

    def handled(self, request: HttpRequest) -> Any:
        """Return the response as gunicorn gets it."""
        browser = Browser()
        browser.handler.load_middleware()
        return browser.handler.get_response(request)

    def test_a_slash_that_is_missing_is_no_redirect(self) -> None:
        for path in (f"{API}goals", f"{API}auth/token", "/admin", "/api/docs", "/api/v1"):
            for method in ("GET", "POST"):
                answer = self.as_alice.generic(method, path, "{}", content_type="application/json")
                self.assert_problem(answer, 404, "not_found")


class HostTest(ApiTest):
    ODD = (
        "evil.example",
        "localhost.evil.example",
        "a_b",
        "localhost:x",
        "localhost:80:80",
        "me@localhost",
        "localhost/",
        "local host",
        "[::1",
        "",
        "*",
        "x" * 300,
        "löcalhost",
        "localhost,evil.example",
        "<b>",
        "%6cocalhost",
        "localhost\r\nX: y",
    )

    def test_another_host_is_a_problem_and_no_error_in_the_log(self) -> None:
        for host in self.ODD:
            for path in ("/", f"{API}goals/", "/admin/", "/static/x.js"):
                with self.subTest(host=host, path=path), self.assertNoLogs(level="ERROR"):
                    answer = Browser().get(path, headers={"host": host})
                    self.assert_problem(answer, 400, "bad_request")
                    assert "Location" not in answer

    def test_the_health_is_told_to_any_host(self) -> None:
        for host in (*self.ODD, "10.0.0.7:8443"):
            for check in ("live", "ready"):
                answer = Browser().get(f"{API}health/{check}/", headers={"host": host})
                assert (answer.status_code, answer.json()) == (200, {"status": "ok"}), host


class BodyTest(ApiTest):
    def test_a_compressed_body_is_refused_in_words(self) -> None:
        body = gzip.compress(b'{"title": "x"}')
        for encoding in ("gzip", "GZIP", "br", "deflate", "zstd", "gzip, gzip", "x"):
            for path in ("goals/", "auth/token/", "auth/signup/"):
                answer = self.as_alice.generic(
                    "POST",
                    path,
                    body,
                    content_type="application/json",
                    headers={"content-encoding": encoding},
                )
                problem = self.assert_problem(answer, 415, "unsupported_media_type")
                assert "Content-Encoding" in problem["detail"]

    def test_a_compressed_transfer_is_refused_too(self) -> None:
        answer = self.as_alice.post(
            "goals/", {"title": "x"}, headers={"transfer-encoding": "gzip, chunked"}
        )
        self.assert_problem(answer, 415, "unsupported_media_type")

    def test_the_identity_and_no_body_are_not_refused(self) -> None:
        identity = {"content-encoding": "identity"}
        self.ok(self.as_alice.post("goals/", {"title": "x"}, headers=identity), 201)
        self.ok(self.as_alice.get("goals/", headers={"content-encoding": "gzip"}))

    def test_a_body_that_is_not_said_to_be_json_is_refused(self) -> None:
        for kind in ("", "text/plain", "application/x-www-form-urlencoded", "json", ";"):
            answer = self.as_alice.generic("POST", "goals/", b'{"title": "x"}', content_type=kind)
            self.assert_problem(answer, 415, "unsupported_media_type")


class SuspiciousTest(ApiTest):
    def test_what_django_suspects_is_no_error_in_the_log(self) -> None:
        middleware = ApiOrPages(lambda request: None)  # type: ignore[arg-type, return-value]  # not called
        request = RequestFactory().get("/")
        for error in (SuspiciousOperation("x"), DisallowedRedirect("x")):
            with self.assertLogs("django.security", "WARNING") as logs:
                answer = middleware.process_exception(request, error)
            assert answer is not None
            assert answer.status_code == 400
            assert [record.levelname for record in logs.records] == ["WARNING"]
        assert middleware.process_exception(request, ValueError("x")) is None

    def test_a_form_that_is_too_large_is_a_problem(self) -> None:
        form = {"username": "x" * (settings.DATA_UPLOAD_MAX_MEMORY_SIZE + 1)}
        kind = "application/x-www-form-urlencoded"
        body = f"username={form['username']}"
        with self.assertNoLogs(level="ERROR"):
            answer = Browser().post("/admin/login/", body, content_type=kind)
        self.assert_problem(answer, 413, "payload_too_large")

    def test_a_form_with_too_many_fields_is_a_problem(self) -> None:
        kind = "application/x-www-form-urlencoded"
        with self.assertNoLogs(level="ERROR"):
            answer = Browser().post("/admin/login/", "&".join(["a=1"] * 2_000), content_type=kind)
        self.assert_problem(answer, 400, "bad_request")


class ProductionTest(ApiTest):
    """What only a server in production does"""

    def test_its_cookies_belong_to_its_host_alone(self) -> None:
        names = {name: read(GOOD)[name] for name in ("SESSION_COOKIE_NAME", "CSRF_COOKIE_NAME")}
        assert set(names.values()) == {"__Host-sessionid", "__Host-csrftoken"}
        secure = {"SESSION_COOKIE_SECURE": True, "CSRF_COOKIE_SECURE": True}
        self.alice.change(is_staff=True, is_superuser=True)
        form = {"username": self.alice.email, "password": PASSWORD, "next": "/admin/"}
        with override_settings(**names, **secure):
            browser = Browser()
            browser.get("/admin/login/", secure=True)
            answer = browser.post("/admin/login/", form, secure=True)
            assert answer.status_code == 302
            assert set(browser.cookies) == set(names.values())
            for cookie in browser.cookies.values():
                assert (cookie["secure"], cookie["path"], cookie["domain"]) == (True, "/", "")
                assert cookie["httponly"]
                assert cookie["samesite"] == "Lax"
            assert browser.get("/admin/", secure=True).status_code == 200

    def test_a_reset_link_is_never_in_its_log(self) -> None:
        backend = "core.mail.UnsentBackend"
        assert read(GOOD)["MAILERS"]["default"]["BACKEND"] == backend
        with self.assertLogs(level="DEBUG") as logs:
            assert UnsentBackend(alias="default").send_messages([object()]) == 0  # type: ignore[list-item]  # not read
        assert logs.output == [
            "WARNING:core.mail:A mail was not sent, because MAIL_URL is not set."
        ]
