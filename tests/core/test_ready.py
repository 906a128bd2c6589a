"""Kept queries: built and compiled once, run with each call's values"""

from __future__ import annotations

import datetime as dt
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any
from unittest.mock import patch

import pytest
from django.core.exceptions import FieldError
from django.db import transaction
from django.db.models import Count, QuerySet, Value
from django.db.models.sql.compiler import SQLCompiler
from django.db.transaction import TransactionManagementError

from accounts.models import User
from core import days
from core.ready import Plans, Ready, padded, ready
from goals.models import Goal
from tests.accounts.clock import later
from tests.base import ApiTest, RaceTest, needs_row_locks
from todos.models import Todo

MONDAY = dt.date(2026, 3, 2)
DAY = timedelta(days=1)


@contextmanager
def compilations() -> Iterator[list[str]]:
    """A list that grows with every statement that the ORM compiles, subqueries included."""
    compiled: list[str] = []
    as_sql = SQLCompiler.as_sql

    def counting(self: SQLCompiler, *args: Any, **kwargs: Any) -> Any:
        compiled.append(str(self.query.model))
        return as_sql(self, *args, **kwargs)

    with patch.object(SQLCompiler, "as_sql", counting):
        yield compiled


class Built:
    """A function of a kept query that counts how often it is called."""

    def __init__(self, build: Callable[..., QuerySet[Any]]) -> None:
        self.build, self.times = build, 0

    def __call__(self, *values: Any, **form: Any) -> QuerySet[Any]:
        self.times += 1
        return self.build(*values, **form)


def todos_of(owner: User, number: int = 4, **values: Any) -> list[Todo]:
    """As many todos of the owner's, on as many dates from a Monday on: "0" on the first, "1" on the next."""
    goal = Goal.add(owner, title="Health")
    rows = [Todo(owner=owner, goal=goal, title=str(n), date=MONDAY + n * DAY, **values) for n in range(number)]
    return Todo.objects.bulk_create(rows)


def titles(todos: list[Todo]) -> list[str]:
    return sorted(todo.title for todo in todos)


