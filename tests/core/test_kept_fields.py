"""Cached fields of serializers and filters keep nothing of one request for the next"""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import orjson
import pytest
from django.utils import translation
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail

from alarms.models import Alarm
from core import fields
from core.filters import ChoiceFilter, DayFilter, FieldFilter, FilterSet, IdFilter
from core.serializers import ModelSerializer, Serializer
from goals.models import Goal
from goals.serializers import GoalSerializer
from tests.base import ApiTest, Client, new_id
from todos.quick_input_serializers import QuickInputSerializer
from todos.serializers import TodoOrderSerializer, TodoSerializer


class LanguageTest(ApiTest):
    """The language of the first error response does not affect later ones."""

    def said(
        self, client: Client, method: str, path: str, body: Any, language: str
    ) -> dict[tuple[str, str], str]:
        data = b"" if body is None else orjson.dumps(body)
        answer = client.generic(
            method,
            path,
            data,
            content_type="application/json",
            HTTP_ACCEPT_LANGUAGE=f"{language},x;q=0.1",
        )
        errors = self.assert_problem(answer, 400, "invalid")["errors"]
        return {(error["field"], error["code"]): error["detail"] for error in errors}

    def assert_each_in_its_language(self, method: str, path: str, body: Any, expected: str) -> None:
        """Assert the errors `expected`: "field=code", separated by spaces."""
        first, second, third = (
            self.said(self.as_alice, method, path, body, of) for of in ("ko", "en", "ko")
        )
        assert third == first
        assert {f"{field}={code}" for field, code in first} == set(expected.split())
        assert first.keys() == second.keys()
        for error, text in second.items():
            assert text.isascii(), text
            assert any("가" <= letter <= "힣" for letter in first[error]), first[error]

    def test_errors_of_a_body(self) -> None:
        todo = {"goal": str(self.goal().pk), "title": "x", "date": "2026-03-02"}
        weekly = {"goal": todo["goal"], "title": "x", "weekdays": ["mon"]}
        goal, diary, move = {"title": "x"}, {"date": "2026-03-02"}, {"date": "2026-03-02"}
        for path, body, expected in (
            ("goals/", {}, "title=required"),
            ("goals/", {"title": "x" * 1000}, "title=max_length"),
            ("goals/", {"title": " "}, "title=blank"),
            ("goals/", {"title": None}, "title=null"),
            ("goals/", {"title": 1}, "title=invalid"),
            (
                "goals/",
                goal | {"visibility": "?", "color": "red"},
                "visibility=invalid_choice color=not_a_color",
            ),
            ("goals/", goal | {"viewers": ["x"]}, "viewers.0=invalid"),
            ("goals/", goal | {"more": 1}, "more=unknown_field"),
            ("todos/", todo | {"date": "2026-02-30"}, "date=invalid"),
            ("todos/", todo | {"date": "2200-01-01"}, "date=out_of_range"),
            ("todos/", todo | {"goal": new_id()}, "goal=does_not_exist"),
            ("todos/", todo | {"memo": "x" * 2001}, "memo=max_length"),
            (
                "diaries/",
                diary | {"temperature": 1001, "emoji": "x"},
                "temperature=max_value emoji=not_one_emoji",
            ),
            ("diaries/", diary | {"temperature": -1}, "temperature=min_value"),
            ("todos/move/", move | {"ids": [new_id()] * 1001}, "ids=max_length"),
            ("todos/move/", move | {"ids": [new_id(), "x"]}, "ids.1=invalid"),
            ("quick-inputs/", weekly | {"weekdays": []}, "weekdays=empty"),
        ):
            with self.subTest(path=path, expected=expected):
                self.assert_each_in_its_language("POST", path, body, expected)

    def test_errors_of_parameters(self) -> None:
        for path, expected in (
            ("todos/?date=x", "date=invalid"),
            ("todos/?goal=x&is_done=1", "goal=invalid is_done=invalid"),
            ("todos/?date_from=2026-03-02&date_to=2026-03-01", "date_to=out_of_order"),
            ("todos/?colour=red", "colour=unknown_parameter"),
            ("goals/?state=x", "state=invalid_choice"),
            (f"archive/?q={'x' * 201}", "q=max_length"),
            ("users/", "q=required"),
            ("users/?q=a", "q=min_length"),
            ("cheers/?after=x", "after=invalid"),
            ("diaries/?emoji=xx", "emoji=not_one_emoji"),
            ("todos/?page_size=0", "page_size=invalid"),
        ):
            with self.subTest(path):
                self.assert_each_in_its_language("GET", path, None, expected)


