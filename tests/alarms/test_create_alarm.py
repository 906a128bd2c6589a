"""POST alarms/"""

from datetime import time

import pytest

from alarms.models import Alarm
from tests.base import ApiTest, RaceTest, needs_row_locks, new_id


class CreateAlarmTest(ApiTest):
    def test_a_new_alarm_has_a_local_time_and_is_on(self) -> None:
        alarm = self.ok(self.as_alice.post("alarms/", {"time": "07:30"}), 201)
        assert set(alarm) == {"id", "time", "is_on", "created_at", "updated_at"}
        assert (alarm["time"], alarm["is_on"]) == ("07:30", True)
        assert (
            self.ok(self.as_alice.post("alarms/", {"time": "07:31", "is_on": False}), 201)["is_on"]
            is False
        )

    def test_a_repeated_create_gives_the_present_alarm_whatever_the_body(self) -> None:
        pk = new_id()
        self.ok(self.as_alice.post("alarms/", {"id": pk, "time": "07:30"}), 201)
        self.ok(self.as_alice.patch(f"alarms/{pk}/", {"time": "08:00"}))
        assert (
            self.ok(self.as_alice.post("alarms/", {"id": pk, "time": "07:30"}), 200)["time"]
            == "08:00"
        )
        assert Alarm.objects.count() == 1

    def test_a_second_alarm_at_a_time_is_a_duplicate_that_names_the_first(self) -> None:
        first = self.ok(self.as_alice.post("alarms/", {"time": "07:30"}), 201)
        problem = self.assert_problem(
            self.as_alice.post("alarms/", {"time": "07:30"}), 409, "duplicate"
        )
        assert problem["existing"] == first["id"]
        self.ok(self.as_bob.post("alarms/", {"time": "07:30"}), 201)

    def test_a_person_has_at_most_50_alarms(self) -> None:
        Alarm.objects.bulk_create(
            Alarm(owner=self.alice, time=time(n // 60, n % 60)) for n in range(50)
        )
        assert (
            self.assert_problem(self.as_alice.post("alarms/", {"time": "12:00"}), 409, "limit")[
                "limit"
            ]
            == 50
        )
        self.assert_problem(self.as_alice.post("alarms/", {"time": "00:00"}), 409, "duplicate")
        self.ok(self.as_bob.post("alarms/", {"time": "12:00"}), 201)

    def test_a_bad_time_is_refused(self) -> None:
        for value in ("7:30", "24:00", "07:60", "07:30:00", "07:30Z", "٠٧:٣٠", "", None, 730):
            answer = self.as_alice.post("alarms/", {"time": value})
            problem = self.assert_problem(answer, 400, "invalid")
            assert [error["field"] for error in problem["errors"]] == ["time"]
        self.assert_field_error(self.as_alice.post("alarms/", {}), "time", "required")

    def test_the_id_of_another_persons_alarm_is_taken(self) -> None:
        pk = str(Alarm.add(self.bob, time=time(7)).pk)
        self.assert_problem(
            self.as_alice.post("alarms/", {"id": pk, "time": "07:30"}), 409, "id_taken"
        )


@needs_row_locks
@pytest.mark.races
class CreateAlarmRaceTest(RaceTest):
    def test_sixteen_concurrent_creates_at_one_time_make_one_alarm(self) -> None:
        answers = self.at_once(lambda _: self.phone(self.alice).post("alarms/", {"time": "07:30"}))
        assert sorted(answer.status_code for answer in answers) == [201] + [409] * 15
        assert (
            len({answer.json().get("existing", answer.json().get("id")) for answer in answers}) == 1
        )

    def test_sixteen_concurrent_creates_do_not_exceed_the_limit(self) -> None:
        Alarm.objects.bulk_create(
            Alarm(owner=self.alice, time=time(n // 60, n % 60)) for n in range(45)
        )
        answers = self.at_once(
            lambda n: self.phone(self.alice).post("alarms/", {"time": f"10:{n:02}"})
        )
        assert sorted(answer.status_code for answer in answers) == [201] * 5 + [409] * 11
