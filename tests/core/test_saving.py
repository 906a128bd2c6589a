"""Inserts and changes of rows by cached statements"""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, connection, models, transaction
from django.db.models import F, Value
from django.db.models.functions import Concat
from django.test.utils import CaptureQueriesContext, isolate_apps

from accounts.models import Profile
from alarms.models import Alarm
from core import model_fields
from core.models import Resource, Stamped
from diaries.models import Diary
from fastlists.testing import compilations
from goals.models import Goal
from tests.base import MONDAY, ApiTest, todos_of
from todos.models import QuickInput, Todo

LONG_AGO = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)


def values_of(row: models.Model) -> dict[str, Any]:
    """Return the values of the row in the database."""
    return dict(type(row)._default_manager.filter(pk=row.pk).values().get())


class ChangeTest(ApiTest):
    def setUp(self) -> None:
        super().setUp()
        self.todo = todos_of(self.alice, 1)[0]
        Todo.objects.update(created_at=LONG_AGO, updated_at=LONG_AGO)
        self.todo.refresh_from_db()

    def statement(self, **values: Any) -> str:
        """Return the only statement that a change of these values executes."""
        with CaptureQueriesContext(connection) as queries, compilations() as compiled:
            self.todo.change(**values)
        assert compiled == []
        assert len(queries) == 1
        return str(queries[0]["sql"])

    def test_a_change_writes_the_changed_columns_and_updated_at(self) -> None:
        before = values_of(self.todo)
        Todo.objects.update(memo="of another device")
        text = self.statement(is_done=True, done_at=LONG_AGO)
        written = [
            column
            for column in before
            if connection.ops.quote_name(column) in text.partition("WHERE")[0]
        ]
        assert set(written) == {"is_done", "done_at", "updated_at"}
        after = values_of(self.todo)
        assert (after["is_done"], after["done_at"], after["memo"]) == (
            True,
            LONG_AGO,
            "of another device",
        )
        assert after["updated_at"] == self.todo.updated_at > LONG_AGO
        assert {name for name in before if after[name] != before[name]} == {
            "is_done",
            "done_at",
            "updated_at",
            "memo",
        }

    def test_equal_values_are_not_written(self) -> None:
        goal = self.todo.goal
        with self.assertNumQueries(0):
            self.todo.change()
            self.todo.change(title="0", is_done=False, date=MONDAY, time=None, goal=goal)
        assert values_of(self.todo)["updated_at"] == LONG_AGO
        assert "memo" in self.statement(title="0", memo="new")
        assert values_of(self.todo)["memo"] == "new"

    def test_the_folded_copy_is_written_with_its_text(self) -> None:
        self.statement(title="ＭＩＬＫ ＆ Straße")
        assert values_of(self.todo)["title_folded"] == self.todo.title_folded == "milk & strasse"
        self.alice.profile.change(nickname="ÅSA")
        assert Profile.objects.get(pk=self.alice.pk).nickname_folded == "åsa"
        assert "title_folded" not in self.statement(memo="x")

    def test_cached_statements_write_the_values_of_each_row(self) -> None:
        other = todos_of(self.bob, 1)[0]
        for number in range(2):
            self.todo.change(title=f"a{number}")
            other.change(title=f"b{number}")
            self.todo.change(memo=f"c{number}", title=f"d{number}")
            found = values_of(self.todo)
            assert (found["title"], found["memo"]) == (f"d{number}", f"c{number}")
            assert values_of(other)["title"] == f"b{number}"

    def test_every_type_of_value_survives_a_round_trip(self) -> None:
        other = self.goal(title="Other")
        self.todo.change(
            date=dt.date(2199, 12, 31),
            time=dt.time(23, 59),
            done_at=dt.datetime(2026, 3, 2, 9, 30, 0, 123_456, dt.timezone(dt.timedelta(hours=9))),
            is_done=True,
            goal=other,
            memo="'\"%s\\🍣",
        )
        found = Todo.objects.get(pk=self.todo.pk)
        assert (found.date, found.time) == (dt.date(2199, 12, 31), dt.time(23, 59))
        assert found.done_at == dt.datetime(2026, 3, 2, 0, 30, 0, 123_456, dt.UTC)
        assert (found.goal, found.memo) == (other, "'\"%s\\🍣")
        weekly = QuickInput.add(
            self.alice, goal=other, title="x", weekdays=["mon"], starts_on=MONDAY
        )
        weekly.change(weekdays=["tue", "sun"], time=None)
        assert list(QuickInput.objects.get(pk=weekly.pk).weekdays) == ["tue", "sun"]

    def test_a_row_that_was_deleted_meanwhile_is_not_changed(self) -> None:
        Todo.objects.all().delete()
        with pytest.raises(Todo.NotUpdated), transaction.atomic():
            self.todo.change(title="x")
        with pytest.raises(DatabaseError), transaction.atomic():
            self.todo.change(memo="x")
        assert not Todo.objects.exists()

    def test_an_update_that_changes_nothing_counts_as_matched(self) -> None:
        """MySQL must report the rows that an UPDATE matched, not those that it changed."""
        same = Todo.objects.get(pk=self.todo.pk)
        self.todo.change(memo="x")
        Todo.objects.update(updated_at=LONG_AGO)
        same.change(memo="x")
        assert values_of(self.todo)["memo"] == "x"

    def test_errors_of_the_database_are_raised(self) -> None:
        weekly = QuickInput.add(
            self.alice, goal=self.todo.goal, title="x", weekdays=["mon"], starts_on=MONDAY
        )
        with pytest.raises(IntegrityError), transaction.atomic():
            weekly.change(ends_on=MONDAY - dt.timedelta(days=1))
        assert values_of(weekly)["ends_on"] is None

    def test_a_change_affects_no_other_row(self) -> None:
        with CaptureQueriesContext(connection) as queries:
            for row in (self.todo, self.alice.profile, self.bob):
                name = (
                    "title"
                    if row is self.todo
                    else "handle"
                    if row is self.alice.profile
                    else "is_staff"
                )
                row.change(**{name: True if name == "is_staff" else "changed"})
        tables = [str(query["sql"]).split()[1].strip('`"') for query in queries]
        assert tables == [
            Todo._meta.db_table,
            Profile._meta.db_table,
            type(self.bob)._meta.db_table,
        ]


