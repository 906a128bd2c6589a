"""What the doctor says of a schema that is not the one which its migrations have made"""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from django.test import override_settings

from safemigrations.tests import shop
from safemigrations.tests.base import ask, database, findings, migrate, needs_mysql

__all__ = ["database"]
pytestmark = [needs_mysql, pytest.mark.usefixtures("database")]
PENDING = {"migrations-pending"}
CHANGES = {
    "ALTER TABLE shop_thing DROP COLUMN color": "the column color of shop_thing",
    "DROP TABLE shop_thing_beside": "the table shop_thing_beside",
    "ALTER TABLE shop_thing MODIFY price INT UNSIGNED NULL": "NOT NULL for the column price of shop_thing",
    "ALTER TABLE shop_thing MODIFY weight INT NOT NULL": "NULL for the column weight of shop_thing",
    "ALTER TABLE shop_shelf DROP INDEX name": "the unique index over name of shop_shelf",
    "ALTER TABLE shop_thing DROP INDEX thing_once": "the unique index over label, shelf_id of shop_thing",
}
REQUIRED = "ALTER TABLE shop_thing ADD COLUMN brand VARCHAR(9) NOT NULL"


@pytest.mark.parametrize("change", CHANGES)
def test_what_somebody_has_taken_away_by_hand(change: str) -> None:
    migrate(2)
    ask(change)
    found = findings()
    assert set(found) == PENDING | {"schema-differs"}
    assert f"recorded to have made: {CHANGES[change]}." in found["schema-differs"].says


def test_a_foreign_key_that_has_gone() -> None:
    migrate(2)
    keys = "SELECT CONSTRAINT_NAME FROM information_schema.KEY_COLUMN_USAGE WHERE TABLE_SCHEMA = DATABASE()"
    ((name,),) = ask(f"{keys} AND TABLE_NAME = 'shop_thing' AND REFERENCED_TABLE_NAME = 'shop_shelf'")
    ask(f"ALTER TABLE shop_thing DROP FOREIGN KEY {name}")
    assert ": the foreign key shelf_id of shop_thing." in findings()["schema-differs"].says


def test_a_column_of_somebody_elses_that_lets_no_row_in() -> None:
    migrate(2)
    ask(REQUIRED)
    found = findings()
    assert set(found) == PENDING | {"schema-asks-for-more"}
    do, statement = found["schema-asks-for-more"].do.splitlines()
    assert do == "Find out whose they are, and take them away or run:"
    ask(statement)
    assert set(findings()) == PENDING
    ask("INSERT INTO shop_shelf (name) VALUES ('one')")


@pytest.mark.parametrize(
    "definition", ["INT NULL", "INT NOT NULL DEFAULT 3", "INT GENERATED ALWAYS AS (price + 1) STORED"]
)
def test_a_column_of_somebody_elses_that_disturbs_nobody(definition: str) -> None:
    migrate(2)
    ask(f"ALTER TABLE shop_thing ADD COLUMN brand {definition}")
    assert set(findings()) == PENDING


def test_the_schema_that_each_migration_makes_is_well() -> None:
    for number in range(15):
        migrate(number)
        assert set(findings()) <= PENDING, number


def test_a_release_is_well_on_the_schema_of_the_next(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    migrate(10)
    ask("ALTER TABLE shop_thing MODIFY price INT UNSIGNED NULL")  # as a release does before it takes a column away
    ask("ALTER TABLE shop_shelf DROP INDEX name")
    older = tmp_path / "older_shop"
    older.mkdir()
    for name in ("__init__", "0001_initial", "0002_column"):
        shutil.copy(Path(shop.__file__).parent / "migrations" / f"{name}.py", older)
    monkeypatch.syspath_prepend(tmp_path)
    with override_settings(MIGRATION_MODULES={"shop": "older_shop"}):
        assert set(findings()) == {"history-newer"}
        ask(REQUIRED)
        assert set(findings()) == {"history-newer", "schema-asks-for-more"}
