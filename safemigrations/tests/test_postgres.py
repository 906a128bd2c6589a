"""Migrations on PostgreSQL: one at a time, patient, with indexes that block no writes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.core.management import CommandError
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.test import override_settings

from safemigrations import locks
from safemigrations.comparison import compare_schema
from safemigrations.migration_lock import TASK, migration_lock
from safemigrations.schema_editors import PatientSchemaEditor, WaitBudget
from safemigrations.tests.base import (
    CONNECTION,
    another_connection,
    database,
    execute,
    long_transaction,
    migrate,
    run,
)

__all__ = ["database"]
pytestmark = [
    pytest.mark.skipif(connection.vendor != "postgresql", reason="needs PostgreSQL"),
    pytest.mark.usefixtures("database"),
]
CHANGES = {
    "ALTER TABLE shop_thing DROP COLUMN color": "the column color of shop_thing",
    "DROP TABLE shop_thing_beside": "the table shop_thing_beside",
    "ALTER TABLE shop_thing ALTER COLUMN price DROP NOT NULL": (
        "NOT NULL for the column price of shop_thing"
    ),
    "ALTER TABLE shop_thing ALTER COLUMN weight SET NOT NULL": (
        "NULL for the column weight of shop_thing"
    ),
    "ALTER TABLE shop_shelf DROP CONSTRAINT shop_shelf_name_key": (
        "the unique index over name of shop_shelf"
    ),
    "ALTER TABLE shop_thing DROP CONSTRAINT thing_once": (
        "the unique index over label, shelf_id of shop_thing"
    ),
}


@contextmanager
def statements() -> Iterator[list[str]]:
    """Collect the statements of the default connection."""
    seen: list[str] = []

    def note(execute: Callable[..., Any], sql: Any, *args: Any) -> Any:
        seen.append(str(sql))
        return execute(sql, *args)

    with connection.execute_wrapper(note):
        yield seen


def index_is_valid(name: str) -> bool:
    ((valid,),) = execute("SELECT indisvalid FROM pg_index WHERE indexrelid = %s::regclass", name)
    return bool(valid)


def test_all_migrations_give_what_they_state_and_leave_no_lock_and_no_timeout() -> None:
    before = execute("SHOW lock_timeout")
    run("migrate", verbosity=0)
    differences = compare_schema(MigrationExecutor(connection), newer=False)
    assert (differences.missing, differences.repairs) == ([], [])
    assert execute("SHOW lock_timeout") == before
    # The view has the locks of all databases; other workers migrate theirs.
    assert not execute(
        "SELECT * FROM pg_locks JOIN pg_database ON pg_database.oid = database"
        " WHERE locktype = 'advisory' AND datname = current_database()"
    )
    run("migrate", "shop", "zero", verbosity=0)
    assert execute("SELECT tablename FROM pg_tables WHERE tablename = 'shop_thing'") == []


def index_name() -> str:
    """Return the name of the index that migration 5 creates."""
    (operation,) = (
        MigrationExecutor(connection).loader.disk_migrations["shop", "0005_index"].operations
    )
    return str(operation.index.name)  # type: ignore[attr-defined]  # an AddIndex


def test_an_index_is_built_and_dropped_without_blocking_writes() -> None:
    migrate(4)
    with statements() as seen:
        run("migrate", "shop", "0005", verbosity=0)
        run("migrate", "shop", "0004", verbosity=0)
    assert len([sql for sql in seen if sql.startswith("CREATE INDEX CONCURRENTLY")]) == 1
    assert len([sql for sql in seen if sql.startswith("DROP INDEX CONCURRENTLY")]) == 1


def test_an_index_that_was_interrupted_is_built_again() -> None:
    migrate(5)
    execute("UPDATE pg_index SET indisvalid = false WHERE indexrelid = %s::regclass", index_name())
    execute("DELETE FROM django_migrations WHERE app = 'shop' AND name = '0005_index'")
    run("migrate", "shop", "0005", verbosity=0)
    assert index_is_valid(index_name())


def test_an_index_whose_migration_was_not_recorded_is_kept() -> None:
    migrate(5)
    execute("DELETE FROM django_migrations WHERE app = 'shop' AND name = '0005_index'")
    with statements() as seen:
        run("migrate", "shop", "0005", verbosity=0)
    assert not [sql for sql in seen if sql.startswith(("CREATE INDEX", "DROP INDEX"))]
    assert index_is_valid(index_name())


@override_settings(SAFE_MIGRATIONS_LONG_TASKS={"report": "the weekly report"})
@pytest.mark.parametrize("culprit", ["a transaction", "the weekly report"])
def test_the_error_names_what_keeps_the_table_locked(
    monkeypatch: pytest.MonkeyPatch, culprit: str
) -> None:
    migrate(1)
    monkeypatch.setattr(WaitBudget, "DEFAULT", 0.0)
    with long_transaction() as transaction:
        if culprit == "the weekly report":
            assert locks.acquire(transaction, locks.lock_name(CONNECTION, "report"), 0)
        message = f"a table that {culprit} keeps locked .see pg_stat_activity"
        with pytest.raises(CommandError, match=message):
            run("migrate", "shop", "0002", verbosity=0)
    run("migrate", "shop", "0002", verbosity=0)  # nothing is left half done
    assert compare_schema(MigrationExecutor(connection), newer=False).missing == []


def test_a_busy_table_is_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    migrate(1)
    attempts: list[None] = []
    with long_transaction() as transaction:

        def end_the_transaction(_seconds: float) -> None:
            attempts.append(None)
            transaction.execute("ROLLBACK")

        # The pause between two attempts, in which the other transaction ends.
        monkeypatch.setattr("safemigrations.postgres.time.sleep", end_the_transaction)
        run("migrate", "shop", "0002", verbosity=0)
    assert len(attempts) == 1
    assert PatientSchemaEditor.LOCK_TIMEOUT == 1


def test_one_migration_at_a_time() -> None:
    with another_connection() as cursor:
        name = locks.lock_name(CONNECTION, TASK)
        assert locks.acquire(cursor, name, 0)
        assert locks.acquire(cursor, name, 0)  # its own already
        with connection.cursor() as own:
            assert locks.holder(own, name) == cursor.connection.info.backend_pid
            locks.release(own, name)  # of another connection: nothing happens
        with (
            pytest.raises(CommandError, match="in pg_stat_activity"),
            migration_lock(CONNECTION, 0),
        ):
            pass
        locks.release(cursor, name)
        with migration_lock(CONNECTION, 0), connection.cursor() as own:
            assert not locks.acquire(cursor, name, 0)
            assert locks.holder(own, name) is not None


def test_mend_says_that_it_is_for_mysql() -> None:
    out = run("mend")
    assert "`mend` is for MySQL and MariaDB" in out
    assert "rolls back" in out


@pytest.mark.parametrize("change", CHANGES)
def test_changes_made_by_hand_are_found(change: str) -> None:
    migrate(2)
    execute(change)
    differences = compare_schema(MigrationExecutor(connection), newer=False)
    assert differences.missing == [CHANGES[change]]


def test_a_missing_foreign_key_and_a_column_that_refuses_every_row_are_found() -> None:
    migrate(2)
    ((name,),) = execute(
        "SELECT conname FROM pg_constraint WHERE contype = 'f'"
        " AND conrelid = 'shop_thing'::regclass"
    )
    execute(f'ALTER TABLE shop_thing DROP CONSTRAINT "{name}"')
    execute("ALTER TABLE shop_thing ADD COLUMN brand varchar(9) NOT NULL")
    differences = compare_schema(MigrationExecutor(connection), newer=False)
    assert differences.missing == ["the foreign key shelf_id of shop_thing"]
    assert differences.repairs == ['ALTER TABLE "shop_thing" ALTER COLUMN "brand" DROP NOT NULL;']
    execute(differences.repairs[0])
    assert compare_schema(MigrationExecutor(connection), newer=False).repairs == []
