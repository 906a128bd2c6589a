"""The base of tests of query plans: how many rows a statement may read."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any
from unittest import skipUnless

from django.db import connection

from accounts.people.views import HANDLES_AT_ONCE, SORTED_AT_MOST
from cheers.views import CHEERS_AT_ONCE
from tests.base import ApiTest, Client
from tests.plans.reading import Statement, columns_of, statements
from tests.plans.rows import BLOCKS
from todos.views import TODOS_AT_ONCE

LARGEST_PAGE = 200
LARGEST_PART = max(TODOS_AT_ONCE, CHEERS_AT_ONCE, HANDLES_AT_ONCE, SORTED_AT_MOST)
# Rows of all tables read per row shown: itself, its goal, people, and the rule of visibility.
READS_PER_ROW = 16
# The people whom the viewer has blocked are read once per statement.
READS_OF_BLOCKS = 2 * BLOCKS + 60
DIRECT = {"const", "eq_ref"}  # by all columns of a unique key

has_plans = skipUnless(
    connection.vendor != "sqlite", "SQLite reports neither such plans nor the number of rows read"
)
# Tests that know how MySQL and MariaDB join tables; PostgreSQL reads small ones as a whole.
as_mysql_plans = skipUnless(connection.vendor == "mysql", "about the plans of MySQL and MariaDB")


@has_plans
class PlansTest(ApiTest):
    def statements_of(self, path: str, client: Client | None = None) -> tuple[Any, list[Statement]]:
        """Return the decoded answer, to Alice by default, and the statements run for it."""
        with statements() as seen:
            answer = self.ok((client or self.as_alice).get(path))
        return answer, seen

    def assert_few(self, path: str, statement: Statement) -> None:
        """Assert that a statement that finds the end of a part reads no more rows than the part."""
        with self.subTest(path):
            # Besides, some for each of the goals over which the part is counted.
            assert statement.read <= 1.2 * LARGEST_PART, (statement.read, statement.sql)

    def assert_short(
        self, path: str, statement: Statement, extra_rows: int, columns: dict[str, Collection[str]]
    ) -> None:
        """Assert that the statement reads few rows, by the right indexes.

        It may read `extra_rows` rows besides those it returns; `columns` has, for some tables, the
        columns with which an index that reads it may begin.
        """
        faults = []
        if statement.read > READS_PER_ROW * (statement.returned + extra_rows) + READS_OF_BLOCKS:
            faults.append(
                f"reads {statement.read} rows to return {statement.returned} (extra: {extra_rows})"
            )
        if statement.sorted > max(LARGEST_PAGE, extra_rows):
            faults.append(f"{statement.sorted} rows are sorted")
        plan = statement.plan()
        for step in plan:
            known = columns.get(step.table)
            if step.full_scan:
                faults.append(f"{step.table} is read by a full scan")
            elif (
                known is not None and step.kind not in DIRECT and not columns_of(step) <= set(known)
            ):
                faults.append(
                    f"{step.table} is read by {step.keys}, none of which begins with {known}"
                )
        if faults:
            with self.subTest(path):
                self.fail("\n".join([path, *faults, statement.sql, *map(str, plan)]))
