"""GET /api/docs/codes/: all codes, in both languages, with what a client does."""

from __future__ import annotations

import ast
import gzip
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.test import Client, TestCase
from rest_framework.serializers import BaseSerializer, Serializer

from core.advice import ADVICE, FIELD_CODES
from core.problems import CATALOGUE
from tests.front.browser import PageReport, in_browser, inspect, page_of
from tests.packages import own_apps
from todomate.front.openapi import schema
from todomate.front.pages import codes_page

ROOT = Path(__file__).resolve().parent.parent.parent
# Keys of DRF's messages that no request can cause.
NOT_CODES = {"no_name", "not_an_image"}


def kinds(base: type) -> Iterator[type]:
    for kind in base.__subclasses__():
        yield kind
        yield from kinds(kind)


def codes_of_fields() -> set[str]:
    """Return the codes of all fields that a body may have."""
    schema()  # imports all serializers
    codes: set[str] = set()
    for kind in kinds(BaseSerializer):
        is_ours = kind.__module__.partition(".")[0] in own_apps() and "tests" not in kind.__module__
        meta = getattr(kind, "Meta", None)
        has_fields = hasattr(meta, "model") or not hasattr(kind, "_meta")
        if not is_ours or not issubclass(kind, Serializer) or not has_fields:
            continue
        try:
            fields: dict[str, Any] = kind().fields
        except AssertionError:  # a base class without a model
            continue
        for field in fields.values():
            if not field.read_only:
                codes |= set(field.error_messages)
                codes |= {one.code for one in field.validators if hasattr(one, "code")}
    return codes


def codes_in_the_source() -> set[str]:
    """Return the codes that the code gives to field errors."""
    codes = set()
    for package in own_apps():
        for path in (ROOT / package).rglob("*.py"):
            if "tests" in path.parts:
                continue
            for node in ast.walk(ast.parse(path.read_text())):
                if not isinstance(node, ast.Call):
                    continue
                name = getattr(node.func, "id", getattr(node.func, "attr", ""))
                given = [word.value for word in node.keywords if word.arg == "code"]
                if name in ("field_error", "fields_error"):
                    given += node.args[2:3]
                elif name not in ("ErrorDetail", "ValidationError"):
                    continue
                codes |= {one.value for one in given if isinstance(one, ast.Constant)}
    return codes


class TestCodesPage(TestCase):
    def test_every_code_has_its_texts_in_both_languages_and_advice(self) -> None:
        page = self.client.get("/api/docs/codes/").content.decode()
        for code, problem_type in CATALOGUE.items():
            assert f'<h3 id="{code}">' in page
            assert f'<h2 id="{problem_type.status}">' in page
        assert "The goal is not active, so you cannot add todos to it." in page
        assert "목표가" in page
        assert "The limit is {limit}." in page

    def test_the_advice_is_in_the_language_of_the_page(self) -> None:
        advice = str(ADVICE["dismissed"])
        self.assertContains(self.client.get("/api/docs/codes/?lang=en"), advice)
        self.assertNotContains(self.client.get("/api/docs/codes/?lang=ko"), advice)

    def test_the_page_is_made_once_for_each_language_and_has_an_etag(self) -> None:
        pages = {
            language: self.client.get(f"/api/docs/codes/?lang={language}")
            for language in ("en", "ko")
        }
        assert pages["en"]["ETag"] != pages["ko"]["ETag"]
        for language, page in pages.items():
            assert page["Content-Language"] == language
            assert page["Content-Type"] == "text/html; charset=utf-8"
            assert f'<html lang="{language}">' in page.content.decode()
            headers = {"If-None-Match": page["ETag"], "Accept-Language": language}
            same = self.client.get("/api/docs/codes/", headers=headers)
            assert (same.status_code, same.content) == (304, b"")
            assert {"Accept-Encoding", "Accept-Language"} <= set(same["Vary"].split(", "))
            headers = {"Accept-Language": language, "Accept-Encoding": "gzip"}
            packed = self.client.get("/api/docs/codes/", headers=headers)
            assert gzip.decompress(packed.content) == page.content
        made = codes_page.cache_info().misses
        self.client.get("/api/docs/codes/?lang=en")
        assert codes_page.cache_info().misses == made

    def test_there_is_advice_for_each_code_and_no_other(self) -> None:
        assert set(ADVICE) == set(CATALOGUE), "core/advice.py says what a client does about a code."

    def test_every_code_of_a_field_is_described(self) -> None:
        missing = (codes_of_fields() | codes_in_the_source()) - NOT_CODES - set(FIELD_CODES)
        assert not missing, f"Describe {sorted(missing)} in FIELD_CODES of core/advice.py."

    def test_a_method_but_get_is_answered_with_a_problem_document(self) -> None:
        for path in ("codes/", "requests.http"):
            answer = Client(enforce_csrf_checks=True).post(f"/api/docs/{path}", {})
            assert (answer.status_code, answer["Content-Type"]) == (405, "application/problem+json")


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_the_page_is_accessible_and_fits_on_a_phone(live_server: Any) -> None:
    def report(browser: Any) -> PageReport:
        phone = {"viewport": {"width": 390, "height": 844}}
        with page_of(browser, f"{live_server.url}/api/docs/codes/?lang=ko", **phone) as found:
            return inspect(*found)

    found = in_browser(report)
    assert (found.violations, found.messages) == ([], [])
    assert found.width <= 390
