"""A phone that lost the reply sends the same again: the same outcome, and nothing twice."""

from __future__ import annotations

from typing import Any

import pytest
from django.apps import apps
from django.test import override_settings

from tests.base import FAST_HASH
from tests.operations import OPERATIONS_THAT_WRITE, operations
from tests.test_access_matrix import json_body
from tests.world import make_world

# What may differ between the first and the second time without anything being done twice.
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


def everything() -> list[Any]:
    """Every row of every table, without what only says when."""
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
    body = response.json() if response.content else None
    return (
        {key: value for key, value in body.items() if key not in TOKENS}
        if isinstance(body, dict)
        else body
    )


@override_settings(PASSWORD_HASHERS=FAST_HASH, RATE_LIMITS=False)
@pytest.mark.parametrize("name", OPERATIONS_THAT_WRITE)
@pytest.mark.django_db
def test_a_write_whose_reply_was_lost_may_be_sent_again(name: str) -> None:
    world = make_world("followers")
    operation = operations()[name]
    viewer = "follower" if name in ("follow_user", "block_user") else "owner"
    path, body = world.fill(operation.path), world.fill(operation.body)
    phone = world.phones[viewer]

    def send() -> Any:
        return phone.generic(operation.method, path, **json_body(phone, body))

    first, after_first = send(), everything()
    assert first.status_code in (200, 201, 204), first.content
    second = send()
    assert second.status_code == (200 if first.status_code == 201 else first.status_code), (
        second.content
    )
    assert everything() == after_first
    if name not in (
        "move_todos",
    ):  # what was moved is already there: reported so, as the second outcome
        assert body_of(second) == body_of(first)
