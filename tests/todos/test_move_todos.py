"""PATCH todos/{id}/ with date, and POST todos/move/"""

from datetime import time
from typing import Any

from tests.base import ids, new_id
from tests.todos.todo_base import DAY, NEXT_DAY, TodoTest
from todos.models import Todo


class MoveTodoTest(TodoTest):
    def test_a_moved_todo_is_last_in_its_day_and_keeps_its_local_time(self) -> None:
        todo = self.todo(time=time(9, 30), memo="m")
        self.todo("There", NEXT_DAY)
        for _ in range(2):
            moved = self.ok(self.patch(todo, date=str(NEXT_DAY)))
            assert (moved["date"], moved["time"], moved["position"]) == (str(NEXT_DAY), "09:30", 1)
            assert moved["memo"] == "m"
        assert self.titles(NEXT_DAY) == ["There", "Run"]

    def test_moving_a_todo_to_its_own_date_changes_nothing(self) -> None:
        todo = self.todo()
        self.todo("Last")
        before = self.ok(self.as_alice.get(f"todos/{todo.pk}/"))
        assert self.ok(self.patch(todo, date=str(DAY))) == before

    def test_a_todo_of_an_inactive_goal_can_be_moved(self) -> None:
        todo = self.todo()
        self.end(self.health)
        self.ok(self.patch(todo, date=str(NEXT_DAY)))

    def test_a_full_day_accepts_no_todo_but_a_repeated_move_succeeds(self) -> None:
        self.fill(NEXT_DAY, 199)
        todo, other = self.todo(), self.todo()
        for _ in range(2):
            self.ok(self.patch(todo, date=str(NEXT_DAY)))
        self.assert_problem(self.patch(other, date=str(NEXT_DAY), title="Walk"), 409, "limit")
        other.refresh_from_db()
        assert (other.date, other.title) == (DAY, "Run")

    def test_moving_an_activated_todo_changes_its_date_only(self) -> None:
        todo = self.activated()
        moved = self.ok(self.patch(todo, date=str(NEXT_DAY)))
        assert (moved["offered_on"], moved["quick_input"]) == (str(DAY), str(todo.quick_input_id))
        offers = self.ok(
            self.as_alice.get(f"quick-inputs/offers/?date_from={DAY}&date_to={NEXT_DAY}")
        )["results"]
        assert [offer["date"] for offer in offers] == [str(NEXT_DAY)]


class MoveTodosTest(TodoTest):
    def move(self, *todos: Any, day: Any = NEXT_DAY, phone: Any = None) -> Any:
        body = {"ids": [str(getattr(todo, "pk", todo)) for todo in todos], "date": str(day)}
        return (phone or self.as_alice).post("todos/move/", body)

    def test_moved_todos_are_last_in_the_order_given(self) -> None:
        a, _b, c = (self.todo(title, time=time(8)) for title in "abc")
        self.todo("there", NEXT_DAY)
        outcome = self.ok(self.move(c, a))
        assert [(t["title"], t["position"], t["time"]) for t in outcome["moved"]] == [
            ("c", 1, "08:00"),
            ("a", 2, "08:00"),
        ]
        assert (outcome["unchanged"], outcome["missing"]) == ([], [])
        assert self.titles(NEXT_DAY) == ["there", "c", "a"]
        assert self.titles() == ["b"]
        assert outcome["moved"][0] == self.ok(self.as_alice.get(f"todos/{c.pk}/"))

    def test_a_repeated_move_reports_all_as_already_there(self) -> None:
        a, b, archived = self.todo("a"), self.todo("b"), self.todo("put aside", None)
        self.ok(self.move(b, a, archived))
        self.end(self.health)
        before = list(Todo.objects.order_by("pk").values())
        again = self.ok(self.move(b, a, archived))
        assert again == {
            "moved": [],
            "unchanged": [str(b.pk), str(a.pk), str(archived.pk)],
            "missing": [],
        }
        assert list(Todo.objects.order_by("pk").values()) == before

    def test_deleted_ids_and_ids_of_other_people_are_reported_missing(self) -> None:
        mine, gone = self.todo(), self.todo()
        theirs = self.todo(goal=self.goal(self.bob, visibility="public"))
        self.ok(self.as_alice.delete(f"todos/{gone.pk}/"), 204)
        strangers = [str(gone.pk), str(theirs.pk), new_id(), str(self.health.pk)]
        outcome = self.ok(self.move(strangers[0], mine, *strangers[1:]))
        assert (ids(outcome["moved"]), outcome["missing"]) == ([str(mine.pk)], strangers)
        theirs.refresh_from_db()
        assert theirs.date == DAY

    def test_an_id_named_twice_counts_once(self) -> None:
        a, b, missing = self.todo("a"), self.todo("b"), new_id()
        outcome = self.ok(self.move(b, a, b, missing, missing))
        assert (ids(outcome["moved"]), outcome["missing"]) == ([str(b.pk), str(a.pk)], [missing])

    def test_archived_todos_are_moved_if_their_goal_is_active(self) -> None:
        dated, archived = self.todo("dated"), self.todo("archived", None)
        self.end(self.health)
        self.assert_problem(self.move(dated, archived), 409, "goal_not_active")
        assert self.titles() == ["dated"]
        self.ok(self.move(dated))
        self.health.change(state="active")
        assert ids(self.ok(self.move(archived))["moved"]) == [str(archived.pk)]

    def test_no_todo_is_moved_if_all_would_exceed_the_limit(self) -> None:
        self.fill(NEXT_DAY, 198)
        a, b, c = (self.todo(title) for title in "abc")
        self.assert_problem(self.move(a, b, c), 409, "limit")
        assert self.titles() == ["a", "b", "c"]
        for _ in range(2):
            self.ok(self.move(a, b))
        assert Todo.objects.on(NEXT_DAY).count() == 200

    def test_at_most_200_ids_and_a_date_are_required(self) -> None:
        many = [new_id() for _ in range(200)]
        assert self.ok(self.move(*many))["missing"] == many
        self.assert_field_error(self.move(*many, new_id()), "ids", "max_length")
        self.assert_field_error(
            self.as_alice.post("todos/move/", {"ids": [], "date": None}), "date", "null"
        )
        self.assert_field_error(self.as_alice.post("todos/move/", {"ids": []}), "date", "required")
        self.assert_field_error(
            self.as_alice.post("todos/move/", {"date": str(DAY)}), "ids", "required"
        )
        self.assert_field_error(self.move("x"), "ids.0", "invalid")
        assert self.ok(self.move()) == {"moved": [], "unchanged": [], "missing": []}

    def test_one_todo_and_many_cost_the_same_queries(self) -> None:
        for count in (1, 100):
            self.fill(DAY, count)
            todos = list(Todo.objects.on(DAY))
            Todo.objects.filter(pk=todos[0].pk).update(date=None, position=0)
            # savepoint, session, owner, rows, goals, limit, update, savepoint's end
            with self.assertNumQueries(8):
                assert len(self.ok(self.move(*todos))["moved"]) == count
            Todo.objects.all().delete()
