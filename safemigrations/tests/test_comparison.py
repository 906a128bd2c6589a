"""Comparing the schema with the applied migrations."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.test import override_settings

from safemigrations.comparison import SchemaDifferences, compare_schema
from safemigrations.tests import shop
from safemigrations.tests.base import database, execute, migrate, needs_mysql

__all__ = ["database"]
pytestmark = [needs_mysql, pytest.mark.usefixtures("database")]
CHANGES = {
    "ALTER TABLE shop_thing DROP COLUMN color": "the column color of shop_thing",
    "DROP TABLE shop_thing_beside": "the table shop_thing_beside",
    "ALTER TABLE shop_thing MODIFY price INT UNSIGNED NULL": (
        "NOT NULL for the column price of shop_thing"
    ),
    "ALTER TABLE shop_thing MODIFY weight INT NOT NULL": (
        "NULL for the column weight of shop_thing"
    ),
    "ALTER TABLE shop_shelf DROP INDEX name": "the unique index over name of shop_shelf",
    "ALTER TABLE shop_thing DROP INDEX thing_once": (
        "the unique index over label, shelf_id of shop_thing"
    ),
}
ADD_REQUIRED = "ALTER TABLE shop_thing ADD COLUMN brand VARCHAR(9) NOT NULL"


def compare(*, newer: bool = False) -> SchemaDifferences:
    return compare_schema(MigrationExecutor(connection), newer=newer)


@pytest.mark.parametrize("change", CHANGES)
def test_changes_made_by_hand(change: str) -> None:
    migrate(2)
    execute(change)
    assert compare().missing == [CHANGES[change]]


def test_a_missing_foreign_key() -> None:
    migrate(2)
    ((name,),) = execute(
        "SELECT CONSTRAINT_NAME FROM information_schema.KEY_COLUMN_USAGE"
        " WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = 'shop_thing'"
        " AND REFERENCED_TABLE_NAME = 'shop_shelf'"
    )
    execute(f"ALTER TABLE shop_thing DROP FOREIGN KEY {name}")
    assert compare().missing == ["the foreign key shelf_id of shop_thing"]


def test_an_extra_column_that_refuses_every_new_row() -> None:
    migrate(2)
    execute(ADD_REQUIRED)
    found = compare()
    assert found.missing == []
    (statement,) = found.repairs
    execute(statement)
    assert compare() == SchemaDifferences()


@pytest.mark.parametrize(
    "definition",
    ["INT NULL", "INT NOT NULL DEFAULT 3", "INT GENERATED ALWAYS AS (price + 1) STORED"],
)
def test_an_extra_column_that_does_no_harm(definition: str) -> None:
    migrate(2)
    execute(f"ALTER TABLE shop_thing ADD COLUMN brand {definition}")
    assert compare() == SchemaDifferences()


def test_the_schema_of_each_migration_has_no_differences() -> None:
    for number in range(15):
        migrate(number)
        assert compare() == SchemaDifferences(), number


def test_the_schema_of_a_later_release(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    migrate(10)
    # As the later release may do before it drops a column.
    execute("ALTER TABLE shop_thing MODIFY price INT UNSIGNED NULL")
    execute("ALTER TABLE shop_shelf DROP INDEX name")
    older = tmp_path / "older_shop"
    older.mkdir()
    for name in ("__init__", "0001_initial", "0002_column"):
        shutil.copy(Path(shop.__file__).parent / "migrations" / f"{name}.py", older)
    monkeypatch.syspath_prepend(tmp_path)
    with override_settings(MIGRATION_MODULES={"shop": "older_shop"}):
        assert compare(newer=True) == SchemaDifferences()
        assert compare(newer=False).missing
        execute(ADD_REQUIRED)
        assert len(compare(newer=True).repairs) == 1
