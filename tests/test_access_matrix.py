"""The status of every operation for every viewer, for every visibility of the owner's rows.

The owner is open or not: what is public of an open one is also read without an account.

The requests and the expected statuses are in tests/operations.py.
"""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.db import transaction
from django.test import TestCase, override_settings
from drf_spectacular.generators import SchemaGenerator

from tests.base import FAST_HASH, new_id
from tests.operations import Operation, always_private_operations, operations
from tests.world import ACCOUNT_VISIBLE_TO, VIEWERS, VISIBILITIES, World, make_world, visible_to

OPERATIONS = operations()
ROWS = [*OPERATIONS.items(), *always_private_operations()]


def schema_operations() -> dict[str, tuple[str, str]]:
    """Return the method and the path of each operation of the schema, by operationId."""
    schema = SchemaGenerator().get_schema(request=None, public=True)
    return {
        operation["operationId"]: (method.upper(), path)
        for path, methods in schema["paths"].items()
        for method, operation in methods.items()
        if path.startswith("/api/v1/")
    }


def send(world: World, viewer: str, operation: Operation, **changes: Any) -> Any:
    """Send the operation as the viewer and roll its changes back; `changes` replaces names."""
    phone = world.phones[viewer]
    names = world.names | world.names_of[viewer] | changes
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
    if isinstance(body, bytes):
        return {"data": body, "content_type": "image/png"}
    data, content_type = phone._encode_data(body, "json")
    return {"data": data, "content_type": content_type}


class Operations(TestCase):
    def test_every_operation_of_the_schema_has_a_row_in_the_table(self) -> None:
        missing = sorted(set(schema_operations()) - set(OPERATIONS))
        assert not missing, (
            f"tests/operations.py has no row for {', '.join(missing)}: add one to operations(),"
            " with a request that succeeds for the owner and the rule for everyone's status."
        )

    def test_every_row_of_the_table_is_an_operation_of_the_schema(self) -> None:
        unknown = sorted(set(OPERATIONS) - set(schema_operations()))
        assert not unknown, (
            f"The schema has no operation {', '.join(unknown)}: remove the row from"
            " tests/operations.py, or include the app's urls in APPS of todomate/urls.py."
        )

    def test_every_row_sends_the_method_and_the_path_of_its_operation(self) -> None:
        for name, (method, path) in schema_operations().items():
            if (row := OPERATIONS.get(name)) is None:
                continue  # reported above
            pattern = re.sub(r"\\{\w+\\}", "[^/]+", re.escape(path.removeprefix("/api/v1/")))
            assert row.method == method, f"{name} is a {method} in the schema"
            assert re.fullmatch(pattern, row.path.partition("?")[0]), f"{name} has the path {path}"


@override_settings(PASSWORD_HASHERS=FAST_HASH, RATE_LIMITS=False, PHOTO_ACCEL=True)
@pytest.mark.parametrize("is_open", [False, True], ids=["", "open"])
@pytest.mark.parametrize("visibility", VISIBILITIES)
@pytest.mark.django_db
def test_each_viewer_gets_the_status_that_the_table_expects(visibility: str, is_open: bool) -> None:
    world = make_world(visibility, is_open=is_open)
    wrong = []
    for name, operation in ROWS:
        # Being open changes nothing for anyone who is signed in; a stranger stands for them.
        for viewer in ("anonymous", "stranger") if is_open else VIEWERS:
            response = send(world, viewer, operation)
            expected = operation.rule(viewer, visibility, is_open)
            if response.status_code != expected:
                answer = f"{response.status_code} {response.content[:200].decode(errors='replace')}"
                wrong.append(f"{name} as {viewer}: expected {expected}, got {answer}")
            elif operation.lists and response.status_code == 200:
                listed = world.names[operation.lists] in {
                    row["id"] for row in response.json()["results"]
                }
                expected_in = visible_to(visibility, is_open=is_open) & operation.lists_for
                if visibility == "private" and not operation.lists_private:
                    expected_in = frozenset()
                if listed != (viewer in expected_in):
                    verb = "lists" if listed else "does not list"
                    wrong.append(f"{name} as {viewer}: {verb} {operation.lists}")
    assert not wrong, "\n".join([f"With {visibility} rows, {is_open=}:", *wrong])


@override_settings(PASSWORD_HASHERS=FAST_HASH, RATE_LIMITS=False, PHOTO_ACCEL=True)
@pytest.mark.django_db
@pytest.mark.parametrize(
    ("is_open", "viewers"),
    [(False, ("anonymous", "stranger", "blocked", "blocker")), (True, ("anonymous",))],
    ids=["", "open"],
)
def test_a_hidden_id_and_a_random_id_answer_alike(is_open: bool, viewers: tuple[str, ...]) -> None:
    world = make_world("private", is_open=is_open)
    for name, operation in ROWS:
        for viewer in viewers:
            # A blocker may unblock, so the blocked account's id differs from a random one.
            may_unblock = viewer == "blocker" and name in ("block_user", "unblock_user")
            instead = {key: new_id() for key in hidden_keys(operation, viewer)}
            # An id that is taken differs from one that is not, as in each create.
            if may_unblock or not instead or name == "upload_photo":
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
            assert headers_of(real) == headers_of(random), (name, viewer)


def headers_of(response: Any) -> dict[str, str]:
    """Return the headers of an answer, without the length of links that name an id."""
    return {name: value for name, value in response.items() if name != "Content-Length"}


def hidden_keys(operation: Operation, viewer: str) -> set[str]:
    """Return the names in the request whose rows are hidden from the viewer in a private world."""
    visible = {
        "day",
        "next_day",
        "email",
        "reset_token",
        "email_token",
        "first_code",
        "sign_up_token",
        "refresh",
        "pending",
        "avatar",
    }
    if viewer in ACCOUNT_VISIBLE_TO:
        visible.add("owner")
    return set(re.findall(r"{(\w+)}", operation.path + str(operation.body))) - visible
