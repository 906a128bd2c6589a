"""The OpenAPI schema: its form, and that it stays compatible with the released ones."""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from drf_spectacular.drainage import GENERATOR_STATS
from drf_spectacular.validation import validate_schema
from openapi_spec_validator import OpenAPIV30SpecValidator, OpenAPIV31SpecValidator

from core.schema.finishing import references
from core.schema.openapi30 import as_3_0, converted
from core.schema.operations import WITHOUT_ACCOUNT
from tests.base import new_id
from tests.contract import breaking_changes
from tests.made_schema import each_operation, made_schema
from tests.reserved_names import RESERVED
from tests.seen_problems import listed as listed_codes

# What changed once, before there were clients.
CHANGED_SINCE_0_1_0 = (
    "parameters in a different order",  # it was that of the alphabet
    "body viewers items ",  # ids or cards, which are still taken
)
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
    "confirm_email",
    "confirm_password_reset",
    "confirm_sign_up",
    "get_avatar_picture",
    "get_diary_picture",
    "get_todo_picture",
}

# An answer, which is called by its word in the app.
OWN = {"FollowRequest"}


@pytest.fixture
def schema() -> dict[str, Any]:
    return made_schema()


def response(schema: dict[str, Any], answer: dict[str, Any]) -> dict[str, Any]:
    """Return a response, or the shared one to which it refers."""
    name = answer.get("$ref", "").rpartition("/")[2]
    return dict(schema["components"]["responses"][name] if name else answer)


def test_the_schema_is_openapi_3_1_valid_and_made_without_a_warning(schema: dict[str, Any]) -> None:
    assert schema["openapi"].startswith("3.1")
    validate_schema(schema)
    assert not GENERATOR_STATS, GENERATOR_STATS._warn_cache


def test_the_schema_as_openapi_3_0_is_valid_too_and_changes_nothing(
    schema: dict[str, Any],
) -> None:
    before = copy.deepcopy(schema)
    older = as_3_0(schema)
    assert older["openapi"].startswith("3.0")
    OpenAPIV30SpecValidator(older).validate()
    OpenAPIV31SpecValidator(schema).validate()
    assert schema == before
    assert older["paths"].keys() == schema["paths"].keys()
    assert older["components"].keys() == schema["components"].keys()


def test_openapi_3_0_has_other_words_for_null_and_for_examples() -> None:
    reference = {"$ref": "#/components/schemas/Person"}
    for newer, older in (
        ({"type": ["string", "null"]}, {"type": "string", "nullable": True}),
        ({"type": ["string", "null", "integer"]}, {}),
        (
            {"oneOf": [reference, {"type": "null"}], "description": "Who."},
            {
                "type": "object",
                "nullable": True,
                "allOf": [reference],
                "description": "Who.",
            },
        ),
        ({"type": "string", "examples": ["09:30"]}, {"type": "string", "example": "09:30"}),
        ({"examples": {"demo": {"value": 1}}}, {"examples": {"demo": {"value": 1}}}),
    ):
        assert converted(newer, {reference["$ref"]: "object"}) == older


def test_operation_ids_are_unique_and_in_snake_case(schema: dict[str, Any]) -> None:
    names = [op["operationId"] for _path, _method, op in each_operation(schema)]
    assert len(names) == len(set(names))
    assert all(re.fullmatch(r"[a-z]+(_[a-z]+)*", name) for name in names), names


def test_names_of_components_are_free_in_the_languages_of_clients(schema: dict[str, Any]) -> None:
    names = list(schema["components"]["schemas"])
    assert not [name for name in names if not re.fullmatch(r"([A-Z][a-z]+)+", name)]
    assert not RESERVED.intersection(names)
    assert not [name for name in names if name.endswith(("Request", "Enum")) and name not in OWN]


def test_components_have_a_direction_so_their_fields_have_none(schema: dict[str, Any]) -> None:
    for name, component in schema["components"]["schemas"].items():
        for field in component.get("properties", {}).values():
            assert not {"readOnly", "writeOnly"} & field.keys(), name


def test_only_bodies_of_requests_forbid_unknown_fields(schema: dict[str, Any]) -> None:
    bodies, answers = set(), set()
    for _path, _method, operation in each_operation(schema):
        bodies |= set(references(operation.get("requestBody")))
        answers |= set(references(operation["responses"]))
    assert not bodies & answers
    for name, component in schema["components"]["schemas"].items():
        if component.get("type") == "object":
            assert (component.get("additionalProperties") is False) == (name in bodies), name


def each_part(part: Any) -> Iterator[dict[str, Any]]:
    """Yield each object inside a part of the schema."""
    if isinstance(part, dict):
        yield part
    if isinstance(part, dict | list):
        for inner in part.values() if isinstance(part, dict) else part:
            yield from each_part(inner)


def test_ids_may_be_in_upper_case_in_requests_and_never_are_in_answers(
    schema: dict[str, Any],
) -> None:
    components = schema["components"]["schemas"]
    new, viewers = (components["NewGoal"]["properties"][name] for name in ("id", "viewers"))
    upper = str(new_id()).upper()
    assert re.search(new["pattern"], upper)
    assert re.search(components["NewTodo"]["properties"]["goal"]["pattern"], upper)
    assert re.search(viewers["items"]["pattern"], upper)
    assert not re.search(components["Goal"]["properties"]["id"]["pattern"], upper)