class ReadyTest(ApiTest):
    """Without the comparison under test, which builds and compiles each time."""

    def setUp(self) -> None:
        super().setUp()
        self.enterContext(self.settings(CHECK_READY_QUERIES=False))
        self.todos = todos_of(self.alice)

    def test_the_second_time_it_is_neither_built_nor_compiled(self) -> None:
        todos_of(self.bob, 2)
        build = Built(lambda owner, day: Todo.objects.of(owner).filter(date__gte=day).order_by("date"))
        kept = Ready(Todo, build)
        assert titles(kept(self.alice, MONDAY)) == ["0", "1", "2", "3"]
        with compilations() as compiled, self.assertNumQueries(3):
            assert titles(kept(self.alice, MONDAY + 2 * DAY)) == ["2", "3"]
            assert titles(kept(self.bob, MONDAY + DAY)) == ["1"]
            assert kept(self.charlie, MONDAY) == []
        assert (build.times, compiled) == (1, [])

    def test_none_and_each_length_of_a_list_and_each_form_is_a_query_of_its_own(self) -> None:
        def rows(day: dt.date | None, pks: list[Any], *, falling: bool = False) -> Any:
            return Todo.objects.filter(date=day, pk__in=pks).order_by("-title" if falling else "title")

        Todo.objects.filter(title="3").update(date=None)
        pks, build = [todo.pk for todo in self.todos], Built(rows)
        kept = Ready(Todo, build)
        for times in (5, 5):
            assert titles(kept(None, pks)) == ["3"]
            assert titles(kept(MONDAY, pks)) == ["0"]
            assert titles(kept(MONDAY, pks[:1])) == ["0"]
            assert kept(MONDAY, []) == []
            assert [todo.title for todo in kept(MONDAY, pks, falling=True)] == ["0"]
            assert build.times == times

    def test_each_type_of_a_value_is_a_query_of_its_own(self) -> None:
        def rows(which: Any) -> Any:
            if which is None:
                return Todo.objects.all()
            return Todo.objects.filter(date__in=which) if isinstance(which, list) else Todo.objects.filter(owner=which)

        kept = Ready(Todo, rows)
        for _ in range(2):
            assert len(kept(None)) == 4
            assert titles(kept([MONDAY])) == ["0"]
            assert kept([]) == []
            assert len(kept(self.alice)) == len(kept(self.alice.pk)) == 4
            assert kept(self.bob) == kept(self.bob.pk) == []

    def test_a_form_gives_its_own_order(self) -> None:
        kept = Ready(Todo, lambda owner, *, falling: Todo.objects.of(owner).order_by("-title" if falling else "title"))
        for _ in range(2):
            assert [todo.title for todo in kept(self.alice, falling=False)] == ["0", "1", "2", "3"]
            assert [todo.title for todo in kept(self.alice, falling=True)] == ["3", "2", "1", "0"]

    def test_padded_lists_meet_no_row_twice_and_have_few_lengths(self) -> None:
        pks = [todo.pk for todo in todos_of(self.bob, 20)]
        build = Built(lambda pks: Todo.objects.filter(pk__in=pks))
        kept = Ready(Todo, build)
        for number in range(21):
            found = [todo.pk for todo in kept(padded(pks[:number]))]
            assert sorted(found) == sorted(pks[:number])
        assert build.times == 7  # 0, 1, 2, 4, 8, 16, 32
        assert [len(padded(pks[:n])) for n in (0, 1, 2, 3, 5, 8, 9)] == [0, 1, 2, 4, 8, 8, 16]

    def test_a_rows_columns_may_be_handed_on(self) -> None:
        build = Built(lambda todo: Todo.objects.filter(goal=todo.goal_id, date__gt=todo.date, owner=todo.owner_id))
        kept = Ready(Todo, build)
        for place in range(4):
            assert len(kept(self.todos[place])) == 3 - place
        assert build.times == 1

    def test_everything_that_a_query_set_can_give_is_given(self) -> None:
        def counted(owner: User) -> Any:
            return Todo.objects.of(owner).values("goal").annotate(n=Count("pk"))

        of = Todo.objects.of
        for name, build in {
            "rows": lambda owner: of(owner).order_by("date"),
            "joined": lambda owner: of(owner).select_related("goal__owner").order_by("date"),
            "fetched too": lambda owner: Goal.objects.of(owner).prefetch_related("viewers"),
            "dicts": lambda owner: of(owner).order_by("date").values("title", "goal_id", "created_at", "is_done"),
            "tuples": lambda owner: of(owner).order_by("date").values_list("date", "pk", "time"),
            "one column": lambda owner: of(owner).order_by("date").values_list("pk", flat=True),
            "counted": counted,
            "annotated": lambda owner: of(owner).order_by("date").annotate(n=Value(1)),
            "deferred": lambda owner: of(owner).order_by("date").only("title"),
            "sliced": lambda owner: of(owner).order_by("-date")[:2],
            "one after the other": lambda owner: of(owner).values_list("title").union(of(owner).values_list("memo")),
            "none": lambda owner: of(owner).none(),
            "none of an empty list": lambda owner: of(owner).filter(pk__in=[]),
        }.items():
            with self.subTest(name):
                kept = Ready(Todo, Built(build))
                for owner in (self.alice, self.bob, self.alice):
                    assert kept(owner) == list(build(owner))
                assert kept.build.times == 1

    def test_what_is_joined_or_fetched_too_takes_no_query_more(self) -> None:
        joined = Ready(Todo, lambda owner: Todo.objects.of(owner).select_related("goal"))
        fetched = Ready(Goal, lambda owner: Goal.objects.of(owner).prefetch_related("viewers"))
        todos_of(self.alice)
        for _ in range(2):
            with self.assertNumQueries(1):
                assert {todo.goal.title for todo in joined(self.alice)} == {"Health"}
            with self.assertNumQueries(2):
                assert [list(goal.viewers.all()) for goal in fetched(self.alice)] == [[], []]

    def test_first_is_the_first_or_none(self) -> None:
        kept = Ready(Todo, lambda owner: Todo.objects.of(owner).order_by("-date"))
        assert kept.first(self.alice).title == "3"
        assert kept.first(self.bob) is None

    def test_a_mistake_is_told_each_time(self) -> None:
        wrong = ready(Todo)(lambda owner: Todo.objects.filter(nobody=owner))
        for _ in range(2):
            with pytest.raises(FieldError):
                wrong(self.alice)

    def test_who_tries_all_forms_does_not_fill_the_memory(self) -> None:
        kept = Ready(Todo, lambda owner, *, number: Todo.objects.of(owner)[:number])
        for number in range(1, Plans.MOST + 20):
            assert len(kept(self.alice, number=number)) == min(number, 4)
        assert len(kept.plans._kept) <= Plans.MOST


