"""Lists give the same responses in the same number of queries, with FAST_LISTS and without"""

from __future__ import annotations

import datetime as dt
import itertools
import re
from collections.abc import Iterator
from typing import NamedTuple
from unittest.mock import patch
from urllib.parse import urlencode

from django.db import connection
from django.test import override_settings
from django.test.utils import CaptureQueriesContext
from django.urls import path
from rest_framework import mixins

from accounts.models import Follow, Session, User
from alarms.models import Alarm
from cheers.models import Cheer
from core.fields import StringField
from core.filters import DayFilter, FieldFilter, FilterSet, FlagFilter
from core.serializers import ModelSerializer
from core.views import GenericViewSet
from diaries.models import Diary
from diaries.models.labels import LabelKind, label_id
from fastlists import FastListMixin
from fastlists.testing import compilations, slow_lists
from goals.models import Goal
from tests.base import API, ApiTest
from tests.test_access_matrix import schema_operations
from tests.world import DAY, World, make_world
from todos.models import QuickInput, Todo, TodoQuerySet


class List(NamedTuple):
    """A list, and the values of its parameters. Those named in `required` are always there."""

    path: str
    parameters: dict[str, list[str]]
    required: tuple[str, ...] = ()

    def queries(self) -> Iterator[dict[str, str]]:
        """Yield no parameter, each alone with each value, each pair, and all together."""
        first = {name: values[0] for name, values in self.parameters.items()}
        always = {name: first.pop(name) for name in self.required}
        yield always
        for name in first:
            for value in self.parameters[name]:
                yield always | {name: value}
        for pair in itertools.combinations(first, 2):
            yield always | {name: first[name] for name in pair}
        yield always | first


FLAG = ["true", "false"]
DATES = {"date": ["{day}"], "date_from": ["{day}"], "date_to": ["{next_day}"]}
VISIBILITY = {"visibility": ["selected", "private"]}
TEXT = {"q": ["un", "%", "\\"]}

LISTS = {
    "list_alarms": List("alarms/", {}),
    "list_archive": List("archive/", {"goal": ["{goal}"], **TEXT}),
    "list_blocks": List("blocks/", {}),
    "list_cheers": List(
        "cheers/",
        {
            "received": FLAG,
            "todo": ["{todo}"],
            "diary": ["{diary}"],
            "after": ["2026-01-01T00:00:00Z", "2199-01-01T00:00:00Z"],
        },
    ),
    "list_diaries": List(
        "diaries/",
        {"owner": ["{owner}"], **DATES, "emoji": ["🍣"], **VISIBILITY, "is_draft": FLAG},
    ),
    "list_follow_requests": List("follow-requests/", {}),
    "list_followers": List("users/{owner}/followers/", {}),
    "list_following": List("users/{follower}/following/", {}),
    "list_goals": List(
        "goals/", {"owner": ["{owner}"], "state": ["active", "stopped"], **VISIBILITY}
    ),
    "list_offers": List(
        "quick-inputs/offers/",
        {"date_from": ["{day}"], "date_to": ["{next_day}"]},
        required=("date_from", "date_to"),
    ),
    "list_photos": List("photos/", {}),
    "list_posts": List(
        "posts/",
        {
            "hashtag": ["good", "#nowhere"],
            "place": ["{place}"],
            "owner": ["{owner}"],
            "has_photos": FLAG,
        },
        required=("hashtag",),
    ),
    "list_quick_inputs": List(
        "quick-inputs/",
        {"goal": ["{goal}"], "weekday": ["mon", "sun"], "active_on": ["{day}", "{next_day}"]},
    ),
    "list_sessions": List("auth/sessions/", {}),
    "list_timeline": List("timeline/", {}),
    "list_todos": List(
        "todos/",
        {
            "owner": ["{owner}"],
            **DATES,
            "goal": ["{goal}"],
            "is_done": FLAG,
            "has_time": FLAG,
            "quick_input": ["{quick_input}"],
            **TEXT,
        },
    ),
    "list_users": List("users/", {"q": ["own", "nobody"], "handle": ["{handle}"]}, required=("q",)),
}
# Composed of several queries, whose rows are projected too.
COMPOSED = {
    "get_day": List("days/{day}/", {"owner": ["{owner}"]}),
    "get_today": List("days/today/", {"owner": ["{owner}"]}),
    "get_calendar": List(
        "calendar/", {"month": ["2026-03"], "owner": ["{owner}"]}, required=("month",)
    ),
}


