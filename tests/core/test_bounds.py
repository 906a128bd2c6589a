"""Work is bounded before it is done: bodies, lists, texts, and the answers to them"""

import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import django_filters
import orjson
from django.http import HttpRequest, HttpResponse
from django.test import Client as PlainClient
from django.test import RequestFactory, SimpleTestCase, override_settings
from django.urls import get_resolver
from rest_framework import serializers

from core import fields, filters
from core.exceptions import MAX_DETAIL, MAX_ERRORS, MAX_NAME
from core.problems import Problem
from core.serializers import StrictMixin
from operations.serving.receiving import MAX_AUTH_BODY
from resources.serializers import VIEWERS
from tests.base import API, FAST_HASH, ApiTest, new_id
from tests.operations import OPERATIONS_THAT_WRITE, operations
from tests.test_access_matrix import json_body
from tests.world import make_world
from todomate.middleware import MAX_FORM, ApiOrPages

MANY = 100_000
# Fields of the framework that take a list or an object of any length.
UNBOUNDED = (
    serializers.DictField,
    serializers.JSONField,
    serializers.MultipleChoiceField,
    serializers.ManyRelatedField,
)


def cost(work: Callable[[], object]) -> float:
    """Return the processor time of `work` in seconds, the least of three."""
    times = []
    for _ in range(3):
        start = time.thread_time()
        work()
        times.append(time.thread_time() - start)
    return min(times)


def subclasses(kind: type[Any]) -> Iterator[type[Any]]:
    _ = get_resolver().url_patterns  # imports all views, and with them all serializers and filters
    for each in kind.__subclasses__():
        if not each.__module__.startswith(("rest_framework", "django", "drf_spectacular", "tests")):
            yield each
        yield from subclasses(each)


def writable_fields() -> dict[str, serializers.Field]:
    """Return every field of every serializer that takes a value from a client, by its name."""
    found: dict[str, serializers.Field] = {}

    def add(name: str, field: serializers.Field) -> None:
        if field.read_only:
            return
        found[name] = field
        for inner in ("child", "child_relation"):
            if (child := getattr(field, inner, None)) is not None:
                add(f"{name}.{inner}", child)
        for inner, child in getattr(field, "fields", {}).items():
            add(f"{name}.{inner}", child)

    # Other serializers are those of answers.
    for kind in subclasses(StrictMixin):
        is_base = issubclass(kind, serializers.ModelSerializer) and not hasattr(
            getattr(kind, "Meta", None), "model"
        )
        if not is_base:
            for name, field in kind().fields.items():
                add(f"{kind.__name__}.{name}", field)
    return found


def filters_of_lists() -> dict[str, django_filters.Filter]:
    return {
        f"{kind.__name__}.{name}": item
        for kind in subclasses(filters.FilterSet)
        for name, item in kind.base_filters.items()
    }


class EveryFieldTest(ApiTest):
    def refuse(self, field: serializers.Field, value: object) -> float:
        """Return the processor time that the field takes to refuse a value.

        A field that takes anything has to be as fast.
        """
        field.root._context = {"request": SimpleNamespace(user=self.alice)}  # type: ignore[attr-defined]  # DRF sets it

        def run() -> None:
            try:
                field.run_validation(value)
            except (serializers.ValidationError, Problem):
                return
            if not isinstance(field, fields.LenientTimezoneField):
                raise AssertionError(f"{field!r} accepts it")

        return cost(run)

    def test_lists_have_a_maximum_length(self) -> None:
        lists = 0
        for name, field in writable_fields().items():
            with self.subTest(name):
                assert not isinstance(field, UNBOUNDED)
                if isinstance(field, (serializers.ListField, serializers.ListSerializer)):
                    lists += 1
                    assert field.max_length is not None
                    assert isinstance(field, fields.ListField)
        assert lists >= 5  # the test finds them

    def test_a_long_list_costs_no_more_than_a_short_one(self) -> None:
        """Of whatever the list consists, and in whatever field it is."""
        items: list[Any] = ["x", new_id(), {"id": new_id()}, [], 1, "mon"]
        for name, field in writable_fields().items():
            for item in items:
                with self.subTest(name, item=item):
                    short = self.refuse(field, [item] * (VIEWERS + 1))
                    assert self.refuse(field, [item] * MANY) < 3 * short + 0.002

    def test_a_long_text_is_refused_before_anything_looks_at_it(self) -> None:
        for name, field in writable_fields().items():
            for character in ("x", "가", "\ufdfa", ".", "1", "🏴", "@", "\u0301"):
                with self.subTest(name, character=character):
                    assert self.refuse(field, character * 1_000_000) < 0.05


class EveryFilterTest(SimpleTestCase):
    def test_no_filter_takes_a_list_without_a_maximum_length(self) -> None:
        found = filters_of_lists()
        assert len(found) >= 20
        for name, item in found.items():
            with self.subTest(name):
                assert isinstance(item, filters.FieldFilter)
                assert not isinstance(item.parameter, UNBOUNDED)
                if isinstance(item.parameter, serializers.ListField):
                    assert isinstance(item.parameter, fields.ListField)

    def test_texts_have_a_maximum_length(self) -> None:
        for name, item in filters_of_lists().items():
            parameter = cast(filters.FieldFilter, item).parameter
            if isinstance(parameter, serializers.CharField):
                with self.subTest(name):
                    assert parameter.max_length is not None


