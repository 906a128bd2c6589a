"""GET alarms/, GET alarms/{id}/"""

from datetime import time

from alarms.models import Alarm
from tests.base import EMPTY_PAGE, ApiTest, new_id


class ListAlarmsTest(ApiTest):
    def test_own_alarms_are_listed_by_time(self) -> None:
        for hour in (9, 7, 23):
            Alarm.add(self.alice, time=time(hour))
        Alarm.add(self.bob, time=time(8))
        alarms = self.ok(self.as_alice.get("alarms/"))["results"]
        assert [alarm["time"] for alarm in alarms] == ["07:00", "09:00", "23:00"]
        assert self.ok(self.as_charlie.get("alarms/")) == EMPTY_PAGE

    def test_pages_have_each_alarm_once(self) -> None:
        for hour in range(7):
            Alarm.add(self.alice, time=time(hour))
        page, seen = self.ok(self.as_alice.get("alarms/?page_size=3")), []
        seen += page["results"]
        while page["next"]:
            page = self.ok(self.as_alice.get(page["next"]))
            seen += page["results"]
        assert [alarm["time"] for alarm in seen] == [f"{hour:02}:00" for hour in range(7)]

    def test_one_alarm_and_many_cost_the_same_queries(self) -> None:
        for hours in ((0,), range(1, 24)):
            for hour in hours:
                Alarm.add(self.alice, time=time(hour))
            with self.assertNumQueries(2):  # the session with its user and profile; the page
                self.ok(self.as_alice.get("alarms/"))

    def test_owner_is_an_unknown_parameter(self) -> None:
        self.assert_field_error(
            self.as_alice.get(f"alarms/?owner={self.bob.uuid}"), "owner", "unknown_parameter"
        )

    def test_an_alarm_is_visible_to_its_owner_only(self) -> None:
        alarm = Alarm.add(self.alice, time=time(7))
        assert self.ok(self.as_alice.get(f"alarms/{alarm.pk}/"))["time"] == "07:00"
        hidden = self.assert_problem(self.as_bob.get(f"alarms/{alarm.pk}/"), 404, "not_found")
        assert hidden == self.assert_problem(
            self.as_bob.get(f"alarms/{new_id()}/"), 404, "not_found"
        )
