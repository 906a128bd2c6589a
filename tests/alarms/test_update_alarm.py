"""PATCH alarms/{id}/"""

from datetime import time

from alarms.models import Alarm
from tests.base import ApiTest, new_id


class UpdateAlarmTest(ApiTest):
    def setUp(self) -> None:
        super().setUp()
        self.alarm = Alarm.add(self.alice, time=time(7, 30))
        self.path = f"alarms/{self.alarm.pk}/"

    def test_only_the_sent_fields_change(self) -> None:
        assert self.ok(self.as_alice.patch(self.path, {"is_on": False}))["time"] == "07:30"
        alarm = self.ok(self.as_alice.patch(self.path, {"time": "08:00"}))
        assert (alarm["time"], alarm["is_on"]) == ("08:00", False)
        assert self.ok(self.as_alice.patch(self.path, {})) == alarm

    def test_the_time_of_another_alarm_is_a_duplicate_that_names_it(self) -> None:
        other = Alarm.add(self.alice, time=time(8))
        problem = self.assert_problem(
            self.as_alice.patch(self.path, {"time": "08:00"}), 409, "duplicate"
        )
        assert problem["existing"] == str(other.pk)
        self.ok(self.as_alice.patch(self.path, {"time": "07:30"}))

    def test_an_answer_can_be_sent_back_unchanged(self) -> None:
        alarm = self.ok(self.as_alice.get(self.path))
        again = self.ok(self.as_alice.patch(self.path, alarm))
        assert again | {"updated_at": ""} == alarm | {"updated_at": ""}

    def test_bad_values_are_refused(self) -> None:
        for field, value in (
            ("time", None),
            ("time", "8"),
            ("is_on", 1),
            ("is_on", None),
            ("on", True),
        ):
            problem = self.assert_problem(
                self.as_alice.patch(self.path, {field: value}), 400, "invalid"
            )
            assert [error["field"] for error in problem["errors"]] == [field]

    def test_an_alarm_of_another_person_is_not_found(self) -> None:
        for phone in (self.as_bob, self.as_charlie):
            hidden = self.assert_problem(phone.patch(self.path, {"is_on": False}), 404, "not_found")
            assert hidden == self.assert_problem(
                phone.patch(f"alarms/{new_id()}/", {}), 404, "not_found"
            )
        self.assert_problem(self.anonymous.patch(self.path, {}), 401, "not_authenticated")

    def test_an_alarm_keeps_its_local_time_when_the_timezone_changes(self) -> None:
        for zone in ("America/New_York", "Pacific/Kiritimati"):
            self.ok(self.as_alice.patch("me/", {"timezone": zone, "day_starts_at": 5}))
            assert self.ok(self.as_alice.get(self.path))["time"] == "07:30"
