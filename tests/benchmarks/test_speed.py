"""The day's list costs at most a fifth of the CPU that a plain Django REST framework takes for it, in two queries.

Both run in worker processes as in `make bench`, in turn, so that a busy machine slows both; what is compared is the
ratio of their best rounds.
"""

from __future__ import annotations

import os
import sqlite3
import tempfile
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.db import connection
from django.test import TransactionTestCase

from benchmarks import cpu, environment, people
from benchmarks.measures import MEASURES
from benchmarks.rows import DAY, WRITTEN_DAY
from goals.models import Goal
from tests.base import person
from todos.models import Todo

LIST = MEASURES["list"]
APPS = ("twin", "project")
ROUNDS, REQUESTS = 7, 20


class SpeedTest(TransactionTestCase):
    """One that commits, since other processes read the rows."""

    def setUp(self) -> None:
        self.folder = Path(self.enterContext(tempfile.TemporaryDirectory()))
        file = environment.people_file(self.folder)
        people.save(people.sign_in([self.make_owner() for _ in range(3)]), file)
        env = environment.production(self.database_url(), self.folder) | {"TODOMATE_ENV": "local"}
        for secret in (
            "SECRET_KEY",
            "JWT_SIGNING_KEY",
        ):  # this process's own, which has signed the tokens
            del env[secret]
        self.told = self.enterContext(cpu.workers(APPS, file, env))

    def make_owner(self) -> int:
        """The key of somebody with ten todos in three goals on each of the two days."""
        owner = person("Owner")
        goals = Goal.objects.bulk_create(Goal(owner=owner, title="x", position=n) for n in range(3))
        for day in (DAY, WRITTEN_DAY):
            rows = (
                Todo(owner=owner, goal=goals[n // 4], title="x", date=day, position=n)
                for n in range(10)
            )
            Todo.objects.bulk_create(rows)
        return owner.pk

    def database_url(self) -> str:
        """Of the database of this test; of a copy where that is in this process's memory."""
        if connection.vendor != "sqlite":
            name = connection.settings_dict["NAME"]
            return urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{name}").geturl()
        file = self.folder / "copy.sqlite3"
        with sqlite3.connect(file) as copy:
            connection.connection.backup(copy)
        copy.close()
        return f"sqlite:///{file}"

    def rows(self, app: Any) -> list[Any]:
        (body,) = self.told[app].bodies(LIST)
        return [(row["id"], row["title"], row["is_done"], row["date"]) for row in body["results"]]

    def test_the_list_costs_a_fifth_of_what_a_plain_one_does(self) -> None:
        assert len(self.rows("project")) == 10
        assert self.rows("project") == self.rows("twin"), "only the same work can be compared"
        assert {app: self.told[app].queries(LIST) for app in APPS} == {"twin": 3, "project": 2}
        best = {
            app: min(costs)
            for app, costs in cpu.rounds(self.told, [LIST], ROUNDS, REQUESTS)["list"].items()
        }
        assert best["project"] <= LIST.bars.twin_cpu * best["twin"], best
