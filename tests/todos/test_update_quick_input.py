"""PATCH quick-inputs/{id}/"""

from typing import Any

from goals.models import Goal
from tests.base import new_id
from tests.todos.quick_input_base import MONDAY, TUESDAY, WEDNESDAY, QuickInputTest


class UpdateQuickInputTest(QuickInputTest):
    def patch(self, **values: Any) -> Any:
        return self.as_alice.patch(f"quick-inputs/{self.water.pk}/", values)

    def test_only_the_sent_fields_change(self) -> None:
        before = self.ok(self.as_alice.get(f"quick-inputs/{self.water.pk}/"))
        after = self.ok(
            self.patch(title="Tea", weekdays=["fri", "tue"], time="08:00", ends_on="2026-12-31")
        )
        changed = {
            "title": "Tea",
            "weekdays": ["tue", "fri"],
            "time": "08:00",
            "ends_on": "2026-12-31",
        }
        assert after == before | changed | {"updated_at": after["updated_at"]}
        assert after == self.ok(self.as_alice.get(f"quick-inputs/{self.water.pk}/"))
        cleared = self.ok(self.patch(time=None, ends_on=None))
        assert cleared["time"] is cleared["ends_on"] is None

    def test_an_answer_can_be_sent_back_unchanged(self) -> None:
        read = self.ok(self.as_alice.get(f"quick-inputs/{self.water.pk}/"))
        again = self.ok(self.patch(**read))
        assert again == read | {"updated_at": again["updated_at"]}

    def test_an_empty_body_changes_nothing(self) -> None:
        read = self.ok(self.as_alice.get(f"quick-inputs/{self.water.pk}/"))
        assert self.ok(self.patch()) == read

    def test_a_change_applies_to_all_offers_including_past_ones_and_to_no_todo(self) -> None:
        todo = self.activate(MONDAY)
        done = self.activate(WEDNESDAY, is_done=True)
        work = self.goal(title="Work")
        self.ok(self.patch(title="Tea", goal=str(work.pk), time="08:00", weekdays=["mon", "tue"]))
        for before in (todo, done):
            assert self.ok(self.as_alice.get(f"todos/{before['id']}/")) == before
        offers = self.offers(MONDAY, MONDAY.replace(day=9))
        assert [(o["date"], o["title"], o["goal"], o["time"]) for o in offers] == [
            ("2026-03-03", "Tea", str(work.pk), "08:00"),
            ("2026-03-09", "Tea", str(work.pk), "08:00"),
        ]

    def test_a_todo_no_longer_offered_stays_and_can_be_put_back(self) -> None:
        self.activate(MONDAY)
        self.ok(self.patch(weekdays=["tue"]))
        assert self.todo().offered_on == MONDAY
        self.put_back(MONDAY)
        assert self.offered() == [TUESDAY.isoformat()]

    def test_the_range_can_change_and_its_end_is_not_before_its_start(self) -> None:
        self.ok(self.patch(ends_on="2026-03-31"))
        self.assert_field_error(self.patch(starts_on="2026-04-01"), "ends_on", "out_of_order")
        self.assert_field_error(self.patch(ends_on="2026-03-01"), "ends_on", "out_of_order")
        self.ok(self.patch(starts_on="2026-04-01", ends_on="2026-04-01"))
        self.assert_field_error(self.patch(starts_on=None), "starts_on", "null")

    def test_invalid_weekdays_are_refused(self) -> None:
        self.assert_field_error(self.patch(weekdays=[]), "weekdays", "empty")
        self.assert_field_error(self.patch(weekdays=["mon", "mon"]), "weekdays", "repeated")

    def test_the_goal_can_be_another_own_goal_active_or_not(self) -> None:
        stopped = self.goal(state=Goal.State.STOPPED)
        assert self.ok(self.patch(goal=str(stopped.pk)))["goal"] == str(stopped.pk)
        assert self.offers() == []
        for pk in (str(self.goal(self.bob, visibility="public").pk), new_id()):
            self.assert_field_error(self.patch(goal=pk), "goal", "does_not_exist")

    def test_an_unknown_field_is_refused_and_read_only_ones_are_ignored(self) -> None:
        self.assert_field_error(self.patch(weekday="mon"), "weekday", "unknown_field")
        same = self.ok(self.patch(id=new_id(), created_at="2020-01-01T00:00:00Z"))
        assert same["id"] == str(self.water.pk)
        assert not same["created_at"].startswith("2020")

    def test_a_quick_input_of_another_person_is_not_found(self) -> None:
        for path in (f"quick-inputs/{self.water.pk}/", f"quick-inputs/{new_id()}/"):
            for phone in (self.as_bob, self.as_charlie):
                self.assert_problem(phone.patch(path, {"title": "x"}), 404, "not_found")
        self.assert_problem(
            self.as_alice.put(f"quick-inputs/{self.water.pk}/", {}), 405, "method_not_allowed"
        )
