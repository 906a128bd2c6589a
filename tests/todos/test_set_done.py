"""PATCH todos/{id}/ with is_done"""

from datetime import UTC, datetime, timedelta

from core import clock
from tests.todos.todo_base import DAY, NEXT_DAY, TodoTest

FIRST, SECOND = "2026-03-01T10:00:00.000000Z", "2026-03-01T11:00:00.000000Z"


class SetDoneTest(TodoTest):
    def test_done_at_is_the_servers_time_unless_sent(self) -> None:
        before = clock.now()
        after = self.ok(self.patch(self.todo(), is_done=True))
        assert after["is_done"] is True
        assert before <= datetime.fromisoformat(after["done_at"]) <= clock.now()
        assert self.ok(self.patch(self.todo(), is_done=True, done_at=FIRST))["done_at"] == FIRST
        assert self.ok(self.patch(self.todo(), is_done=True, done_at=None))["done_at"] is not None

    def test_setting_done_twice_keeps_the_first_done_at(self) -> None:
        todo = self.todo()
        first = self.ok(self.patch(todo, is_done=True, done_at=FIRST))
        for body in ({}, {"done_at": SECOND}, {"done_at": FIRST}, {"done_at": None}):
            assert self.ok(self.patch(todo, is_done=True, **body)) == first

    def test_undoing_clears_done_at_and_doing_again_sets_a_new_one(self) -> None:
        todo = self.todo()
        self.ok(self.patch(todo, is_done=True, done_at=FIRST))
        for _ in range(2):
            undone = self.ok(self.patch(todo, is_done=False))
            assert (undone["is_done"], undone["done_at"]) == (False, None)
        assert self.ok(self.patch(todo, is_done=True, done_at=SECOND))["done_at"] == SECOND

    def test_done_at_requires_is_done_or_a_todo_that_is_done(self) -> None:
        todo = self.todo()
        self.assert_field_error(self.patch(todo, done_at=FIRST), "done_at", "not_done")
        self.ok(self.patch(todo, done_at=None))
        first = self.ok(self.patch(todo, is_done=True, done_at=FIRST))
        for done_at in (FIRST, SECOND, None):
            assert self.ok(self.patch(todo, done_at=done_at)) == first

    def test_undoing_ignores_the_time_that_a_device_holds(self) -> None:
        for day in (DAY, None):
            todo = self.todo(day=day)
            for is_done in (True, False, False):
                if day is None and is_done:
                    continue
                self.ok(self.patch(todo, is_done=is_done, done_at=FIRST))
                after = self.ok(self.patch(todo, is_done=False, done_at=SECOND))
                assert (after["is_done"], after["done_at"]) == (False, None)

    def test_archiving_ignores_the_time_that_a_device_holds(self) -> None:
        for body in ({}, {"is_done": True}, {"is_done": False}):
            todo = self.todo()
            self.ok(self.patch(todo, is_done=True, done_at=FIRST))
            after = self.ok(self.patch(todo, date=None, done_at=SECOND, **body))
            assert (after["date"], after["is_done"], after["done_at"]) == (None, False, None)

    def test_a_done_at_in_the_future_counts_as_now(self) -> None:
        now = datetime.now(UTC)
        ahead = [(now + timedelta(seconds=n)).isoformat() for n in (1, 45, 75, 86_400 * 366)]
        last = "9999-12-31T23:59:59"
        for done_at in (*ahead, "2200-01-01T00:00:00Z", f"{last}Z", f"{last}-10:00"):
            done = self.ok(self.patch(self.todo(), is_done=True, done_at=done_at))
            assert now <= datetime.fromisoformat(done["done_at"]) <= clock.now(), done_at
        for done_at in ("1899-12-31T00:00:00Z", "0001-01-01T00:00:00+10:00"):
            past = self.patch(self.todo(), is_done=True, done_at=done_at)
            self.assert_field_error(past, "done_at", "out_of_range")

    def test_is_done_must_be_true_or_false(self) -> None:
        for value in (1, "true", None, "done"):
            response = self.patch(self.todo(), is_done=value)
            self.assert_field_error(response, "is_done", "null" if value is None else "invalid")

    def test_an_archived_todo_cannot_be_done(self) -> None:
        archived, dated = self.todo(day=None), self.todo()
        self.assert_field_error(self.patch(archived, is_done=True), "is_done", "archived")
        self.assert_field_error(self.patch(dated, is_done=True, date=None), "is_done", "archived")
        self.ok(self.patch(archived, is_done=False))
        scheduled = self.ok(self.patch(archived, is_done=True, done_at=FIRST, date=str(NEXT_DAY)))
        assert (scheduled["date"], scheduled["done_at"]) == (str(NEXT_DAY), FIRST)

    def test_moving_keeps_done_and_doing_keeps_the_position(self) -> None:
        todo = self.todo()
        self.todo("Last")
        assert self.ok(self.patch(todo, is_done=True, done_at=FIRST))["position"] == 0
        moved = self.ok(self.patch(todo, date=str(NEXT_DAY)))
        assert (moved["is_done"], moved["done_at"]) == (True, FIRST)
        back = self.ok(self.patch(todo, date=str(DAY), is_done=False))
        assert (back["position"], back["done_at"]) == (2, None)

    def test_a_todo_of_an_inactive_goal_can_be_done(self) -> None:
        todo = self.todo()
        self.end(self.health)
        for is_done in (True, False):
            self.ok(self.patch(todo, is_done=is_done))

    def test_a_viewer_may_not_set_done(self) -> None:
        todo = self.todo()
        self.assert_problem(
            self.as_bob.patch(f"todos/{todo.pk}/", {"is_done": True}), 403, "permission_denied"
        )

    def test_setting_done_takes_five_queries_and_four_when_repeated(self) -> None:
        todo = self.todo()
        with self.assertNumQueries(5):  # savepoint, session, row locked, update, savepoint's end
            self.ok(self.patch(todo, is_done=True))
        with self.assertNumQueries(4):
            self.ok(self.patch(todo, is_done=True))
