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

    def test_its_offers_are_deleted_and_other_quick_inputs_stay(self) -> None:
        tea = self.quick_input(title="Tea")
        self.delete()
        assert {offer["quick_input"] for offer in self.offers()} == {str(tea.pk)}
        assert list(QuickInput.objects.all()) == [tea]

    def test_its_todos_lose_only_the_reference_and_keep_offered_on(self) -> None:
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

    def test_its_dismissals_are_deleted(self) -> None:
        self.dismiss(MONDAY)
        self.delete()
        assert not Dismissal.objects.exists()

    def test_its_todos_become_ordinary_todos(self) -> None:
        todo = self.activate(MONDAY)
        self.delete()
        assert self.ok(self.as_alice.patch(f"todos/{todo['id']}/", {"date": None}))["date"] is None
        self.ok(self.as_alice.delete(f"todos/{todo['id']}/"), 204)

    def test_deleting_a_quick_input_is_idempotent(self) -> None:
        self.delete()
        self.delete()
        self.assert_problem(self.as_alice.get(f"quick-inputs/{self.water.pk}/"), 404, "not_found")

    def test_its_offers_are_not_found(self) -> None:
        self.activate(MONDAY)
        self.delete()
        for path in (todo_path(self.water, MONDAY), dismissal_path(self.water, MONDAY)):
            self.assert_problem(self.as_alice.put(path), 404, "not_found")
            self.assert_problem(self.as_alice.delete(path), 404, "not_found")

    def test_an_unknown_quick_input_and_one_of_another_person_are_not_found(self) -> None:
        for pk in (new_id(), str(self.quick_input(self.bob).pk)):
            self.assert_problem(self.as_alice.delete(f"quick-inputs/{pk}/"), 404, "not_found")

    def test_deleting_its_goal_deletes_a_quick_input_but_no_todos_of_other_goals(self) -> None:
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
