"""What a request's statements may read."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any
from unittest import skipUnless

from django.db import connection

from tests.base import ApiTest
from tests.plans.reading import Statement, columns_of, statements
from tests.plans.rows import BLOCKS

LARGEST_PAGE = 200
# Rows of all tables behind one that is shown: itself, its goal, its people, what the rule of visibility asks.
FOR_ONE = 16
# Whom the viewer has blocked is read once for the rows of many people.
ASIDE = 2 * BLOCKS + 60
DIRECT = {"const", "eq_ref"}  # by a whole unique key

has_plans = skipUnless(
    connection.vendor == "mysql", "SQLite has neither these plans nor counters of what was read"
)


@has_plans
class PlansTest(ApiTest):
    def statements_of(self, path: str) -> tuple[Any, list[Statement]]:
        """Alice's answer, and what was run for it."""
        with statements() as seen:
            answer = self.ok(self.as_alice.get(path))
        return answer, seen

    def assert_short(
        self, path: str, statement: Statement, past: int, begins: dict[str, Collection[str]]
    ) -> None:
        """It reads no more than it shows and `past` rows, and each table in `begins` by indexes that begin so."""
        faults = []
        if statement.read > FOR_ONE * (statement.returned + past) + ASIDE:
            faults.append(
                f"{statement.read} rows are read for {statement.returned}, and {past} may be read past"
            )
        if statement.sorted > max(LARGEST_PAGE, past):
            faults.append(f"{statement.sorted} rows are sorted")
        plan = statement.plan()
        for step in plan:
            known = begins.get(step.table)
            if step.full_scan:
                faults.append(f"the whole of {step.table} is read")
            elif (
                known is not None and step.kind not in DIRECT and not columns_of(step) <= set(known)
            ):
                faults.append(
                    f"{step.table} is read by {step.keys}, none of which begins with {known}"
                )
        if faults:
            with self.subTest(path):
                self.fail("\n".join([path, *faults, statement.sql, *map(str, plan)]))
