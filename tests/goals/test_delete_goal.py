"""DELETE goals/{id}/"""

import datetime as dt

from goals.models import Goal
from resources.models import Tombstone
from tests.base import ApiTest, new_id
from todos.models import QuickInput, Todo


class DeleteGoalTest(ApiTest):
    def test_deleting_an_empty_goal_is_idempotent(self) -> None:
        goal = self.goal()
        for _ in range(2):
            self.ok(self.as_alice.delete(f"goals/{goal.pk}/"), 204)
        self.assert_problem(self.as_alice.get(f"goals/{goal.pk}/"), 404, "not_found")

    def test_a_goal_with_contents_is_kept_and_the_counts_are_reported(self) -> None:
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

    def test_an_archived_todo_counts_as_contents(self) -> None:
        goal = self.goal()
        Todo.add(self.alice, goal=goal, date=None, title="archived")
        self.assert_problem(self.as_alice.delete(f"goals/{goal.pk}/"), 409, "goal_not_empty")

    def test_cascade_deletes_the_contents_and_records_their_tombstones(self) -> None:
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

    def test_a_viewer_may_not_delete_a_goal_and_others_do_not_find_it(self) -> None:
        goal = self.goal(visibility="followers")
        self.assert_problem(self.as_bob.delete(f"goals/{goal.pk}/"), 403, "permission_denied")
        self.assert_problem(self.as_charlie.delete(f"goals/{goal.pk}/"), 404, "not_found")

    def test_a_goal_deleted_by_another_person_is_not_found(self) -> None:
        goal = self.goal()
        self.ok(self.as_alice.delete(f"goals/{goal.pk}/"), 204)
        self.assert_problem(self.as_bob.delete(f"goals/{goal.pk}/"), 404, "not_found")
        self.assert_problem(self.as_alice.delete(f"goals/{new_id()}/"), 404, "not_found")

    def test_cascade_must_be_true_or_false(self) -> None:
        goal = self.goal()
        self.assert_field_error(
            self.as_alice.delete(f"goals/{goal.pk}/?cascade=yes"), "cascade", "invalid"
        )
        self.assert_field_error(
            self.as_alice.delete(f"goals/{goal.pk}/?casade=true"), "casade", "unknown_parameter"
        )
