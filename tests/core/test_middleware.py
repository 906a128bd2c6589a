"""Middleware of the API and of pages"""

from __future__ import annotations

from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpResponse
from django.test import Client as Browser
from django.test import SimpleTestCase, override_settings

from tests.base import API, PASSWORD, ApiTest
from todomate.middleware import Pages, language_for

HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}
KOREAN = {"HTTP_ACCEPT_LANGUAGE": "ko"}


class AnswerTest(ApiTest):
    def answers(self) -> dict[str, Any]:
        """Return one response of each kind."""
        return {
            "list": self.as_alice.get("goals/"),
            "created": self.as_alice.post("goals/", {"title": "x"}),
            "nothing": self.as_alice.delete(f"goals/{self.goal().pk}/"),
            "not signed in": self.anonymous.get("goals/"),
            "invalid": self.as_alice.post("goals/", {}),
            "no path": self.as_alice.get("nothing/"),
            "no method": self.as_alice.put("goals/", {}),
            "no JSON": self.as_alice.generic("POST", "goals/", b"x", content_type="text/plain"),
            "open": self.anonymous.post(
                "auth/token/", {"email": self.alice.email, "password": PASSWORD}
            ),
        }

    def test_every_response_has_the_security_headers(self) -> None:
        for name, answer in self.answers().items():
            with self.subTest(name):
                assert {header: answer.headers.get(header) for header in HEADERS} == HEADERS
                assert answer["Content-Language"] == "en"
                assert "Accept-Language" in answer["Vary"]
                assert answer["Content-Length"] == str(len(answer.content))
                assert "Strict-Transport-Security" not in answer

    def test_no_cookie_is_set(self) -> None:
        for name, answer in self.answers().items():
            with self.subTest(name):
                assert not answer.cookies

    def test_no_cookie_is_read(self) -> None:
        """Ignore the cookies of the admin's session and of the language."""
        self.alice.change(is_staff=True)
        browser = Browser()
        browser.force_login(self.alice)
        browser.cookies[settings.LANGUAGE_COOKIE_NAME] = "ko"
        answer = browser.get(f"{API}me/")
        self.assert_problem(answer, 401, "not_authenticated")
        assert answer["Content-Language"] == "en"
        assert "cookie" not in answer["Vary"].lower()
        answer = browser.get("/")
        assert answer["Content-Language"] == "ko"

    def test_https_responses_have_hsts(self) -> None:
        with override_settings(SECURE_HSTS_SECONDS=600):
            for path in (f"{API}goals/", f"{API}nothing/", "/"):
                browser = Browser()
                assert browser.get(path, secure=True)["Strict-Transport-Security"] == "max-age=600"
                assert "Strict-Transport-Security" not in browser.get(path)
        assert "Strict-Transport-Security" not in Browser().get(f"{API}goals/", secure=True)

    def test_head_has_the_content_length_of_get(self) -> None:
        get, head = self.as_alice.get("goals/"), self.as_alice.head("goals/")
        assert head["Content-Length"] == get["Content-Length"]
        assert head.content == b""

    def test_an_unknown_host_is_a_problem_in_the_language_asked_for(self) -> None:
        self.ok(self.as_alice.get("goals/", **KOREAN))
        english = self.anonymous.get("goals/", HTTP_HOST="evil.example")
        assert self.assert_problem(english, 400, "bad_request")["title"].isascii()
        korean = self.anonymous.get("goals/", HTTP_HOST="evil.example", **KOREAN)
        assert not self.assert_problem(korean, 400, "bad_request")["title"].isascii()
        assert Browser().get("/", headers={"host": "evil.example"}).status_code == 400

    def test_an_unknown_path_is_a_problem_everywhere(self) -> None:
        for path in (f"{API}nothing/", "/api/v1", "/api/", "/nothing/", "/nothing"):
            self.assert_problem(Browser().get(path), 404, "not_found")


