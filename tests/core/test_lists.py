"""Lists: whoever adds one has it kept, and right for every value where it cannot be"""

from __future__ import annotations

import datetime as dt
from typing import Any, cast

import django_filters
import orjson
from django.test import override_settings
from django.urls import path
from rest_framework import serializers
from rest_framework.permissions import AllowAny

from accounts.models import User
from core import days, fields
from core.filters import DayFilter, FieldFilter, FilterSet, FlagFilter, IdFilter, WordFilter
from core.lists import ListModelMixin
from core.renderers import JSONRenderer
from core.serializers import ModelSerializer
from core.views import GenericViewSet
from tests.base import API, ApiTest, Client, new_id
from tests.core.test_ready import MONDAY, compilations, todos_of
from todos.models import Todo


class NoteSerializer(ModelSerializer[Todo]):
    """Of somebody who has read no more than DRF's tutorial."""

    class Meta:
        model = Todo
        fields: tuple[str, ...] = ("id", "title", "date", "time", "is_done", "position", "created_at")


class TitleFilter(FieldFilter):
    serializer_field = fields.StringField


class NoteFilterSet(FilterSet):
    date = DayFilter()
    goal = IdFilter()
    is_done = FlagFilter()
    title = TitleFilter()
    kind = WordFilter(choices=[("odd", "odd"), ("even", "even")], method="keep_kind")
    since = DayFilter(method="keep_since")

    def keep_kind(self, queryset: Any, name: str, value: str) -> Any:
        return queryset.filter(title__in=["1", "3"] if value == "odd" else ["0", "2"])

    def keep_since(self, queryset: Any, name: str, value: dt.date) -> Any:
        return queryset.filter(date__gte=value)


class NoteViewSet(ListModelMixin, GenericViewSet):
    queryset = Todo.objects.none()
    serializer_class = NoteSerializer
    filterset_class = NoteFilterSet
    ordering = ("date", "id")

    def get_queryset(self) -> Any:
        return Todo.objects.filter(owner=self.request.user)


def as_json(data: Any) -> Any:
    """What a client reads of it."""
    return orjson.loads(JSONRenderer().render(data))


class NewcomerTest(ApiTest):
    """Lists of viewsets that the tests define."""

    def setUp(self) -> None:
        super().setUp()
        self.todos = todos_of(self.alice)

    def serve(self, viewset: type[Any], where: str = "notes/") -> None:
        """Answer with this viewset alone, below /api/v1/notes/."""
        routes = (path(API.lstrip("/") + where, viewset.as_view({"get": "list"})),)
        self.enterContext(override_settings(ROOT_URLCONF=routes))

    def rows(self, query: str = "", viewer: Client | None = None, where: str = "notes/") -> list[dict[str, Any]]:
        return cast(list[dict[str, Any]], self.ok((viewer or self.as_alice).get(where + query))["results"])

    def titles(self, query: str = "", viewer: Client | None = None) -> list[str]:
        return [row["title"] for row in self.rows(query, viewer)]


def viewset(**attributes: Any) -> type[Any]:
    """NoteViewSet with something else."""
    return type("OtherNoteViewSet", (NoteViewSet,), attributes)


class KeptTest(NewcomerTest):
    def setUp(self) -> None:
        super().setUp()
        self.enterContext(self.settings(CHECK_READY_QUERIES=False))
        todos_of(self.bob, 2)
        self.serve(viewset())

    def assert_kept(self, *queries: str) -> list[list[str]]:
        """The titles of the answers to these queries of one form: of all but the first nothing is compiled."""
        found = [self.titles(queries[0])]
        with compilations() as compiled, self.assertNumQueries(2 * len(queries) - 2):  # who asks; the rows
            found += [self.titles(query) for query in queries[1:]]
        assert compiled == []
        return found

    def test_a_plain_list_is_kept_for_everybody(self) -> None:
        assert self.assert_kept("", "") == [["0", "1", "2", "3"]] * 2
        with compilations() as compiled:
            assert self.titles(viewer=self.as_bob) == ["0", "1"]
        assert compiled == []

    def test_each_filter_takes_other_values(self) -> None:
        tuesday = MONDAY + dt.timedelta(days=1)
        other = self.goal(title="Other")
        Todo.objects.filter(title="3").update(goal=other)
        for queries, found in (
            ((f"?date={MONDAY}", f"?date={tuesday}", "?date=2199-12-31"), [["0"], ["1"], []]),
            (
                (f"?goal={other.pk}", f"?goal={self.todos[0].goal_id}", f"?goal={new_id()}"),
                [["3"], ["0", "1", "2"], []],
            ),
            (("?title=1", "?title=2", "?title='"), [["1"], ["2"], []]),
            ((f"?since={MONDAY}", f"?since={tuesday}"), [["0", "1", "2", "3"], ["1", "2", "3"]]),
            ((f"?date={MONDAY}&title=0", f"?date={tuesday}&title=0"), [["0"], []]),
        ):
            with self.subTest(queries[0]):
                assert self.assert_kept(*queries) == found

    def test_flags_and_words_have_a_query_for_each_value(self) -> None:
        Todo.objects.filter(title="2").update(is_done=True, done_at=days.now())
        for query, found in (
            ("?is_done=true", ["2"]),
            ("?is_done=false", ["0", "1", "3"]),
            ("?kind=odd", ["1", "3"]),
            ("?kind=even", ["0", "2"]),
        ):
            with self.subTest(query):
                assert self.assert_kept(query, query) == [found] * 2

    def test_pages_in_both_directions_are_kept(self) -> None:
        for _ in range(2):
            page, found, links = self.ok(self.as_alice.get("notes/?page_size=1")), [], 0
            with compilations() as compiled:
                while page["next"]:
                    found += page["results"]
                    page = self.ok(self.as_alice.get(page["next"]))
                while page["previous"]:
                    found += page["results"]
                    page, links = self.ok(self.as_alice.get(page["previous"])), links + 1
            assert [row["title"] for row in found] == ["0", "1", "2", "3", "2", "1"]
            assert links == 3
        assert compiled == []

    def test_what_is_not_valid_is_refused_before_and_after(self) -> None:
        for _ in range(2):
            self.assert_field_error(self.as_alice.get("notes/?date=x"), "date", "invalid")
            self.assert_field_error(self.as_alice.get("notes/?kind=x"), "kind", "invalid_choice")
            self.assert_field_error(self.as_alice.get("notes/?page_size=0"), "page_size", "invalid")
            self.assert_field_error(self.as_alice.get("notes/?cursor=x"), "cursor", "invalid")
            assert self.titles(f"?date={MONDAY}") == ["0"]


