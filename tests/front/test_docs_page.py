"""GET /api/docs/: the page on which a developer tries out the API."""

import re
from typing import Any

import pytest
from django.test import Client, TestCase

from accounts.credentials.tokens import pair
from accounts.models import Session
from tests.base import PASSWORD, person
from tests.front.browser import in_browser, page_of
from tests.replicas.servers import wait_for


class TestDocsPage(TestCase):
    def test_the_docs_page_has_the_security_policy_of_every_page(self) -> None:
        page = self.client.get("/api/docs/")
        assert page["Content-Security-Policy"] == self.client.get("/")["Content-Security-Policy"]
        assert "unsafe" not in page["Content-Security-Policy"]

    def test_the_docs_page_loads_scripts_and_styles_from_this_server_only(self) -> None:
        page = self.client.get("/api/docs/").content.decode()
        assert all(
            path.startswith("/static/") for path in re.findall(r'<script src="([^"]+)"', page)
        )
        assert all(
            path.startswith("/static/") for path in re.findall(r'<link [^>]*href="([^"]+)"', page)
        )

    def test_the_korean_page_says_that_the_reference_is_searched_in_english(self) -> None:
        page = self.client.get("/api/docs/?lang=ko").content.decode()
        assert 'placeholder="영어로 검색: todo, move 등"' in page
        assert '<div id="swagger-ui" lang="en"' in page

    def test_a_method_but_get_is_answered_with_a_problem_document(self) -> None:
        answer = Client(enforce_csrf_checks=True).post("/api/docs/", {})
        assert (answer.status_code, answer["Content-Type"]) == (405, "application/problem+json")


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
class TestInABrowser:
    def test_the_docs_page_shows_every_operation_without_an_error(self, live_server: Any) -> None:
        shown, schema, messages, violations = in_browser(
            lambda browser: operations(browser, live_server.url)
        )
        assert messages == []
        assert shown == schema
        assert len(shown) > 3
        assert violations == []

    def test_an_authorised_call_is_answered(self, live_server: Any) -> None:
        token = pair(Session.start(person("Alice"), None))["access"]
        before, after, messages = in_browser(
            lambda browser: try_goals(browser, live_server.url, token)
        )
        assert (before, after) == ("401", "200")
        # The browser logs the expected 401; there must be no other message.
        assert [message for message in messages if "401" not in message] == []

    def test_a_search_leaves_the_operations_that_have_all_its_words(self, live_server: Any) -> None:
        def shown(browser: Any) -> tuple[list[str], str]:
            with page_of(browser, f"{live_server.url}/api/docs/?lang=en") as (page, _):
                page.wait_for_selector(".opblock")
                page.fill("#search", "todos move")
                wait_for(lambda: page.locator(".opblock").count() < 9, "few operations are shown")
                names = page.eval_on_selector_all(
                    ".opblock", "all => all.map(e => e.id.split('-').pop())"
                )
                page.fill("#search", "no such thing")
                wait_for(lambda: page.locator(".opblock").count() == 0, "none is shown")
                return names, page.inner_text("#found")

        names, found = in_browser(shown)
        assert "move_todos" in names
        assert "list_alarms" not in names
        assert found == "Nothing found."

    def test_a_group_is_one_click_away(self, live_server: Any) -> None:
        def top_of_group(browser: Any) -> float:
            with page_of(browser, f"{live_server.url}/api/docs/") as (page, _):
                page.wait_for_selector(".opblock")
                assert not page.is_visible(".servers"), "There is only one, so no choice is shown."
                page.click("#groups a >> text=diaries")
                place = "e => e.getBoundingClientRect().top"
                return float(page.eval_on_selector(".opblock-tag[data-tag=diaries]", place))

        assert 0 <= in_browser(top_of_group) < 200

    def test_signing_in_on_the_page_authorises_calls(self, live_server: Any) -> None:
        email = person("Alice").email

        def status(browser: Any) -> tuple[str, str, str]:
            with page_of(browser, f"{live_server.url}/api/docs/?lang=en") as (page, _):
                page.wait_for_selector(".opblock")
                page.locator("#sign-in summary").click()
                refused = sign_in(page, email, "wrong horse battery")
                signed_in = sign_in(page, email, PASSWORD)
                operation = page.locator("[id$=-list_goals]")
                operation.locator(".opblock-summary-control").click()
                operation.get_by_role("button", name="Try it out").click()
                return refused, signed_in, execute(operation)

        refused, signed_in, answer = in_browser(status)
        assert refused == "The email or password is incorrect."
        assert signed_in.startswith("Signed in.")
        assert answer == "200"

    def test_a_failed_refresh_is_tried_again_and_a_refused_one_asks_to_sign_in(
        self, live_server: Any
    ) -> None:
        email = person("Alice").email
        refresh = "**/api/v1/auth/token/refresh/"

        def work(browser: Any) -> tuple[list[str], str, bool]:
            with page_of(browser, f"{live_server.url}/api/docs/?lang=en") as (page, messages):
                page.wait_for_selector(".opblock")
                page.clock.install()
                page.locator("#sign-in summary").click()
                sign_in(page, email, PASSWORD)
                page.locator("#sign-in summary").click()
                seen: list[int] = []
                page.on("response", lambda answer: seen.append(answer.status))
                page.route(refresh, lambda route: route.abort())
                after(page, "10:00")
                bad_gateway = {"status": 502, "content_type": "text/html", "body": "<h1>no</h1>"}
                page.route(refresh, lambda route: route.fulfill(**bad_gateway))
                after(page, "00:30")
                page.unroute(refresh)
                after(page, "00:30")
                refused = {"status": 401, "json": {"code": "token_not_valid"}}
                page.route(refresh, lambda route: route.fulfill(**refused))
                page.clock.fast_forward("10:00")
                page.wait_for_selector("#sign-in[open]")
                assert seen == [502, 200, 401]
                status = page.inner_text("#sign-in [role=status]")
                authorized = page.evaluate("ui.authSelectors.authorized().size > 0")
                return messages, status, authorized

        def after(page: Any, time: str) -> None:
            """Let this time pass, and wait until the page has planned its next refresh."""
            timer = page.evaluate("refreshing")
            page.clock.fast_forward(time)
            wait_for(lambda: page.evaluate("refreshing") != timer, "the next refresh is planned")

        messages, status, authorized = in_browser(work)
        assert [message for message in messages if "Failed to load" not in message] == []
        assert status == "The session has ended. Sign in again."
        assert not authorized

    def test_the_docs_page_fits_the_width_of_a_phone(self, live_server: Any) -> None:
        def width(browser: Any) -> int:
            with page_of(
                browser, f"{live_server.url}/api/docs/", viewport={"width": 320, "height": 640}
            ) as (page, _):
                page.wait_for_selector(".opblock")
                return int(page.evaluate("document.documentElement.scrollWidth"))

        assert in_browser(width) <= 320


