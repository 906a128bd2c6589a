"""The base class of the tests of days and calendars."""

import datetime as dt
from typing import Any

from accounts.models import User
from diaries.models import Diary
from goals.models import Goal
from tests.base import ApiTest
from todos.models import Todo

DAY = dt.date(2026, 3, 2)  # a Monday
NEXT_DAY = dt.date(2026, 3, 3)


class DaysTest(ApiTest):
    def todo(
        self, goal: Goal, title: str = "Run", day: dt.date | None = DAY, **values: Any
    ) -> Todo:
        return Todo.add(goal.owner, goal=goal, title=title, date=day, **values)

    def diary(self, owner: User | None = None, day: dt.date = DAY, **values: Any) -> Diary:
        return Diary.objects.create(
            owner=owner or self.alice, date=day, **{"body": "Good"} | values
        )

    def read(self, phone: Any, path: str = f"days/{DAY}/", owner: User | None = None) -> Any:
        """Send a GET, with `owner` if given, and return the decoded answer."""
        mark = "&" if "?" in path else "?"
        return self.ok(phone.get(path if owner is None else f"{path}{mark}owner={owner.uuid}"))


def titles(day: Any) -> dict[str, list[str]]:
    """Return the titles of a day's todos by goal, in the order of the answer."""
    return {goal["title"]: [todo["title"] for todo in goal["todos"]] for goal in day["goals"]}
