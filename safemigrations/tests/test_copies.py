"""The changes for which the server copies a table, as the linter assumes."""

from __future__ import annotations

import pytest
from django.db import OperationalError

from safemigrations.tests.base import database, execute, needs_mysql

__all__ = ["database"]
pytestmark = [needs_mysql, pytest.mark.usefixtures("database")]
NOT_IN_PLACE = 1845, 1846  # the server's error numbers
IN_PLACE = (
    "ADD COLUMN other_id INT NULL",
    "ADD COLUMN computed INT GENERATED ALWAYS AS (id + 1) VIRTUAL",
    "MODIFY short VARCHAR(63) NULL",
    "MODIFY `long` VARCHAR(200) NULL",
)
COPIED = (
    "ADD COLUMN other_id INT NULL, ADD CONSTRAINT k FOREIGN KEY (other_id) REFERENCES t (id)",
    "ADD COLUMN computed INT GENERATED ALWAYS AS (id + 1) STORED",
    "MODIFY short VARCHAR(64) NULL",
    "MODIFY cost DECIMAL(7, 2) NULL",
    "MODIFY id BIGINT NOT NULL",
)


@pytest.fixture
def table(database: None) -> None:
    execute(
        "CREATE TABLE t (id INT PRIMARY KEY, short VARCHAR(32), `long` VARCHAR(64),"
        " cost DECIMAL(6, 2))"
    )


@pytest.mark.usefixtures("table")
@pytest.mark.parametrize("change", IN_PLACE)
def test_changes_done_in_place(change: str) -> None:
    execute(f"ALTER TABLE t {change}, ALGORITHM=INPLACE")


@pytest.mark.usefixtures("table")
@pytest.mark.parametrize("change", COPIED)
def test_changes_that_copy_the_table(change: str) -> None:
    with pytest.raises(OperationalError) as raised:
        execute(f"ALTER TABLE t {change}, ALGORITHM=INPLACE")
    assert raised.value.args[0] in NOT_IN_PLACE
