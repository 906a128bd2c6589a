"""State of the schema for statements that may have run."""

from __future__ import annotations

import pytest
from django.db import connection

from safemigrations.statements import (
    Progress,
    Schema,
    SchemaObject,
    Statement,
    Structure,
    effect_of,
    measure_progress,
)

INDEX = ("index", "t", "n")
CHECK = ("check", "t", "c")
DROP = "DROP INDEX `n` ON `t`"
CREATE = "CREATE INDEX `n` ON `t` (`a`, `b` DESC)"
ADD_CHECK = "ALTER TABLE `t` ADD CONSTRAINT `c` CHECK (`a` > 0)"
EFFECTS = {
    "RENAME TABLE `t` TO `u`": ({("table", "u", "")}, {("table", "t", "")}),
    "DROP TABLE `t` CASCADE;": (set(), {("table", "t", "")}),
    "ALTER TABLE `t` DROP COLUMN `a`": (set(), {("column", "t", "a")}),
    "ALTER TABLE `t` RENAME COLUMN `a` TO `b`": ({("column", "t", "b")}, {("column", "t", "a")}),
    "ALTER TABLE `t` RENAME INDEX `n` TO `m`": ({("index", "t", "m")}, {INDEX}),
    "CREATE UNIQUE INDEX `n` ON `t` ((lower(`a`)))": ({INDEX}, set()),
    "ALTER TABLE `t` ADD CONSTRAINT `n` UNIQUE (`a`)": ({INDEX}, set()),
    "ALTER TABLE `t` DROP INDEX `n`": (set(), {INDEX}),
    "ALTER TABLE `t` ADD CONSTRAINT `p` PRIMARY KEY (`a`)": (
        {("index", "t", "PRIMARY")},
        set(),
    ),
    "ALTER TABLE `t` DROP PRIMARY KEY": (set(), {("index", "t", "PRIMARY")}),
    "ALTER TABLE `t` DROP FOREIGN KEY `k`": (set(), {("foreign key", "t", "k")}),
    "ALTER TABLE `t` DROP CHECK `c`": (set(), {CHECK}),
    ADD_CHECK: ({CHECK}, set()),
    "ALTER TABLE `t` DROP CONSTRAINT IF EXISTS `c`": (set(), set()),
    "ALTER TABLE `t` MODIFY `a` bigint NULL": (set(), set()),
    "UPDATE `t` SET `a` = %s": (set(), set()),
}


def measure(objects: dict[SchemaObject, Structure], *statements: str) -> Progress:
    """Return the progress of these statements in a schema of these objects."""
    schema = Schema(connection, dict(objects))
    return measure_progress(schema, [Statement(sql) for sql in statements])


@pytest.mark.parametrize("sql", EFFECTS)
def test_the_objects_that_a_statement_creates_and_removes(sql: str) -> None:
    effect = effect_of(sql)
    assert (set(effect.creates), set(effect.removes)) == EFFECTS[sql]


def test_an_index_dropped_and_created_again_shows_nothing_while_it_exists() -> None:
    assert measure({INDEX: ("x",)}, DROP, CREATE, ADD_CHECK).applied == 0
    assert measure({INDEX: ("a", "b")}, DROP, CREATE, ADD_CHECK).applied == 0
    assert measure({}, DROP, CREATE, ADD_CHECK).applied == 1
    assert measure({INDEX: ("a", "b"), CHECK: None}, DROP, CREATE, ADD_CHECK).applied == 3


def test_an_object_created_and_dropped_again_is_no_gap() -> None:
    progress = measure({CHECK: None}, CREATE, DROP, ADD_CHECK)
    assert (progress.applied, progress.conflict) == (3, "")
    assert measure({INDEX: ("a", "b")}, CREATE, DROP, ADD_CHECK).applied == 1


def test_an_object_dropped_with_its_table_is_no_gap() -> None:
    other = ADD_CHECK.replace("`t`", "`u`")
    progress = measure({("check", "u", "c"): None}, CREATE, "DROP TABLE `t`", other)
    assert (progress.applied, progress.conflict) == (3, "")


def test_both_names_of_a_renamed_table_are_a_conflict() -> None:
    objects: dict[SchemaObject, Structure] = {("table", "t", ""): None, ("table", "u", ""): None}
    conflict = measure(objects, "RENAME TABLE `t` TO `u`").conflict
    assert conflict == "new name u of table t: both names exist, or neither"
