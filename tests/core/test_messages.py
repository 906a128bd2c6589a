"""The details of field errors are sentences for people: no type of Python, no value but a text."""

from __future__ import annotations

import re
from collections.abc import Iterator
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
WRONG: tuple[Any, ...] = (True, 1.5, "?", [1], [{}], {"x": 1})
OF_PYTHON = re.compile(
    r'"(str|int|float|bool|list|dict|NoneType|)"|\b(str|int|dict|NoneType|dictionary|None)\b'
    r"|(list|float|bool)(을|를)|got (list|float|bool)"
)


@pytest.fixture
def world() -> Iterator[World]:
    with override_settings(PASSWORD_HASHERS=FAST_HASH, RATE_LIMITS=False):
        yield make_world("public")


def fields_of_bodies() -> dict[str, list[str]]:
    """Return the names of the fields of each operation's body, by operationId."""
    schema = SchemaGenerator().get_schema(request=None, public=True)
    parts = schema["components"]["schemas"]
    return {
        operation["operationId"]: [
            *parts[content["schema"]["$ref"].rpartition("/")[2]]["properties"]
        ]
        for methods in schema["paths"].values()
        for operation in methods.values()
        for media_type, content in operation.get("requestBody", {}).get("content", {}).items()
        if media_type == "application/json"
    }


@pytest.mark.parametrize("language", ["en", "ko"])
def test_no_message_names_a_type_of_python(world: World, language: str) -> None:
    found = set()
    phone = world.phones["owner"]
    for name, fields in fields_of_bodies().items():
        row = OPERATIONS[name]
        body = world.fill(row.body) or {}
        bodies = [*WRONG, *(body | {field: value} for field in fields for value in WRONG)]
        for sent in bodies:
            with transaction.atomic():
                answer = phone.generic(
                    row.method,
                    world.fill(row.path),
                    HTTP_ACCEPT_LANGUAGE=language,
                    **json_body(phone, sent),
                )
                transaction.set_rollback(True)
            if answer.status_code == 400:
                found.update(error["detail"] for error in answer.json().get("errors", ()))
    assert len(found) > 5
    assert not [text for text in found if OF_PYTHON.search(text)]