class NewcomersLanguageTest(ApiTest):
    def test_a_new_serializer_and_a_new_filter_set(self) -> None:
        class Form(Serializer):
            words = serializers.ListField(
                child=serializers.CharField(max_length=3), min_length=1, max_length=2
            )
            number = serializers.IntegerField(max_value=10)

        class WordFilter(FieldFilter):
            serializer_field = fields.StringField
            field_arguments = {"max_length": 7}

        class Filters(FilterSet):
            word = WordFilter()

        found: list[list[str]] = []
        for language in ("ko", "en", "ko"):
            with translation.override(language):
                form = Form(data={"words": ["long enough"], "number": 11})
                assert not form.is_valid()
                none = Form(data={"words": [], "number": 1})
                assert not none.is_valid()
                with pytest.raises(serializers.ValidationError) as filtered:
                    Filters.clean({"word": "too long"})
            said = [form.errors["words"][0][0], form.errors["number"][0], none.errors["words"][0]]
            found.append([str(text) for text in [*said, filtered.value.detail["word"][0]]])
        assert found[0] == found[2]
        assert all(not text.isascii() for text in found[0])
        assert all(text.isascii() for text in found[1])
        assert "3" in found[1][0]
        assert "10" in found[1][1]
        assert "7" in found[1][3]


class Whose(serializers.Field[Any, Any, Any, Any]):
    """A field that shows the viewer and refuses the rows of others."""

    def to_representation(self, value: Any) -> str:
        return str(self.context["who"])

    def to_internal_value(self, data: Any) -> Any:
        if data != self.context["who"]:
            raise serializers.ValidationError("not yours")
        return data


class InnerSerializer(Serializer):
    who = Whose(source="title")


class InnerRowSerializer(ModelSerializer[Alarm]):
    """A serializer with a unique-together validator."""

    who = Whose(source="is_on")

    class Meta:
        model = Alarm
        fields = ("owner", "time", "who")


class PlainInnerSerializer(serializers.ModelSerializer[Alarm]):
    who = Whose(source="is_on")

    class Meta:
        model = Alarm
        fields = ("owner", "time", "who")


class OuterSerializer(Serializer):
    who = Whose(source="title")
    several = serializers.ListField(child=Whose(), required=False)
    inner = InnerSerializer(source="*", required=False)
    inners = InnerSerializer(many=True, source="children", required=False)
    rows = InnerRowSerializer(many=True, source="alarms", required=False)
    plain = PlainInnerSerializer(source="alarm", required=False)


class Row:
    """A row for the serializers above."""

    title = "x"

    def __init__(self, alarm: Any = None) -> None:
        self.several, self.children = [1], [self]
        self.alarm, self.alarms = alarm, [alarm]


class ContextTest(ApiTest):
    """Two instances of a serializer class share no state."""

    def shown(self, who: Any, alarm: Alarm) -> Any:
        data = OuterSerializer(Row(alarm), context={"who": who}).data
        inner = {"who": data["inner"]["who"], "inners": data["inners"][0]["who"]}
        return {
            data["who"],
            data["several"][0],
            *inner.values(),
            data["rows"][0]["who"],
            data["plain"]["who"],
        }

    def test_every_nested_field_has_the_context_of_its_own_serializer(self) -> None:
        alarm = Alarm.add(self.alice, time="07:00")
        one, other = (OuterSerializer(Row(alarm), context={"who": who}) for who in ("one", "other"))
        assert one.data["who"] == one.data["inner"]["who"] == one.data["inners"][0]["who"] == "one"
        assert other.data["several"] == ["other"]
        assert one.fields["inner"].fields["who"].root is one
        assert other.fields["inner"].fields["who"].root is other
        for who in ("one", "other", "one"):
            assert self.shown(who, alarm) == {who}

    def test_a_nested_body_is_validated_in_the_context_of_its_serializer(self) -> None:
        for who in ("one", "other", "one"):
            for data, place in (
                ({"who": who, "several": ["nobody"]}, "several"),
                ({"who": who, "inner": {"who": "nobody"}}, "inner"),
                ({"who": who, "inners": [{"who": who}, {"who": "nobody"}]}, "inners"),
                ({"who": "nobody"}, "who"),
            ):
                form = OuterSerializer(data=data, context={"who": who})
                assert not form.is_valid()
                assert set(form.errors) == {place}
            good = {"who": who, "several": [who], "inner": {"who": who}, "inners": [{"who": who}]}
            assert OuterSerializer(data=good, context={"who": who}).is_valid()

    def test_threads_share_no_fields(self) -> None:
        alarm = Alarm.add(self.alice, time="07:00")
        gate = threading.Barrier(8)

        def show(who: int) -> bool:
            gate.wait(30)
            return all(self.shown(str(who), alarm) == {str(who)} for _ in range(30))

        with ThreadPoolExecutor(8) as pool:
            assert all(pool.map(show, range(8)))

    def test_changing_the_fields_of_a_serializer_changes_no_other(self) -> None:
        first = GoalSerializer()
        first.fields["title"].required = False
        first.fields["title"].label = "mine"
        del first.fields["color"]
        second = GoalSerializer()
        assert second.fields["title"].required
        assert second.fields["title"].label != "mine"
        assert "color" in second.fields

    def test_references_are_limited_to_the_callers_rows(self) -> None:
        theirs, mine = self.goal(self.bob), self.goal(self.alice)
        for _ in range(2):
            for phone, goal, status in (
                (self.as_alice, mine, 201),
                (self.as_bob, mine, 400),
                (self.as_bob, theirs, 201),
                (self.as_alice, theirs, 400),
            ):
                body = {"goal": str(goal.pk), "title": "x", "date": "2026-03-02"}
                assert phone.post("todos/", body).status_code == status


