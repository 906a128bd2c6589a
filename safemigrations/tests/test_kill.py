"""Migrations whose process is killed, and two migrations at once."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from types import SimpleNamespace
from typing import Any, cast

import pytest
from django.core.management import CommandError
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor

from safemigrations.locks import lock_name
from safemigrations.migration_lock import migration_lock
from safemigrations.schema_editors import use_schema_editor
from safemigrations.tests.base import (
    CONNECTION,
    ROOT,
    SETTINGS,
    DyingSchemaEditor,
    Kill,
    KilledError,
    all_apps,
    another_connection,
    database,
    database_url,
    empty_database,
    execute,
    interrupted,
    key_of,
    long_transaction,
    migrate,
    models_at,
    needs_mysql,
    run,
    schema,
)

__all__ = ["all_apps", "database"]
pytestmark = [needs_mysql, pytest.mark.usefixtures("database")]
MANAGE = "-m", "django"


@contextmanager
def started(*command: str) -> Iterator[subprocess.Popen[str]]:
    """Run Python in a process of its own on the same database; kill it after the block."""
    env = os.environ | {"DATABASE_URL": database_url(), "DJANGO_SETTINGS_MODULE": SETTINGS}
    with subprocess.Popen(
        [sys.executable, *command],
        cwd=ROOT,
        env=env,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def finish(process: subprocess.Popen[str]) -> tuple[int, str]:
    """Wait for the process; return its exit status and output."""
    output, _ = process.communicate(timeout=60)
    return process.returncode, output


def kill_migrate(number: int, when: str, target: int) -> None:
    """Run `migrate shop` to the target in a process that is killed at a statement."""
    name = str(key_of(target)[1])
    killed = "safemigrations.tests.killed"
    with started("-m", killed, str(number), when, "migrate", "shop", name) as process:
        assert finish(process)[0] == -signal.SIGKILL


def wait_until(process: subprocess.Popen[str], state: str) -> None:
    """Wait until a connection of this database is in the state."""
    count = (
        "SELECT COUNT(*) FROM information_schema.PROCESSLIST"
        " WHERE DB = DATABASE() AND STATE LIKE %s"
    )
    while process.poll() is None:
        # The server cannot show the list while a statement in it contains bytes that are not text.
        with suppress(DatabaseError):
            if execute(count, f"%{state}%") != [(0,)]:
                return
        time.sleep(0.01)
    pytest.fail(f"it did not wait: {finish(process)}")


def undisturbed_schema(number: int) -> dict[str, str]:
    """Return the schema of a database that is migrated without an interruption."""
    with empty_database():
        migrate(number)
        return schema()


@pytest.mark.parametrize(("number", "when"), [(1, "after"), (5, "before")])
def test_mend_completes_a_migration_whose_process_was_killed(number: int, when: str) -> None:
    kill_migrate(number, when, 1)
    assert [str(one.migration) for one in interrupted()] == ["shop.0001_initial"]
    assert "shop.0001_initial is now complete and recorded." in run("mend")
    assert schema() == undisturbed_schema(1)


def test_mend_waits_for_the_statement_of_a_killed_process_that_the_server_still_runs() -> None:
    migrate(1)
    with long_transaction() as transaction:
        kill_migrate(0, "during", 2)
        with started(*MANAGE, "mend") as mend:
            transaction.execute("ROLLBACK")
            status, output = finish(mend)
    assert status == 0, output
    assert schema() == undisturbed_schema(2)


@pytest.mark.usefixtures("all_apps")
def test_an_interrupted_first_migrate_of_all_apps() -> None:
    """Interrupt it after a number of statements, mend, and go on until it is complete."""
    with empty_database():
        executor = MigrationExecutor(connection)
        executor.migrate(executor.loader.graph.leaf_nodes())
        whole = schema()
    mended = 0
    while True:
        executor = MigrationExecutor(connection)
        kill = Kill(9, after=True)
        try:
            with use_schema_editor(connection, DyingSchemaEditor, kill=kill):
                executor.migrate(executor.loader.graph.leaf_nodes())
            break
        except KilledError:
            mended += "is now complete" in run("mend")
    assert mended > 2
    assert schema() == whole


class TestMend:
    def test_it_does_nothing_if_no_migration_was_interrupted(self) -> None:
        before = schema()
        assert run("mend").startswith("Nothing to mend: no migration was interrupted.\n")
        migrate(14)
        assert schema() != before
        before = schema()
        assert run("mend").startswith("Nothing to mend")
        assert schema() == before

    def test_a_second_run_changes_nothing(self) -> None:
        migrate(1)
        kill = Kill(0, after=True)
        editor = use_schema_editor(connection, DyingSchemaEditor, kill=kill)
        with editor, pytest.raises(KilledError):
            migrate(2)
        assert "shop.0002_column is now complete and recorded." in run("mend")
        once = schema()
        assert "Nothing to mend" in run("mend")
        assert schema() == once


class TestTwoAtOnce:
    def test_the_second_waits_for_the_end_of_the_first(self) -> None:
        with ExitStack() as stack:
            with migration_lock(connection):
                second = stack.enter_context(started(*MANAGE, "migrate", "shop", "0001"))
                wait_until(second, "User lock")
                assert key_of(1) not in MigrationExecutor(connection).loader.applied_migrations
            status, output = finish(second)
            assert status == 0, output
        assert key_of(1) in MigrationExecutor(connection).loader.applied_migrations

    def test_the_error_names_the_connection_that_holds_the_lock(self) -> None:
        with another_connection() as other:
            other.execute("SELECT CONNECTION_ID()")
            (holder,) = other.fetchone()
            other.execute("SELECT GET_LOCK(%s, 0)", [lock_name(CONNECTION, "migrate")])
            message = rf"still running after 0 seconds \(connection {holder} "
            with pytest.raises(CommandError, match=message), migration_lock(CONNECTION, 0):
                pytest.fail("another connection holds the lock")

    def test_two_databases_of_one_server_do_not_wait_for_each_other(self) -> None:
        another = cast(Any, SimpleNamespace(settings_dict={"NAME": "another"}))
        with another_connection() as other:
            other.execute("SELECT GET_LOCK(%s, 0)", [lock_name(another, "migrate")])
            assert run("migrate", "shop", "0001", verbosity=0) == ""

    @pytest.mark.parametrize("option", ["--check", "--plan"])
    def test_commands_that_only_read_do_not_wait(self, option: str) -> None:
        with another_connection() as other:
            other.execute("SELECT GET_LOCK(%s, 0)", [lock_name(CONNECTION, "migrate")])
            with suppress(SystemExit):  # --check: migrations are pending
                run("migrate", option, verbosity=0)


def test_a_table_can_be_used_while_a_migration_waits_for_it() -> None:
    migrate(1)
    with (
        long_transaction() as transaction,
        started(*MANAGE, "migrate", "shop", "0002") as waiting,
    ):
        wait_until(waiting, "metadata lock")
        # Answered although the migration still waits for the end of the long transaction.
        execute("SET SESSION lock_wait_timeout = 30")
        models_at(1).get_model("shop", "Thing").objects.filter(price=1).count()
        assert waiting.poll() is None
        transaction.execute("ROLLBACK")
        assert finish(waiting)[0] == 0
    assert "color" in schema()["shop_thing"]
