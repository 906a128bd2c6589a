"""Plans of PostgreSQL, with the number of rows that each step has read."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

from django.db import connection

from tests.plans.step import Step

type Node = dict[str, Any]

FIRST_COLUMNS = """
    SELECT c.relname, i.relname, a.attname, x.indisunique
    FROM pg_index x JOIN pg_class c ON c.oid = x.indrelid JOIN pg_class i ON i.oid = x.indexrelid
        JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = x.indkey[0]
    WHERE c.relnamespace = current_schema()::regnamespace
"""


def explain(sql: str, params: Any) -> Node:
    """Run the statement again and return its plan.

    Without scans of whole tables where an index can serve: the tables of the tests are smaller than
    those of a server, and the planner would rather read a small one from end to end. And without
    bitmaps: the rows of a test are not vacuumed, so the planner takes reading an index in its order
    for expensive.
    """
    # On the driver's own cursor, which Django's execute wrappers do not see.
    with connection.connection.cursor() as cursor:
        cursor.execute("SET enable_seqscan = off; SET enable_bitmapscan = off")
        cursor.execute(f"EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) {sql}", params)
        [[[found]]] = cursor.fetchall()
        cursor.execute("RESET enable_seqscan; RESET enable_bitmapscan")
    plan: Node = found["Plan"]
    return plan


def nodes(plan: Node) -> Iterator[Node]:
    yield plan
    for child in plan.get("Plans", ()):
        yield from nodes(child)


def rows_read_and_sorted(plan: Node) -> tuple[int, int]:
    """Return how many rows of tables were read, and how many were sorted."""
    read = sorted_rows = 0.0
    for node in nodes(plan):
        loops = node["Actual Loops"]
        if "Relation Name" in node:
            removed = node.get("Rows Removed by Filter", 0)
            removed += node.get("Rows Removed by Index Recheck", 0)
            read += (node["Actual Rows"] + removed) * loops
        if node["Node Type"].endswith("Sort"):
            (child,) = [each for each in node["Plans"] if each["Parent Relationship"] == "Outer"]
            sorted_rows += child["Actual Rows"] * child["Actual Loops"]
    return round(read), round(sorted_rows)


def steps(plan: Node) -> list[Step]:
    """Return how each table is read."""
    return [_step(node) for node in nodes(plan) if "Relation Name" in node]


def _step(node: Node) -> Step:
    table, scans = node["Alias"], [node]
    if node["Node Type"] == "Seq Scan":
        return Step(table, "ALL", ())
    if node["Node Type"] == "Bitmap Heap Scan":
        scans = [each for each in nodes(node) if each["Node Type"] == "Bitmap Index Scan"]
    names = tuple(dict.fromkeys(each["Index Name"] for each in scans))
    if not all("Index Cond" in each for each in scans):
        return Step(table, "index", names)
    if node["Actual Rows"] <= 1 and all(name in _unique_indexes() for name in names):
        return Step(table, "eq_ref", names)
    return Step(table, "range", names)


def _indexes() -> list[tuple[str, str, str, bool]]:
    with connection.connection.cursor() as cursor:
        cursor.execute(FIRST_COLUMNS)
        return list(cursor.fetchall())


@cache
def first_columns() -> dict[tuple[str, str], str]:
    """Return the first column of each index, by (table, index)."""
    return {(table, index): column for table, index, column, _ in _indexes()}


@cache
def _unique_indexes() -> set[str]:
    return {index for _, index, _, unique in _indexes() if unique}
