"""Base for tests that start the benchmark's workers on the test database."""

from __future__ import annotations

import os
import sqlite3
import tempfile
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings
from django.db import connection
from django.test import TransactionTestCase

from benchmarks import environment, people
from benchmarks.measures import App
from benchmarks.rows import DAY, WRITTEN_DAY
from benchmarks.workers import Worker, workers
from goals.models import Goal
from tests.base import person
from todos.models import Todo


class WorkerTest(TransactionTestCase):
    """Commits its rows, because other processes read them."""

    def make_owner(self) -> int:
        """Return the key of a user with ten todos in three goals on each of the two days."""
        owner = person("Owner")
        goals = Goal.objects.bulk_create(Goal(owner=owner, title="x", position=n) for n in range(3))
        for day in (DAY, WRITTEN_DAY):
            Todo.objects.bulk_create(
                Todo(owner=owner, goal=goals[n // 4], title="x", date=day, position=n)
                for n in range(10)
            )
        return owner.pk

    def start_workers(self, apps: Sequence[App], pks: Sequence[int]) -> dict[App, Worker]:
        signed_in = people.sign_in(pks)  # before the database is copied
        env = environment.production(self.database_url()) | {
            "TODOMATE_ENV": "local",
            # This process has signed the tokens.
            "SECRET_KEY": settings.SECRET_KEY,
            "JWT_SIGNING_KEY": settings.SIMPLE_JWT["SIGNING_KEY"],
        }
        return self.enterContext(workers(apps, signed_in, env))

    def database_url(self) -> str:
        """Return the URL of the test database, or of a copy if it is in this process's memory."""
        if connection.vendor != "sqlite":
            name = connection.settings_dict["NAME"]
            return urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{name}").geturl()
        folder = self.enterContext(tempfile.TemporaryDirectory())
        file = Path(folder) / "copy.sqlite3"
        with sqlite3.connect(file) as copy:
            connection.connection.backup(copy)
        copy.close()
        return f"sqlite:///{file}"