class LookingTest(ApiTest):
    """What is not kept."""

    def setUp(self) -> None:
        super().setUp()
        self.enterContext(self.settings(CHECK_READY_QUERIES=False))
        self.todos = todos_of(self.alice)

    def test_a_function_that_looks_at_a_value_runs_each_time(self) -> None:
        of, second = Todo.objects.of(self.alice), MONDAY + DAY
        for name, build in {
            "equality": lambda day: of.filter(date=day) if day == second else of.none(),
            "inequality": lambda day: of.filter(date=day) if second != day else of.none(),
            "order": lambda day: of.filter(date=day) if day > second else of.none(),
            "truth": lambda day: of.filter(date=day) if day else of,
            "default": lambda day: of.filter(date=day or second),
            "membership": lambda day: of.filter(date=day) if day in [second] else of.none(),
            "membership of a set": lambda day: of.filter(date=day) if day in {second} else of.none(),
            "sum": lambda day: of.filter(date=day + DAY),
            "difference": lambda day: of.filter(date=second + (day - MONDAY)),
            "text": lambda day: of.filter(date=str(day)),
            "format": lambda day: of.filter(date=f"{day}"),
            "old format": lambda day: of.filter(date="%s" % day),  # noqa: UP031  # what is asked here
            "repr": lambda day: of.filter(date=day) if repr(day) else of.none(),
            "attribute": lambda day: of.filter(date__day=day.day),
            "method": lambda day: of.filter(date=day.isoformat()),
            "has": lambda day: of.filter(date=day) if hasattr(day, "hour") else of.filter(date__gt=day),
        }.items():
            with self.subTest(name):
                kept = Ready(Todo, Built(build))
                for day in (MONDAY, second, MONDAY + 2 * DAY, MONDAY):
                    assert titles(kept(day)) == titles(list(build(day)))
                assert kept.build.times > 3

    def test_a_function_that_looks_at_a_list_or_a_text_runs_each_time(self) -> None:
        for name, build, values in (
            ("iteration", lambda text: Todo.objects.filter(title__in=list(text)), ("01", "2", "13")),
            ("length", lambda text: Todo.objects.filter(title=len(text)), ("x", "xx", "y")),
            ("place", lambda text: Todo.objects.filter(title=text[0]), ("0x", "1x", "2x")),
            ("number", lambda text: Todo.objects.filter(position=0, title=int(text)), ("0", "1", "7")),
            ("items", lambda pair: Todo.objects.filter(title=max(pair)), (["0", "1"], ["3", "2"], ["1", "0"])),
        ):
            with self.subTest(name):
                kept = Ready(Todo, Built(build))
                for value in values:
                    assert titles(kept(value)) == titles(list(build(value)))
                assert kept.build.times > 2

    def test_a_function_that_looks_at_a_row_runs_each_time(self) -> None:
        goals = [self.goal(title="x"), self.goal(self.bob, title="y")]
        for name, build in {
            "column": lambda goal: Goal.objects.filter(title="x" if goal.title == "x" else "none"),
            "related": lambda goal: Goal.objects.filter(owner=goal.owner),
            "method": lambda goal: Goal.objects.filter(pk=goal.pk, title=goal.get_state_display() and goal.title),
            "same": lambda goal: Goal.objects.filter(pk=goals[0].pk) if goal == goals[0] else Goal.objects.none(),
        }.items():
            with self.subTest(name):
                kept = Ready(Goal, Built(build))
                for goal in (*goals, goals[0]):
                    assert kept(goal) == list(build(goal))
                assert kept.build.times > 2

    def test_a_function_that_reads_the_clock_runs_each_time(self) -> None:
        kept = Ready(Todo, Built(lambda owner: Todo.objects.of(owner).filter(created_at__gt=days.now())))
        assert kept(self.alice) == []
        with later(timedelta(days=-1)):
            assert len(kept(self.alice)) == 4
        assert kept(self.alice) == []
        assert kept.build.times > 2

    def test_a_function_that_asks_the_database_runs_each_time(self) -> None:
        def on_the_last_day(owner: User) -> Any:
            last = Todo.objects.of(owner).order_by("-date").values_list("date", flat=True).first()
            return Todo.objects.filter(date=last)

        kept = Ready(Todo, Built(on_the_last_day))
        assert titles(kept(self.alice)) == ["3"]
        todos_of(self.alice, 6)
        assert titles(kept(self.alice)) == ["5"]
        assert kept(self.bob) == []

    def test_also_where_the_question_has_nothing_to_do_with_the_values(self) -> None:
        kept = Ready(Todo, lambda owner: Todo.objects.of(owner)[: Goal.objects.filter(title="Health").count()])
        assert len(kept(self.alice)) == 1
        todos_of(self.bob)
        assert len(kept(self.alice)) == 2

    def test_a_kept_query_inside_another_is_a_question_to_the_database_too(self) -> None:
        inner = Ready(Goal, Goal.objects.of)
        outer = Ready(Todo, Built(lambda owner: Todo.objects.filter(goal__in=[goal.pk for goal in inner(owner)])))
        todos_of(self.bob, 2)
        for _ in range(2):
            assert titles(outer(self.alice)) == ["0", "1", "2", "3"]
            assert titles(outer(self.bob)) == ["0", "1"]
        assert outer.build.times > 3


