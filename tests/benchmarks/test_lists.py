"""The measurement of lists tries every list of the schema with every filter."""

from __future__ import annotations

from benchmarks.growth.docs import LISTS_BEGIN, LISTS_END
from benchmarks.growth.lists import Cost, Ids, filters, paths, table
from benchmarks.servers import ROOT
from tests.base import new_id
from tests.plans.test_query_plans import PAGES, listed


def some_ids() -> Ids:
    three = {name: [new_id() for _ in range(3)] for name in ("alice", "bob", "carol")}
    return Ids(
        alice=new_id(),
        bob=new_id(),
        carol=new_id(),
        goals=three,
        todos={name: ids[0] for name, ids in three.items()},
        quick_input=new_id(),
        diary=new_id(),
    )


def test_every_list_and_every_filter_is_measured() -> None:
    measured = {
        name: {*optional, *required}
        for name, (_, optional, required) in filters(some_ids()).items()
    }
    in_schema = {name: parameters - PAGES for name, parameters in listed().items()}
    assert measured == in_schema


def test_filters_are_tried_alone_in_pairs_and_all_together() -> None:
    queries = [path.partition("?")[2] for path in paths(some_ids()) if path.startswith("todos/")]
    assert "" in queries
    assert any(query == "is_done=true&q=found" for query in queries)
    assert any(query.count("=") == 9 for query in queries)


def test_the_table_names_the_dearest_request_of_each_list() -> None:
    costs = [
        Cost("goals/", 1, 100, 1.0),
        Cost("goals/?state=done (page 2)", 1, 90, 2.0),
        Cost("alarms/", 0, 4, 60.0),
    ]
    assert [cost.is_met for cost in costs] == [True, True, False]
    assert list(table(costs))[2:] == [
        "| goals/ | 2 | 100 | 2.0 | `state=done (page 2)` |",
        "| alarms/ | 1 | 4 | 60.0 | `–` |",
    ]


def test_the_document_has_the_marks_of_the_table() -> None:
    text = (ROOT / "docs" / "scale.md").read_text()
    assert text.index(LISTS_BEGIN) < text.index(LISTS_END)