def operations(browser: Any, base: str) -> tuple[set[str], set[str], list[str], list[str]]:
    """Return the operations on the page and in the schema, console messages and axe violations.

    The violations are those outside Swagger UI.
    """
    from axe_playwright_python.sync_playwright import Axe  # noqa: PLC0415  # needed only with a browser

    with page_of(browser, f"{base}/api/docs/") as (page, messages):
        page.wait_for_selector(".opblock")
        shown = page.eval_on_selector_all(".opblock", "all => all.map(e => e.id.split('-').pop())")
        paths = page.evaluate("fetch('/api/schema/').then(r => r.json())")["paths"]
        schema = {
            operation["operationId"] for path in paths.values() for operation in path.values()
        }
        around = {"exclude": [["#swagger-ui"]]}
        found = (
            Axe().run(page, context=around).response["violations"]
        )  # Swagger UI's own markup cannot be changed here
        return set(shown), schema, messages, [rule["id"] for rule in found]


def try_goals(browser: Any, base: str, token: str) -> tuple[str, str, list[str]]:
    """Return the status shown for the list of goals before and after "Authorize"."""
    with page_of(browser, f"{base}/api/docs/", viewport={"width": 1280, "height": 900}) as (
        page,
        messages,
    ):
        operation = page.locator("[id$=-list_goals]")
        operation.locator(".opblock-summary-control").click()
        operation.get_by_role("button", name="Try it out").click()
        before = execute(operation)
        page.locator("button.authorize").first.click()
        dialog = page.locator(".dialog-ux")
        dialog.locator("input").fill(token)
        dialog.locator("button.authorize").click()
        dialog.locator("button.btn-done").click()
        return before, execute(operation), messages


def sign_in(page: Any, email: str, password: str) -> str:
    """Fill in the form of the page; return what it says afterwards."""
    page.fill("#sign-in [name=email]", email)
    page.fill("#sign-in [name=password]", password)
    with page.expect_response(re.compile("/auth/token/")):
        page.click("#sign-in button")
    page.locator("#sign-in [role=status]:not(:empty)").wait_for()
    return str(page.inner_text("#sign-in [role=status]"))


def execute(operation: Any) -> str:
    with operation.page.expect_response(re.compile(r"/api/v1/goals/")):
        operation.get_by_role("button", name="Execute").click()
    cell = operation.locator(".live-responses-table .response .response-col_status")
    cell.wait_for()
    return str(cell.inner_text()).split()[0]
