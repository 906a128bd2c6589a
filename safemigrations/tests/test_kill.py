"""Migrations that end with their process, and two at once"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from types import SimpleNamespace as Namespace
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.core.management import CommandError
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor

from safemigrations.locks import lock_name
from safemigrations.migration_lock import turn
from safemigrations.schema_editors import editing
from safemigrations.tests.base import (
    OURS,
    Deaths,
    DyingSchemaEditor,
    KilledError,
    all_apps,
    ask,
    database,
    empty_database,
    findings,
    migrate,
    models_at,
    name_of,
    needs_mysql,
    run,
    schema,
)

__all__ = ["all_apps", "database"]
pytestmark = [needs_mysql, pytest.mark.usefixtures("database")]
ROOT = Path(__file__).resolve().parent.parent.parent


@contextmanager
def started(*command: str) -> Iterator[subprocess.Popen[str]]:
    """A process of its own, in the same database; ended, should it go on after the block."""
    url = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{OURS.settings_dict['NAME']}").geturl()
    env = os.environ | {"DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "safemigrations.tests.settings"}
    with subprocess.Popen(
        [sys.executable, *command], cwd=ROOT, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def finished(process: subprocess.Popen[str]) -> tuple[int, str]:
    out, _ = process.communicate(timeout=60)
    return process.returncode, out


def kill_migrate(number: int, when: str, target: int) -> None:
    """`manage.py migrate` to that migration of the shop, killed at a statement."""
    name = str(name_of(target)[1])
    with started("-m", "safemigrations.tests.killed", str(number), when, "migrate", "shop", name) as process:
        assert finished(process)[0] == -signal.SIGKILL


@contextmanager
def another_connection() -> Iterator[Any]:
    """A cursor of another connection to the same database, outside any transaction."""
    other = OURS.copy()
    try:
        with other.cursor() as cursor:
            yield cursor
    finally:
        other.close()


@contextmanager
def a_long_report() -> Iterator[Any]:
    """Another connection has read `shop_thing`, and its transaction goes on until `ROLLBACK` or the end."""
    with another_connection() as cursor:
        cursor.execute("BEGIN")
        cursor.execute("SELECT COUNT(*) FROM shop_thing")
        yield cursor


def wait_until(process: subprocess.Popen[str], state: str) -> None:
    """Until the server says that somebody waits for that."""
    question = "SELECT COUNT(*) FROM information_schema.PROCESSLIST WHERE DB = DATABASE() AND STATE LIKE %s"
    while process.poll() is None:
        # The server cannot show the list while somebody's statement in it holds bytes that are no text.
        with suppress(DatabaseError):
            if ask(question, f"%{state}%") != [(0,)]:
                return
        time.sleep(0.01)
    pytest.fail(f"it did not wait: {finished(process)}")


def undisturbed(number: int) -> dict[str, str]:
    with empty_database():
        migrate(number)
        return schema()


@pytest.mark.parametrize(("number", "when"), [(1, "after"), (5, "before")])
def test_a_migration_whose_process_was_killed(number: int, when: str) -> None:
    kill_migrate(number, when, 1)
    assert "shop.0001_initial broke off half-way" in findings()["migration-broken-off"].says
    assert "shop.0001_initial is complete now, and recorded." in run("mend")
    assert schema() == undisturbed(1)


def test_the_server_goes_on_with_a_statement_whose_process_was_killed_and_mend_waits_for_its_end() -> None:
    migrate(1)
    with a_long_report() as report:
        kill_migrate(0, "during", 2)
        with started("manage.py", "mend") as mend:
            report.execute("ROLLBACK")
            status, said = finished(mend)
    assert status == 0, said
    assert schema() == undisturbed(2)


@pytest.mark.usefixtures("all_apps")
def test_an_interrupted_first_migrate_of_all_apps() -> None:
    """It dies each time it has run so many statements, and `mend` brings what broke off to its end."""
    with empty_database():
        executor = MigrationExecutor(connection)
        executor.migrate(executor.loader.graph.leaf_nodes())
        whole = schema()
    mended = 0
    while True:
        executor = MigrationExecutor(connection)
        try:
            with editing(connection, DyingSchemaEditor, deaths=Deaths(20, after=True)):
                executor.migrate(executor.loader.graph.leaf_nodes())
            break
        except KilledError:
            mended += "is complete now" in run("mend")
    assert mended > 2
    assert schema() == whole


class TestMend:
    def test_where_nothing_broke_off_it_does_nothing_and_says_so(self) -> None:
        before = schema()
        assert run("mend").startswith("Nothing to mend: no migration broke off half-way.\n")
        migrate(14)
        assert schema() != before
        before = schema()
        assert run("mend").startswith("Nothing to mend")
        assert schema() == before

    def test_twice_is_the_same_as_once(self) -> None:
        migrate(1)
        with editing(connection, DyingSchemaEditor, deaths=Deaths(0, after=True)), pytest.raises(KilledError):
            migrate(2)
        assert "shop.0002_column is complete now, and recorded." in run("mend")
        once = schema()
        assert "Nothing to mend" in run("mend")
        assert schema() == once


class TestTwoAtOnce:
    def test_the_second_waits_for_the_end_of_the_first(self) -> None:
        with ExitStack() as stack:
            with turn(connection):
                second = stack.enter_context(started("manage.py", "migrate", "shop", "0001"))
                wait_until(second, "User lock")
                assert name_of(1) not in MigrationExecutor(connection).loader.applied_migrations
            status, said = finished(second)
            assert status == 0, said
        assert name_of(1) in MigrationExecutor(connection).loader.applied_migrations

    def test_who_has_waited_long_enough_says_who_is_in_the_way(self) -> None:
        with another_connection() as other:
            other.execute("SELECT CONNECTION_ID()")
            (holder,) = other.fetchone()
            other.execute("SELECT GET_LOCK(%s, 0)", [lock_name(OURS, "migrate")])
            with pytest.raises(CommandError, match=rf"under way for 0 seconds \(connection {holder} "), turn(OURS, 0):
                pytest.fail("it is not our turn")

    def test_two_databases_of_one_server_do_not_wait_for_each_other(self) -> None:
        with another_connection() as other:
            another = Namespace(settings_dict={"NAME": "another"})
            other.execute("SELECT GET_LOCK(%s, 0)", [lock_name(another, "migrate")])
            assert run("migrate", "shop", "0001", verbosity=0) == ""

    @pytest.mark.parametrize("look", ["--check", "--plan"])
    def test_who_only_looks_does_not_wait(self, look: str) -> None:
        with another_connection() as other:
            other.execute("SELECT GET_LOCK(%s, 0)", [lock_name(OURS, "migrate")])
            with suppress(SystemExit):  # something has to be migrated
                run("migrate", look, verbosity=0)


def test_while_a_migration_waits_for_a_table_others_may_use_it() -> None:
    migrate(1)
    with a_long_report() as report, started("manage.py", "migrate", "shop", "0002") as waiting:
        wait_until(waiting, "metadata lock")
        # Answered while the report goes on, which the migration waits for all the time.
        ask("SET SESSION lock_wait_timeout = 30")
        models_at(1).get_model("shop", "Thing").objects.filter(price=1).count()
        assert waiting.poll() is None
        report.execute("ROLLBACK")
        assert finished(waiting)[0] == 0
    assert "color" in schema()["shop_thing"]
