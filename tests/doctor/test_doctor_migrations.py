"""What the doctor says of a database's migrations"""

from __future__ import annotations

import pytest
from django.core.management import CommandError
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder

from safemigrations.tests.base import (
    all_apps,
    ask,
    database,
    findings,
    migrate,
    migrate_and_die,
    needs_mysql,
    run,
    schema,
)

__all__ = ["all_apps", "database"]
pytestmark = [needs_mysql, pytest.mark.usefixtures("database")]
# Of the shop and what it needs nothing is pending in these tests, but of the other apps everything is.
PENDING = {"migrations-pending"}


def test_an_empty_database_waits_for_migrate() -> None:
    found = findings()
    assert set(found) == PENDING
    assert "migrations have not run: " in found["migrations-pending"].says
    assert found["migrations-pending"].do == "Run `python manage.py migrate`."
    assert found["migrations-pending"].level == "error"


def test_what_mend_and_migrate_see_to_is_a_note_before_a_deployment() -> None:
    migrate_and_die(1, 2, after=True)
    found = findings(before_deploy=True)
    assert {code: one.level for code, one in found.items()} == {
        "migrations-pending": "note",
        "migration-broken-off": "note",
    }


def test_what_is_there_of_a_broken_off_migration_is_said_in_words() -> None:
    migrate(1)
    migrate_and_die(9, 0, after=True)  # the second migration's only statement
    found = findings()["migration-broken-off"]
    assert found.says == (
        "The migration shop.0002_column broke off half-way: the database has column color of shop_thing, which is all"
        " of it, but no record that it is applied."
    )
    assert "`python manage.py mend`" in found.do
    run("mend")
    migrate(8)
    migrate_and_die(9, 0, after=True)
    assert findings()["migration-broken-off"].says == (
        "The migration shop.0009_table broke off half-way: the database has table shop_label, and lacks foreign key"
        " shop_label_shelf_id_0411c13d_fk_shop_shelf_id of shop_label and index label_of_shelf of shop_label."
    )


def test_migrate_does_not_begin_on_top_of_a_broken_off_one_and_names_the_command() -> None:
    migrate_and_die(1, 1, after=True)
    before = schema()
    with pytest.raises(CommandError, match=r"shop\.0001_initial broke off half-way.*Run `python manage.py mend`"):
        run("migrate", "shop")
    assert schema() == before


class TestInTheWay:
    def refused(self, says: str) -> None:
        """The doctor says so, and neither command changes anything."""
        before = schema()
        found = findings()["schema-in-the-way"]
        assert says in found.says
        for command in (("mend",), ("migrate", "shop")):
            with pytest.raises(CommandError) as raised:
                run(*command)
            assert says in str(raised.value)
        assert schema() == before

    def test_a_table_of_that_name_with_other_columns(self) -> None:
        migrate(0)
        ask("CREATE TABLE shop_shelf (id bigint PRIMARY KEY AUTO_INCREMENT, title varchar(30) NOT NULL)")
        self.refused("table shop_shelf is there, but not as it would be made")

    def test_a_table_of_that_name_with_columns_of_other_types(self) -> None:
        migrate(0)
        ask("CREATE TABLE shop_shelf (id bigint NOT NULL PRIMARY KEY AUTO_INCREMENT, name varchar(31) NOT NULL)")
        self.refused("table shop_shelf is there, but not as it would be made")

    def test_a_migration_whose_record_alone_was_lost_can_be_recorded(self) -> None:
        migrate(2)
        before = schema()
        ask("DELETE FROM django_migrations")
        said = findings()["schema-in-the-way"]
        assert "`python manage.py migrate --fake shop 0001_initial` records it." in said.do
        run("migrate", "--fake", "shop", "0001_initial", verbosity=0)
        run("mend")
        assert schema() == before

    def test_a_column_that_may_be_null_where_it_would_not(self) -> None:
        migrate(2)
        ask("ALTER TABLE shop_thing ADD COLUMN note varchar(9) NULL")
        self.refused("column note of shop_thing is there, but not as it would be made")

    def test_an_index_over_other_columns(self) -> None:
        migrate(4)
        ask("CREATE INDEX thing_by_price ON shop_thing (shelf_id, label)")
        self.refused("index thing_by_price of shop_thing is there, but not as it would be made")

    def test_a_foreign_key_to_another_table(self) -> None:
        migrate_and_die(9, 0, after=True)
        run("mend")
        migrate(8)
        migrate_and_die(9, 0, after=True)
        name = "shop_label_shelf_id_0411c13d_fk_shop_shelf_id"
        ask(f"ALTER TABLE shop_label ADD CONSTRAINT {name} FOREIGN KEY (shelf_id) REFERENCES shop_thing (id)")
        self.refused(f"foreign key {name} of shop_label is there, but not as it would be made")

    def test_a_later_step_without_the_one_before_it(self) -> None:
        migrate(8)
        migrate_and_die(9, 2, after=True)
        ask("ALTER TABLE shop_label DROP FOREIGN KEY shop_label_shelf_id_0411c13d_fk_shop_shelf_id")
        self.refused("index label_of_shelf of shop_label is there, but what comes before it is not: foreign key")


