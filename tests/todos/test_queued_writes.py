"""Writes that a phone held offline while another device changed something (docs/offline.md)."""

from typing import Any

from alarms.models import Alarm
from goals.models import Goal
from tests.base import new_id
from tests.todos.quick_input_base import MONDAY, QuickInputTest, todo_path
from todos.models import TODOS_PER_DAY, Todo


class QueuedWritesTest(QuickInputTest):
    def fill(self) -> None:
        """Fill MONDAY with as many todos as it can hold."""
        row = {"owner": self.alice, "goal": self.health, "title": "x", "date": MONDAY}
        free = TODOS_PER_DAY - Todo.objects.filter(date=MONDAY).count()
        Todo.objects.bulk_create(Todo(**row, position=n) for n in range(free))

    def new_todo(self, **values: Any) -> dict[str, Any]:
        return {
            "id": new_id(),
            "goal": str(self.health.pk),
            "title": "Run",
            "date": str(MONDAY),
        } | values

    def test_a_repeated_create_is_answered_although_the_day_is_full_and_the_goal_has_ended(
        self,
    ) -> None:
        body = self.new_todo()
        first = self.ok(self.as_alice.post("todos/", body), 201)
        self.fill()
        assert self.ok(self.as_alice.post("todos/", body)) == first
        self.health.change(state=Goal.State.ENDED)
        assert self.ok(self.as_alice.post("todos/", body)) == first
        self.assert_problem(self.as_alice.post("todos/", self.new_todo()), 409, "goal_not_active")

    def test_a_second_activation_checks_although_the_day_is_full_and_the_goal_has_ended(
        self,
    ) -> None:
        self.activate(MONDAY)
        self.fill()
        self.health.change(state=Goal.State.ENDED)
        answer = self.as_alice.put(todo_path(self.water, MONDAY), {"is_done": True})
        assert self.ok(answer)["is_done"] is True

    def test_an_order_with_todos_that_are_gone_orders_the_others(self) -> None:
        rows = [self.ok(self.as_alice.post("todos/", self.new_todo()), 201) for _ in range(3)]
        ids = [row["id"] for row in rows]
        self.ok(self.as_alice.delete(f"todos/{ids[1]}/"), 204)
        order = {"date": str(MONDAY), "ids": [ids[2], ids[1], new_id(), ids[0]]}
        for _ in range(2):
            day = self.ok(self.as_alice.put("todos/order/", order))
            assert [row["id"] for row in day] == [ids[2], ids[0]]

    def test_a_second_alarm_at_a_time_names_the_first(self) -> None:
        first = self.ok(self.as_alice.post("alarms/", {"id": new_id(), "time": "07:00"}), 201)
        again = self.as_alice.post("alarms/", {"id": new_id(), "time": "07:00"})
        assert self.assert_problem(again, 409, "duplicate")["existing"] == first["id"]
        assert Alarm.objects.count() == 1

    def test_a_todo_of_a_goal_that_has_ended_is_edited_moved_and_checked(self) -> None:
        row = self.ok(self.as_alice.post("todos/", self.new_todo()), 201)
        self.health.change(state=Goal.State.DONE)
        for change in ({"title": "Swim"}, {"date": "2026-03-03"}, {"is_done": True}, row):
            self.ok(self.as_alice.patch(f"todos/{row['id']}/", change))