class CheckTest(ApiTest):
    """CHECK_READY_QUERIES, which is on under test."""

    def test_a_function_that_depends_on_something_else_is_found(self) -> None:
        todos_of(self.alice)
        hidden = {"title": "0", "order": "title"}
        for name, changed in (("title", "1"), ("order", "date")):
            with self.subTest(name):
                kept = Ready(Todo, self.by_hidden(hidden))
                assert len(kept(self.alice)) == 1
                assert kept(self.bob) == []
                before, hidden[name] = hidden[name], changed
                with pytest.raises(AssertionError, match="A kept query differs"):
                    kept(self.alice)
                hidden[name] = before

    def by_hidden(self, hidden: dict[str, str]) -> Callable[[User], Any]:
        return lambda owner: Todo.objects.of(owner).filter(title=hidden["title"]).order_by(hidden["order"])

    def test_what_depends_on_its_values_alone_passes(self) -> None:
        kept = Ready(Todo, lambda owner, pks: Todo.objects.of(owner).filter(pk__in=pks, date__gte=MONDAY))
        pks = [todo.pk for todo in todos_of(self.alice)]
        for number in range(1, 5):
            assert len(kept(self.alice, padded(pks[:number]))) == number


class LockingTest(RaceTest):
    def test_rows_are_locked_in_a_transaction_only_the_second_time_too(self) -> None:
        for first_inside in (True, False):
            kept = Ready(User, lambda person: User.objects.filter(pk=person).select_for_update())
            for inside in (first_inside, not first_inside, first_inside, not first_inside):
                if inside:
                    with transaction.atomic():
                        assert kept(self.alice.pk) == [self.alice]
                else:
                    with pytest.raises(TransactionManagementError):
                        kept(self.alice.pk)


@needs_row_locks
@pytest.mark.races
class ThreadsTest(RaceTest):
    def test_everybody_gets_their_own_rows(self) -> None:
        with transaction.atomic():
            people = [self.alice, self.bob, self.charlie]
            for number, somebody in enumerate(people):
                todos_of(somebody, number + 2)
        self.addCleanup(sys.setswitchinterval, sys.getswitchinterval())
        sys.setswitchinterval(1e-6)  # another thread's turn as often as can be
        whole = Ready(Todo, lambda owner, day: Todo.objects.of(owner).filter(date__gte=day).select_related("owner"))
        column = Ready(Todo, lambda owner, day: Todo.objects.of(owner).filter(date__gte=day).values_list("owner_id"))

        def read(number: int) -> None:
            for turn in range(10):
                place = (number + turn) % 3
                somebody, day = people[place], MONDAY + (turn % 2) * DAY
                rows = whole(somebody, day)
                assert [row.owner for row in rows] == [somebody] * (place + 2 - turn % 2)
                assert list(column(somebody, day)) == [(somebody.pk,)] * len(rows)

        self.at_once(read)
