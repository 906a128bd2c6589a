"""The schema is the contract."""

from __future__ import annotations

import copy
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from drf_spectacular.drainage import GENERATOR_STATS
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.validation import validate_schema

from tests.contract import breaks

RELEASES = Path(__file__).resolve().parent.parent / "docs" / "openapi"
OPEN = {
    "get_server",
    "get_health_live",
    "get_health_ready",
    "sign_up",
    "sign_in",
    "refresh_token",
} | {
    "reset_password",
    "confirm_password_reset",
}


@pytest.fixture(scope="module")
def schema() -> dict[str, Any]:
    GENERATOR_STATS.reset()
    made = SchemaGenerator().get_schema(request=None, public=True)
    return dict(yaml.safe_load(yaml.safe_dump(made, default_flow_style=False, allow_unicode=True)))


def each_operation(schema: dict[str, Any]) -> list[tuple[str, str, dict[str, Any]]]:
    return [
        (path, method, op)
        for path, methods in schema["paths"].items()
        for method, op in methods.items()
    ]


def test_the_schema_is_openapi_3_1_valid_and_made_without_a_warning(schema: dict[str, Any]) -> None:
    assert schema["openapi"].startswith("3.1")
    validate_schema(schema)
    assert not GENERATOR_STATS, GENERATOR_STATS._warn_cache


def test_operation_ids_are_unique_and_in_snake_case(schema: dict[str, Any]) -> None:
    names = [op["operationId"] for _path, _method, op in each_operation(schema)]
    assert len(names) == len(set(names))
    assert all(re.fullmatch(r"[a-z]+(_[a-z]+)*", name) for name in names), names


def test_every_operation_says_what_it_does_and_which_errors_it_has(schema: dict[str, Any]) -> None:
    for path, method, operation in each_operation(schema):
        where = f"{method} {path}"
        assert operation.get("description"), where
        statuses = set(operation["responses"])
        assert "400" in statuses, where
        assert ("401" in statuses) == (operation["operationId"] not in OPEN) or "/auth/" in path, (
            where
        )
        assert "404" in statuses or "{" not in path, where
        for status, response in operation["responses"].items():
            if int(status) >= 400:
                assert list(response["content"]) == ["application/problem+json"], (where, status)


def test_everything_asks_for_a_session_but_what_is_open(schema: dict[str, Any]) -> None:
    for _path, _method, operation in each_operation(schema):
        security = operation.get("security", [])
        assert (security == [{"access": []}]) == (operation["operationId"] not in OPEN), operation[
            "operationId"
        ]


def test_only_lists_have_pages(schema: dict[str, Any]) -> None:
    for _path, method, operation in each_operation(schema):
        names = {parameter["name"] for parameter in operation.get("parameters", [])}
        assert method == "get" or not names & {"cursor", "page_size"}, operation["operationId"]


def test_nothing_that_a_released_client_relies_on_is_gone(schema: dict[str, Any]) -> None:
    releases = sorted(RELEASES.glob("*.yaml"))
    assert releases
    for release in releases:
        assert list(breaks(yaml.safe_load(release.read_text()), schema)) == [], release.name


def test_the_comparison_sees_what_breaks_a_client(schema: dict[str, Any]) -> None:
    def after(change: Any) -> list[str]:
        new = copy.deepcopy(schema)
        change(new)
        return list(breaks(schema, new))

    goals, parts = "/api/v1/goals/", "schemas"
    assert after(lambda new: new["paths"].pop(goals))
    assert after(lambda new: new["paths"][goals].pop("post"))
    assert after(lambda new: new["paths"][goals]["get"]["parameters"].pop())
    assert after(lambda new: new["paths"][goals]["post"].update(operationId="make_goal"))
    assert after(lambda new: new["components"][parts]["Goal"]["properties"].pop("title"))
    assert after(lambda new: new["components"][parts]["GoalRequest"]["required"].append("color"))
    assert after(
        lambda new: new["components"][parts]["Goal"]["properties"]["title"].update(
            type=["string", "null"]
        )
    )
    assert after(
        lambda new: new["components"][parts]["GoalRequest"]["properties"]["title"].update(
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
    """What breaks when this component is changed so."""
    new = copy.deepcopy(schema)
    change(new["components"]["schemas"][name])
    return list(breaks(schema, new))


@pytest.mark.parametrize(
    ("name", "field"), [("Offer", "todo_id"), ("Card", "nickname"), ("DayGoal", "todos")]
)
def test_the_comparison_looks_into_what_is_inside_an_answer(
    schema: dict[str, Any], name: str, field: str
) -> None:
    assert any(
        said.endswith(f"lost {field}")
        for said in changed(schema, name, lambda it: it["properties"].pop(field))
    )


@pytest.mark.parametrize(
    ("name", "field", "change"),
    [
        ("DiaryRequest", "temperature", {"type": ["string", "null"]}),
        ("DiaryRequest", "temperature", {"maximum": 99}),
        ("DiaryRequest", "temperature", {"minimum": 1}),
        ("GoalRequest", "title", {"maxLength": 199}),
        ("GoalRequest", "title", {"minLength": 2}),
        ("GoalRequest", "title", {"pattern": "^x"}),
        ("GoalRequest", "viewers", {"maxItems": 1}),
        ("AlarmRequest", "is_on", {"enum": [True]}),
    ],
)
def test_the_comparison_sees_a_request_that_takes_less(
    schema: dict[str, Any], name: str, field: str, change: dict[str, Any]
) -> None:
    assert changed(schema, name, lambda it: it["properties"][field].update(change))


def test_the_comparison_lets_a_request_take_more(schema: dict[str, Any]) -> None:
    for more in ({"type": ["number", "null"]}, {"maximum": 101}, {"minimum": -1}):
        assert not changed(
            schema,
            "DiaryRequest",
            lambda it, more=more: it["properties"]["temperature"].update(more),
        )


def test_a_value_of_an_enum_may_come_but_not_go(schema: dict[str, Any]) -> None:
    assert any(
        "no longer takes private" in s
        for s in changed(schema, "VisibilityEnum", lambda it: it["enum"].remove("private"))
    )
    assert not changed(schema, "VisibilityEnum", lambda it: it["enum"].append("friends"))


def test_the_comparison_ends_with_a_schema_inside_itself(schema: dict[str, Any]) -> None:
    nested = copy.deepcopy(schema)
    card = nested["components"]["schemas"]["Card"]["properties"]
    card["friend"] = {"$ref": "#/components/schemas/Card"}
    assert not list(breaks(nested, nested))
    assert changed(nested, "Card", lambda it: it["properties"].pop("friend"))
