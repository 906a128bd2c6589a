"""GET /api/docs/<name>/: the guides for developers of apps, as pages."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import pytest
from django.test import Client, TestCase
from django.utils.html import escape

from tests.front.browser import PageReport, in_browser, inspect, page_of
from todomate.front import guides


class TestGuides(TestCase):
    def test_each_guide_is_a_page_with_its_title(self) -> None:
        assert "build-an-app" in guides.names()
        for name in guides.names():
            page = self.client.get(f"/api/docs/{name}/")
            assert page.status_code == 200, name
            title = escape(guides.guide(name).title)
            self.assertContains(page, f"<title>{title} · TodoMate</title>")

    def test_every_link_of_a_guide_leads_to_a_page_and_its_heading(self) -> None:
        for name in guides.names():
            html = guides.guide(name).html
            for target in map(unescape, re.findall(r'href="([^"]*)"', html)):
                if target.startswith("http"):
                    continue
                path, _, anchor = target.partition("#")
                page = self.client.get(path or f"/api/docs/{name}/")
                assert page.status_code == 200, (name, target)
                assert not anchor or f'id="{anchor}"' in page.content.decode(), (name, target)

    def test_paths_of_this_server_are_links(self) -> None:
        html = guides.guide("build-an-app").html
        for path in ("/api/docs/codes/", "/api/docs/requests.http", "/api/schema/", "/api/v1/"):
            assert f'<a href="{path}"><code>{path}</code></a>' in html, path
        assert '"/api/docs/build-an-app/"' not in html

    def test_guides_and_codes_have_the_same_menu(self) -> None:
        names = [*guides.names(), "codes"]
        for name in names:
            page = self.client.get(f"/api/docs/{name}/").content.decode()
            menu = page[
                page.index('class="guides-nav"') : page.index("</nav>", page.index("guides-nav"))
            ]
            assert re.findall(r"/api/docs/([\w-]+)/", menu) == names
            current = re.findall(r'/api/docs/([\w-]+)/[^>]*aria-current="page"', menu)
            assert current == [name]

    def test_the_pages_have_no_inline_style_or_script(self) -> None:
        for name in guides.names():
            page = self.client.get(f"/api/docs/{name}/")
            assert "unsafe" not in page["Content-Security-Policy"]
            for part in ("style=", "<style", "<script"):
                self.assertNotContains(page, part)

    def test_other_documents_are_no_pages(self) -> None:
        for name in ("deploy", "asvs", "..", "nothing", "build-an-app.md"):
            answer = self.client.get(f"/api/docs/{name}/")
            assert (answer.status_code, answer["Content-Type"]) == (404, "application/problem+json")

    def test_names_that_are_no_guides_are_not_kept_in_memory(self) -> None:
        for number in range(100):
            assert self.client.get(f"/api/docs/unknown-{number}/").status_code == 404
            assert guides.guide(f"unknown-{number}") is None
        assert guides._render.cache_info().currsize <= len(guides.NAMES)

    def test_a_path_without_its_slash_names_a_page_that_exists(self) -> None:
        found = self.client.get("/api/docs/clients").json()["detail"]
        assert found == "This path ends with a slash: /api/docs/clients/"
        assert "slash" not in self.client.get("/api/docs/nothing").json()["detail"]

    def test_a_method_but_get_is_answered_with_a_problem_document(self) -> None:
        answer = Client(enforce_csrf_checks=True).post("/api/docs/build-an-app/", {})
        assert (answer.status_code, answer["Content-Type"]) == (405, "application/problem+json")


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_the_guides_are_accessible_and_fit_on_a_phone(live_server: Any) -> None:
    def reports(browser: Any) -> list[PageReport]:
        found = []
        for name in guides.names():
            phone = {"viewport": {"width": 390, "height": 844}}
            with page_of(browser, f"{live_server.url}/api/docs/{name}/?lang=ko", **phone) as page:
                found.append(inspect(*page))
        return found

    for report in in_browser(reports):
        assert (report.violations, report.messages) == ([], []), report.title
        assert report.width <= 390, report.title
