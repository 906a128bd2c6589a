"""PUT quick-inputs/{id}/offers/{date}/todo/"""

from datetime import date, timedelta
from typing import Any
from uuid import uuid5

from core import clock
from goals.models import Goal
from resources.models import Tombstone
from tests.base import new_id
from tests.todos.quick_input_base import (
    MONDAY,
    NEXT_MONDAY,
    SUNDAY,
    TUESDAY,
    WEDNESDAY,
    QuickInputTest,
    dismissal_path,
    todo_path,
)
from todos.models import Todo


class ActivateOfferTest(QuickInputTest):
    def put(self, day: date | str = MONDAY, **body: Any) -> Any:
        return self.as_alice.put(todo_path(self.water, day), body)

    def test_activating_takes_eleven_queries(self) -> None:
        # savepoint, session, owner locked, quick input locked, its todo, its dismissal, tombstone,
        # goal, next position, row, savepoint's end
        with self.assertNumQueries(11):
            self.ok(self.put(), 201)

    def test_an_activated_offer_is_a_todo_of_its_date_with_a_derived_id(self) -> None:
        self.water.change(time="07:30")
        todo = self.activate(MONDAY)
        assert (
            todo.items()
            >= {
                "id": str(uuid5(self.water.pk, "2026-03-02")),
                "goal": str(self.health.pk),
                "title": "Water",
                "date": "2026-03-02",
                "time": "07:30",
                "is_done": False,
                "done_at": None,
                "quick_input": str(self.water.pk),
                "offered_on": "2026-03-02",
            }.items()
        )
        assert todo == self.ok(self.as_alice.get(f"todos/{todo['id']}/"))
        assert self.offered() == ["2026-03-04"]

    def test_the_body_is_optional(self) -> None:
        self.ok(self.as_alice.put(todo_path(self.water, MONDAY)), 201)

    def test_a_repeated_activation_gives_the_present_todo_even_if_moved(self) -> None:
        todo = self.activate(MONDAY)
        edit = {"title": "Tea", "date": SUNDAY.isoformat(), "time": "12:00", "memo": "green"}
        moved = self.ok(self.as_alice.patch(f"todos/{todo['id']}/", edit))
        assert self.ok(self.put(is_done=False, time=None)) == moved
        assert Todo.objects.count() == 1

    def test_an_activation_that_comes_second_checks_the_todo(self) -> None:
        todo = self.activate(MONDAY)
        self.ok(self.as_alice.patch(f"todos/{todo['id']}/", {"date": SUNDAY.isoformat()}))
        done = self.ok(self.put(is_done=True, time="12:00", done_at="2026-03-02T10:00:00Z"))
        assert (done["is_done"], done["done_at"]) == (True, "2026-03-02T10:00:00.000000Z")
        assert (done["date"], done["time"]) == (SUNDAY.isoformat(), None)
        for again in (self.put(is_done=True), self.put(is_done=False), self.put()):
            assert self.ok(again) == done

    def test_an_activation_that_comes_second_checks_the_todo_of_an_inactive_goal(self) -> None:
        self.activate(MONDAY)
        self.water.change(weekdays=["fri"])
        self.health.change(state=Goal.State.ENDED)
        assert self.ok(self.put(is_done=True))["is_done"] is True

    def test_a_repeated_activation_gives_the_todo_even_if_no_longer_offered(self) -> None:
        todo = self.activate(MONDAY)
        self.water.change(weekdays=["fri"])
        self.health.change(state=Goal.State.ENDED)
        assert self.ok(self.put()) == todo

    def test_moving_an_activated_todo_changes_no_offer(self) -> None:
        todo = self.activate(MONDAY)
        self.ok(self.as_alice.patch(f"todos/{todo['id']}/", {"date": WEDNESDAY.isoformat()}))
        assert self.offered(MONDAY, NEXT_MONDAY) == ["2026-03-04", "2026-03-09"]
        other = self.activate(WEDNESDAY)
        assert other["id"] != todo["id"]
        assert Todo.objects.filter(date=WEDNESDAY).count() == 2

    def test_an_activated_todo_is_last_in_its_day(self) -> None:
        for number in range(2):
            Todo.add(self.alice, goal=self.health, date=MONDAY, title=str(number))
        assert self.activate(MONDAY)["position"] == 2

    def test_an_activated_todo_can_be_done_at_once(self) -> None:
        todo = self.activate(MONDAY, is_done=True, done_at="2026-03-02T22:15:00+09:00")
        assert (todo["is_done"], todo["done_at"]) == (True, "2026-03-02T13:15:00.000000Z")
        before = clock.now()
        for day, body in (
            (WEDNESDAY, {"is_done": True}),
            (NEXT_MONDAY, {"is_done": True, "done_at": None}),
        ):
            self.activate(day, **body)
            assert before <= self.todo(date=day).done_at <= clock.now()
        again = self.put(MONDAY, is_done=True, done_at="2026-03-01T00:00:00Z")
        assert self.ok(again)["done_at"] == "2026-03-02T13:15:00.000000Z"

    def test_a_done_at_in_the_future_counts_as_now(self) -> None:
        before, ahead = clock.now(), (clock.now() + timedelta(hours=1)).isoformat()
        self.activate(MONDAY, is_done=True, done_at=ahead)
        assert before <= self.todo(date=MONDAY).done_at <= clock.now()

    def test_done_at_requires_is_done(self) -> None:
        past = "2026-03-02T00:00:00Z"
        self.assert_field_error(self.put(done_at=past), "done_at", "not_done")
        self.ok(self.put(done_at=None, is_done=False), 201)
        ignored = self.ok(self.put(NEXT_MONDAY, done_at=past, is_done=False), 201)
        assert (ignored["is_done"], ignored["done_at"]) == (False, None)

    def test_a_sent_time_replaces_the_quick_inputs_and_null_does_not(self) -> None:
        self.water.change(time="07:30")
        assert self.activate(MONDAY, time="08:45")["time"] == "08:45"
        nulls: dict[str, Any] = {"time": None, "is_done": None, "done_at": None}
        todo = self.activate(WEDNESDAY, **nulls)
        assert (todo["time"], todo["is_done"], todo["done_at"]) == ("07:30", False, None)
        self.assert_field_error(self.put(NEXT_MONDAY, time="8"), "time", "invalid")

    def test_other_fields_are_refused(self) -> None:
        for field in ("title", "goal", "date", "id", "memo"):
            self.assert_field_error(self.put(**{field: "x"}), field, "unknown_field")
        for body in ([], "x", None):
            response = self.as_alice.put(todo_path(self.water, MONDAY), body)
            assert response.status_code == (201 if body is None else 400)

    def test_a_date_without_an_offer_is_refused(self) -> None:
        self.water.change(ends_on=NEXT_MONDAY)
        for day in (TUESDAY, MONDAY - timedelta(days=7), NEXT_MONDAY + timedelta(days=2)):
            self.assert_problem(self.put(day), 409, "not_offered")

    def test_a_dismissed_date_is_refused_until_the_dismissal_is_undone(self) -> None:
        self.dismiss(MONDAY)
        self.assert_problem(self.put(), 409, "dismissed")
        self.ok(self.as_alice.delete(dismissal_path(self.water, MONDAY)), 204)
        self.activate(MONDAY)

    def test_an_inactive_goal_accepts_no_activation(self) -> None:
        self.health.change(state=Goal.State.DONE)
        self.assert_problem(self.put(), 409, "goal_not_active")
        assert not Todo.objects.exists()

    def test_an_offer_can_be_activated_again_after_its_todo_was_deleted(self) -> None:
        todo = self.activate(MONDAY, is_done=True)
        self.ok(self.as_alice.delete(f"todos/{todo['id']}/"), 204)
        self.assert_problem(self.put(), 409, "dismissed")
        self.ok(self.as_alice.delete(dismissal_path(self.water, MONDAY)), 204)
        afresh = self.activate(MONDAY)
        assert (afresh["id"], afresh["is_done"]) == (todo["id"], False)
        assert not Tombstone.objects.filter(pk=todo["id"]).exists()

    def test_a_full_day_accepts_no_activation(self) -> None:
        row = {"owner": self.alice, "goal": self.health, "title": "x", "date": MONDAY}
        Todo.objects.bulk_create(Todo(**row) for _ in range(200))
        assert self.assert_problem(self.put(), 409, "limit")["limit"] == 200
        self.activate(WEDNESDAY)

    def test_an_invalid_date_in_the_path_is_not_found(self) -> None:
        for day in (
            "2026-02-30",
            "1899-12-31",
            "2200-01-01",
            "2026-3-2",
            "today",
            "20260302",
            "٢٠٢٦-٠٣-٠٢",
        ):
            for path in (todo_path(self.water, day), dismissal_path(self.water, day)):
                self.assert_problem(self.as_alice.put(path), 404, "not_found")

    def test_a_quick_input_of_another_person_is_not_found(self) -> None:
        for pk in (str(self.water.pk), new_id()):
            path = f"quick-inputs/{pk}/offers/{MONDAY}/todo/"
            self.assert_problem(self.as_bob.put(path), 404, "not_found")
            self.assert_problem(self.as_bob.delete(path), 404, "not_found")
            self.assert_problem(self.anonymous.put(path), 401, "not_authenticated")
