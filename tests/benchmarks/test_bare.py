"""The bare function answers every measure as the project does, with its own SQL (bare.sql)."""

from __future__ import annotations

import datetime as dt
from unittest import skipUnless

from django.db import connection

from accounts.models import User
from alarms.models import Alarm
from benchmarks import checks
from benchmarks.measures import APPS, MEASURES
from benchmarks.rows import DAY
from cheers.models import Cheer
from diaries.models import Diary
from goals.models import Goal
from tests.base import person
from tests.benchmarks.base import WorkerTest
from todos.models import QuickInput, Todo


@skipUnless(connection.vendor == "mysql", "the bare function uses MySQL's driver")
class BareTest(WorkerTest):
    def test_it_answers_every_measure_like_the_project(self) -> None:
        owner = User.objects.get(pk=self.make_owner())
        self.fill_screen(owner)
        workers = self.start_workers(APPS, [owner.pk])
        checks.check(workers)
        queries = {name: workers["bare"].shape(one)["queries"] for name, one in MEASURES.items()}
        assert queries == {"list": 2, "day": 10, "calendar": 4, "done": 3, "create": 6}

    def fill_screen(self, owner: User) -> None:
        """Add what the screen of DAY shows beside goals and todos."""
        todos = Todo.objects.filter(owner=owner, date=DAY)
        diary = Diary.objects.create(owner=owner, date=DAY, body="x")
        for goal in Goal.objects.filter(owner=owner):
            QuickInput.objects.create(
                owner=owner, goal=goal, title="x", weekdays=["wed"], starts_on=DAY
            )
        Alarm.objects.create(owner=owner, time=dt.time(9))
        friend = person("Friend")
        Cheer.objects.create(owner=friend, target_owner=owner, todo=todos[0], emoji="👍")
        Cheer.objects.create(owner=friend, target_owner=owner, diary=diary, emoji="🔥")
