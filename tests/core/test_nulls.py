"""null in a body: left out on a create, a value on an update, and as the whole body nothing.

Clients that are generated from the schema send null for every field that is not set.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from django.db import transaction
from django.test import override_settings
from drf_spectacular.generators import SchemaGenerator

from tests.base import FAST_HASH
from tests.operations import OPERATIONS_THAT_WRITE, Operation, operations
from tests.test_access_matrix import send
from tests.world import World, make_world

pytestmark = pytest.mark.django_db
Schema = dict[str, Any]
OPERATIONS = operations()


@pytest.fixture(scope="module")
def bodies() -> dict[str, Schema]:
    """Return the schema of the body of each operation, by operationId."""
    schema = SchemaGenerator().get_schema(request=None, public=True)
    parts = schema["components"]["schemas"]
    return {
        operation["operationId"]: parts[content["schema"]["$ref"].rpartition("/")[2]]
        for methods in schema["paths"].values()
        for operation in methods.values()
        for content in operation.get("requestBody", {}).get("content", {}).values()
        if "$ref" in content["schema"]  # else it is a picture
    }


@pytest.fixture
def world() -> Iterator[World]:
    with override_settings(PASSWORD_HASHERS=FAST_HASH, RATE_LIMITS=False):
        yield make_world("public")


def takes_null(schema: Schema) -> bool:
    kinds = schema.get("type", [])
    return "null" in kinds or any(takes_null(part) for part in schema.get("oneOf", []))


def shown(response: Any) -> Any:
    """Return the JSON of an answer without what differs each time."""
    body = response.json() if response.content else {}
    new = ("created_at", "updated_at", "done_at", "request_id", "access", "refresh", "user")
    unnamed = ("id",) if response.wsgi_request.method != "PUT" else ()
    return {name: value for name, value in body.items() if name not in new + unnamed}


def test_null_for_an_optional_field_of_a_create_is_as_good_as_nothing(
    bodies: dict[str, Schema], world: World
) -> None:
    tried = set()
    for name, schema in bodies.items():
        operation = OPERATIONS[name]
        if operation.method == "PATCH":
            continue
        body = dict(operation.body or {})
        optional = schema["properties"].keys() - set(schema.get("required", []))
        if not optional:
            continue
        for nulls in [*([field] for field in sorted(optional)), sorted(optional)]:
            left_out = {field: value for field, value in body.items() if field not in nulls}
            nothing = send(world, "owner", replace(operation, body=left_out))
            null = send(world, "owner", replace(operation, body=body | dict.fromkeys(nulls)))
            assert nothing.status_code < 300, (name, nulls, nothing.content)
            assert null.status_code == nothing.status_code, (name, nulls, null.content)
            assert shown(null) == shown(nothing), (name, nulls)
            tried.update((name, field) for field in nulls)
        for field in optional:
            assert takes_null(schema["properties"][field]), (name, field)
    assert len(tried) > 40, tried
    assert ("create_goal", "visibility") in tried
    assert ("activate_offer", "time") in tried


def test_null_for_a_required_field_of_a_create_is_refused(
    bodies: dict[str, Schema], world: World
) -> None:
    for name, schema in bodies.items():
        operation = OPERATIONS[name]
        for field in schema.get("required", []):
            body = dict(operation.body) | {field: None}
            answer = send(world, "owner", replace(operation, body=body))
            assert not takes_null(schema["properties"][field]), (name, field)
            assert answer.status_code == 400, (name, field)
            code = "required" if schema["properties"][field].get("type") == "array" else "null"
            assert [(e["field"], e["code"]) for e in answer.json()["errors"]] == [(field, code)]


def test_null_on_an_update_is_a_value_of_the_fields_that_can_have_it(
    bodies: dict[str, Schema], world: World
) -> None:
    for name, schema in bodies.items():
        operation = OPERATIONS[name]
        if operation.method != "PATCH":
            continue
        for field, value in schema["properties"].items():
            answer = send(world, "owner", replace(operation, body={field: None}))
            if takes_null(value):
                assert answer.status_code == 200, (name, field, answer.content)
            else:
                assert answer.status_code == 400, (name, field)
                assert answer.json()["errors"][0]["code"] == "null", (name, field)


def test_null_for_a_list_leaves_it_as_it_is(bodies: dict[str, Schema], world: World) -> None:
    lists = 0
    for name, schema in bodies.items():
        operation = OPERATIONS[name]
        for field, value in schema["properties"].items():
            if operation.method != "PATCH" or "array" not in value.get("type", []):
                continue
            before = send(world, "owner", Operation("GET", operation.path, operation.rule))
            after = send(world, "owner", replace(operation, body={field: None}))
            # Cheers are on a single diary alone.
            assert after.json() == before.json() | ({"cheers": None} if "diary" in name else {})
            lists += 1
    assert lists >= 3  # the viewers of goals and diaries, and weekdays


def test_null_as_the_whole_body_is_no_body(world: World) -> None:
    for name in OPERATIONS_THAT_WRITE:
        operation = OPERATIONS[name]
        nothing = send(world, "owner", replace(operation, body=None))
        with transaction.atomic():
            null = world.phones["owner"].generic(
                operation.method, world.fill(operation.path), "null", "application/json"
            )
            transaction.set_rollback(True)
        assert null.status_code == nothing.status_code, (name, null.content)
        if null.status_code == 400:
            codes = [
                sorted((e["field"], e["code"]) for e in answer.json().get("errors", []))
                for answer in (null, nothing)
            ]
            assert codes[0] == codes[1], name