class TestHistory:
    @pytest.mark.usefixtures("all_apps")
    def test_a_migration_applied_before_what_it_depends_on(self) -> None:
        MigrationRecorder(connection).ensure_schema()
        MigrationRecorder(connection).record_applied("admin", "0001_initial")
        found = findings()
        assert set(found) == {"history-inconsistent"}
        assert "admin.0001_initial is applied before its dependency" in found["history-inconsistent"].says
        assert "The database has nothing of what accounts.0001_initial makes (" in found["history-inconsistent"].says
        assert "restore a backup from before the history was changed" in found["history-inconsistent"].do
        with pytest.raises(CommandError, match=r"admin\.0001_initial is applied before its dependency"):
            run("mend")

    def test_a_record_that_was_lost_of_what_is_there_is_written_again(self) -> None:
        migrate(9)
        before = schema()
        ask("DELETE FROM django_migrations WHERE name IN ('0001_initial', '0002_column')")
        found = findings()["history-inconsistent"]
        assert "The database has all that shop.0002_column makes (shop_thing), and no record of it." in found.says
        assert "`python manage.py mend`, which records it" in found.do
        assert "It is recorded now." in run("mend")
        assert schema() == before

    def test_a_record_that_was_lost_of_what_is_there_in_part_is_not(self) -> None:
        migrate(9)
        ask("DELETE FROM django_migrations WHERE name = '0001_initial'")
        ask("ALTER TABLE shop_thing DROP COLUMN weight")
        assert "lacks 1 of its columns." in findings()["history-inconsistent"].says
        with pytest.raises(CommandError, match="lacks 1 of its columns"):
            run("mend")

    def test_migrations_of_a_newer_release_are_a_note(self) -> None:
        migrate(2)
        MigrationRecorder(connection).record_applied("shop", "0099_of_tomorrow")
        MigrationRecorder(connection).record_applied("left_long_ago", "0001_initial")
        found = findings()
        assert set(found) == PENDING | {"history-newer"}
        assert "does not know shop.0099_of_tomorrow." in found["history-newer"].says
        assert found["history-newer"].level == "note"


class TestTwoStepsAtOnce:
    def test_what_the_running_release_still_uses_may_not_be_taken_away(self) -> None:
        migrate(10)
        found = findings(before_deploy=True)["two-steps-at-once"]
        assert found.level == "error"
        assert "shop.0012_take_weight_away takes away" in found.says
        assert "Deploy the release that has shop.0011_forget_weight_in_the_models" in found.do

    def test_once_the_first_step_has_been_deployed_the_second_may_follow(self) -> None:
        migrate(11)
        assert set(findings(before_deploy=True)) == PENDING

    def test_an_empty_database_has_no_running_release(self) -> None:
        assert "two-steps-at-once" not in findings(before_deploy=True)

    def test_the_everyday_look_says_nothing_of_it(self) -> None:
        migrate(10)
        assert "two-steps-at-once" not in findings()
