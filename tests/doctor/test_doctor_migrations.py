"""The doctor's findings about migrations and the schema, and its options for a deploy."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from django.core.management import CommandError
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.recorder import MigrationRecorder

from safemigrations.schema_editors import use_schema_editor
from safemigrations.tests.base import (
    DyingSchemaEditor,
    Kill,
    KilledError,
    database_url,
    empty_database,
    execute,
    migrate,
    migrate_and_die,
    needs_mysql,
    run,
    schema,
)
from safemigrations.tests.test_releases import DROPS, plan_of
from tests.doctor.base import ROOT
from tests.doctor.migrations import all_apps, database, findings, premature

__all__ = ["all_apps", "database"]
pytestmark = [needs_mysql, pytest.mark.usefixtures("database")]
# The shop's migrations after those that a test applies.
PENDING = {"migrations-pending"}
REMOVES = "shop.0011_forget_weight_in_the_models"


def test_pending_migrations_of_an_empty_database() -> None:
    found = findings()
    assert set(found) == PENDING
    assert "migrations have not run: " in found["migrations-pending"].message
    assert found["migrations-pending"].hint == "Run `python manage.py migrate`."
    assert found["migrations-pending"].level == "error"


def test_before_a_deploy_the_work_of_mend_and_migrate_is_a_note() -> None:
    migrate_and_die(1, 2, after=True)
    found = findings(before_deploy=True)
    assert {code: one.level for code, one in found.items()} == {
        "migrations-pending": "note",
        "migration-broken-off": "note",
    }


def test_an_interrupted_migration() -> None:
    migrate(1)
    migrate_and_die(9, 0, after=True)  # the only statement of the second migration
    found = findings()
    assert set(found) == PENDING | {"migration-broken-off"}
    finding = found["migration-broken-off"]
    assert finding.level == "error"
    assert finding.message.startswith("The migration shop.0002_column was interrupted.")
    assert "`python manage.py mend`" in finding.hint


def test_a_conflict_with_an_existing_table() -> None:
    migrate(0)
    execute("CREATE TABLE shop_shelf (id bigint PRIMARY KEY)")
    found = findings()
    assert set(found) == PENDING | {"schema-in-the-way"}
    assert "table shop_shelf exists with a different" in found["schema-in-the-way"].message


def test_a_migration_that_lost_its_record() -> None:
    migrate(2)
    execute("DELETE FROM django_migrations")
    hint = findings()["schema-in-the-way"].hint
    assert "run `python manage.py migrate --fake shop 0001_initial`." in hint


class TestHistory:
    @pytest.mark.usefixtures("all_apps")
    def test_a_migration_applied_before_its_dependency(self) -> None:
        MigrationRecorder(connection).ensure_schema()
        MigrationRecorder(connection).record_applied("admin", "0001_initial")
        found = findings()
        assert set(found) == {"history-inconsistent"}
        finding = found["history-inconsistent"]
        assert "admin.0001_initial is applied before its dependency" in finding.message
        assert "Nothing that accounts.0001_initial creates exists (" in finding.message
        assert "restore a backup from before the history was changed" in finding.hint
        with pytest.raises(CommandError, match=r"admin\.0001_initial is applied before its dep"):
            run("mend")

    def test_lost_records_of_applied_migrations(self) -> None:
        migrate(9)
        execute("DELETE FROM django_migrations WHERE name IN ('0001_initial', '0002_column')")
        found = findings()["history-inconsistent"]
        assert "All that shop.0002_column creates exists (shop_thing)" in found.message
        assert "`python manage.py mend`, which records it" in found.hint

    def test_lost_records_of_partly_applied_migrations(self) -> None:
        migrate(9)
        execute("DELETE FROM django_migrations WHERE name = '0001_initial'")
        execute("ALTER TABLE shop_thing DROP COLUMN weight")
        found = findings()["history-inconsistent"]
        assert "but 1 columns are missing." in found.message
        assert "mend" not in found.hint

    def test_migrations_of_a_newer_release_are_a_note(self) -> None:
        migrate(2)
        MigrationRecorder(connection).record_applied("shop", "0099_of_tomorrow")
        MigrationRecorder(connection).record_applied("left_long_ago", "0001_initial")
        # Constraints that the newer release has removed are not missing.
        execute("ALTER TABLE shop_shelf DROP INDEX name")
        found = findings()
        assert set(found) == PENDING | {"history-newer"}
        assert "does not know shop.0099_of_tomorrow." in found["history-newer"].message
        assert found["history-newer"].level == "note"


class TestSchema:
    def test_a_missing_column(self) -> None:
        migrate(2)
        execute("ALTER TABLE shop_thing DROP COLUMN color")
        found = findings()
        assert set(found) == PENDING | {"schema-differs"}
        assert "have created: the column color of shop_thing." in found["schema-differs"].message

    def test_an_extra_column_that_refuses_every_new_row(self) -> None:
        migrate(2)
        execute("ALTER TABLE shop_thing ADD COLUMN brand VARCHAR(9) NOT NULL")
        found = findings()
        assert set(found) == PENDING | {"schema-asks-for-more"}
        hint, statement = found["schema-asks-for-more"].hint.splitlines()
        assert hint == "Find out what created them, and drop them or run:"
        execute(statement)
        assert set(findings()) == PENDING

    def test_the_schema_of_each_migration_has_no_findings(self) -> None:
        for number in range(15):
            migrate(number)
            assert set(findings()) <= PENDING, number


class TestTwoStepsAtOnce:
    def test_a_migration_that_removes_what_the_running_release_may_use(self) -> None:
        migrate(10)
        found = findings(before_deploy=True)["two-steps-at-once"]
        assert found.level == "error"
        assert found.message.startswith(f"{DROPS} removes what the running release may still use")
        assert "has not run either" in found.message

    def test_once_the_preparation_has_run_it_may_be_deployed(self) -> None:
        migrate(11)
        assert set(findings(before_deploy=True)) == PENDING

    def test_it_is_only_reported_before_a_deploy(self) -> None:
        migrate(10)
        assert "two-steps-at-once" not in findings()

    def test_the_finding_names_what_the_running_release_does_not_have(self) -> None:
        migrate(11)
        first, *_ = premature(plan_of(10))
        assert first.level == "error"
        assert first.message == (
            f"{DROPS} removes what the running release may still use: it does not have {REMOVES},"
            " which prepares for that."
        )
        assert first.hint == (
            f"First deploy the release that has {REMOVES} but not {DROPS}, and this one once that"
            " one is running."
        )

    def test_the_command_takes_the_plan_as_one_argument(self) -> None:
        migrate(11)
        for plan, refused in ((plan_of(10), True), (plan_of(11), False), ("", False)):
            output = doctor("--in-service", plan)
            assert (f"error [two-steps-at-once]: {DROPS}" in output) == refused
            assert output.endswith("2 errors, 1 note.\n" if refused else "\n1 note.\n")


def doctor(*arguments: str) -> str:
    """Return the output of the doctor before a deploy, in a process of its own."""
    env = {
        "PATH": os.environ["PATH"],
        "TODOMATE_ENV": "local",
        "DATABASE_URL": database_url(),
        "DJANGO_SETTINGS_MODULE": "tests.doctor.shop_settings",
    }
    command = [sys.executable, "manage.py", "doctor", "--before-deploy", *arguments]
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=False)
    return done.stdout


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
        kill = Kill(20, after=True)
        try:
            with use_schema_editor(connection, DyingSchemaEditor, kill=kill):
                executor.migrate(executor.loader.graph.leaf_nodes())
            break
        except KilledError:
            mended += "is now complete" in run("mend")
    assert mended > 2
    assert schema() == whole