class FastListsTest(ApiTest):
    world: World

    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        cls.world = make_world("selected")
        people, names = cls.world.people, cls.world.names
        names["handle"] = people["owner"].profile.handle
        # A value in each column, so that each form of each field is met.
        instant = dt.datetime(2026, 3, 2, 9, 30, 0, 120_000, dt.UTC)
        done = {"is_done": True, "done_at": instant, "time": dt.time(7, 5), "memo": "먼저\n🍣"}
        Todo.objects.filter(pk=names["todo"]).update(**done)
        Diary.objects.get(pk=names["diary"]).edit(
            emoji="🍣", temperature=0, color="#FF8800", place="서울숲", latitude=37.5, longitude=127
        )
        names["place"] = str(label_id(LabelKind.PLACE, "서울숲"))
        QuickInput.objects.filter(pk=names["quick_input"]).update(time=dt.time(23, 59), ends_on=DAY)
        Alarm.objects.filter(pk=names["alarm"]).update(is_on=False)
        # Most instants have a fraction of a second; those without one are rendered alike.
        for model in (Alarm, Cheer, Diary, Follow, Goal, QuickInput, Session, Todo):
            model.objects.update(created_at=instant.replace(microsecond=0))
        for row in (Todo.objects.get(pk=names["todo"]), Diary.objects.get(pk=names["diary"])):
            for fan in ("follower", "chosen"):
                Cheer.give(people[fan], row, "👍")
        Follow.objects.create(
            follower=people["stranger"], followee=people["owner"], state=Follow.State.PENDING
        )

    def setUp(self) -> None:
        super().setUp()
        # Cursors hold a random number; here the same one each time.
        self.enterContext(patch("core.cursors.secrets.token_bytes", bytes))

    def urls(self, name: str) -> Iterator[str]:
        each = (LISTS | COMPOSED)[name]
        for query in each.queries():
            yield f"{self.world.fill(each.path)}?{urlencode(self.world.fill(query))}"

    def measure(self, url: str, viewer: str, *, fast: bool) -> tuple[int, bytes, int]:
        """Return the status, the bytes and the number of queries of an answer."""
        with self.settings(FAST_LISTS=fast), CaptureQueriesContext(connection) as queries:
            answer = self.world.phones[viewer].get(url)
        return answer.status_code, answer.content, len(queries)

    def test_every_list_of_the_schema_is_in_the_table(self) -> None:
        lists = {name for name in schema_operations() if name.startswith("list_")}
        missing = lists - set(LISTS)
        assert not missing, f"Add to LISTS the path and the parameters of {sorted(missing)}."
        assert set(LISTS) == lists

    def test_equal_bytes_and_equal_numbers_of_queries(self) -> None:
        found = set()
        for name in LISTS | COMPOSED:
            for url in self.urls(name):
                for viewer in ("owner", "chosen", "stranger"):
                    fast = self.measure(url, viewer, fast=True)
                    assert fast == self.measure(url, viewer, fast=False), (url, viewer)
                    assert fast[0] in (200, 403, 404), (url, viewer)
                    found |= {name} if b'"id"' in fast[1] else set()
        assert found | {"list_offers"} == {*LISTS, *COMPOSED}

    def test_pages_of_one_row_in_both_directions(self) -> None:
        for name in sorted(set(LISTS) - {"list_offers"}):
            url: str | None = f"{next(self.urls(name))}&page_size=1".replace("?&", "?")
            direction, pages = "next", 0
            while url:
                fast = self.measure(url, "owner", fast=True)
                assert fast == self.measure(url, "owner", fast=False), url
                body = self.ok(self.world.phones["owner"].get(url))
                if direction == "next" and not body["next"]:
                    direction = "previous"
                url, pages = body[direction], pages + 1
            assert pages >= 1

    def test_instants_have_six_digits_of_the_second_and_z(self) -> None:
        found = set()
        for name in LISTS | COMPOSED:
            for url in self.urls(name):
                _status, content, _queries = self.measure(url, "owner", fast=True)
                found |= set(re.findall(rb'"(\d{4}-\d\d-\d\dT[^"]*)"', content))
        assert {b"2026-03-02T09:30:00.000000Z", b"2026-03-02T09:30:00.120000Z"} <= found
        for text in found:
            assert re.fullmatch(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", text), text

    @override_settings(CHECK_COMPILED_QUERIES=False)
    def test_the_second_request_compiles_nothing(self) -> None:
        for name in LISTS | COMPOSED:
            for url in self.urls(name):
                before = self.measure(url, "owner", fast=True)
                with compilations() as compiled:
                    assert self.measure(url, "owner", fast=True) == before, url
                assert compiled == [], url

    def test_no_list_is_slow(self) -> None:
        reasons = slow_lists()
        assert not reasons, "\n".join(reasons)


class NoteSerializer(ModelSerializer[Todo]):
    class Meta:
        model = Todo
        fields = ("id", "title")


class NoteFilterSet(FilterSet):
    date = DayFilter()


class NoteViewSet(mixins.ListModelMixin, GenericViewSet):
    """A list without fastlists."""

    serializer_class = NoteSerializer
    filterset_class = NoteFilterSet
    queryset = Todo.objects.all()


class TitleFilter(FieldFilter):
    serializer_field = StringField


class LookupFilterSet(FilterSet):
    """Filters with a lookup, with `exclude` and with methods that inspect their value."""

    title = TitleFilter(lookup_expr="icontains")
    other_than = TitleFilter(field_name="title", lookup_expr="exact", exclude=True)
    is_open = FlagFilter(field_name="is_done", exclude=True)
    any_of = TitleFilter(method="select_titles")
    late = DayFilter(method="select_late")

    @staticmethod
    def select_titles(rows: TodoQuerySet, viewer: User, value: str) -> TodoQuerySet:
        return rows.filter(title__in=value.split("-"))

    @staticmethod
    def select_late(rows: TodoQuerySet, viewer: User, value: dt.date) -> TodoQuerySet:
        return rows.filter(date=value) if value.day > DAY.day else rows.none()


class LookupViewSet(FastListMixin, GenericViewSet):
    serializer_class = NoteSerializer
    filterset_class = LookupFilterSet
    queryset = Todo.objects.none()
    ordering = ("date", "id")

    @staticmethod
    def list_query(viewer: User, **clean: object) -> TodoQuerySet:
        return LookupFilterSet.apply(Todo.objects.of(viewer), viewer, clean)


class LookupListTest(ApiTest):
    @override_settings(CHECK_COMPILED_QUERIES=False)
    def test_filters_give_the_right_rows_for_each_value(self) -> None:
        goal = self.goal()
        for number in range(4):
            date = DAY + dt.timedelta(days=number)
            Todo.add(self.alice, goal=goal, date=date, title=f"n{number}")
        every = ["n0", "n1", "n2", "n3"]
        answers = {
            "title=N1": ["n1"],
            "title=3": ["n3"],
            "title=%25": [],
            "other_than=n0": ["n1", "n2", "n3"],
            "other_than=n2": ["n0", "n1", "n3"],
            "is_open=true": every,
            "is_open=false": [],
            "any_of=n0-n3": ["n0", "n3"],
            "any_of=n1": ["n1"],
            f"late={DAY}": [],
            f"late={DAY + dt.timedelta(days=1)}": ["n1"],
            f"late={DAY + dt.timedelta(days=2)}": ["n2"],
            "": every,
        }
        view = LookupViewSet.as_view({"get": "list"}, detail=False)
        routes = (path(f"{API.lstrip('/')}notes/", view),)
        with override_settings(ROOT_URLCONF=routes):
            for on in (True, True, False):
                for query, titles in answers.items():
                    with self.subTest(query, on=on), self.settings(FAST_LISTS=on):
                        rows = self.ok(self.as_alice.get(f"notes/?{query}"))["results"]
                        assert [row["title"] for row in rows] == titles
            self.assert_field_error(self.as_alice.get("notes/?late=x"), "late", "invalid")


class PlainListTest(ApiTest):
    def test_a_list_without_list_query_is_filtered_and_paged_too(self) -> None:
        goal = self.goal()
        for day in (DAY, DAY + dt.timedelta(days=1)):
            Todo.add(self.alice, goal=goal, date=day, title=f"{day}")
        routes = (
            path(f"{API.lstrip('/')}notes/", NoteViewSet.as_view({"get": "list"}, detail=False)),
        )
        with override_settings(ROOT_URLCONF=routes):
            rows = self.ok(self.as_alice.get(f"notes/?date={DAY}"))["results"]
            page = self.ok(self.as_alice.get("notes/?page_size=1"))
            self.assert_field_error(self.as_alice.get("notes/?date=x"), "date", "invalid")
        assert [row["title"] for row in rows] == [f"{DAY}"]
        assert page["next"]
