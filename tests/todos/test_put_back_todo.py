"""DELETE quick-inputs/{id}/offers/{date}/todo/"""

from cheers.models import Cheer
from goals.models import Goal
from tests.todos.quick_input_base import (
    MONDAY,
    SUNDAY,
    TUESDAY,
    WEDNESDAY,
    QuickInputTest,
    todo_path,
)
from todos.models import Todo


class PutBackTodoTest(QuickInputTest):
    def test_a_todo_put_back_is_an_offer_again(self) -> None:
        before = self.offers()
        todo = self.activate(MONDAY)
        self.put_back(MONDAY)
        assert self.offers() == before
        assert not Todo.objects.exists()
        self.assert_problem(self.as_alice.get(f"todos/{todo['id']}/"), 404, "not_found")

    def test_putting_back_is_idempotent_and_succeeds_without_a_todo(self) -> None:
        self.activate(MONDAY)
        for day in (MONDAY, MONDAY, WEDNESDAY, TUESDAY):
            self.put_back(day)
        assert self.offered() == ["2026-03-02", "2026-03-04"]

    def test_putting_back_discards_the_changes_of_the_todo(self) -> None:
        self.health.change(visibility="public")
        todo = self.activate(MONDAY, time="09:00")
        work = self.goal(title="Work", visibility="public")
        edit = {"title": "Tea", "memo": "green", "goal": str(work.pk)}
        self.ok(self.as_alice.patch(f"todos/{todo['id']}/", edit))
        Cheer.give(self.bob, self.todo(), "🍵")
        self.put_back(MONDAY)
        assert not Cheer.objects.exists()
        again = self.activate(MONDAY)
        assert again["id"] == todo["id"]
        assert (again["title"], again["memo"], again["time"]) == ("Water", "", None)
        assert again["goal"] == str(self.health.pk)

    def test_a_moved_todo_put_back_is_an_offer_of_its_original_date(self) -> None:
        todo = self.activate(MONDAY)
        self.ok(self.as_alice.patch(f"todos/{todo['id']}/", {"date": SUNDAY.isoformat()}))
        self.put_back(SUNDAY)  # nothing was offered there
        assert self.todo().date == SUNDAY
        self.put_back(MONDAY)
        assert self.offered() == ["2026-03-02", "2026-03-04"]

    def test_a_done_todo_cannot_be_put_back_until_undone(self) -> None:
        todo = self.activate(MONDAY, is_done=True)
        self.assert_problem(self.as_alice.delete(todo_path(self.water, MONDAY)), 409, "done")
        assert self.ok(self.as_alice.get(f"todos/{todo['id']}/")) == todo
        self.ok(self.as_alice.patch(f"todos/{todo['id']}/", {"is_done": False}))
        self.put_back(MONDAY)

    def test_a_todo_of_an_inactive_goal_can_be_put_back(self) -> None:
        self.activate(MONDAY)
        self.health.change(state=Goal.State.ENDED)
        self.put_back(MONDAY)
        assert self.offers() == []
        self.health.change(state=Goal.State.ACTIVE)
        assert self.offered() == ["2026-03-02", "2026-03-04"]

    def test_putting_back_keeps_other_todos(self) -> None:
        own = Todo.add(self.alice, goal=self.health, date=MONDAY, title="Own")
        self.activate(WEDNESDAY)
        self.activate(MONDAY)
        self.put_back(MONDAY)
        assert set(Todo.objects.values_list("pk", flat=True)) == {
            own.pk,
            self.water.todo_id(WEDNESDAY),
        }

    def test_an_activated_todo_cannot_be_archived(self) -> None:
        todo = self.activate(MONDAY)
        response = self.as_alice.patch(f"todos/{todo['id']}/", {"date": None})
        self.assert_problem(response, 409, "put_back_instead")