class LanguageTest(ApiTest):
    def test_accept_language_chooses_the_language(self) -> None:
        for header, language in (
            ("ko", "ko"),
            ("en", "en"),
            ("KO-kr", "ko"),
            ("ko-KR;q=0.9, en;q=0.8", "ko"),
            ("ko-KR;q=0.7, en-GB;q=0.8", "en"),
            ("fr, ko;q=0.1", "ko"),
            ("fr", "en"),
            ("*", "en"),
            ("", "en"),
            ("ko;q=nonsense", "en"),
            ("\xff\x00", "en"),
            ("x" * 10_000, "en"),
            ("ko," * 3_333, "ko"),
            (",;=" * 3_333, "en"),
        ):
            with self.subTest(header[:30]):
                answer = self.anonymous.get("goals/", HTTP_ACCEPT_LANGUAGE=header)
                assert answer["Content-Language"] == language
                title = self.assert_problem(answer, 401, "not_authenticated")["title"]
                assert title.isascii() == (language == "en")

    def test_without_the_header_the_language_is_english(self) -> None:
        for _ in range(2):
            assert self.anonymous.get("goals/", **KOREAN)["Content-Language"] == "ko"
            assert self.anonymous.get("goals/")["Content-Language"] == "en"

    def test_the_cache_of_languages_is_bounded(self) -> None:
        limit = language_for.cache_parameters()["maxsize"]
        assert limit is not None
        for number in range(limit + 50):
            language_for(f"x{number}")
        assert language_for.cache_info().currsize == limit


class PageTest(ApiTest):
    """The start page, the docs and the admin pass Django's own middleware."""

    def test_pages_keep_their_policies(self) -> None:
        for path in ("/", "/api/docs/", "/admin/login/"):
            with self.subTest(path):
                answer = Browser().get(path)
                assert answer.status_code == 200
                policy = answer["Content-Security-Policy"]
                assert "script-src 'self'" in policy
                assert "frame-ancestors 'none'" in policy
                assert answer["X-Frame-Options"] == "DENY"
                assert answer["X-Content-Type-Options"] == "nosniff"
                assert answer["Referrer-Policy"] == "same-origin"
                assert answer["Content-Length"] == str(len(answer.content))
                assert answer["Content-Language"] == "en"

    def test_static_files_have_the_policy_too(self) -> None:
        answer = Browser().get("/static/admin/css/base.css")
        assert answer.getvalue()
        assert answer.status_code == 200
        assert "frame-ancestors 'none'" in answer["Content-Security-Policy"]
        assert answer["X-Content-Type-Options"] == "nosniff"

    def test_pages_are_in_the_language_of_the_request(self) -> None:
        for path in ("/", "/admin/login/"):
            korean, english = (
                Browser().get(path, headers={"accept-language": "ko"}),
                Browser().get(path),
            )
            assert (korean["Content-Language"], english["Content-Language"]) == ("ko", "en")
            assert korean.content != english.content

    def test_the_admin_has_sessions_and_csrf_protection(self) -> None:
        self.alice.change(is_staff=True, is_superuser=True)
        form = {"username": self.alice.email, "password": PASSWORD, "next": "/admin/"}
        strict = Browser(enforce_csrf_checks=True)
        self.assert_problem(strict.post("/admin/login/", form), 403, "permission_denied")
        page = strict.get("/admin/login/")
        token = page.cookies[settings.CSRF_COOKIE_NAME].value
        answer = strict.post("/admin/login/", form | {"csrfmiddlewaretoken": token})
        assert answer.status_code == 302, answer.content
        assert strict.session[SESSION_KEY] == str(self.alice.pk)
        assert answer.cookies[settings.SESSION_COOKIE_NAME]["httponly"]
        assert strict.get("/admin/").status_code == 200
        assert Browser().get("/admin/").status_code == 302

    def test_the_api_needs_no_csrf_token(self) -> None:
        strict = Browser(enforce_csrf_checks=True)
        body = {"email": self.alice.email, "password": PASSWORD}
        answer = strict.post(f"{API}auth/token/", body, content_type="application/json")
        assert answer.status_code == 200


class PagesTest(SimpleTestCase):
    @override_settings(PAGE_MIDDLEWARE=["tests.core.test_middleware.WithAnotherHook"])
    def test_a_middleware_with_a_hook_that_is_not_called_is_refused(self) -> None:
        with pytest.raises(ImproperlyConfigured, match="process_exception would not be called"):
            Pages(lambda request: HttpResponse())


class WithAnotherHook:
    def __init__(self, get_response: Any) -> None:
        self.get_response = get_response

    def process_exception(self, request: Any, exception: Exception) -> None: ...
