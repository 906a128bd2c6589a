"""Every word that a client can see is there in Korean and in English, whichever it asks for."""

import re
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest
from django.contrib.auth import password_validation
from django.core.exceptions import ValidationError
from django.test import SimpleTestCase
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
        assert sorted(text for text in po.marked() if not words.get(text)) == []

    def test_nothing_is_left_in_it_that_nobody_says_any_more(self) -> None:
        elsewhere = set(field_messages()) | VALIDATORS
        assert sorted(set(po.written()) - po.marked() - elsewhere - {""}) == []

    def test_every_translation_is_korean_and_keeps_the_placeholders(self) -> None:
        for text, korean in po.written().items():
            if text and text not in SAME:
                assert HANGUL.search(korean), text
                assert sorted(PLACEHOLDER.findall(text)) in (
                    sorted(PLACEHOLDER.findall(korean)),
                    [],
                ), text

    def test_the_compiled_file_is_that_of_the_written_one(self) -> None:
        """After a change: msgfmt -o django.mo django.po, in todomate/locale/ko/LC_MESSAGES."""
        written, compiled = po.written(), po.compiled()
        assert {text: written[text] for text in compiled} == compiled
        assert set(written) - set(compiled) == {
            text for text in written if text.endswith("people were updated.")
        }

    def test_sentences_end_politely(self) -> None:
        marked = po.marked()
        for text, korean in po.written().items():
            if text.endswith(".") and text in marked:
                assert re.search(r"(니다|세요|부분, 또는 id 전체|나만의 서버에서|명)\.$", korean), (
                    korean
                )


class TestProblems(SimpleTestCase):
    def test_every_code_has_its_words_in_both(self) -> None:
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


def ours(base: Any) -> Iterator[Any]:
    """The classes below `base` that are in our apps."""
    for kind in base.__subclasses__():
        if kind.__module__.split(".")[0] in po.APPS:
            yield kind
        yield from ours(kind)


def parts(field: Any) -> Iterator[Any]:
    """A field and the fields inside of it."""
    yield field
    if child := getattr(field, "child", None):
        yield from parts(child)
    if isinstance(field, serializers.Serializer):
        for inner in field.fields.values():
            yield from parts(inner)


def all_fields() -> Iterator[Any]:
    for kind in set(ours(serializers.Serializer)):
        if not issubclass(kind, serializers.ModelSerializer) or hasattr(
            getattr(kind, "Meta", None), "model"
        ):
            yield from parts(kind())
    for kind in set(ours(FieldFilter)):
        yield kind.serializer_field(
            **kind.field_arguments or ({"choices": []} if "Word" in kind.__name__ else {})
        )


@cache
def field_messages() -> dict[str, Any]:
    """Every text that a field of ours can refuse a value with, as a msgid, with what says it."""
    with translation.override("en"):
        return {str(text): text for field in all_fields() for text in field.error_messages.values()}


class TestFields(ApiTest):
    def test_every_error_of_every_field_has_its_words_in_both(self) -> None:
        messages = field_messages()
        assert len(messages) > 30
        with translation.override("ko"):
            assert (
                sorted(text for text, lazy in messages.items() if not HANGUL.search(str(lazy)))
                == []
            )

    def test_weak_passwords_are_refused_in_both(self) -> None:
        for password in ("short", "12345678", "password1", "alice@example.com"):
            for language, korean in (("ko", True), ("en", False)):
                with translation.override(language), pytest.raises(ValidationError) as caught:
                    password_validation.validate_password(password, User(email="alice@example.com"))
                assert all(bool(HANGUL.search(text)) is korean for text in caught.value.messages)

    def test_a_message_with_a_number_follows_the_language_each_time(self) -> None:
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
    def test_accept_language_chooses(self) -> None:
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

    def test_it_does_so_where_no_view_is_reached(self) -> None:
        body = self.assert_problem(
            self.anonymous.get("/nothing/", HTTP_ACCEPT_LANGUAGE="ko"), 404, "not_found"
        )
        assert body["title"] == "찾을 수 없습니다"
