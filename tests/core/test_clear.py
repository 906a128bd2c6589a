"""`clear` in an update: the same as null for each field that it names."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from django.db import transaction
from django.test import override_settings
from drf_spectacular.generators import SchemaGenerator

from tests.base import FAST_HASH
from tests.operations import operations
from tests.test_access_matrix import json_body
from tests.world import World, make_world

pytestmark = pytest.mark.django_db
OPERATIONS = operations()
UPDATES = {name: row for name, row in OPERATIONS.items() if row.method == "PATCH"}
# What each operation can clear, with another value for each.
CLEARABLE: dict[str, dict[str, Any]] = {
    "update_todo": {"date": "2026-03-05", "time": "09:00"},
    "update_quick_input": {"time": "09:00", "ends_on": "2027-03-02"},
    "update_diary": {
        "emoji": "🍣",
        "temperature": 36,
        "color": "#FF8800",
        "place": "서울숲",
        "latitude": 37.5,
        "longitude": 127,
    },
}
# Neither of these is cleared without the other.
TOGETHER = {"latitude", "longitude"}
CASES = [(name, field) for name, values in CLEARABLE.items() for field in values.keys() - TOGETHER]
CASES.sort()
# What needs a file to be set.
PICTURES = {"update_todo": {"photo"}}


@pytest.fixture
def world() -> Iterator[World]:
    with override_settings(PASSWORD_HASHERS=FAST_HASH, RATE_LIMITS=False):
        yield make_world("private")


def patch(world: World, name: str, *bodies: Any) -> Any:
    """Send these bodies one after the other, and undo them. Return the last response."""
    phone = world.phones["owner"]
    with transaction.atomic():
        for body in bodies:
            response = phone.generic(
                "PATCH", world.fill(OPERATIONS[name].path), **json_body(phone, body)
            )
        transaction.set_rollback(True)
    return response


def errors(response: Any) -> list[tuple[str, str]]:
    assert response.status_code == 400, response.content
    return [(error["field"], error["code"]) for error in response.json()["errors"]]


def test_the_schema_names_the_fields_that_each_update_can_clear() -> None:
    schema = SchemaGenerator().get_schema(request=None, public=True)
    parts = schema["components"]["schemas"]
    found = {}
    for operation in (o for methods in schema["paths"].values() for o in methods.values()):
        if operation["operationId"] in UPDATES:
            body = operation["requestBody"]["content"]["application/json"]["schema"]["$ref"]
            clear = parts[body.rpartition("/")[2]]["properties"]["clear"]
            if "$ref" in clear["items"]:
                names = parts[clear["items"]["$ref"].rpartition("/")[2]]["enum"]
                assert clear["maxItems"] == len(names)
                found[operation["operationId"]] = set(names)
            else:
                assert (clear["items"], clear["maxItems"]) == ({"type": "string"}, 0)
    assert found == {name: {*CLEARABLE[name], *PICTURES.get(name, ())} for name in CLEARABLE}


@pytest.mark.parametrize(("name", "field"), CASES)
def test_a_field_that_is_cleared_is_as_if_it_were_null(world: World, name: str, field: str) -> None:
    before = {field: CLEARABLE[name][field]}
    null = patch(world, name, before, {field: None})
    for body in (
        {"clear": [field]},
        {"clear": [field], field: None},
        {"clear": [field, field]},
    ):
        cleared = patch(world, name, before, body)
        assert cleared.status_code == null.status_code == 200
        assert cleared.json() | {"updated_at": ""} == null.json() | {"updated_at": ""}
        assert cleared.json()[field] is None
        assert "clear" not in cleared.json()


@pytest.mark.parametrize(("name", "field"), CASES)
def test_a_field_cannot_be_cleared_and_have_a_value(world: World, name: str, field: str) -> None:
    response = patch(world, name, {"clear": [field], field: CLEARABLE[name][field]})
    assert errors(response) == [(field, "cleared")]


@pytest.mark.parametrize("name", CLEARABLE)
def test_several_fields_are_cleared_beside_other_changes(world: World, name: str) -> None:
    values = {k: v for k, v in CLEARABLE[name].items() if k != "date"}
    title = "body" if name == "update_diary" else "title"
    changed = patch(world, name, values, {"clear": [*values], title: "Changed"}).json()
    assert changed[title] == "Changed"
    assert [changed[field] for field in values] == [None] * len(values)


@pytest.mark.parametrize("name", CLEARABLE)
def test_names_that_cannot_be_cleared_are_refused(world: World, name: str) -> None:
    many = len({*CLEARABLE[name], *PICTURES.get(name, ())})
    for wrong in ("title", "done_at", "visibility", "clear", "id", "nothing", "", 1, None, [], {}):
        response = patch(world, name, {"clear": [wrong]})
        assert errors(response)[0][0] == "clear.0", wrong
    first = next(iter(CLEARABLE[name]))
    for value, code in (
        (first, "not_a_list"),
        ({first: True}, "not_a_list"),
        ([first] * (many + 1), "max_length"),
        (["nothing"] * 100_000, "max_length"),
    ):
        assert errors(patch(world, name, {"clear": value})) == [("clear", code)]


@pytest.mark.parametrize("name", CLEARABLE)
def test_to_clear_nothing_changes_nothing(world: World, name: str) -> None:
    before = patch(world, name, {})
    for body in ({"clear": []}, {"clear": None}):
        response = patch(world, name, body)
        assert (response.status_code, response.json()) == (200, before.json())


@pytest.mark.parametrize("name", sorted(UPDATES.keys() - CLEARABLE.keys()))
def test_an_update_of_what_cannot_be_null_takes_an_empty_list(world: World, name: str) -> None:
    for body in ({"clear": []}, {"clear": None}):
        assert patch(world, name, body).status_code == 200
    for wrong in (["title"], [None], [1, 2]):
        assert errors(patch(world, name, {"clear": wrong})) == [("clear", "max_length")]
    assert errors(patch(world, name, {"clear": "title"})) == [("clear", "not_a_list")]


def test_creates_have_no_clear(world: World) -> None:
    for name in ("create_todo", "create_diary", "create_quick_input", "activate_offer"):
        row = replace(OPERATIONS[name], body=(OPERATIONS[name].body or {}) | {"clear": []})
        phone = world.phones["owner"]
        path, body = world.fill(row.path), world.fill(row.body)
        response = phone.generic(row.method, path, **json_body(phone, body))
        assert errors(response) == [("clear", "unknown_field")], name
