"""A write that is sent again because its answer was lost has no second effect."""

from __future__ import annotations

from typing import Any

import pytest
from django.apps import apps
from django.test import override_settings

from tests.base import FAST_HASH
from tests.operations import OPERATIONS_THAT_WRITE, operations
from tests.test_access_matrix import json_body
from tests.world import make_world

# Columns that may differ between the first and the second request.
STAMPS = {
    "updated_at",
    "rotated_at",
    "generation",
    "password",
    "last_login",
    "count",
    "ends_at",
    "deleted_at",
}
TOKENS = {"access", "refresh"}


def all_rows() -> list[Any]:
    """Return every row of every table, without the columns of STAMPS."""
    rows: list[Any] = []
    for model in apps.get_models():
        names = [f.attname for f in model._meta.concrete_fields if f.attname not in STAMPS]
        tables = [model, *(field.remote_field.through for field in model._meta.local_many_to_many)]
        rows += sorted(
            (model._meta.label, *map(str, row))
            for row in model._default_manager.values_list(*names)
        )
        rows += [(table._meta.label, table._default_manager.count()) for table in tables]
    return rows


def body_of(response: Any) -> Any:
    """Return the decoded body without its tokens, which are new each time."""
    body = response.json() if response.content else None
    return (
        {key: value for key, value in body.items() if key not in TOKENS}
        if isinstance(body, dict)
        else body
    )


@override_settings(PASSWORD_HASHERS=FAST_HASH, RATE_LIMITS=False)
@pytest.mark.parametrize("name", OPERATIONS_THAT_WRITE)
@pytest.mark.django_db
def test_a_repeated_write_changes_nothing_and_answers_the_same(name: str) -> None:
    world = make_world("followers")
    operation = operations()[name]
    viewer = "follower" if name in ("follow_user", "block_user") else "owner"
    path, body = world.fill(operation.path), world.fill(operation.body)
    phone = world.phones[viewer]

    def send() -> Any:
        return phone.generic(operation.method, path, **json_body(phone, body))

    first, after_first = send(), all_rows()
    assert first.status_code in (200, 201, 204), (
        f"The request of {name} in tests/operations.py must succeed for the {viewer}, but answered"
        f" {first.status_code}: {first.content!r}"
    )
    second = send()
    assert second.status_code == (200 if first.status_code == 201 else first.status_code), (
        second.content
    )
    assert all_rows() == after_first, f"The second {name} changed rows: a write must be idempotent."
    if name not in ("move_todos",):  # the second answer reports the todos as already there
        assert body_of(second) == body_of(first)
