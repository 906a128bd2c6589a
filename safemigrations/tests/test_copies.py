"""For which changes a server copies the table, as the rules have it"""

from __future__ import annotations

import pytest
from django.db import OperationalError

from safemigrations.tests.base import ask, database, needs_mysql

__all__ = ["database"]
pytestmark = [needs_mysql, pytest.mark.usefixtures("database")]
NOT_IN_PLACE = 1845, 1846
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
    ask("CREATE TABLE t (id INT PRIMARY KEY, short VARCHAR(32), `long` VARCHAR(64), cost DECIMAL(6, 2))")


@pytest.mark.usefixtures("table")
@pytest.mark.parametrize("change", IN_PLACE)
def test_what_is_done_in_place(change: str) -> None:
    ask(f"ALTER TABLE t {change}, ALGORITHM=INPLACE")


@pytest.mark.usefixtures("table")
@pytest.mark.parametrize("change", COPIED)
def test_what_the_table_is_copied_for(change: str) -> None:
    with pytest.raises(OperationalError) as raised:
        ask(f"ALTER TABLE t {change}, ALGORITHM=INPLACE")
    assert raised.value.args[0] in NOT_IN_PLACE
