"""An empty database for each test, the migrations of the app `shop`, and ways to interrupt them."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from io import StringIO
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from django.core.management import call_command
from django.db import connection, connections
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.recorder import MigrationRecorder
from django.test import override_settings

from safemigrations.interrupted import InterruptedMigration, find_interrupted
from safemigrations.schema_editors import PatientSchemaEditor, use_schema_editor
from safemigrations.tests.settings import INSTALLED_APPS

# The folder that contains the package.
ROOT = Path(__file__).resolve().parents[2]
SETTINGS = "safemigrations.tests.settings"
CONNECTION: Any = connections["default"]  # `connection` is a proxy and cannot be copied

IS_MYSQL = connection.vendor == "mysql"
needs_mysql = pytest.mark.skipif(
    connection.vendor != "mysql", reason="only MySQL and MariaDB leave half a migration"
)


@contextmanager
def another_connection() -> Iterator[Any]:
    """Yield a cursor of another connection to the same database, outside any transaction."""
    other = CONNECTION.copy()
    try:
        with other.cursor() as cursor:
            yield cursor
    finally:
        other.close()


@contextmanager
def long_transaction() -> Iterator[Any]:
    """Yield the cursor of another transaction that has read `shop_thing`."""
    with another_connection() as cursor:
        cursor.execute("BEGIN")
        cursor.execute("SELECT COUNT(*) FROM shop_thing")
        yield cursor


class KilledError(BaseException):
    """Stand for the end of the process, as far as the migration can tell."""


class Kill:
    """When to kill: at the statement number `at`, counted from 0; never, if it is None."""

    def __init__(self, at: int | None, *, after: bool) -> None:
        self.at = at
        self.after = after
        self.count = 0  # of the statements that have run


class DyingSchemaEditor(PatientSchemaEditor):
    """Raise KilledError before or after a statement. Statements of all migrations are counted."""

    def __init__(self, *args: Any, kill: Kill, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kill = kill

    def execute(self, sql: Any, params: Any = ()) -> None:
        if self.kill.at == self.kill.count and not self.kill.after:
            raise KilledError
        super().execute(sql, params)
        self.kill.count += 1
        if self.kill.at == self.kill.count - 1:
            raise KilledError


@contextmanager
def empty_database() -> Iterator[str]:
    """Let the default connection use a new, empty database."""
    name = f"test_safemigrations_{uuid.uuid4().hex[:12]}"
    before = CONNECTION.settings_dict["NAME"]
    with CONNECTION._nodb_cursor() as cursor:
        cursor.execute(f"CREATE DATABASE {name}{' CHARACTER SET utf8mb4' if IS_MYSQL else ''}")
    connection.close()
    CONNECTION.settings_dict["NAME"] = name
    try:
        yield name
    finally:
        connection.close()
        CONNECTION.settings_dict["NAME"] = before
        with CONNECTION._nodb_cursor() as cursor:
            cursor.execute(f"DROP DATABASE {name}{'' if IS_MYSQL else ' WITH (FORCE)'}")


def database_url() -> str:
    """Return the URL of the default connection's database, for another process."""
    options = CONNECTION.settings_dict
    user = quote(options["USER"], safe="")
    password = quote(options["PASSWORD"], safe="")
    return f"mysql://{user}:{password}@{options['HOST']}:{options['PORT']}/{options['NAME']}"


@pytest.fixture
def database(django_db_blocker: Any) -> Iterator[None]:
    """Use an empty database, and no app but the shop, which is faster."""
    apps = ["safemigrations", "safemigrations.tests.shop"]
    with django_db_blocker.unblock(), override_settings(INSTALLED_APPS=apps), empty_database():
        yield


@pytest.fixture
def all_apps(database: None) -> Iterator[None]:
    """Install all apps of the test project."""
    with override_settings(INSTALLED_APPS=INSTALLED_APPS):
        yield


def key_of(number: int) -> tuple[str, str | None]:
    """Return the key of the shop's migration with this number. 0 is the state before all."""
    migrations = MigrationExecutor(connection).loader.disk_migrations
    names = sorted(name for app, name in migrations if app == "shop")
    return "shop", names[number - 1] if number else None


def migrate(number: int) -> None:
    """Migrate the shop forwards or backwards to this migration."""
    MigrationExecutor(connection).migrate([key_of(number)])


def migrate_and_die(number: int, at: int | None = None, *, after: bool = False) -> int:
    """Migrate, but end at a statement. Return how many statements ran."""
    kill = Kill(at, after=after)
    with use_schema_editor(connection, DyingSchemaEditor, kill=kill):
        if at is None:
            migrate(number)
        else:
            with pytest.raises(KilledError):
                migrate(number)
    return kill.count


def run(*command: str, **options: Any) -> str:
    """Return the output of a management command."""
    out = StringIO()
    call_command(*command, stdout=out, **options)
    return out.getvalue()


def execute(sql: str, *params: Any) -> list[tuple[Any, ...]]:
    """Execute a statement and return its rows."""
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return list(cursor.fetchall() or ()) if cursor.description else []


def schema() -> dict[str, str]:
    """Return the definition of each table, and the recorded migrations."""
    recorded = MigrationRecorder(connection).applied_migrations()
    tables = {
        table: execute(f"SHOW CREATE TABLE `{table}`")[0][1] for (table,) in execute("SHOW TABLES")
    }
    definitions = {
        table: re.sub(r" AUTO_INCREMENT=\d+", "", definition)
        for table, definition in tables.items()
    }
    return definitions | {"recorded": " ".join(sorted(".".join(key) for key in recorded))}


def interrupted() -> list[InterruptedMigration]:
    """Return the interrupted migrations of the default database."""
    return list(find_interrupted(MigrationExecutor(connection)))


def models_at(number: int) -> Any:
    """Return the `apps` of a release whose last migration of the shop is this one."""
    loader = MigrationExecutor(connection).loader
    return loader.project_state([key_of(number)]).apps  # type: ignore[list-item]  # not None
