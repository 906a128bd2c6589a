"""Rows straight from their columns: a list never shows anything else than its serializer does"""

from __future__ import annotations

import datetime as dt
from typing import Any
from uuid import UUID

import orjson
from django.db.models import FETCH_PEERS, Model
from django.urls import resolve
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.test import APIRequestFactory

from accounts.cards import CardSerializer
from accounts.models import Follow, User
from alarms.models import Alarm
from cheers.models import Cheer
from core import fields
from core.pagination import follow
from core.projection import NotProjectable, Projection
from diaries.models import Diary
from goals.models import Goal
from resources.models import Tombstone
from tests.base import API, ApiTest
from tests.core.test_lists import NewcomerTest, NoteSerializer, as_json, viewset
from tests.core.test_ready import compilations
from tests.test_access_matrix import schema_operations
from tests.world import DAY, VIEWERS, World, make_world
from todos.models import QuickInput, Todo

# Each list of the schema, by its operation: the paths it is asked by, and where its rows are.
LISTS: dict[str, tuple[type[Model], tuple[str, ...]]] = {
    "list_alarms": (Alarm, ("alarms/",)),
    "list_archive": (Todo, ("archive/", "archive/?goal={goal}", "archive/?q=some")),
    "list_blocks": (User, ("blocks/",)),
    "list_cheers": (Cheer, ("cheers/", "cheers/?received=true", "cheers/?todo={todo}", "cheers/?diary={diary}")),
    "list_diaries": (Diary, ("diaries/", "diaries/?owner={owner}", "diaries/?owner={owner}&is_draft=true")),
    "list_follow_requests": (Follow, ("follow-requests/",)),
    "list_followers": (User, ("users/{owner}/followers/",)),
    "list_following": (User, ("users/{follower}/following/",)),
    "list_goals": (Goal, ("goals/", "goals/?owner={owner}", "goals/?owner={owner}&state=active&page_size=1")),
    "list_quick_inputs": (QuickInput, ("quick-inputs/", "quick-inputs/?weekday=mon")),
    "list_todos": (Todo, ("todos/", "todos/?owner={owner}", "todos/?owner={owner}&date={day}&has_time=true")),
    "list_users": (User, ("users/?q=owner", "users/?handle={handle}")),
}
COMPUTED = {"list_offers": "quick-inputs/offers/?date_from={day}&date_to={day}"}  # from kept queries, not rows of one

# What is compiled anew for each request, and why.
FREE_TEXT = "the text is folded before it is searched for"
NOT_KEPT = {"archive/?q=some": FREE_TEXT, "users/?q=owner": FREE_TEXT, "users/?handle={handle}": FREE_TEXT}


def instances(model: type[Model], rows: list[dict[str, Any]]) -> list[Any]:
    """The rows of an answer as instances of their model, in the same order."""
    named = [UUID(row["user"]["id"] if model is Follow else row["id"]) for row in rows]
    path = {Follow: "follower__uuid", User: "uuid"}.get(model, "pk")
    found = model._default_manager.fetch_mode(FETCH_PEERS).filter(**{f"{path}__in": named})
    if model is Follow:
        found = found.filter(state="pending").select_related("follower")
    by_name = {follow(row, path): row for row in found}
    return [by_name[name] for name in named]


def assert_same_json(one: Any, other: Any, *where: str) -> None:
    """As text: in Python 1 is True."""
    assert orjson.dumps(one) == orjson.dumps(other), (where, one, other)


def readers(template: str) -> tuple[str, ...]:
    """Who reads the list at this path: what is somebody's by name, everyone who is signed in."""
    return VIEWERS[1:] if "{" in template else ("owner", "follower")


def shown_by_serializer(path: str, viewer: Any, rows: list[Any]) -> Any:
    """What the serializer of the list at this path shows of these rows to the viewer, as JSON."""
    view = resolve(API + path.partition("?")[0]).func
    shown = view.cls(**view.initkwargs)
    shown.action, shown.request, shown.format_kwarg = "list", Request(APIRequestFactory().get("/")), None
    shown.request.user = viewer
    return as_json(shown.get_serializer(rows, many=True).data)


