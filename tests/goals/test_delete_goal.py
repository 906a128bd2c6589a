"""DELETE goals/{id}/"""

import datetime as dt

from goals.models import Goal
from resources.models import Tombstone
from tests.base import ApiTest, new_id
from todos.models import QuickInput, Todo


class DeleteGoalTest(ApiTest):
    def test_an_empty_goal_is_deleted_and_deleting_it_again_is_the_same(self) -> None:
        goal = self.goal()
        for _ in range(2):
            self.ok(self.as_alice.delete(f"goals/{goal.pk}/"), 204)
        self.assert_problem(self.as_alice.get(f"goals/{goal.pk}/"), 404, "not_found")

    def test_a_goal_that_holds_something_is_kept_and_its_counts_are_told(self) -> None:
        goal = self.goal()
        Todo.add(self.alice, goal=goal, date=self.today, title="today")
        Todo.add(self.alice, goal=goal, date=None, title="archived")
        QuickInput.add(self.alice, goal=goal, title="each", weekdays=["mon"], starts_on=self.today)
        for query in ("", "?cascade=false"):
            problem = self.assert_problem(
                self.as_alice.delete(f"goals/{goal.pk}/{query}"), 409, "goal_not_empty"
            )
            assert problem["counts"] == {"todo": 2, "quick_input": 1}
        assert Goal.objects.filter(pk=goal.pk).exists()

    def test_an_archived_todo_alone_counts(self) -> None:
        goal = self.goal()
        Todo.add(self.alice, goal=goal, date=None, title="archived")
        self.assert_problem(self.as_alice.delete(f"goals/{goal.pk}/"), 409, "goal_not_empty")

    def test_with_cascade_all_that_it_holds_goes_and_is_remembered(self) -> None:
        goal, other = self.goal(), self.goal()
        todo = Todo.add(self.alice, goal=goal, date=dt.date(2026, 1, 1), title="x")
        quick_input = QuickInput.add(
            self.alice, goal=goal, title="x", weekdays=["mon"], starts_on=self.today
        )
        kept = Todo.add(self.alice, goal=other, date=self.today, title="kept")
        for _ in range(2):
            self.ok(self.as_alice.delete(f"goals/{goal.pk}/?cascade=true"), 204)
        assert list(Todo.objects.all()) == [kept]
        assert set(Tombstone.objects.values_list("pk", "kind")) == {
            (goal.pk, "goal"),
            (todo.pk, "todo"),
            (quick_input.pk, "quick_input"),
        }

    def test_who_sees_it_may_not_delete_it_and_for_others_it_is_not_there(self) -> None:
        goal = self.goal(visibility="followers")
        self.assert_problem(self.as_bob.delete(f"goals/{goal.pk}/"), 403, "permission_denied")
        self.assert_problem(self.as_charlie.delete(f"goals/{goal.pk}/"), 404, "not_found")

    def test_what_somebody_else_deleted_never_was_for_me(self) -> None:
        goal = self.goal()
        self.ok(self.as_alice.delete(f"goals/{goal.pk}/"), 204)
        self.assert_problem(self.as_bob.delete(f"goals/{goal.pk}/"), 404, "not_found")
        self.assert_problem(self.as_alice.delete(f"goals/{new_id()}/"), 404, "not_found")

    def test_cascade_is_true_or_false_and_nothing_else(self) -> None:
        goal = self.goal()
        self.assert_field_error(
            self.as_alice.delete(f"goals/{goal.pk}/?cascade=yes"), "cascade", "invalid"
        )
        self.assert_field_error(
            self.as_alice.delete(f"goals/{goal.pk}/?casade=true"), "casade", "unknown_parameter"
        )