class FormTest(ApiTest):
    """Creates, patches and responses have fields of their own."""

    def test_fields_required_in_a_create_are_optional_in_a_patch(self) -> None:
        for _ in range(2):
            full, part = GoalSerializer(data={}), GoalSerializer(data={}, partial=True)
            assert not full.is_valid()
            assert full.errors == {"title": [ErrorDetail("This field is required.", "required")]}
            assert part.is_valid(), part.errors

    def test_an_id_is_accepted_in_a_create_only(self) -> None:
        goal, pk = self.goal(), new_id()
        for _ in range(2):
            new = GoalSerializer(data={"title": "x", "id": pk})
            assert new.is_valid(), new.errors
            assert str(new.validated_data["id"]) == pk
            for form in (
                GoalSerializer(goal, data={"title": "x", "id": pk}, partial=True),
                GoalSerializer(goal, data={"title": "x", "id": pk}),
            ):
                assert form.is_valid(), form.errors
                assert "id" not in form.validated_data

    def test_a_patch_without_an_instance_accepts_no_id(self) -> None:
        for partial in (False, True, False):
            form = GoalSerializer(data={"title": "x", "id": new_id()}, partial=partial)
            assert form.is_valid()
            assert ("id" in form.validated_data) == (not partial)

    def test_limits_apply_to_every_form_of_a_serializer(self) -> None:
        goal = self.goal()
        for form in (
            GoalSerializer(data={"title": "x" * 1000}),
            GoalSerializer(goal, data={"title": "x" * 1000}, partial=True),
            GoalSerializer(goal, data={"title": "x" * 1000}),
        ):
            assert not form.is_valid()
            assert [error.code for error in form.errors["title"]] == ["max_length"]

    def test_errors_of_nested_and_list_fields_name_their_place(self) -> None:
        form = TodoOrderSerializer(data={"date": "2026-03-02", "ids": [new_id(), "x", new_id(), 7]})
        assert not form.is_valid()
        assert {
            place: [e.code for e in errors] for place, errors in form.errors["ids"].items()
        } == {
            1: ["invalid"],
            3: ["invalid"],
        }
        request = type("Asker", (), {"user": self.alice})
        weekly = QuickInputSerializer(
            data={"weekdays": ["mon", "?"]}, partial=True, context={"request": request}
        )
        assert not weekly.is_valid()
        assert [error.code for error in weekly.errors["weekdays"][1]] == ["invalid_choice"]

    def test_a_subclass_has_its_own_fields(self) -> None:
        class Shorter(TodoSerializer):
            title = fields.StringField(max_length=2)

        request = type("Asker", (), {"user": self.alice})
        for kind, valid in ((TodoSerializer, True), (Shorter, False), (TodoSerializer, True)):
            form = kind(data={"title": "long"}, partial=True, context={"request": request})
            assert form.is_valid() == valid

    def test_the_fields_of_filters_are_created_once(self) -> None:
        class Filters(FilterSet):
            date = DayFilter()
            goal = IdFilter()
            word = ChoiceFilter(enum=Goal.State)

        made = [Filters.base_filters[name].parameter for name in ("date", "goal", "word")]
        values = Filters.clean({"date": "2026-03-02"})
        assert str(values["date"]) == "2026-03-02"
        assert (values["goal"], values["word"]) == (None, None)
        assert [Filters.base_filters[name].parameter for name in ("date", "goal", "word")] == made