class EveryListTest(ApiTest):
    worlds: list[World]

    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        cls.worlds = [make_world(visibility) for visibility in ("public", "selected")]
        for world in cls.worlds:
            cls.enrich(world)

    @classmethod
    def enrich(cls, world: World) -> None:
        """Values in every column, so that each form of each field is met."""
        people, names = world.people, world.names
        instant = dt.datetime(2026, 3, 2, 9, 30, 0, 120_000, dt.UTC)
        done = {"is_done": True, "done_at": instant, "time": dt.time(7, 5), "memo": "먼저\n🍣"}
        Todo.objects.filter(pk=names["todo"]).update(**done)
        Diary.objects.filter(pk=names["diary"]).update(emoji="🍣", temperature=0, color="#FF8800")
        QuickInput.objects.filter(pk=names["quick_input"]).update(time=dt.time(23, 59), ends_on=DAY)
        Alarm.objects.filter(pk=names["alarm"]).update(is_on=False)
        for name in ("todo", "diary"):
            row = (Todo if name == "todo" else Diary).objects.get(pk=names[name])
            for fan in ("follower", "chosen"):
                Cheer.give(people[fan], row, "👍")
        Follow.objects.create(follower=people["stranger"], followee=people["owner"], state="pending")
        names["handle"] = people["owner"].profile.handle

    def test_every_list_of_the_schema_is_in_the_table(self) -> None:
        assert {*LISTS, *COMPUTED} == {name for name in schema_operations() if name.startswith("list_")}

    def test_a_list_shows_what_its_serializer_shows(self) -> None:
        met = set()
        for world in self.worlds:
            for name, (model, paths) in LISTS.items():
                for template in paths:
                    path = world.fill(template)
                    for viewer in readers(template):
                        answer = world.phones[viewer].get(path)
                        if answer.status_code in (403, 404):
                            continue
                        rows = self.ok(answer)["results"]
                        ordinary = shown_by_serializer(path, world.people[viewer], instances(model, rows))
                        assert_same_json(rows, ordinary, path, viewer, world.visibility)
                        met |= {name} if rows else set()
        assert met == set(LISTS)

    def test_the_second_request_for_a_list_compiles_nothing(self) -> None:
        self.enterContext(self.settings(CHECK_READY_QUERIES=False))
        world, compiling = self.worlds[0], set()
        paths = [path for _, paths in LISTS.values() for path in paths] + list(COMPUTED.values())
        for template in paths:
            path = world.fill(template)
            self.ok(world.phones["owner"].get(path))
            with compilations() as compiled:
                self.ok(world.phones["owner"].get(path))
            compiling |= {template} if compiled else set()
        assert compiling == set(NOT_KEPT)

    def test_a_day_shows_what_the_lists_show(self) -> None:
        for world in self.worlds:
            for viewer in VIEWERS[1:]:
                phone, owner = world.phones[viewer], world.names["owner"]
                answer = phone.get(f"days/{DAY}/?owner={owner}")
                if answer.status_code == 404:
                    continue
                day = self.ok(answer)
                goals = {goal["id"]: goal for goal in self.ok(phone.get(f"goals/?owner={owner}"))["results"]}
                todos = [todo for goal in day["goals"] for todo in goal.pop("todos")]
                assert day["goals"] == [goals[goal["id"]] for goal in day["goals"]]
                assert todos == self.ok(phone.get(f"todos/?owner={owner}&date={DAY}"))["results"]
                diaries = self.ok(phone.get(f"diaries/?owner={owner}&date={DAY}"))["results"]
                assert [day["diary"]] == (diaries or [None])