class InsertTest(ApiTest):
    def test_a_new_row_is_one_statement_that_is_not_compiled(self) -> None:
        goal = self.goal()
        for title in ("one", "ＴＷＯ"):
            todo = Todo(owner=self.alice, goal=goal, title=title, date=MONDAY, time=dt.time(7, 5))
            with self.assertNumQueries(1), compilations() as compiled:
                todo.save()
            assert compiled == []
            assert not todo._state.adding
            found = Todo.objects.get(pk=todo.pk)
            assert {
                field.attname: getattr(found, field.attname) for field in Todo._meta.concrete_fields
            } == {
                field.attname: getattr(todo, field.attname) for field in Todo._meta.concrete_fields
            }
        assert found.title_folded == "two"
        assert found.created_at.tzinfo is not None

    def test_a_second_insert_is_another_row(self) -> None:
        alarms = [Alarm.objects.create(owner=self.alice, time=dt.time(hour)) for hour in range(3)]
        assert {alarm.pk for alarm in Alarm.objects.all()} == {alarm.pk for alarm in alarms}

    def test_duplicate_ids_and_unique_values_are_refused(self) -> None:
        alarm = Alarm.objects.create(owner=self.alice, time=dt.time(7))
        for again in (
            Alarm(pk=alarm.pk, owner=self.bob, time=dt.time(8)),
            Alarm(owner=self.alice, time=dt.time(7)),
        ):
            with pytest.raises(IntegrityError), transaction.atomic():
                again.save(force_insert=True)
        assert Alarm.objects.get() == alarm

    def test_expressions_are_compiled_by_the_orm(self) -> None:
        diary = Diary.objects.create(
            owner=self.alice, date=MONDAY, body=Concat(Value("Good"), Value("!"))
        )
        assert values_of(diary)["body"] == "Good!"


