"""What the schema tells of statements that may have run"""

from __future__ import annotations

import pytest
from django.db import connection

from safemigrations.statements import Progress, Schema, Statement, effect_of, progress

INDEX = ("index", "t", "n")
DROP = "DROP INDEX `n` ON `t`"
CREATE = "CREATE INDEX `n` ON `t` (`a`, `b` DESC)"
OTHER = "ALTER TABLE `t` ADD CONSTRAINT `c` CHECK (`a` > 0)"
FORMS = {
    "RENAME TABLE `t` TO `u`": ({("table", "u", "")}, {("table", "t", "")}),
    "DROP TABLE `t` CASCADE;": (set(), {("table", "t", "")}),
    "ALTER TABLE `t` DROP COLUMN `a`": (set(), {("column", "t", "a")}),
    "ALTER TABLE `t` RENAME COLUMN `a` TO `b`": ({("column", "t", "b")}, {("column", "t", "a")}),
    "ALTER TABLE `t` RENAME INDEX `n` TO `m`": ({("index", "t", "m")}, {INDEX}),
    "CREATE UNIQUE INDEX `n` ON `t` ((lower(`a`)))": ({INDEX}, set()),
    "ALTER TABLE `t` ADD CONSTRAINT `n` UNIQUE (`a`)": ({INDEX}, set()),
    "ALTER TABLE `t` DROP INDEX `n`": (set(), {INDEX}),
    "ALTER TABLE `t` ADD CONSTRAINT `p` PRIMARY KEY (`a`)": ({("index", "t", "PRIMARY")}, set()),
    "ALTER TABLE `t` DROP PRIMARY KEY": (set(), {("index", "t", "PRIMARY")}),
    "ALTER TABLE `t` DROP FOREIGN KEY `k`": (set(), {("key", "t", "k")}),
    "ALTER TABLE `t` DROP CHECK `c`": (set(), {("check", "t", "c")}),
    OTHER: ({("check", "t", "c")}, set()),
    "ALTER TABLE `t` DROP CONSTRAINT IF EXISTS `c`": (set(), set()),
    "ALTER TABLE `t` MODIFY `a` bigint NULL": (set(), set()),
    "UPDATE `t` SET `a` = %s": (set(), set()),
}


def came(things: dict[tuple[str, str, str], str | None], *statements: str) -> Progress:
    """How far these statements came, in a schema of these things."""
    return progress(Schema(connection, dict(things)), [Statement(sql) for sql in statements])


@pytest.mark.parametrize("sql", FORMS)
def test_what_a_statement_makes_and_takes_away(sql: str) -> None:
    effect = effect_of(sql)
    assert (set(effect.makes), set(effect.takes)) == FORMS[sql]


def test_an_index_that_is_made_anew_under_its_name_tells_nothing_while_it_is_there() -> None:
    assert came({INDEX: "x"}, DROP, CREATE, OTHER).done == 0
    assert came({INDEX: "a,b"}, DROP, CREATE, OTHER).done == 0
    assert came({}, DROP, CREATE, OTHER).done == 1
    assert came({INDEX: "a,b", ("check", "t", "c"): None}, DROP, CREATE, OTHER).done == 3


def test_what_was_made_and_taken_away_again_is_no_gap() -> None:
    found = came({("check", "t", "c"): None}, CREATE, DROP, OTHER)
    assert (found.done, found.in_the_way) == (3, "")
    assert came({INDEX: "a,b"}, CREATE, DROP, OTHER).done == 1


def test_what_goes_with_its_table_is_no_gap() -> None:
    found = came({("check", "u", "c"): None}, CREATE, "DROP TABLE `t`", OTHER.replace("`t`", "`u`"))
    assert (found.done, found.in_the_way) == (3, "")


def test_both_names_of_what_was_renamed_are_in_the_way() -> None:
    things = {("table", "t", ""): None, ("table", "u", ""): None}
    assert "new name u of table t is there" in came(things, "RENAME TABLE `t` TO `u`").in_the_way
