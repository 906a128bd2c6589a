"""The number of queries of days and calendars, which does not depend on the number of rows."""

import datetime as dt
from typing import Any

from alarms.models import Alarm
from cheers.models import Cheer
from diaries.models import Diary
from goals.models import Goal
from tests.base import Client, person
from tests.days.base import DAY, DaysTest
from todos.models import QuickInput, Todo

MARCH = "calendar/?month=2026-03"


class QueryBudgetTest(DaysTest):
    def fill(self, rows: int) -> None:
        """Create this many goals, todos, quick inputs, alarms, and cheers of one person."""
        viewers = list(self.bob.follows.all())
        cheerer = person("Cheerer")
        for number in range(rows):
            goal = Goal.objects.create(
                owner=self.alice, title=f"{number}", visibility="public", position=number
            )
            goal.viewers.set(viewers)
            todo = Todo.objects.create(
                owner=self.alice, goal=goal, title="Run", date=DAY, position=number
            )
            Cheer.give(cheerer, todo, "👍")
        values = {
            "owner": self.alice,
            "goal": goal,
            "weekdays": ["mon"],
            "starts_on": DAY,
            "title": "Water",
        }
        QuickInput.objects.bulk_create(QuickInput(**values) for _ in range(rows))
        taken = Alarm.objects.of(self.alice).count()
        Alarm.objects.bulk_create(
            Alarm(owner=self.alice, time=dt.time((taken + n) // 60, (taken + n) % 60))
            for n in range(rows)
        )
        diary, _ = Diary.objects.get_or_create(
            owner=self.alice, date=DAY, defaults={"visibility": "public"}
        )
        diary.viewers.set(viewers)
        Cheer.give(cheerer, diary, "👍")

    def assert_queries(self, phone: Client, path: str, queries: int) -> Any:
        """Assert the number of queries with one row of each kind and with a hundred."""
        self.fill(1)
        self.read(phone, path)
        with self.assertNumQueries(queries):
            self.read(phone, path)
        self.fill(99)
        with self.assertNumQueries(queries):
            return self.read(phone, path)

    def test_an_own_day_takes_ten_queries(self) -> None:
        # session; todos; diary, its viewers; goals, their viewers; quick inputs; their todos and
        # dismissals; alarms; cheers
        day = self.assert_queries(self.as_alice, f"days/{DAY}/", 10)
        assert [len(day[name]) for name in ("goals", "offers", "alarms", "cheers")] == [
            100,
            100,
            100,
            101,
        ]
        assert all(len(goal["todos"]) == len(goal["viewers"]) == 1 for goal in day["goals"])

    def test_a_friends_day_takes_six_queries(self) -> None:
        # session; the friend; todos; diary; goals; cheers
        day = self.assert_queries(self.as_bob, f"days/{DAY}/?owner={self.alice.uuid}", 6)
        assert [len(day[name]) for name in ("goals", "offers", "alarms", "cheers")] == [
            100,
            0,
            0,
            101,
        ]

    def test_an_own_calendar_takes_four_queries(self) -> None:
        # session; todos; diaries; cheers
        [day] = self.assert_queries(self.as_alice, MARCH, 4)["days"]
        assert (len(day["goals"]), day["cheers"]) == (100, 102)

    def test_a_friends_calendar_takes_five_queries(self) -> None:
        # session; the friend; todos; diaries; cheers
        [day] = self.assert_queries(self.as_bob, f"{MARCH}&owner={self.alice.uuid}", 5)["days"]
        assert (len(day["goals"]), day["cheers"]) == (100, 102)
