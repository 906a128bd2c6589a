"""PATCH todos/{id}/ with a whole answer in which one field is changed."""

from typing import Any

from tests.base import ApiTest
from todos.models import Todo


class SendBackTodoTest(ApiTest):
    def read(self, **values: Any) -> dict[str, Any]:
        todo = Todo.add(self.alice, goal=self.goal(), title="Run", **{"date": self.today} | values)
        return dict(self.ok(self.as_alice.get(f"todos/{todo.pk}/")))

    def send(self, row: dict[str, Any], **changes: Any) -> dict[str, Any]:
        return dict(self.ok(self.as_alice.patch(f"todos/{row['id']}/", row | changes)))

    def test_an_unchanged_answer_changes_nothing(self) -> None:
        for row in (self.read(), self.read(is_done=True), self.read(date=None)):
            assert self.send(row) == row

    def test_a_done_todo_can_be_undone(self) -> None:
        row = self.send(self.read(is_done=True), is_done=False)
        assert (row["is_done"], row["done_at"]) == (False, None)

    def test_a_done_todo_with_a_time_can_be_archived(self) -> None:
        row = self.send(self.read(is_done=True, time="07:00:00"), date=None)
        assert (row["date"], row["time"], row["is_done"], row["done_at"]) == (
            None,
            None,
            False,
            None,
        )

    def test_new_values_that_an_archived_todo_cannot_have_are_refused(self) -> None:
        row = self.read(date=None)
        self.assert_field_error(
            self.as_alice.patch(f"todos/{row['id']}/", {"is_done": True}), "is_done", "archived"
        )
