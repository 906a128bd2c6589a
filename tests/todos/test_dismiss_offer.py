"""PUT, DELETE quick-inputs/{id}/offers/{date}/dismissal/"""

from datetime import date
from typing import Any

from goals.models import Goal
from tests.base import new_id
from tests.todos.quick_input_base import (
    MONDAY,
    NEXT_MONDAY,
    TUESDAY,
    WEDNESDAY,
    QuickInputTest,
    dismissal_path,
)
from todos.models import Dismissal


class DismissOfferTest(QuickInputTest):
    def put(self, day: date = MONDAY) -> Any:
        return self.as_alice.put(dismissal_path(self.water, day))

    def undo(self, day: date = MONDAY) -> None:
        self.ok(self.as_alice.delete(dismissal_path(self.water, day)), 204)

    def test_a_dismissal_hides_the_offer_of_that_date_until_undone(self) -> None:
        self.dismiss(MONDAY)
        assert self.offered(MONDAY, NEXT_MONDAY) == ["2026-03-04", "2026-03-09"]
        self.undo(MONDAY)
        assert self.offered(MONDAY, NEXT_MONDAY) == ["2026-03-02", "2026-03-04", "2026-03-09"]

    def test_dismissing_and_undoing_are_idempotent(self) -> None:
        self.dismiss(MONDAY)
        self.dismiss(MONDAY)
        assert Dismissal.objects.count() == 1
        self.undo(MONDAY)
        self.undo(MONDAY)
        self.undo(TUESDAY)  # never offered
        assert not Dismissal.objects.exists()

    def test_an_activated_offer_cannot_be_dismissed_even_if_its_todo_moved(self) -> None:
        todo = self.activate(MONDAY)
        self.ok(self.as_alice.patch(f"todos/{todo['id']}/", {"date": WEDNESDAY.isoformat()}))
        self.assert_problem(self.put(MONDAY), 409, "activated")
        self.dismiss(WEDNESDAY)
        self.put_back(MONDAY)
        self.dismiss(MONDAY)

    def test_a_date_without_an_offer_cannot_be_dismissed(self) -> None:
        self.assert_problem(self.put(TUESDAY), 409, "not_offered")
        self.assert_problem(self.put(date(2026, 2, 23)), 409, "not_offered")

    def test_a_dismissal_survives_changes_of_the_quick_input_and_the_goal(self) -> None:
        self.dismiss(MONDAY)
        self.water.change(weekdays=["tue"])
        self.dismiss(MONDAY)  # again, though no longer offered
        self.water.change(weekdays=["mon"])
        self.health.change(state=Goal.State.ENDED)
        self.dismiss(NEXT_MONDAY)
        self.health.change(state=Goal.State.ACTIVE)
        assert self.offered(MONDAY, NEXT_MONDAY) == []

    def test_deleting_an_activated_todo_dismisses_its_offer(self) -> None:
        todo = self.activate(MONDAY)
        self.ok(self.as_alice.patch(f"todos/{todo['id']}/", {"date": TUESDAY.isoformat()}))
        for _ in range(2):
            self.ok(self.as_alice.delete(f"todos/{todo['id']}/"), 204)
        assert self.offered() == ["2026-03-04"]
        self.dismiss(MONDAY)  # already dismissed, so this changes nothing
        self.undo(MONDAY)
        assert self.offered() == ["2026-03-02", "2026-03-04"]

    def test_deleting_several_todos_dismisses_each_offer(self) -> None:
        todos = [self.activate(MONDAY), self.activate(WEDNESDAY)]
        self.ok(self.as_alice.post("todos/delete/", {"ids": [todo["id"] for todo in todos]}))
        assert self.offered(MONDAY, NEXT_MONDAY) == ["2026-03-09"]

    def test_deleting_the_goal_of_an_activated_todo_dismisses_its_offer(self) -> None:
        work = self.goal(title="Work")
        todo = self.activate(MONDAY)
        self.ok(self.as_alice.patch(f"todos/{todo['id']}/", {"goal": str(work.pk)}))
        self.ok(self.as_alice.delete(f"goals/{work.pk}/?cascade=true"), 204)
        assert self.offered() == ["2026-03-04"]

    def test_a_quick_input_of_another_person_is_not_found(self) -> None:
        for pk in (str(self.water.pk), new_id()):
            path = f"quick-inputs/{pk}/offers/{MONDAY}/dismissal/"
            self.assert_problem(self.as_bob.put(path), 404, "not_found")
            self.assert_problem(self.as_bob.delete(path), 404, "not_found")
            self.assert_problem(self.anonymous.put(path), 401, "not_authenticated")
        assert not Dismissal.objects.exists()