class NewSerializerTest(NewcomerTest):
    """Serializers of people who know nothing of projections."""

    def setUp(self) -> None:
        super().setUp()
        self.todos = list(Todo.objects.of(self.alice).order_by("date"))
        self.todos[1].change(time=dt.time(7, 5), is_done=True, done_at=dt.datetime(2026, 3, 2, 9, 30, tzinfo=dt.UTC))

    def assert_same(self, *names: str, projected: bool, **declared: Any) -> list[dict[str, Any]]:
        """A serializer with these fields shows the same in a list as of each row; what it shows is given back."""
        meta = type("Meta", (), {"model": Todo, "fields": ("id", *names)})
        kind: Any = type("SomeSerializer", (NoteSerializer,), declared | {"Meta": meta})
        self.serve(viewset(serializer_class=kind))
        rows = self.rows()
        assert_same_json(rows, as_json(kind(self.todos, many=True).data))
        try:
            Projection(kind())
        except NotProjectable:
            assert not projected
        else:
            assert projected
        return rows

    def test_all_columns_as_they_come(self) -> None:
        rows = self.assert_same(*NoteSerializer.Meta.fields[1:], "memo", "done_at", "offered_on", projected=True)
        assert (rows[1]["time"], rows[1]["is_done"], rows[1]["done_at"]) == ("07:05", True, "2026-03-02T09:30:00Z")
        assert (rows[0]["time"], rows[0]["is_done"], rows[0]["done_at"]) == (None, False, None)

    def test_formats_of_their_own(self) -> None:
        rows = self.assert_same(
            "date",
            "time",
            "created_at",
            projected=True,
            date=serializers.DateField(format="%d.%m.%y"),
            time=serializers.TimeField(format="%H-%M-%S"),
            created_at=serializers.DateTimeField(format="%Y"),
        )
        assert (rows[1]["date"], rows[1]["time"], len(rows[1]["created_at"])) == ("03.03.26", "07-05-00", 4)

    def test_no_format_at_all(self) -> None:
        self.assert_same("date", "time", projected=True, date=serializers.DateField(format=None))

    def test_fields_that_show_it_in_their_own_way(self) -> None:
        class LoudField(serializers.CharField):
            def to_representation(self, value: Any) -> str:
                return f"{value}!"

        class SinceField(serializers.DateField):
            def to_representation(self, value: Any) -> int:
                return int(value.toordinal())

        class ClockField(serializers.TimeField):
            def to_representation(self, value: Any) -> int:
                return int(value.hour)

        class DoneField(fields.FlagField):
            def to_representation(self, value: Any) -> str:
                return "yes" if value is True else "no"

        class ShortField(fields.IdField):
            def to_representation(self, value: Any) -> str:
                return str(value)[-4:]

        rows = self.assert_same(
            *("title", "date", "time", "is_done", "goal_id"),
            projected=False,
            title=LoudField(),
            date=SinceField(),
            time=ClockField(),
            is_done=DoneField(),
            goal_id=ShortField(),
        )
        assert (rows[1]["title"], rows[1]["is_done"], rows[1]["time"]) == ("1!", "yes", 7)

    def test_two_fields_of_one_column(self) -> None:
        self.assert_same(
            *("first", "second", "goal_id"),
            projected=True,
            first=serializers.CharField(source="title"),
            second=fields.StringField(source="title"),
            goal_id=fields.IdField(),
        )

    def test_a_card_at_the_end_of_a_path(self) -> None:
        rows = self.assert_same("whose", projected=True, whose=CardSerializer(source="goal.owner"))
        assert rows[0]["whose"]["nickname"] == "Alice"

    def test_choices_and_plain_columns(self) -> None:
        words = serializers.ChoiceField(choices=[("0", "nought"), ("1", "one")], source="title")
        self.assert_same("word", "owner_id", projected=True, word=words, owner_id=serializers.ReadOnlyField())

    def test_keys_of_relations(self) -> None:
        rows = self.assert_same("goal", "owner", "quick_input", projected=True)
        assert rows[0]["goal"] == str(self.todos[0].goal_id)
        key: Any = serializers.PrimaryKeyRelatedField
        self.assert_same("goal", projected=True, goal=key(read_only=True, pk_field=fields.IdField()))
        loud = type("Loud", (key,), {"to_representation": lambda self, row: f"{row.pk}!"})
        self.assert_same("goal", projected=False, goal=loud(read_only=True, pk_field=fields.IdField()))

    def test_what_is_more_than_columns_goes_the_ordinary_way(self) -> None:
        class GoalSerializer(serializers.ModelSerializer[Goal]):
            class Meta:
                model = Goal
                fields = ("title", "color")

        class Anything(serializers.Field[Any, Any, Any, Any]):
            def get_attribute(self, instance: Todo) -> str:
                return instance.title * 2

            def to_representation(self, value: str) -> str:
                return value

        for name, field in {
            "source of a relation": serializers.CharField(source="goal.title"),
            "nested": GoalSerializer(source="goal"),
            "method": serializers.SerializerMethodField(method_name="shout"),
            "property": serializers.CharField(source="kind"),
            "text of a relation": serializers.StringRelatedField(source="goal"),
            "column of a relation": serializers.SlugRelatedField(source="goal", slug_field="title", read_only=True),
            "own attribute": Anything(),
        }.items():
            with self.subTest(name):
                self.assert_same("x", projected=False, x=field, shout=lambda self, todo: todo.title + "!")

    def test_a_serializer_that_shows_its_rows_in_its_own_way(self) -> None:
        def loud(self: Any, todo: Todo) -> dict[str, Any]:
            return {"loud": todo.title + "!"}

        rows = self.assert_same("title", projected=False, to_representation=loud)
        assert rows[0] == {"loud": "0!"}

    def test_private_fields_are_null_for_everybody_else(self) -> None:
        class Secret(NoteSerializer):
            class Meta(NoteSerializer.Meta):
                fields = ("id", "title", "owner_id", "memo", "date")
                private_fields = ("memo", "date")

        self.serve(viewset(serializer_class=Secret, get_queryset=lambda self: Todo.objects.filter(owner=alice)))
        alice = self.alice.pk
        for phone, user in ((self.as_alice, self.alice), (self.as_bob, self.bob), (self.as_alice, self.alice)):
            context = {"request": type("Asker", (), {"user": user})}
            rows = self.rows(viewer=phone)
            assert_same_json(rows, as_json(Secret(self.todos, many=True, context=context).data))
            assert (rows[0]["memo"] is None, rows[0]["title"]) == (user != self.alice, "0")

    def test_a_card_of_another_person_than_the_owner(self) -> None:
        class Grave(NoteSerializer):
            also_of = CardSerializer()

            class Meta:
                model = Tombstone
                fields = ("id", "owner_id", "also_of")

        Tombstone.objects.record(self.alice, "todo", [self.todos[0].pk], also_of=self.bob)
        seen = lambda self: Tombstone.objects.filter(owner=self.request.user)
        self.serve(viewset(serializer_class=Grave, get_queryset=seen, ordering=("id",), filterset_class=None))
        rows = self.rows()
        assert rows == as_json(Grave(Tombstone.objects.filter(owner=self.alice), many=True).data)
        assert rows[0]["also_of"]["nickname"] == "Bob"
