"""DELETE quick-inputs/{id}/"""

from tests.base import new_id
from tests.todos.quick_input_base import (
    MONDAY,
    NEXT_MONDAY,
    WEDNESDAY,
    QuickInputTest,
    dismissal_path,
    todo_path,
)
from todos.models import Dismissal, QuickInput


class DeleteQuickInputTest(QuickInputTest):
    def delete(self) -> None:
        self.ok(self.as_alice.delete(f"quick-inputs/{self.water.pk}/"), 204)

    def test_all_its_offers_go_and_other_quick_inputs_stay(self) -> None:
        tea = self.quick_input(title="Tea")
        self.delete()
        assert {offer["quick_input"] for offer in self.offers()} == {str(tea.pk)}
        assert list(QuickInput.objects.all()) == [tea]

    def test_no_todo_changes_but_for_naming_it_and_offered_on_stays(self) -> None:
        todos = [
            self.activate(MONDAY, is_done=True),
            self.activate(WEDNESDAY),
            self.activate(NEXT_MONDAY),
        ]
        self.delete()
        for todo in todos:
            left = self.ok(self.as_alice.get(f"todos/{todo['id']}/"))
            assert left == todo | {"quick_input": None}
            assert left["offered_on"] == todo["date"]

    def test_its_dismissals_go_with_it(self) -> None:
        self.dismiss(MONDAY)
        self.delete()
        assert not Dismissal.objects.exists()

    def test_a_todo_that_it_left_is_an_ordinary_one(self) -> None:
        todo = self.activate(MONDAY)
        self.delete()
        assert self.ok(self.as_alice.patch(f"todos/{todo['id']}/", {"date": None}))["date"] is None
        self.ok(self.as_alice.delete(f"todos/{todo['id']}/"), 204)

    def test_deleting_again_is_the_same(self) -> None:
        self.delete()
        self.delete()
        self.assert_problem(self.as_alice.get(f"quick-inputs/{self.water.pk}/"), 404, "not_found")

    def test_nothing_can_be_done_with_its_offers_any_more(self) -> None:
        self.activate(MONDAY)
        self.delete()
        for path in (todo_path(self.water, MONDAY), dismissal_path(self.water, MONDAY)):
            self.assert_problem(self.as_alice.put(path), 404, "not_found")
            self.assert_problem(self.as_alice.delete(path), 404, "not_found")

    def test_one_that_never_was_or_is_someone_elses_is_not_there(self) -> None:
        for pk in (new_id(), str(self.quick_input(self.bob).pk)):
            self.assert_problem(self.as_alice.delete(f"quick-inputs/{pk}/"), 404, "not_found")

    def test_it_goes_with_its_goal_and_todos_in_other_goals_stay(self) -> None:
        todo = self.activate(MONDAY)
        work = self.goal(title="Work")
        self.ok(self.as_alice.patch(f"todos/{todo['id']}/", {"goal": str(work.pk)}))
        self.activate(WEDNESDAY)
        self.ok(self.as_alice.delete(f"goals/{self.health.pk}/?cascade=true"), 204)
        assert not QuickInput.objects.exists()
        assert (self.todo().goal, self.todo().quick_input, self.todo().offered_on) == (
            work,
            None,
            MONDAY,
        )
        self.delete()  # it has a tombstone