def test_generators_get_no_forms_that_some_language_cannot_compile(schema: dict[str, Any]) -> None:
    components = schema["components"]["schemas"]
    for part in each_part(schema):
        assert not re.search(r"\\u0000|\\x00|\\0|\0", str(part.get("pattern", ""))), part
        assert len(part.get("enum", [])) < 20, part
        kinds = part.get("type", [])
        kinds = [] if isinstance(kinds, dict) else kinds  # a field with the name `type`
        assert not isinstance(kinds, list) or len({*kinds} - {"null"}) <= 1, part
        assert len(kinds) == len(set(kinds)) or isinstance(kinds, str), part
    for name in ("Person", "Profile", "Me"):
        assert components[name]["properties"]["avatar"]["oneOf"] == [
            {"$ref": "#/components/schemas/Picture"},
            {"type": "null"},
        ]
    for name in ("NewGoal", "GoalUpdate", "NewDiary", "DiaryUpdate"):
        assert components[name]["properties"]["viewers"]["items"]["type"] == "string"
    for name in ("SignUp", "Me", "MeUpdate"):
        assert "string" in components[name]["properties"]["timezone"]["type"]


def test_every_error_is_a_problem(schema: dict[str, Any]) -> None:
    for path, method, operation in each_operation(schema):
        assert "default" in operation["responses"], (method, path)
        for status, answer in operation["responses"].items():
            if status == "default" or int(status) >= 400:
                content = response(schema, answer)["content"]
                reference = {"$ref": "#/components/schemas/Problem"}
                assert content == {"application/problem+json": {"schema": reference}}
    errors = schema["components"]["schemas"]["Problem"]["properties"]["errors"]
    assert errors["items"] == {"$ref": "#/components/schemas/FieldError"}


# Operations that also answer readers without an account.
OR_OPEN = {"list_diaries", "get_diary", "list_posts"}


def test_every_operation_has_a_description_and_its_error_responses(schema: dict[str, Any]) -> None:
    for path, method, operation in each_operation(schema):
        where = f"{method} {path}"
        assert operation.get("description"), f"{where}: write a docstring for the view's method."
        statuses = set(operation["responses"])
        # Whatever is wrong with a link is a 404.
        is_hidden = operation["operationId"] in {"get_diary_picture", "get_todo_picture"}
        assert ("400" in statuses) is not is_hidden, where
        assert ("401" in statuses) == (operation["operationId"] not in OPEN) or "/auth/" in path, (
            where
        )


def test_every_operation_but_the_open_ones_requires_an_access_token(schema: dict[str, Any]) -> None:
    for _path, _method, operation in each_operation(schema):
        security = operation.get("security", [])
        name = operation["operationId"]
        expected = [] if name in OPEN else [{"access": []}]
        assert security == ([{}, *expected] if name in OR_OPEN else expected), name


def test_operations_that_are_open_to_readers_say_so(schema: dict[str, Any]) -> None:
    for _path, _method, operation in each_operation(schema):
        is_open = {} in operation.get("security", [])
        assert is_open == (WITHOUT_ACCOUNT in operation["description"]), operation["operationId"]
        assert not is_open or {"401", "429"} <= set(operation["responses"])


def test_only_lists_have_pages(schema: dict[str, Any]) -> None:
    for _path, method, operation in each_operation(schema):
        names = {parameter["name"] for parameter in operation.get("parameters", [])}
        assert method == "get" or not names & {"cursor", "page_size"}, operation["operationId"]


def test_parameters_are_in_the_order_of_the_path_and_filters_come_last(
    schema: dict[str, Any],
) -> None:
    for path, _method, operation in each_operation(schema):
        names = [(p["in"], p["name"]) for p in operation.get("parameters", [])]
        in_path = [("path", name) for name in re.findall(r"{(\w+)}", path)]
        assert names[: len(in_path)] == in_path, operation["operationId"]
        if ("query", "cursor") in names:
            assert names[len(in_path)][1] == "cursor", operation["operationId"]


def test_no_change_breaks_a_client_of_a_released_schema(schema: dict[str, Any]) -> None:
    releases = sorted(RELEASES.glob("*.yaml"))
    assert releases
    for release in releases:
        changes = breaking_changes(yaml.safe_load(release.read_text()), schema)
        broken = [
            change
            for change in changes
            if release.stem != "0.1.0" or not any(text in change for text in CHANGED_SINCE_0_1_0)
        ]
        assert broken == [], f"These changes break clients of release {release.stem}."


def test_each_operation_lists_its_own_codes(schema: dict[str, Any]) -> None:
    codes = listed_codes(schema)
    assert codes["POST", "/api/v1/goals/"] == {
        "invalid",
        "parse_error",
        "not_authenticated",
        "token_not_valid",
        "id_taken",
        "limit",
        "deleted",
        "payload_too_large",
        "unsupported_media_type",
        "throttled",
    }
    assert codes["GET", "/api/v1/health/live/"] == {"invalid"}


def test_429_says_when_to_try_again(schema: dict[str, Any]) -> None:
    shared = schema["components"]["responses"]["TooManyRequests"]
    assert set(shared["headers"]) == {"Retry-After", "RateLimit", "RateLimit-Policy"}
    for path, _method, operation in each_operation(schema):
        assert ("429" in operation["responses"]) == ("/health/" not in path)