class PathTest(NewcomerTest):
    def test_what_the_path_names_is_a_value(self) -> None:
        others = self.goal(title="Other")
        Todo.objects.filter(title="3").update(goal=others)
        of_goal = lambda self: Todo.objects.filter(owner=self.request.user, goal=self.kwargs["goal"])
        self.serve(viewset(get_queryset=of_goal), "goals/<id:goal>/notes/")
        for _ in range(2):
            for goal, found in ((others.pk, ["3"]), (self.todos[0].goal_id, ["0", "1", "2"]), (new_id(), [])):
                assert [row["title"] for row in self.rows(where=f"goals/{goal}/notes/")] == found


class NotKeptTest(NewcomerTest):
    """Right for each value, in any order."""

    def assert_right(self, answers: dict[str, list[str]]) -> None:
        for _ in range(2):
            for query, found in answers.items():
                assert self.titles(query) == found, query

    def test_filters_of_django_filter_itself(self) -> None:
        class Filters(FilterSet):
            position = django_filters.NumberFilter()
            title = django_filters.CharFilter(lookup_expr="icontains")
            of = django_filters.CharFilter(method="keep")
            undone = django_filters.BooleanFilter(field_name="is_done", exclude=True)

            def keep(self, queryset: Any, name: str, value: str) -> Any:
                return queryset.filter(title__in=value.split("-"))

        Todo.objects.filter(title="2").update(position=2)
        self.serve(viewset(filterset_class=Filters))
        every = ["0", "1", "2", "3"]
        self.assert_right(
            {
                "?position=2": ["2"],
                "?position=0": ["0", "1", "3"],
                "?title=1": ["1"],
                "?title=3": ["3"],
                "?title=%25": [],
                "?title=": every,
                "?of=0-3": ["0", "3"],
                "?of=1": ["1"],
                "?undone=true": every,
                "": every,
            }
        )
        self.assert_field_error(self.as_alice.get("notes/?position=x"), "position", "invalid")

    def test_a_filter_made_of_a_models_field(self) -> None:
        class Filters(FilterSet):
            class Meta:
                model = Todo
                fields = ["title", "is_done"]

        self.serve(viewset(filterset_class=Filters))
        self.assert_right({"?title=1": ["1"], "?title=2": ["2"], "?is_done=true": [], "?title=0&is_done=false": ["0"]})

    def test_a_filter_that_looks_at_its_value(self) -> None:
        class Filters(FilterSet):
            date = DayFilter(method="keep")

            def keep(self, queryset: Any, name: str, value: dt.date) -> Any:
                return queryset.filter(date=value) if value.day > 2 else queryset.none()

        self.serve(viewset(filterset_class=Filters))
        self.assert_right({"?date=2026-03-02": [], "?date=2026-03-03": ["1"], "?date=2026-03-04": ["2"]})

    def test_a_query_parameter_that_the_queryset_reads(self) -> None:
        for name, read in {
            "item": lambda query: query["x"] if "x" in query else "0",  # noqa: SIM401  # what is asked here
            "get": lambda query: query.get("x", "0"),
            "all": lambda query: dict(query.items()).get("x", "0"),
        }.items():
            with self.subTest(name):
                of = lambda self, read=read: Todo.objects.filter(
                    owner=self.request.user, title=read(self.request.query_params)
                )
                self.serve(viewset(get_queryset=of, parameters={"list": ("x",)}))
                self.assert_right({"?x=1": ["1"], "?x=2": ["2"], "": ["0"]})

    def test_a_header_or_anything_else_of_the_request(self) -> None:
        for name, read in {
            "headers": lambda request: request.headers.get("X-Title", "0"),
            "META": lambda request: request.META.get("HTTP_X_TITLE", "0"),
            "token": lambda request: request.META.get("HTTP_X_TITLE", "0") if request.auth else "",
        }.items():
            with self.subTest(name):
                of = lambda self, read=read: Todo.objects.filter(owner=self.request.user, title=read(self.request))
                self.serve(viewset(get_queryset=of))
                for title in ("1", "2", "1"):
                    answer = self.as_alice.get("notes/", HTTP_X_TITLE=title)
                    assert [row["title"] for row in self.ok(answer)["results"]] == [title]

    def test_who_asks_is_looked_at(self) -> None:
        self.bob.change(is_staff=True)
        seen = lambda self: Todo.objects.all() if self.request.user.is_staff else Todo.objects.of(self.request.user)
        self.serve(viewset(get_queryset=seen))
        for viewer, number in ((self.as_alice, 4), (self.as_bob, 4), (self.as_charlie, 0), (self.as_bob, 4)):
            assert len(self.titles(viewer=viewer)) == number

    def test_a_list_that_anybody_may_read(self) -> None:
        def by_attribute(self: Any) -> Any:
            return Todo.objects.of(self.request.user) if self.request.user.is_authenticated else Todo.objects.all()

        def by_type(self: Any) -> Any:
            user = self.request.user
            return Todo.objects.of(user) if isinstance(user, User) else Todo.objects.all()

        for seen in (by_attribute, by_type):
            for order in ((self.anonymous, self.as_bob), (self.as_bob, self.anonymous)):
                self.serve(viewset(get_queryset=seen, permission_classes=[AllowAny]))
                for viewer in order * 2:
                    assert len(self.titles(viewer=viewer)) == (0 if viewer is self.as_bob else 4)

    def test_the_clock(self) -> None:
        self.serve(viewset(get_queryset=lambda self: Todo.objects.filter(created_at__lt=days.now())))
        assert len(self.titles()) == 4
        todos_of(self.bob, 2)
        assert len(self.titles()) == 6

    def test_a_row_that_the_queryset_looks_up(self) -> None:
        def of_goal(self: Any) -> Any:
            owner = User.objects.get(uuid=self.kwargs["person"])
            return Todo.objects.of(owner)

        todos_of(self.bob, 2)
        self.serve(viewset(get_queryset=of_goal), "people/<id:person>/notes/")
        for person, number in ((self.alice, 4), (self.bob, 2), (self.charlie, 0), (self.alice, 4)):
            assert len(self.rows(where=f"people/{person.uuid}/notes/")) == number

    def test_a_field_that_a_method_gives(self) -> None:
        class Loud(NoteSerializer):
            loud = serializers.SerializerMethodField()

            class Meta(NoteSerializer.Meta):
                fields = ("id", "title", "loud")

            def get_loud(self, todo: Todo) -> str:
                return f"{todo.title}! {self.context['request'].user.pk} {self.context['view'].action}"

        self.serve(viewset(serializer_class=Loud, get_queryset=lambda self: Todo.objects.all()))
        for viewer, user in ((self.as_alice, self.alice), (self.as_bob, self.bob)):
            assert [row["loud"] for row in self.rows(viewer=viewer)] == [f"{n}! {user.pk} list" for n in range(4)]

    def test_each_viewers_own_serializer(self) -> None:
        short = type("Short", (NoteSerializer,), {"Meta": type("Meta", (NoteSerializer.Meta,), {"fields": ("id",)})})
        alice = self.alice.pk
        kind = lambda self: NoteSerializer if self.request.user.pk == alice else short
        self.serve(viewset(get_serializer_class=kind, get_queryset=lambda self: Todo.objects.all()))
        for viewer, names in ((self.as_alice, 7), (self.as_bob, 1), (self.as_alice, 7), (self.as_bob, 1)):
            assert {len(row) for row in self.rows(viewer=viewer)} == {names}

    def test_other_ways_than_the_houses(self) -> None:
        plain = serializers.Serializer
        titled = type("Titled", (plain,), {"title": serializers.CharField()})
        for name, attributes in {
            "serializer": {"serializer_class": titled},
            "no backends": {"filter_backends": [], "filterset_class": None},
            "filter set": {"filterset_class": type("Plain", (django_filters.FilterSet,), {})},
        }.items():
            with self.subTest(name):
                self.serve(viewset(**attributes))
                assert self.titles() == ["0", "1", "2", "3"]
                assert self.titles(viewer=self.as_bob) == []
