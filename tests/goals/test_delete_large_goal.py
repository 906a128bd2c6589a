"""DELETE goals/{id}/?cascade=true with more rows than a request deletes: marked, then erased."""

from __future__ import annotations

import itertools
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from cheers.models import Cheer
from core.erasing import AT_ONCE
from goals.models import Goal
from resources.models import Tombstone
from tests.admin.base import path
from tests.base import MONDAY, ApiTest, Client, ids, new_id, person, todos_of
from todos.models import Dismissal, QuickInput, Todo

DAY = f"{MONDAY}"


class DeleteLargeGoalTest(ApiTest):
    """Alice has deleted a goal with many todos, which Bob has cheered; another goal stays."""

    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        cls.todos = todos_of(cls.alice, AT_ONCE + 1)
        cls.large = cls.todos[0].goal
        cls.large.change(visibility="public")
        cls.kept = Goal.add(cls.alice, title="Kept", visibility="public")
        cls.quick_input = QuickInput.add(
            cls.alice, goal=cls.large, title="x", weekdays=["mon"], starts_on=MONDAY
        )
        cls.elsewhere = Todo.add(
            cls.alice,
            goal=cls.kept,
            date=MONDAY,
            title="kept",
            quick_input=cls.quick_input,
            offered_on=MONDAY,
        )
        cls.stays = QuickInput.add(
            cls.alice, goal=cls.kept, title="x", weekdays=["tue"], starts_on=MONDAY
        )
        offered = cls.todos[1]
        offered.change(quick_input_id=cls.stays.pk, offered_on=offered.date)
        cls.archived = Todo.add(cls.alice, goal=cls.large, date=None, title="archived")
        cls.cheer, _ = Cheer.give(cls.bob, cls.todos[0], "👍")
        cls.todo = cls.todos[0]

    def setUp(self) -> None:
        super().setUp()
        self.ok(self.as_alice.delete(f"goals/{self.large.pk}/?cascade=true"), 204)

    def erase(self) -> str:
        out = StringIO()
        call_command("erase", stdout=out)
        return out.getvalue()

    def both(self) -> Any:
        """Yield before the goal is erased, and after."""
        assert Todo.objects.filter(goal=self.large).count() == AT_ONCE + 2
        with self.subTest("marked"):
            yield
        self.erase()
        assert not Goal.objects.filter(pk=self.large.pk).exists()
        with self.subTest("erased"):
            yield

    def test_the_goal_and_its_todos_are_in_no_list_of_anyone(self) -> None:
        whose = f"owner={self.alice.uuid}"
        for _ in self.both():
            for phone, query in (
                (self.as_alice, ""),
                (self.as_alice, whose),
                (self.as_bob, whose),
            ):
                goals = self.ok(phone.get(f"goals/?{query}"))["results"]
                assert ids(goals) == [f"{self.kept.pk}"]
                for more in ("", f"date={DAY}", "is_done=false", "q=kept"):
                    todos = self.ok(phone.get(f"todos/?{query}&{more}"))["results"]
                    assert ids(todos) == [f"{self.elsewhere.pk}"], more
                assert self.ok(phone.get(f"todos/?{query}&goal={self.large.pk}"))["results"] == []
                day = self.ok(phone.get(f"days/{DAY}/?{query}"))
                assert ids(day["goals"]) == [f"{self.kept.pk}"]
                assert [ids(goal["todos"]) for goal in day["goals"]] == [[f"{self.elsewhere.pk}"]]
                month = self.ok(phone.get(f"calendar/?month={DAY[:7]}&{query}"))
                assert month["days"] == [
                    {
                        "date": DAY,
                        "goals": [{"goal": f"{self.kept.pk}", "done": 0, "total": 1}],
                        "diary": None,
                        "cheers": 0,
                    }
                ]
            assert self.ok(self.as_alice.get("archive/"))["results"] == []
            quick_inputs = self.ok(self.as_alice.get("quick-inputs/"))["results"]
            assert ids(quick_inputs) == [f"{self.stays.pk}"]

    def test_its_rows_are_not_found_and_cannot_be_changed(self) -> None:
        for _ in self.both():
            for url in (
                f"goals/{self.large.pk}/",
                f"todos/{self.todo.pk}/",
                f"todos/{self.archived.pk}/",
                f"quick-inputs/{self.quick_input.pk}/",
            ):
                for phone in (self.as_alice, self.as_bob):
                    self.assert_problem(phone.get(url), 404, "not_found")
                    self.assert_problem(phone.patch(url, {"title": "x"}), 404, "not_found")
            cheers = f"cheers/todos/{self.todo.pk}/"
            self.assert_problem(self.as_bob.put(cheers, {"emoji": "👍"}), 404, "not_found")
            for field, url in (("goal", "todos/"), ("goal", "archive/")):
                body = {"goal": f"{self.large.pk}", "title": "x"}
                body |= {"date": DAY} if url == "todos/" else {}
                self.assert_field_error(self.as_alice.post(url, body), field, "does_not_exist")
            moved = self.as_alice.post("todos/move/", {"ids": [f"{self.todo.pk}"], "date": DAY})
            assert self.ok(moved)["missing"] == [f"{self.todo.pk}"]
            order = self.as_alice.put("todos/order/", {"ids": [f"{self.todo.pk}"], "date": DAY})
            assert ids(self.ok(order)) == [f"{self.elsewhere.pk}"]

    def test_ids_answer_that_they_are_deleted_to_their_owner(self) -> None:
        for _ in self.both():
            for url, row, body in (
                ("goals/", self.large, {"title": "x"}),
                ("todos/", self.todo, {"goal": f"{self.kept.pk}", "title": "x", "date": DAY}),
                ("archive/", self.archived, {"goal": f"{self.kept.pk}", "title": "x"}),
                (
                    "quick-inputs/",
                    self.quick_input,
                    {"goal": f"{self.kept.pk}", "title": "x", "weekdays": ["mon"]},
                ),
            ):
                again = self.as_alice.post(url, {"id": f"{row.pk}", **body})
                self.assert_problem(again, 410, "deleted")
                base = "todos/" if url == "archive/" else url
                self.ok(self.as_alice.delete(f"{base}{row.pk}/"), 204)
                self.assert_problem(self.as_charlie.delete(f"{base}{row.pk}/"), 404, "not_found")
            gone = self.as_alice.post("todos/delete/", {"ids": [f"{self.todo.pk}", new_id()]})
            assert self.ok(gone)["deleted"] == [f"{self.todo.pk}"]

    def test_cheers_on_its_todos_disappear(self) -> None:
        for _ in self.both():
            for phone, query in (
                (self.as_alice, "received=true"),
                (self.as_alice, f"todo={self.todo.pk}"),
                (self.as_bob, ""),
                (self.as_bob, f"todo={self.todo.pk}"),
            ):
                assert self.ok(phone.get(f"cheers/?{query}"))["results"] == []

    def test_todos_of_other_goals_lose_its_quick_inputs(self) -> None:
        for _ in self.both():
            todo = self.ok(self.as_alice.get(f"todos/{self.elsewhere.pk}/"))
            assert (todo["quick_input"], todo["offered_on"]) == (None, DAY)

    def test_offers_of_other_goals_that_became_its_todos_stay_dismissed(self) -> None:
        day = f"{self.todos[1].date}"
        offers = f"quick-inputs/offers/?date_from={day}&date_to={day}"
        todo = f"quick-inputs/{self.stays.pk}/offers/{day}/todo/"
        for _ in self.both():
            assert self.ok(self.as_alice.get(offers))["results"] == []
            self.assert_problem(self.as_alice.put(todo), 409, "dismissed")
            self.ok(self.as_alice.put(todo.replace("/todo/", "/dismissal/")), 204)

    def test_undoing_such_a_dismissal_offers_it_again(self) -> None:
        day = f"{self.todos[1].date}"
        todo = f"quick-inputs/{self.stays.pk}/offers/{day}/todo/"
        self.ok(self.as_alice.delete(todo.replace("/todo/", "/dismissal/")), 204)
        self.ok(self.as_alice.put(todo), 201)
        self.erase()
        assert self.ok(self.as_alice.put(todo), 200)["goal"] == f"{self.kept.pk}"

    def test_limits_and_positions_do_not_count_its_rows(self) -> None:
        for _ in self.both():
            body = {"goal": f"{self.kept.pk}", "title": "x", "date": f"{self.todos[2].date}"}
            made = self.ok(self.as_alice.post("todos/", body), 201)
            assert made["position"] == 0
            self.ok(self.as_alice.delete(f"todos/{made['id']}/"), 204)

    def test_operators_do_not_see_it(self) -> None:
        root = person("Root", is_staff=True, is_superuser=True)
        site = Client()
        site.force_login(root)
        for _ in self.both():
            for row in (self.large, self.todo, self.quick_input, self.cheer):
                rows = site.get(path(type(row))).context["cl"].result_list
                assert row.pk not in {each.pk for each in rows}

    def test_erasing_records_tombstones_and_forgets_the_mark(self) -> None:
        said = self.erase()
        assert f"goal {self.large.pk} erased: " in said
        assert list(Todo.objects.filter(owner=self.alice)) == [self.elsewhere]
        kinds = Tombstone.objects.filter(owner=self.alice).values_list("kind", flat=True)
        assert len([kind for kind in kinds if kind == "todo"]) == AT_ONCE + 2
        assert Dismissal.objects.filter(quick_input=self.stays).count() == 1
        assert not User.objects.filter(has_deleted_goals=True).exists()
        assert self.erase() == ""

    def test_what_an_interrupted_run_left_is_erased_by_the_next(self) -> None:
        left = itertools.count(1)

        def interrupt(_rows: int) -> None:
            if next(left) == 2:
                raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            Goal.objects.deleted().get().erase(interrupt)
        assert 0 < Todo.objects.filter(goal=self.large).count() < AT_ONCE + 2
        self.assert_problem(self.as_alice.get(f"todos/{self.todo.pk}/"), 404, "not_found")
        self.erase()
        assert list(Todo.objects.all()) == [self.elsewhere]

    def test_the_request_writes_few_rows(self) -> None:
        more = todos_of(self.alice, 3 * AT_ONCE)[0].goal
        with CaptureQueriesContext(connection) as queries:
            self.ok(self.as_alice.delete(f"goals/{more.pk}/?cascade=true"), 204)
        assert len(queries) < 25
        assert not [each for each in queries if each["sql"].startswith("DELETE")]
