"""What reaches a server in production by http: pages are redirected, the API is refused"""

from __future__ import annotations

from typing import Any

from django.test import Client as Browser
from django.test import override_settings

from tests.base import API, ApiTest

PLAIN = {"x-forwarded-proto": "http"}
ENCRYPTED = {"x-forwarded-proto": "https"}


@override_settings(
    SECURE_PROXY_SSL_HEADER=("HTTP_X_FORWARDED_PROTO", "https"),
    ALLOWED_HOSTS=["todo.example.org", "[::1]"],
)
class HttpsTest(ApiTest):
    def send(self, method: str, path: str, headers: dict[str, str] | None = None) -> Any:
        host = {"host": "todo.example.org"}
        return Browser(headers=host | (PLAIN if headers is None else headers)).generic(method, path)

    def test_the_api_is_not_redirected(self) -> None:
        for method in ("GET", "HEAD", "POST", "DELETE"):
            for path in ("goals/", "auth/token/", "nothing/"):
                answer = self.send(method, f"{API}{path}")
                assert answer.status_code == 403
                assert "Location" not in answer
        self.assert_problem(self.send("GET", f"{API}goals/"), 403, "https_required")

    def test_browsers_are_redirected_to_the_same_host(self) -> None:
        for host, name in (
            ("todo.example.org", "todo.example.org"),
            ("todo.example.org:80", "todo.example.org"),
            ("[::1]:8080", "[::1]"),
        ):
            answer = self.send("GET", "/admin/login/?next=/admin/", PLAIN | {"host": host})
            assert answer.status_code == 308
            assert answer["Location"] == f"https://{name}/admin/login/?next=/admin/"

    def test_a_path_that_looks_like_a_host_stays_a_path(self) -> None:
        for path in ("//evil.example/x", "/\\evil.example", "/@evil.example", "/%0d%0aX: y"):
            location = self.send("GET", path)["Location"]
            assert location.startswith("https://todo.example.org/"), location
            assert "\r" not in location

    def test_another_host_is_not_redirected(self) -> None:
        answer = self.send("GET", "/", PLAIN | {"host": "evil.example"})
        self.assert_problem(answer, 400, "bad_request")
        assert "Location" not in answer

    def test_a_form_is_not_redirected(self) -> None:
        self.assert_problem(self.send("POST", "/admin/login/"), 403, "https_required")

    def test_the_health_is_told(self) -> None:
        for headers in (PLAIN, PLAIN | {"host": "10.0.0.7"}):
            assert self.send("GET", f"{API}health/live/", headers).status_code == 200

    def test_https_and_no_word_about_it_are_served(self) -> None:
        for headers in (ENCRYPTED, {}):
            assert self.send("GET", f"{API}", headers).status_code == 200
            assert self.send("GET", "/", headers).status_code == 200

    def test_without_a_trusted_proxy_nobody_is_believed(self) -> None:
        with override_settings(SECURE_PROXY_SSL_HEADER=None):
            assert self.send("GET", f"{API}").status_code == 200
