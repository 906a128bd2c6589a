"""What the bare function reads out of the project's SQL."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks import statements
from benchmarks.statements import Statement

JOINED = Statement(
    "SELECT `todos_todo`.`id` AS `id`, `accounts_user`.`id`, COUNT(CASE WHEN (a, b) THEN 1 END) AS `count`, "
    "`accounts_profile`.`handle` AS `owner__profile__handle` FROM `todos_todo` WHERE `todos_todo`.`date` = %s",
    [{"role": "date"}, {"statement": 0, "row": 1, "column": 2}, {"value": b"\x01"}],
)


def test_a_column_is_found_by_its_table_its_alias_or_its_name() -> None:
    assert JOINED.place("todos_todo.id") == 0
    assert JOINED.place("accounts_user.id") == 1
    assert JOINED.place("count") == 2
    assert JOINED.place("profiles.handle", "handle") == 3
    with pytest.raises(LookupError, match="memo is not among"):
        JOINED.place("memo")


def test_arguments_come_from_roles_from_earlier_rows_and_from_themselves() -> None:
    rows = ((1, 2, 3), (4, 5, 6))
    assert JOINED.bind({"date": "2026-03-18"}, [rows]) == ["2026-03-18", 6, b"\x01"]


def test_they_are_read_back_as_they_were_written(tmp_path: Path) -> None:
    statements.save({"list": [JOINED]}, tmp_path / "statements.json")
    assert statements.load(tmp_path / "statements.json") == {"list": [JOINED]}
    assert (JOINED.table, JOINED.verb, JOINED.locks) == ("todos_todo", "SELECT", False)
