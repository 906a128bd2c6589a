"""An empty database for each test, the migrations of the app `shop`, and ends in the midst of them."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection, connections
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.recorder import MigrationRecorder
from django.test import override_settings

from safemigrations.schema_editors import PatientSchemaEditor, editing
from safemigrations.tests.settings import INSTALLED_APPS
from todomate.doctor import history
from todomate.doctor.findings import Finding

needs_mysql = pytest.mark.skipif(connection.vendor != "mysql", reason="only MySQL and MariaDB leave half a migration")
OURS: Any = connections["default"]


class KilledError(BaseException):
    """The process ends here, as far as the migration can tell."""


class DyingSchemaEditor(PatientSchemaEditor):
    """Ends before or after its statement number `at`, counted from 0 through all migrations; never, without `at`."""

    def __init__(self, *args: Any, deaths: Deaths, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.deaths = deaths

    def execute(self, sql: Any, params: Any = ()) -> None:
        if self.deaths.at == self.deaths.count and not self.deaths.after:
            raise KilledError
        super().execute(sql, params)
        self.deaths.count += 1
        if self.deaths.at == self.deaths.count - 1:
            raise KilledError


class Deaths:
    """When to end, and how many statements have run."""

    def __init__(self, at: int | None, *, after: bool) -> None:
        self.at, self.after, self.count = at, after, 0


@contextmanager
def empty_database() -> Iterator[str]:
    """The default connection's database is another one, new and empty, until the end."""
    name, before = f"test_history_{uuid.uuid4().hex[:12]}", OURS.settings_dict["NAME"]
    with OURS._nodb_cursor() as cursor:
        cursor.execute(f"CREATE DATABASE {name} CHARACTER SET utf8mb4")
    connection.close()
    OURS.settings_dict["NAME"] = name
    try:
        yield name
    finally:
        connection.close()
        OURS.settings_dict["NAME"] = before
        with OURS._nodb_cursor() as cursor:
            cursor.execute(f"DROP DATABASE {name}")


@pytest.fixture
def database(django_db_blocker: Any) -> Iterator[None]:
    """The default connection speaks to an empty database, and there is no app but the shop: that is quicker."""
    apps = ["safemigrations", "todomate.doctor", "safemigrations.tests.shop"]
    with django_db_blocker.unblock(), override_settings(INSTALLED_APPS=apps), empty_database():
        yield


@pytest.fixture
def all_apps(database: None) -> Iterator[None]:
    """The apps of the project are there, too."""
    with override_settings(INSTALLED_APPS=INSTALLED_APPS):
        yield


def name_of(number: int) -> tuple[str, str | None]:
    """The key of the shop's migration with this number; 0 is before all of them."""
    names = sorted(name for app, name in MigrationExecutor(connection).loader.disk_migrations if app == "shop")
    return "shop", names[number - 1] if number else None


def migrate(number: int) -> None:
    """The shop's migrations up to this one, or back to it."""
    MigrationExecutor(connection).migrate([name_of(number)])


def migrate_and_die(number: int, at: int | None = None, *, after: bool = False) -> int:
    """The same, ended at one of the statements; how many ran."""
    deaths = Deaths(at, after=after)
    with editing(connection, DyingSchemaEditor, deaths=deaths):
        if at is None:
            migrate(number)
        else:
            with pytest.raises(KilledError):
                migrate(number)
    return deaths.count


def run(*command: str, **options: Any) -> str:
    """What a command of manage.py says."""
    out = StringIO()
    call_command(*command, stdout=out, **options)
    return out.getvalue()


def ask(question: str, *params: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(question, params)
        return list(cursor.fetchall() or ())


def schema() -> dict[str, str]:
    """Each table as the server would make it again, and the record of migrations."""
    recorded = MigrationRecorder(connection).applied_migrations()
    tables = {table: ask(f"SHOW CREATE TABLE `{table}`")[0][1] for (table,) in ask("SHOW TABLES")}
    return {table: re.sub(r" AUTO_INCREMENT=\d+", "", made) for table, made in tables.items()} | {
        "recorded": " ".join(sorted(".".join(key) for key in recorded))
    }


def findings(*, before_deploy: bool = False) -> dict[str, Finding]:
    """What the doctor says, by its code."""
    return {found.code: found for found in history.examine(connection, before_deploy=before_deploy)}


def two_steps(in_service: str) -> list[Finding]:
    """What keeps a deploy waiting while the release with these migrations serves."""
    found = history.examine(connection, before_deploy=True, in_service=in_service)
    return [one for one in found if one.code == "two-steps-at-once"]


def models_at(number: int) -> Any:
    """The shop's models as a release had them whose last migration is this one, an `apps`."""
    return MigrationExecutor(connection).loader.project_state([name_of(number)]).apps  # type: ignore[list-item]
