"""Test which pages of other origins may use the API."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from django.conf import settings
from django.test import Client, override_settings

from core.environment import LOCAL_ORIGIN, InvalidSetting, origins
from tests.base import PASSWORD, ApiTest, person
from tests.front.browser import in_browser, page_of

APP = "https://app.example.org"
ALLOWED = {"CORS_ALLOWED_ORIGINS": [APP], "CORS_ALLOWED_ORIGIN_REGEXES": []}
OFF = {"CORS_ALLOWED_ORIGINS": [], "CORS_ALLOWED_ORIGIN_REGEXES": []}
PREFLIGHT = {"Origin": APP, "Access-Control-Request-Method": "PATCH"}


class TestAnswers(ApiTest):
    @override_settings(**ALLOWED)
    def test_a_preflight_is_answered_without_the_database(self) -> None:
        with self.assertNumQueries(0):
            answer = Client().options("/api/v1/goals/", headers=PREFLIGHT)
        assert (answer.status_code, answer.content) == (200, b"")
        assert answer["Access-Control-Allow-Origin"] == APP
        assert {"PATCH", "PUT", "DELETE"} <= set(answer["Access-Control-Allow-Methods"].split(", "))
        assert {"Authorization", "Content-Type"} <= set(
            answer["Access-Control-Allow-Headers"].split(", ")
        )
        assert "Access-Control-Allow-Credentials" not in answer

    @override_settings(**ALLOWED)
    def test_errors_can_be_read_too(self) -> None:
        for path, status in (("goals/", 401), ("nothing/", 404), ("goals", 404)):
            answer = Client().get(f"/api/v1/{path}", headers={"Origin": APP})
            assert answer.status_code == status
            assert answer["Access-Control-Allow-Origin"] == APP
            assert "origin" in answer["Vary"].lower()
        exposed = answer["Access-Control-Expose-Headers"].split(", ")
        assert {"RateLimit", "Retry-After", "X-Request-ID", "ETag"} <= set(exposed)

    @override_settings(**ALLOWED)
    def test_another_origin_gets_no_permission(self) -> None:
        for origin in ("https://evil.example", f"{APP}.evil.example", "null", "http://[", ""):
            headers = PREFLIGHT | {"Origin": origin}
            for answer in (
                Client().options("/api/v1/goals/", headers=headers),
                Client().get("/api/v1/", headers=headers),
            ):
                assert answer.status_code == 200
                assert "Access-Control-Allow-Origin" not in answer, origin

    @override_settings(**ALLOWED)
    def test_pages_are_not_opened(self) -> None:
        docs = ("/api/docs/", "/api/docs/codes/", "/api/docs/requests.http")
        for path in ("/", "/admin/login/", *docs):
            answer = Client().get(path, headers={"Origin": APP})
            assert "Access-Control-Allow-Origin" not in answer

    @override_settings(**ALLOWED)
    def test_a_preflight_for_another_host_or_without_encryption_is_refused(self) -> None:
        refused = Client().options("/api/v1/goals/", headers=PREFLIGHT | {"Host": "evil.example"})
        self.assert_problem(refused, 400, "bad_request")
        assert "Access-Control-Allow-Origin" not in refused
        with override_settings(SECURE_PROXY_SSL_HEADER=("HTTP_X_FORWARDED_PROTO", "https")):
            headers = PREFLIGHT | {"X-Forwarded-Proto": "http"}
            refused = Client().options("/api/v1/goals/", headers=headers)
        self.assert_problem(refused, 403, "https_required")

    @override_settings(**ALLOWED)
    def test_the_schema_has_preflights_too_and_none_is_sniffed(self) -> None:
        for path in ("/api/schema/", "/api/v1/", "/api/v1/goals/"):
            answer = Client().options(path, headers=PREFLIGHT)
            assert answer.status_code == 200
            assert answer["Access-Control-Allow-Origin"] == APP
            assert answer["X-Content-Type-Options"] == "nosniff"

    @override_settings(**OFF)
    def test_it_is_off_without_origins(self) -> None:
        answer = Client().options("/api/v1/goals/", headers=PREFLIGHT)
        self.assert_problem(answer, 405, "method_not_allowed")
        answer = Client().get("/api/v1/", headers={"Origin": APP})
        assert not [name for name in answer.headers if name.startswith("Access-Control")]
        assert "origin" not in answer["Vary"].lower()

    @override_settings(**OFF | {"CORS_ALLOW_ALL_ORIGINS": True})
    def test_all_origins_can_be_allowed(self) -> None:
        answer = Client().get("/api/v1/", headers={"Origin": "https://any.example"})
        assert answer["Access-Control-Allow-Origin"] == "*"

    def test_a_preflight_has_an_id_as_all_requests(self) -> None:
        headers = PREFLIGHT | {"Origin": "http://localhost:5173"}
        assert Client().options("/api/v1/goals/", headers=headers)["X-Request-ID"]


@pytest.mark.parametrize(
    ("origin", "allowed"),
    [
        ("http://localhost:5173", True),
        ("http://127.0.0.1:8080", True),
        ("http://192.168.0.7:3000", True),
        ("http://10.0.2.2", True),
        ("capacitor://localhost", True),
        ("ionic://localhost", True),
        ("http://minas-laptop:5173", True),
        ("http://minas-laptop.local:5173", True),
        ("http://192.168.0.255", True),
        ("http://192.168.0.256", False),
        ("http://10.0.2.999", False),
        ("chrome-extension://abcdefgh", False),
        ("file://localhost", False),
        ("https://localhost.evil.example", False),
        ("https://10.evil.example", False),
        ("http://8.8.8.8", False),
        ("http://localhost:5173\n", False),
    ],
)
def test_a_local_server_allows_this_machine_and_its_network(origin: str, allowed: bool) -> None:
    assert bool(re.match(LOCAL_ORIGIN, origin)) == allowed


@pytest.mark.parametrize(
    "value", ["app.example.org", "https://a.example/path", "https://*.a", "*,x"]
)
def test_a_value_that_is_no_origin_stops_the_start(
    value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CORS_ALLOWED_ORIGINS", value)
    with pytest.raises(InvalidSetting, match="no origin"):
        origins("CORS_ALLOWED_ORIGINS")


def test_the_usual_port_is_left_out_as_browsers_do(monkeypatch: pytest.MonkeyPatch) -> None:
    given = "https://a.example:443,http://b.example:80,https://c.example:80,https://[::1]:443"
    monkeypatch.setenv("CORS_ALLOWED_ORIGINS", given)
    assert origins("CORS_ALLOWED_ORIGINS") == [
        "https://a.example",
        "http://b.example",
        "https://c.example:80",
        "https://[::1]",
    ]


# A web app as its developer would write it. It shows what it has read, or the error.
WEB_APP = """<!DOCTYPE html><title>Web app</title><link rel="icon" href="data:,">
<pre id="shown"></pre>
<script>
async function run() {
  const json = {"Content-Type": "application/json"};
  const api = "%(api)s/api/v1/";
  const answer = await fetch(api + "auth/token/", {
    method: "POST", headers: json,
    body: JSON.stringify({email: "%(email)s", password: "%(password)s"}),
  });
  const {access} = await answer.json();
  const headers = {...json, Authorization: "Bearer " + access};
  const made = await fetch(api + "goals/", {
    method: "POST", headers, body: JSON.stringify({title: "Read"}),
  });
  const {id} = await made.json();
  await fetch(api + `goals/${id}/`, {method: "PATCH", headers, body: '{"title": "Read more"}'});
  const goals = await fetch(api + "goals/", {headers});
  const refused = await fetch(api + "goals/", {method: "POST", headers, body: "{}"});
  return [
    (await goals.json()).results.map(goal => goal.title),
    Boolean(goals.headers.get("X-Request-ID")), made.headers.get("RateLimit").includes("writes"),
    (await refused.json()).code,
  ];
}
const show = text => { document.getElementById("shown").textContent = text; };
run().then(result => show(JSON.stringify(result)), error => show("failed: " + error));
</script>"""


@contextmanager
def web_app(**names: str) -> Iterator[str]:
    """Serve WEB_APP on another port of this machine, which is another origin."""
    content = (WEB_APP % names).encode()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *args: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


def shown_by_web_app(server: str, email: str) -> str:
    def read(browser: Any) -> str:
        with page_of(browser, address) as (page, _messages):
            page.locator("#shown:not(:empty)").wait_for()
            return str(page.inner_text("#shown"))

    with web_app(api=server, email=email, password=PASSWORD) as address:
        return in_browser(read)


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
class TestInABrowser:
    def test_a_page_on_another_origin_signs_in_reads_and_writes(self, live_server: Any) -> None:
        shown = shown_by_web_app(live_server.url, person("Alice").email)
        assert shown == '[["Read more"],true,true,"invalid"]'

    def test_a_browser_refuses_a_page_of_an_origin_that_is_not_allowed(
        self, request: pytest.FixtureRequest
    ) -> None:
        alice = person("Alice")
        with override_settings(**ALLOWED):
            address = request.getfixturevalue("live_server").url
            with_others = shown_by_web_app(address, alice.email)
        assert settings.CORS_ALLOWED_ORIGIN_REGEXES == [LOCAL_ORIGIN]
        assert with_others == "failed: TypeError: Failed to fetch"