class SaveTest(ApiTest):
    """`save` itself is Django's."""

    def setUp(self) -> None:
        super().setUp()
        self.todo = todos_of(self.alice, 1)[0]

    def test_a_whole_row_is_saved(self) -> None:
        self.todo.title, self.todo.memo = "Ｘ", "y"
        self.todo.save()
        found = values_of(self.todo)
        assert (found["title"], found["title_folded"], found["memo"]) == ("Ｘ", "x", "y")

    def test_an_expression_is_computed_by_the_database(self) -> None:
        Todo.objects.update(position=6)
        self.todo.position = F("position") + 1
        self.todo.save(update_fields=["position"])
        assert values_of(self.todo)["position"] == self.todo.position == 7

    def test_saving_a_deleted_row_updates_nothing_and_inserts_as_a_whole(self) -> None:
        Todo.objects.all().delete()
        with pytest.raises(Todo.NotUpdated), transaction.atomic():
            self.todo.save(update_fields=["title"])
        with pytest.raises(Todo.NotUpdated), transaction.atomic():
            self.todo.save(force_update=True)
        self.todo.save()
        assert Todo.objects.get() == self.todo

    def test_bulk_operations_work(self) -> None:
        todos = todos_of(self.bob, 3)
        with self.assertNumQueries(1):
            goals = Goal.objects.bulk_create(Goal(owner=self.bob, title=f"g{n}") for n in range(3))
        for todo, goal in zip(todos, goals, strict=True):
            todo.goal = goal
        assert Todo.objects.bulk_update(todos, ["goal"]) == 3
        found = Todo.objects.of(self.bob).order_by("date").values_list("goal__title", flat=True)
        assert list(found) == ["g0", "g1", "g2"]
        assert {len(todo.title_folded) for todo in Todo.objects.of(self.bob)} == {1}


# Not among the project's models, which other tests walk through.
with isolate_apps("core"):

    class Loud(models.Model):
        """A mixin that changes a text in `save`."""

        class Meta:
            abstract = True

        def save(self, *args: Any, **kwargs: Any) -> None:
            self.text = f"{self.text}!"
            super().save(*args, **kwargs)

    class Note(Loud, Resource):  # noqa: DJ008  # every Resource has one
        """A mixin, a column of another name, a folded copy and a default of the database."""

        text = models.CharField(max_length=20, db_column="words")
        folded = model_fields.FoldedField(source="text", max_length=20)
        level = models.IntegerField(db_default=3)

        class Meta:
            app_label = "api"

    class Counter(Stamped):
        """A model with an automatic key."""

        number = models.IntegerField(default=0)

        class Meta:
            app_label = "api"


class NewModelTest(ApiTest):
    @classmethod
    def setUpClass(cls) -> None:
        with connection.schema_editor() as editor:
            editor.create_model(Note)
            editor.create_model(Counter)
        cls.addClassCleanup(cls.drop)
        super().setUpClass()

    @classmethod
    def drop(cls) -> None:
        with connection.schema_editor() as editor:
            editor.delete_model(Note)
            editor.delete_model(Counter)

    def test_a_model_with_every_special_kind_of_column(self) -> None:
        note = Note(text="Hi")
        note.save()
        assert values_of(note) | {
            "id": note.pk,
            "text": "Hi!",
            "folded": "hi!",
            "level": 3,
        } == values_of(note)
        note.change(text="Ho")
        assert (values_of(note)["text"], values_of(note)["folded"]) == ("Ho", "ho")
        note.level = F("level") + 1
        note.save()
        assert (values_of(note)["text"], values_of(note)["level"]) == ("Ho!", 4)

    def test_a_model_with_an_automatic_key(self) -> None:
        one, other = Counter.objects.create(), Counter.objects.create(number=7)
        assert one.pk != other.pk
        one.change(number=2)
        assert dict(Counter.objects.values_list("pk", "number")) == {one.pk: 2, other.pk: 7}
