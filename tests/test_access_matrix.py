"""Who gets which answer: every operation × every viewer × every visibility."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.db import transaction
from django.test import TestCase, override_settings
from drf_spectacular.generators import SchemaGenerator

from tests.base import FAST_HASH, new_id
from tests.operations import Operation, operations
from tests.world import EXISTS_FOR, SEES, VIEWERS, VISIBILITIES, World, make_world

OPERATIONS = operations()


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
            assert (row.method, bool(re.fullmatch(pattern, row.path.partition("?")[0]))) == (method, True), name


@override_settings(PASSWORD_HASHERS=FAST_HASH, RATE_LIMITS=False)
@pytest.mark.parametrize("visibility", VISIBILITIES)
@pytest.mark.django_db
def test_each_viewer_gets_the_answer_of_the_table(visibility: str) -> None:
    world = make_world(visibility)
    wrong = []
    for name, operation in OPERATIONS.items():
        for viewer in VIEWERS:
            response = send(world, viewer, operation)
            expected = operation.rule(viewer, visibility)
            if response.status_code != expected:
                wrong.append((name, viewer, expected, response.status_code, response.content[:200]))
            elif operation.lists and response.status_code == 200:
                listed = world.names[operation.lists] in {row["id"] for row in response.json()["results"]}
                if listed != (viewer in SEES[visibility]):
                    wrong.append((name, viewer, "listed", listed))
    assert not wrong, "\n".join(map(str, wrong))


@override_settings(PASSWORD_HASHERS=FAST_HASH, RATE_LIMITS=False)
@pytest.mark.django_db
def test_a_hidden_id_and_a_random_id_answer_alike() -> None:
    world = make_world("private")
    hidden = {name for name in world.names if name not in ("day", "next_day", "email", "reset_token", "refresh")}
    for name, operation in OPERATIONS.items():
        used = [key for key in re.findall(r"{(\w+)}", operation.path + str(operation.body)) if key in hidden]
        for viewer in ("stranger", "blocked", "blocker"):
            visible_person = set(used) & {"owner", "pending"} and viewer in EXISTS_FOR
            if (
                not used
                or visible_person
                or (operation.rule(viewer, "private") in (200, 204) and "users/" in operation.path)
            ):
                continue
            real = send(world, viewer, operation)
            random = send(world, viewer, operation, **{key: new_id() for key in used})
            assert real.status_code == random.status_code, (name, viewer, real.content, random.content)
            if real.content and real.status_code >= 400:
                assert real.content == random.content, (name, viewer)
