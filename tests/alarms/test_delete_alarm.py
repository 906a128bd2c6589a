"""DELETE alarms/{id}/"""

from datetime import time

from alarms.models import Alarm
from tests.base import ApiTest, new_id


class DeleteAlarmTest(ApiTest):
    def test_deleting_an_alarm_is_idempotent(self) -> None:
        alarm = Alarm.add(self.alice, time=time(7))
        for _ in range(2):
            self.ok(self.as_alice.delete(f"alarms/{alarm.pk}/"), 204)
        self.assert_problem(self.as_alice.get(f"alarms/{alarm.pk}/"), 404, "not_found")
        assert not Alarm.objects.exists()

    def test_the_id_of_a_deleted_alarm_is_gone_and_its_time_is_free(self) -> None:
        pk = new_id()
        self.ok(self.as_alice.post("alarms/", {"id": pk, "time": "07:00"}), 201)
        self.ok(self.as_alice.delete(f"alarms/{pk}/"), 204)
        self.assert_problem(
            self.as_alice.post("alarms/", {"id": pk, "time": "07:00"}), 410, "deleted"
        )
        self.ok(self.as_alice.post("alarms/", {"time": "07:00"}), 201)

    def test_an_alarm_of_another_person_is_not_found(self) -> None:
        alarm = Alarm.add(self.alice, time=time(7))
        self.assert_problem(self.as_bob.delete(f"alarms/{alarm.pk}/"), 404, "not_found")
        self.assert_problem(self.as_alice.delete(f"alarms/{new_id()}/"), 404, "not_found")
        self.ok(self.as_alice.delete(f"alarms/{alarm.pk}/"), 204)
        self.assert_problem(self.as_bob.delete(f"alarms/{alarm.pk}/"), 404, "not_found")
