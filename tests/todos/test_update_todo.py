"""PATCH todos/{id}/: texts, time and goal. The tests of date and is_done have their own files."""

from datetime import time
from typing import Any

from tests.base import ApiTest, new_id
from tests.todos.todo_base import DAY, NEXT_DAY, TodoTest
from todos.models import Todo


class UpdateTodoTest(TodoTest):
    def test_only_the_sent_fields_change(self) -> None:
        todo = self.todo(memo="x", time=time(9))
        before = self.ok(self.as_alice.get(f"todos/{todo.pk}/"))
        after = self.ok(self.patch(todo, title=" Walk "))
        changed = {name for name in after if after[name] != before[name]}
        assert changed == {"title", "updated_at"}
        assert after["title"] == "Walk"
        assert self.ok(self.patch(todo, memo="", time=None))["time"] is None
        assert after["owner"] == before["owner"]

    def test_a_repeated_update_changes_nothing(self) -> None:
        todo, work = self.todo(), self.goal(title="Work")
        body = {
            "title": "Walk",
            "memo": "m",
            "time": "10:00",
            "date": str(NEXT_DAY),
            "goal": str(work.pk),
        }
        body |= {"is_done": True, "done_at": "2026-03-01T10:00:00Z"}
        first = self.ok(self.patch(todo, **body))
        assert first == self.ok(self.patch(todo, **body)) | {"updated_at": first["updated_at"]}
        assert self.ok(self.patch(todo, **body))["updated_at"] == first["updated_at"]

    def test_an_answer_can_be_sent_back_unchanged(self) -> None:
        for todo in (self.todo(is_done=True, time=time(9)), self.todo(day=None), self.activated()):
            read = self.ok(self.as_alice.get(f"todos/{todo.pk}/"))
            assert self.ok(self.patch(todo, **read)) == read

    def test_an_empty_body_changes_nothing(self) -> None:
        todo = self.todo()
        before = self.ok(self.as_alice.get(f"todos/{todo.pk}/"))
        assert self.ok(self.patch(todo)) == before

    def test_an_unknown_field_is_refused_and_nothing_is_changed(self) -> None:
        todo = self.todo()
        self.assert_field_error(self.patch(todo, title="Walk", titel="x"), "titel", "unknown_field")
        self.assert_field_error(self.patch(todo, title="Walk", time="x"), "time", "invalid")
        assert self.titles() == ["Run"]

    def test_position_quick_input_and_offered_on_are_read_only(self) -> None:
        todo = self.todo()
        after = self.ok(
            self.patch(todo, position=7, quick_input=new_id(), offered_on=str(DAY), id=new_id())
        )
        assert (after["position"], after["quick_input"], after["offered_on"]) == (0, None, None)
        assert after["id"] == str(todo.pk)

    def test_a_body_that_is_not_an_object_is_refused(self) -> None:
        todo = self.todo()
        for body in ([], ["date"], [{"date": 1}], "date", 5, True):
            response = self.as_alice.patch(f"todos/{todo.pk}/", body)
            self.assert_problem(response, 400, "invalid")

    def test_put_is_not_allowed(self) -> None:
        self.assert_problem(
            self.as_alice.put(f"todos/{self.todo().pk}/", {}), 405, "method_not_allowed"
        )

    def test_a_viewer_may_not_change_a_todo_and_others_do_not_find_it(self) -> None:
        shown, hidden = self.todo(), self.todo(goal=self.goal())
        archived = self.todo(day=None)
        for body in ({"title": "x"}, {"date": None}, {}):
            self.assert_problem(
                self.as_bob.patch(f"todos/{shown.pk}/", body), 403, "permission_denied"
            )
            for pk in (hidden.pk, archived.pk, new_id()):
                self.assert_problem(self.as_bob.patch(f"todos/{pk}/", body), 404, "not_found")

    def test_renaming_takes_five_queries(self) -> None:
        todo = self.todo()
        with self.assertNumQueries(5):  # savepoint, session, row locked, update, savepoint's end
            self.ok(self.patch(todo, title="Walk"))


class ChangeGoalTest(TodoTest, ApiTest):
    def change_goal(self, todo: Todo, goal: Any, **body: Any) -> Any:
        return self.patch(todo, goal=str(getattr(goal, "pk", goal)), **body)

    def test_the_goal_can_be_another_own_goal_and_the_position_stays(self) -> None:
        todo, work = self.todo(), self.goal(title="Work")
        self.todo("last")
        after = self.ok(self.change_goal(todo, work))
        assert (after["goal"], after["position"], after["date"]) == (str(work.pk), 0, str(DAY))

    def test_the_new_goal_decides_the_visibility(self) -> None:
        todo, secret = self.todo(), self.goal()
        self.ok(self.as_bob.get(f"todos/{todo.pk}/"))
        self.ok(self.change_goal(todo, secret))
        self.assert_problem(self.as_bob.get(f"todos/{todo.pk}/"), 404, "not_found")

    def test_a_goal_of_another_person_does_not_exist(self) -> None:
        todo = self.todo()
        for goal in (self.goal(self.bob, visibility="public"), new_id()):
            self.assert_field_error(self.change_goal(todo, goal), "goal", "does_not_exist")
        self.assert_field_error(self.patch(todo, goal=None), "goal", "null")

    def test_an_inactive_goal_accepts_no_todos_even_archived_ones(self) -> None:
        over = self.goal()
        self.end(over)
        for todo in (self.todo(), self.todo(day=None)):
            self.assert_problem(self.change_goal(todo, over), 409, "goal_not_active")
            assert Todo.objects.get(pk=todo.pk).goal_id == self.health.pk

    def test_todos_of_an_inactive_goal_can_be_changed_and_leave_it(self) -> None:
        todo, work = self.todo(), self.goal(title="Work")
        self.end(self.health)
        self.ok(self.change_goal(todo, self.health, title="Walk"))
        self.ok(self.patch(todo, is_done=True, date=str(NEXT_DAY)))
        self.ok(self.change_goal(todo, work))

    def test_a_repeated_change_of_goal_succeeds_though_the_goal_ended(self) -> None:
        todo, work = self.todo(), self.goal(title="Work")
        self.ok(self.change_goal(todo, work))
        self.end(work)
        self.ok(self.change_goal(todo, work))
