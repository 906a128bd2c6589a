"""A moved todo keeps its local time, in every zone and over both clock changes."""

from __future__ import annotations

from accounts.models import Profile
from tests.accounts.test_today import ZONES
from tests.base import ApiTest
from todos.models import Todo

# Sundays of clock changes in both hemispheres, and times that are skipped or occur twice.
CHANGES = ("2026-03-08", "2026-03-29", "2026-04-05", "2026-10-04", "2026-10-25", "2026-11-01")
TIMES = ("00:00", "01:30", "02:30", "03:00", "23:59")


class MoveOverZonesTest(ApiTest):
    def test_a_move_sets_the_date_and_keeps_the_time_in_every_zone(self) -> None:
        todos = [
            Todo.add(self.alice, goal=self.goal(), title="Run", date=self.today, time=time)
            for time in TIMES
        ]
        assert len(ZONES) == 12
        for zone in ZONES:
            Profile.objects.filter(pk=self.alice.pk).update(timezone=zone)
            for day in CHANGES:
                body = {"ids": [str(todo.pk) for todo in todos], "date": day}
                moved = self.ok(self.as_alice.post("todos/move/", body))["moved"]
                assert [(row["date"], row["time"]) for row in moved] == [
                    (day, time) for time in TIMES
                ], (zone, day)

    def test_a_todo_keeps_its_date_and_time_when_the_timezone_changes(self) -> None:
        todo = Todo.add(self.alice, goal=self.goal(), title="Run", date=self.today, time="23:30")
        read = self.ok(self.as_alice.get(f"todos/{todo.pk}/"))
        for zone in ZONES:
            self.ok(self.as_alice.patch("me/", {"timezone": zone}))
            assert self.ok(self.as_alice.get(f"todos/{todo.pk}/")) == read, zone
