"""Finding interrupted migrations by the schema."""

from __future__ import annotations

import pytest
from django.core.management import CommandError
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.recorder import MigrationRecorder

from safemigrations.tests.base import (
    all_apps,
    database,
    execute,
    interrupted,
    migrate,
    migrate_and_die,
    needs_mysql,
    run,
    schema,
)
from safemigrations.unrecorded import find_unrecorded

__all__ = ["all_apps", "database"]
pytestmark = [needs_mysql, pytest.mark.usefixtures("database")]
LABEL_KEY = "shop_label_shelf_id_0411c13d_fk_shop_shelf_id"


def test_an_empty_database_has_none() -> None:
    assert interrupted() == []


def test_done_and_missing_changes_are_described() -> None:
    migrate(1)
    migrate_and_die(9, 0, after=True)  # the only statement of the second migration
    (found,) = interrupted()
    assert str(found.migration) == "shop.0002_column"
    assert (found.progress.done, found.progress.missing) == (["column color of shop_thing"], [])
    assert found.message == (
        "The migration shop.0002_column was interrupted. All statements ran (column color of"
        " shop_thing), but it is not recorded."
    )
    run("mend")
    migrate(8)
    migrate_and_die(9, 0, after=True)
    (found,) = interrupted()
    assert found.message == (
        "The migration shop.0009_table was interrupted. Done: table shop_label. Not done: foreign"
        f" key {LABEL_KEY} of shop_label, index label_of_shelf of shop_label."
    )


def test_migrate_refuses_to_run_on_top_of_one_and_names_the_command() -> None:
    migrate_and_die(1, 1, after=True)
    before = schema()
    message = r"shop\.0001_initial was interrupted.*Run `python manage.py mend`"
    with pytest.raises(CommandError, match=message):
        run("migrate", "shop")
    assert schema() == before


class TestConflict:
    def assert_refused(self, conflict: str) -> None:
        """Expect the conflict, and that neither command changes anything."""
        before = schema()
        (found,) = interrupted()
        assert conflict in found.progress.conflict
        for command in (("mend",), ("migrate", "shop")):
            with pytest.raises(CommandError) as raised:
                run(*command)
            assert conflict in str(raised.value)
        assert schema() == before

    def test_a_table_with_other_columns(self) -> None:
        migrate(0)
        execute(
            "CREATE TABLE shop_shelf"
            " (id bigint PRIMARY KEY AUTO_INCREMENT, title varchar(30) NOT NULL)"
        )
        self.assert_refused("table shop_shelf exists with a different definition")

    def test_a_table_with_columns_of_other_types(self) -> None:
        migrate(0)
        execute(
            "CREATE TABLE shop_shelf"
            " (id bigint NOT NULL PRIMARY KEY AUTO_INCREMENT, name varchar(31) NOT NULL)"
        )
        self.assert_refused("table shop_shelf exists with a different definition")

    def test_a_migration_that_lost_its_record_can_be_recorded(self) -> None:
        migrate(2)
        before = schema()
        execute("DELETE FROM django_migrations")
        with pytest.raises(CommandError, match=r"`python manage\.py migrate --fake shop 0001_init"):
            run("mend")
        run("migrate", "--fake", "shop", "0001_initial", verbosity=0)
        run("mend")
        assert schema() == before

    def test_a_nullable_column_that_should_not_be(self) -> None:
        migrate(2)
        execute("ALTER TABLE shop_thing ADD COLUMN note varchar(9) NULL")
        self.assert_refused("column note of shop_thing exists with a different definition")

    def test_an_index_over_other_columns(self) -> None:
        migrate(4)
        execute("CREATE INDEX thing_by_price ON shop_thing (shelf_id, label)")
        self.assert_refused("index thing_by_price of shop_thing exists with a different definition")

    def test_a_foreign_key_to_another_table(self) -> None:
        migrate_and_die(9, 0, after=True)
        run("mend")
        migrate(8)
        migrate_and_die(9, 0, after=True)
        execute(
            f"ALTER TABLE shop_label ADD CONSTRAINT {LABEL_KEY}"
            " FOREIGN KEY (shelf_id) REFERENCES shop_thing (id)"
        )
        self.assert_refused(
            f"foreign key {LABEL_KEY} of shop_label exists with a different definition"
        )

    def test_a_later_change_without_an_earlier_one(self) -> None:
        migrate(8)
        migrate_and_die(9, 2, after=True)
        execute(f"ALTER TABLE shop_label DROP FOREIGN KEY {LABEL_KEY}")
        self.assert_refused(
            "index label_of_shelf of shop_label is done, but an earlier change is not: foreign key"
        )


class TestInconsistentHistory:
    @pytest.mark.usefixtures("all_apps")
    def test_a_migration_applied_before_its_dependency(self) -> None:
        MigrationRecorder(connection).ensure_schema()
        MigrationRecorder(connection).record_applied("redirects", "0001_initial")
        first, *_ = find_unrecorded(MigrationExecutor(connection))
        assert not first.is_applied
        assert first.message == ("Nothing that sites.0001_initial creates exists (django_site).")
        with pytest.raises(CommandError, match=r"redirects\.0001_initial is applied before its d"):
            run("mend")

    def test_lost_records_of_applied_migrations_are_restored(self) -> None:
        migrate(9)
        before = schema()
        execute("DELETE FROM django_migrations WHERE name IN ('0001_initial', '0002_column')")
        found = find_unrecorded(MigrationExecutor(connection))
        assert all(one.is_applied for one in found)
        assert (
            "All that shop.0002_column creates exists (shop_thing), but it is not recorded. It is"
            " recorded now.\n"
        ) in run("mend")
        assert schema() == before

    def test_lost_records_of_partly_applied_migrations_are_not_restored(self) -> None:
        migrate(9)
        execute("DELETE FROM django_migrations WHERE name = '0001_initial'")
        execute("ALTER TABLE shop_thing DROP COLUMN weight")
        with pytest.raises(CommandError, match="but 1 columns are missing"):
            run("mend")
