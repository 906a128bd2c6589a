"""The comparison of two schemas, which finds the changes that break a client."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from tests.contract import breaking_changes
from tests.made_schema import made_schema


@pytest.fixture
def schema() -> dict[str, Any]:
    return made_schema()


def test_the_comparison_reports_changes_that_break_a_client(schema: dict[str, Any]) -> None:
    def after(change: Any) -> list[str]:
        new = copy.deepcopy(schema)
        change(new)
        return list(breaking_changes(schema, new))

    goals, parts = "/api/v1/goals/", "schemas"
    assert after(lambda new: new["paths"].pop(goals))
    assert after(lambda new: new["paths"][goals].pop("post"))
    assert after(lambda new: new["paths"][goals]["get"]["parameters"].pop())
    assert after(lambda new: new["paths"][goals]["get"]["parameters"].reverse())
    more = {"name": "more", "in": "query", "schema": {"type": "string"}}
    assert after(lambda new: new["paths"][goals]["get"]["parameters"].insert(0, more))
    assert not after(lambda new: new["paths"][goals]["get"]["parameters"].append(more))
    assert after(lambda new: new["paths"][goals]["post"].update(operationId="make_goal"))
    assert after(lambda new: new["components"][parts]["Goal"]["properties"].pop("title"))
    assert after(lambda new: new["components"][parts]["NewGoal"]["required"].append("color"))
    assert after(
        lambda new: new["components"][parts]["Goal"]["properties"]["title"].update(
            type=["string", "null"]
        )
    )
    assert after(
        lambda new: new["components"][parts]["NewGoal"]["properties"]["title"].update(
            type="integer"
        )
    )
    assert not after(
        lambda new: new["components"][parts]["Goal"]["properties"].update(extra={"type": "string"})
    )
    assert after(
        lambda new: new["paths"][goals]["get"]["parameters"][-1]["schema"].update(enum=["one"])
    )


def changed(schema: dict[str, Any], name: str, change: Any) -> list[str]:
    """Apply the change to this component and return the breaking changes found."""
    new = copy.deepcopy(schema)
    change(new["components"]["schemas"][name])
    return list(breaking_changes(schema, new))


@pytest.mark.parametrize(
    ("name", "field"), [("Offer", "todo_id"), ("Person", "nickname"), ("DayGoal", "todos")]
)
def test_the_comparison_reports_a_field_lost_inside_an_answer(
    schema: dict[str, Any], name: str, field: str
) -> None:
    assert any(
        sentence.endswith(f"lost {field}")
        for sentence in changed(schema, name, lambda component: component["properties"].pop(field))
    )


@pytest.mark.parametrize(
    ("name", "field", "change"),
    [
        ("NewDiary", "temperature", {"type": ["string", "null"]}),
        ("NewDiary", "temperature", {"maximum": 99}),
        ("NewDiary", "temperature", {"minimum": 1}),
        ("NewGoal", "title", {"maxLength": 199}),
        ("NewGoal", "title", {"minLength": 2}),
        ("NewGoal", "title", {"pattern": "^x"}),
        ("NewGoal", "viewers", {"maxItems": 1}),
        ("NewAlarm", "is_on", {"enum": [True]}),
    ],
)
def test_the_comparison_reports_a_request_that_accepts_less(
    schema: dict[str, Any], name: str, field: str, change: dict[str, Any]
) -> None:
    assert changed(schema, name, lambda component: component["properties"][field].update(change))


def test_the_comparison_allows_a_request_to_accept_more(schema: dict[str, Any]) -> None:
    for more in ({"type": ["number", "null"]}, {"maximum": 101}, {"minimum": -1}):
        assert not changed(
            schema,
            "NewDiary",
            lambda component, more=more: component["properties"]["temperature"].update(more),
        )


def test_the_comparison_allows_a_new_enum_value_and_reports_a_removed_one(
    schema: dict[str, Any],
) -> None:
    assert any(
        "no longer accepts private" in sentence
        for sentence in changed(
            schema, "VisibilityLevel", lambda component: component["enum"].remove("private")
        )
    )
    assert not changed(
        schema, "VisibilityLevel", lambda component: component["enum"].append("friends")
    )


def test_an_answer_may_have_new_enum_values_and_the_description_says_so(
    schema: dict[str, Any],
) -> None:
    rule = schema["info"]["description"]
    assert "Clients accept values of enums that they do not know" in " ".join(rule.split())
    parts = schema["components"]["schemas"]
    enums = [name for name, component in parts.items() if "enum" in component]
    assert {"FollowState", "GoalState", "VisibilityLevel"} <= set(enums)
    for name in enums:
        assert not changed(schema, name, lambda enum: enum["enum"].append("new")), name
    # But a request takes what it took, and a field keeps its type.
    assert changed(schema, "GoalState", lambda enum: enum["enum"].remove("ended"))
    assert changed(schema, "FollowState", lambda enum: enum.update(type="integer"))


def test_the_comparison_handles_a_recursive_schema(schema: dict[str, Any]) -> None:
    nested = copy.deepcopy(schema)
    card = nested["components"]["schemas"]["Person"]["properties"]
    card["friend"] = {"$ref": "#/components/schemas/Person"}
    assert not list(breaking_changes(nested, nested))
    assert changed(nested, "Person", lambda component: component["properties"].pop("friend"))
