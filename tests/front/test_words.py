"""Every text that a client can read exists in Korean and in English."""

import re
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest
from django.contrib.auth import password_validation
from django.core.exceptions import ValidationError
from django.test import SimpleTestCase
from django.urls import get_resolver
from django.utils import translation
from rest_framework import serializers

from accounts.models import User
from core import problems
from core.filters import FieldFilter
from tests.base import ApiTest
from tests.front import po

HANGUL = re.compile("[가-힣]")
PLACEHOLDER = re.compile(r"%\(\w+\)s|\{[^}]*\}|<[^>]+>")
SAME = {"API"}
VALIDATORS = {
    "Null characters are not allowed.",
    "Surrogate characters are not allowed: U+{code_point:X}.",
}


class TestCatalogue(SimpleTestCase):
    def test_every_marked_text_is_translated(self) -> None:
        words = po.written()
        missing = sorted(text for text in po.marked() if not words.get(text))
        assert not missing, (
            f"These texts have no Korean translation: {missing}. Add them to"
            " todomate/locale/ko/LC_MESSAGES/django.po and compile it (CONTRIBUTING.md, Words)."
        )

    def test_every_translated_text_is_in_use(self) -> None:
        elsewhere = set(field_messages()) | VALIDATORS
        unused = sorted(set(po.written()) - po.marked() - elsewhere - {""})
        assert not unused, (
            f"No code uses these texts any more; remove them from django.po: {unused}"
        )

    def test_every_translation_is_korean_and_keeps_the_placeholders(self) -> None:
        for text, korean in po.written().items():
            if text and text not in SAME:
                assert HANGUL.search(korean), text
                assert sorted(PLACEHOLDER.findall(text)) in (
                    sorted(PLACEHOLDER.findall(korean)),
                    [],
                ), text

    def test_the_compiled_catalogue_is_up_to_date(self) -> None:
        written, compiled = po.written(), po.compiled()
        plurals = {text for text in written if text.endswith("people were updated.")}
        outdated = {text for text in compiled if written.get(text) != compiled[text]}
        outdated |= (set(written) - set(compiled)) ^ plurals
        assert not outdated, (
            "django.mo is older than django.po: run `msgfmt -o django.mo django.po` in"
            f" todomate/locale/ko/LC_MESSAGES and commit both. It differs in {sorted(outdated)}."
        )

    def test_korean_sentences_have_a_polite_ending(self) -> None:
        marked = po.marked()
        for text, korean in po.written().items():
            if text.endswith(".") and text in marked:
                assert re.search(r"(니다|세요|부분, 또는 id 전체|나만의 서버에서|명)\.$", korean), (
                    korean
                )


class TestProblems(SimpleTestCase):
    def test_every_problem_code_has_texts_in_both_languages(self) -> None:
        for code in problems.CATALOGUE:
            with translation.override("en"):
                english = problems.body(code, limit=7)
            with translation.override("ko"):
                korean = problems.body(code, limit=7)
            for name in ("title", "detail"):
                assert HANGUL.search(korean[name]), (code, name)
                assert english[name].isascii(), (code, name)
                assert "%(" not in korean[name] + english[name]
            assert {k: v for k, v in korean.items() if k not in ("title", "detail")} == {
                k: v for k, v in english.items() if k not in ("title", "detail")
            }

    def test_every_limit_of_photos_has_a_detail_of_its_own(self) -> None:
        details = {problems.body("limit", limit=7)["detail"]}
        for what in problems.LIMITS:
            with translation.override("en"):
                english = problems.body("limit", limit=7, what=what)
            with translation.override("ko"):
                korean = problems.body("limit", limit=7, what=what)
            assert HANGUL.search(korean["detail"])
            assert english["detail"].isascii()
            assert "7" in korean["detail"]
            assert english["what"] == what
            details |= {korean["detail"], english["detail"]}
        assert len(details) == 7


def own_subclasses(base: Any) -> Iterator[Any]:
    """Yield the subclasses of `base` that are defined in our packages."""
    for kind in base.__subclasses__():
        if kind.__module__.split(".")[0] in po.APPS:
            yield kind
        yield from own_subclasses(kind)


def nested_fields(field: Any) -> Iterator[Any]:
    """Yield a field and the fields nested in it."""
    yield field
    if child := getattr(field, "child", None):
        yield from nested_fields(child)
    if isinstance(field, serializers.Serializer):
        for inner in field.fields.values():
            yield from nested_fields(inner)


def all_fields() -> Iterator[Any]:
    _ = get_resolver().url_patterns  # imports all serializers and filters
    for kind in set(own_subclasses(serializers.Serializer)):
        if not issubclass(kind, serializers.ModelSerializer) or hasattr(
            getattr(kind, "Meta", None), "model"
        ):
            yield from nested_fields(kind())
    for kind in set(own_subclasses(FieldFilter)):
        yield kind.serializer_field(
            **kind.field_arguments or ({"choices": []} if "Choice" in kind.__name__ else {})
        )


@cache
def field_messages() -> dict[str, Any]:
    """Return the error messages of all fields: msgid → the lazy text."""
    with translation.override("en"):
        return {str(text): text for field in all_fields() for text in field.error_messages.values()}


class TestFields(ApiTest):
    def test_every_error_message_of_a_field_is_translated(self) -> None:
        messages = field_messages()
        assert len(messages) > 30
        with translation.override("ko"):
            english = sorted(
                text for text, lazy in messages.items() if not HANGUL.search(str(lazy))
            )
        assert not english, f"These error messages have no Korean translation: {english}"

    def test_weak_passwords_are_refused_in_both_languages(self) -> None:
        for password in ("short", "12345678", "password1", "alice@example.com"):
            for language, korean in (("ko", True), ("en", False)):
                with translation.override(language), pytest.raises(ValidationError) as caught:
                    password_validation.validate_password(password, User(email="alice@example.com"))
                assert all(bool(HANGUL.search(text)) is korean for text in caught.value.messages)

    def test_a_message_with_a_number_follows_the_language_of_each_request(self) -> None:
        for language, korean in (("en", False), ("ko", True), ("en", False)):
            header = {"HTTP_ACCEPT_LANGUAGE": language}
            answers = [
                self.as_alice.post("goals/", {"title": "x" * 201}, **header),
                self.as_alice.get("todos/", {"q": "x" * 201}, **header),
            ]
            for answer in answers:
                detail = self.assert_problem(answer, 400, "invalid")["errors"][0]["detail"]
                assert bool(HANGUL.search(detail)) is korean, detail


class TestLanguage(ApiTest):
    def test_accept_language_chooses_the_language_of_errors(self) -> None:
        for header, korean in (
            ("ko", True),
            ("ko-KR,ko;q=0.9,en;q=0.8", True),
            ("en", False),
            ("fr", False),
            ("", False),
        ):
            headers = {"HTTP_ACCEPT_LANGUAGE": header} if header else {}
            body = self.assert_problem(
                self.anonymous.get("goals/", **headers), 401, "not_authenticated"
            )
            assert bool(HANGUL.search(body["detail"])) is korean, header

    def test_accept_language_applies_where_no_view_is_reached(self) -> None:
        body = self.assert_problem(
            self.anonymous.get("/nothing/", HTTP_ACCEPT_LANGUAGE="ko"), 404, "not_found"
        )
        assert body["title"] == "찾을 수 없습니다"
