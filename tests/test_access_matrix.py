"""Who gets which answer: every operation × every viewer × every visibility."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.db import transaction
from django.test import TestCase, override_settings
from drf_spectacular.generators import SchemaGenerator

from tests.base import FAST_HASH, new_id
from tests.operations import Operation, hidden_by_what_they_are, operations
from tests.world import EXISTS_FOR, SEES, VIEWERS, VISIBILITIES, World, make_world

OPERATIONS = operations()
ROWS = [*OPERATIONS.items(), *hidden_by_what_they_are()]


def schema_operations() -> dict[str, tuple[str, str]]:
    """operationId → (method, path) of the schema."""
    schema = SchemaGenerator().get_schema(request=None, public=True)
    return {
        operation["operationId"]: (method.upper(), path)
        for path, methods in schema["paths"].items()
        for method, operation in methods.items()
        if path.startswith("/api/v1/")
    }


def send(world: World, viewer: str, operation: Operation, **changes: Any) -> Any:
    """The viewer's answer; nothing of it stays."""
    phone = world.phones[viewer]
    names = world.names | changes
    filled = World(world.visibility, world.people, world.phones, names)
    with transaction.atomic():
        response = phone.generic(
            operation.method,
            filled.fill(operation.path),
            **json_body(phone, filled.fill(operation.body)),
        )
        transaction.set_rollback(True)
    return response


def json_body(phone: Any, body: Any) -> dict[str, Any]:
    if body is None:
        return {}
    data, content_type = phone._encode_data(body, "json")
    return {"data": data, "content_type": content_type}


class Operations(TestCase):
    def test_every_operation_of_the_schema_has_its_row_and_no_row_is_left_over(self) -> None:
        assert set(OPERATIONS) == set(schema_operations())

    def test_every_row_asks_what_its_name_says(self) -> None:
        for name, (method, path) in schema_operations().items():
            pattern = re.sub(r"\\{\w+\\}", "[^/]+", re.escape(path.removeprefix("/api/v1/")))
            row = OPERATIONS[name]
            assert (row.method, bool(re.fullmatch(pattern, row.path.partition("?")[0]))) == (
                method,
                True,
            ), name


@override_settings(PASSWORD_HASHERS=FAST_HASH, RATE_LIMITS=False)
@pytest.mark.parametrize("visibility", VISIBILITIES)
@pytest.mark.django_db
def test_each_viewer_gets_the_answer_of_the_table(visibility: str) -> None:
    world = make_world(visibility)
    wrong = []
    for name, operation in ROWS:
        for viewer in VIEWERS:
            response = send(world, viewer, operation)
            expected = operation.rule(viewer, visibility)
            if response.status_code != expected:
                wrong.append((name, viewer, expected, response.status_code, response.content[:200]))
            elif operation.lists and response.status_code == 200:
                listed = world.names[operation.lists] in {
                    row["id"] for row in response.json()["results"]
                }
                if listed != (viewer in SEES[visibility]):
                    wrong.append((name, viewer, "listed", listed))
    assert not wrong, "\n".join(map(str, wrong))


@override_settings(PASSWORD_HASHERS=FAST_HASH, RATE_LIMITS=False)
@pytest.mark.django_db
def test_a_hidden_id_and_a_random_id_answer_alike() -> None:
    world = make_world("private")
    for name, operation in ROWS:
        for viewer in ("stranger", "blocked", "blocker"):
            knows = viewer == "blocker" and name in (
                "block_user",
                "unblock_user",
            )  # whom they blocked, they may unblock
            instead = {key: new_id() for key in hidden_keys(operation, viewer)}
            if knows or not instead:
                continue
            real, random = send(world, viewer, operation), send(world, viewer, operation, **instead)
            assert real.status_code == random.status_code, (
                name,
                viewer,
                real.content,
                random.content,
            )
            content = real.content.decode()
            for key, pk in instead.items():
                content = content.replace(world.names[key], pk)
            assert content == random.content.decode(), (name, viewer)


def hidden_keys(operation: Operation, viewer: str) -> set[str]:
    """The names in the request of what does not exist for the viewer in a private world."""
    plain = {"day", "next_day", "email", "reset_token", "refresh", "pending"}
    if viewer in EXISTS_FOR:
        plain.add("owner")
    return set(re.findall(r"{(\w+)}", operation.path + str(operation.body))) - plain