@override_settings(PASSWORD_HASHERS=FAST_HASH, RATE_LIMITS=False)
class AnswerTest(ApiTest):
    """Every operation, with a body in which everything is wrong."""

    def test_an_answer_has_a_few_short_errors(self) -> None:
        world = make_world("followers")
        bodies: list[Any] = [
            {f"{number:05}": 1 for number in range(MANY)},
            {"x" * 900_000: 1},
            {"ids": ["x"] * MANY},
            {"viewers": ["x"] * MANY},
            {"weekdays": ["x"] * MANY},
            {"locale": [["x"] * MANY]},
            {"visibility": "x" * 900_000},
            [[]] * MANY,
        ]
        for name in OPERATIONS_THAT_WRITE:
            operation = operations()[name]
            path = world.fill(operation.path)
            phone = world.phones["owner"]
            for number, body in enumerate(bodies):
                with self.subTest(name, body=number):
                    response = phone.generic(operation.method, path, **json_body(phone, body))
                    assert response.status_code < 500
                    assert len(response.content) < 16_000
                    errors = response.json().get("errors", []) if response.content else []
                    assert len(errors) <= MAX_ERRORS
                    for error in errors:
                        assert len(error["field"]) <= MAX_NAME
                        assert len(error["detail"]) <= MAX_DETAIL

    def test_a_hundred_thousand_unknown_fields_cost_little(self) -> None:
        body = orjson.dumps({f"{number:05}": 1 for number in range(MANY)})
        request = partial(
            self.as_alice.generic, "POST", "goals/", body, content_type="application/json"
        )
        assert len(request().json()["errors"]) == MAX_ERRORS
        assert cost(request) < 0.2

    def test_an_invalid_choice_is_repeated_in_part(self) -> None:
        response = self.as_alice.patch("me/", {"locale": "x" * 10_000})
        self.assert_field_error(response, "locale", "invalid_choice")
        assert len(response.content) < 1_000

    def test_a_choice_in_a_list_in_a_list_is_refused(self) -> None:
        for depth in (1, 10, 250):
            body = b'{"locale": ' + b"[" * depth + b"]" * depth + b"}"
            response = self.as_alice.generic("PATCH", "me/", body, content_type="application/json")
            self.assert_field_error(response, "locale", "invalid_choice")

    def test_a_value_that_could_not_be_written_again_is_refused_everywhere(self) -> None:
        for name, kind, path in (("locale", "PATCH", "me/"), ("viewers", "POST", "goals/")):
            for depth in (254, 255, 300, 1_000, 1_024):
                for opening, closing in ((b"[", b"]"), (b'{"a":', b"}")):
                    value = opening * depth + b"1" + closing * depth
                    body = b'{"%s": %s}' % (name.encode(), value)
                    response = self.as_alice.generic(
                        kind, path, body, content_type="application/json"
                    )
                    assert response.status_code == 400, (name, depth)


class BodyTest(ApiTest):
    def test_a_body_of_many_lists_is_refused(self) -> None:
        for item in (b"[]", b"{}", b'{"a":[]}'):
            body = b"[" + b",".join([item] * MANY) + b"]"
            response = self.as_alice.generic(
                "POST", "goals/", body, content_type="application/json"
            )
            self.assert_problem(response, 400, "parse_error")

    def test_a_diary_of_brackets_is_accepted(self) -> None:
        body = {"date": "2026-03-02", "body": "[" * 20_000}
        self.ok(self.as_alice.post("diaries/", body), 201)

    def test_bodies_about_signing_in_are_small(self) -> None:
        for name, operation in operations().items():
            if not operation.path.startswith("auth/"):
                continue
            with self.subTest(name):
                for length, is_refused in ((MAX_AUTH_BODY, False), (MAX_AUTH_BODY + 1, True)):
                    body = b" " * (length - 8) + b'{"a": 1}'
                    response = self.anonymous.generic(
                        operation.method, operation.path, body, content_type="application/json"
                    )
                    assert (response.status_code == 413) == is_refused
        self.assert_problem(response, 413, "payload_too_large")

    def test_a_body_that_is_too_large_is_not_read(self) -> None:
        for path in (f"{API}auth/token/", "/admin/login/"):
            request = RequestFactory().post(path, b"x" * (MAX_FORM + 1), content_type="text/plain")
            request._stream = None  # type: ignore[attr-defined]  # reading would raise
            response = ApiOrPages(no_view)(request)
            assert response.status_code == 413

    def test_a_form_with_a_large_file_is_refused(self) -> None:
        """Django writes files to the disk, however large they are."""
        with (Path(__file__).parent / "test_bounds.py").open("rb") as file:
            body = {"username": "x" * (MAX_FORM), "file": file}
            response = PlainClient().post("/admin/login/", body)
        self.assert_problem(response, 413, "payload_too_large")


def no_view(request: HttpRequest) -> HttpResponse:
    raise AssertionError("the request was not refused")
