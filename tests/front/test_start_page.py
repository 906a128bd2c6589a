"""GET /: the page shown at the address of the server."""

import re
from typing import Any

import pytest
from django.test import Client, TestCase

from accounts.models import User
from tests.front.browser import PageReport, in_browser, inspect, page_of
from todomate.demo import people


def add_demo() -> None:
    for person in (*people.PEOPLE, people.ADMIN):
        User.objects.create_user(person.email, None, nickname=person.nickname, handle=person.handle)


class TestStartPage(TestCase):
    def test_the_start_page_has_the_version_and_links(self) -> None:
        page = self.client.get("/")
        self.assertContains(page, "0.1.0")
        for path in ("/api/docs/", "/api/schema/", "/api/v1/", "/admin/"):
            self.assertContains(page, f"<code>{path}</code>", html=True)

    def test_the_start_page_names_the_database(self) -> None:
        assert re.search(
            "<dd>(SQLite|MySQL|MariaDB|PostgreSQL)</dd>", self.client.get("/").content.decode()
        )

    def test_the_language_is_that_of_the_browser_or_of_the_lang_parameter(self) -> None:
        for url, header, language in (
            ("/", "ko-KR,ko;q=0.9", "ko"),
            ("/", "fr", "en"),
            ("/?lang=en", "ko", "en"),
            ("/?lang=ko", "en", "ko"),
            ("/?lang=xx", "ko", "ko"),
        ):
            with self.subTest(url=url, header=header):
                page = self.client.get(url, headers={"Accept-Language": header})
                self.assertContains(page, f'<html lang="{language}">')
                assert page["Content-Language"] == language

    def test_the_accounts_of_the_demo_are_shown_only_if_they_exist(self) -> None:
        self.assertNotContains(self.client.get("/"), people.PASSWORD)
        add_demo()
        for person in (*people.PEOPLE, people.ADMIN):
            self.assertContains(self.client.get("/"), person.email)

    def test_a_production_server_never_shows_the_accounts_of_the_demo(self) -> None:
        add_demo()
        with self.settings(LOCAL=False):
            self.assertNotContains(self.client.get("/"), people.PASSWORD)

    def test_the_page_works_under_a_policy_without_inline_styles(self) -> None:
        page = self.client.get("/")
        assert "unsafe" not in page["Content-Security-Policy"]
        self.assertNotContains(page, "style=")
        self.assertNotContains(page, "<style")

    def test_a_method_but_get_is_answered_with_a_problem_document(self) -> None:
        for client in (self.client, Client(enforce_csrf_checks=True)):
            answer = client.post("/", {})
            assert (answer.status_code, answer["Content-Type"]) == (405, "application/problem+json")
            assert answer["Allow"] == "GET, HEAD"


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
class TestInABrowser:
    def test_the_page_is_accessible_and_fits_in_each_language_scheme_and_width(
        self, live_server: Any
    ) -> None:
        add_demo()
        for (language, scheme, width), report in in_browser(
            lambda browser: all_reports(browser, live_server.url)
        ).items():
            where = (language, scheme, width)
            assert (report.violations, report.messages) == ([], []), where
            assert report.width <= width, where
            assert report.language == language, where

    def test_the_page_can_be_used_by_keyboard(self, live_server: Any) -> None:
        visited = in_browser(lambda browser: tab_through(browser, live_server.url))
        names = [name for name, _ in visited]
        assert names[0] == "Skip to content"
        assert [
            name
            for name in names
            if name.startswith(("Build", "API reference", "OpenAPI", "API root", "Admin"))
        ] == names[-5:]
        assert all(outline >= 2 for _, outline in visited), visited

    def test_the_page_fits_on_one_screen(self, live_server: Any) -> None:
        add_demo()
        height = in_browser(lambda browser: height_of(browser, live_server.url))
        assert height <= 800


def all_reports(browser: Any, base: str) -> dict[tuple[str, str, int], PageReport]:
    reports = {}
    for language in ("ko", "en"):
        for scheme in ("light", "dark"):
            for width in (320, 1280):
                options = {"viewport": {"width": width, "height": 800}, "color_scheme": scheme}
                with page_of(browser, f"{base}/?lang={language}", **options) as (page, messages):
                    reports[language, scheme, width] = inspect(page, messages)
    return reports


def tab_through(browser: Any, base: str) -> list[tuple[str, float]]:
    """Return the text and the width of the outline of each element that the Tab key reaches."""
    visited = []
    with page_of(browser, f"{base}/?lang=en") as (page, _messages):
        for _ in range(page.locator("a[href]").count()):
            page.keyboard.press("Tab")
            script = "e => [e.innerText.trim(), parseFloat(getComputedStyle(e).outlineWidth)]"
            text, outline = page.evaluate(f"({script})(document.activeElement)")
            visited.append((text, outline))
    return visited


def height_of(browser: Any, base: str) -> int:
    with page_of(browser, base, viewport={"width": 1280, "height": 800}) as (page, _messages):
        return int(page.evaluate("document.documentElement.scrollHeight"))
