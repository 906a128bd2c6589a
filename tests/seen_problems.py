"""The problems that test clients receive, by operation, to compare them with the schema's lists."""

from __future__ import annotations

import os
import re
from typing import Any

from django.urls import Resolver404
from drf_spectacular.generators import SchemaGenerator

from core.schema.problems import OF_BODIES, OF_EVERY, OF_SIGNED_IN

# Of the kind of an operation, not of the operation: a few tests show them for the base class.
GENERAL = {"invalid", "throttled", *OF_BODIES, *OF_EVERY, *OF_SIGNED_IN}

# (method, path with {} for its parameters, code): a test in which it was seen
type Seen = dict[tuple[str, str, str], str]
SEEN: Seen = {}


def note(method: str, response: Any) -> None:
    """Remember the problem in this response of a test client, if it is one of an operation."""
    if response.headers.get("Content-Type") != "application/problem+json":
        return
    try:
        route = response.resolver_match.route
    except Resolver404:
        return
    path = "/" + re.sub(r"<[^>]+>", "{}", route)
    test = os.environ.get("PYTEST_CURRENT_TEST", "").partition(" ")[0]
    SEEN.setdefault((method.upper(), path, response.json()["code"]), test)


def differences(*, is_whole: bool) -> list[str]:
    """Return a sentence for each problem that was seen and is not listed by its operation.

    If `is_whole`, all tests have run: add those that are listed and were not seen.
    """
    if not SEEN:
        return []
    operations = listed(SchemaGenerator().get_schema(request=None, public=True))
    found = []
    for (method, path, code), test in SEEN.items():
        codes = operations.get((method, path))
        if codes is not None and code not in {*codes, *OF_EVERY}:
            found.append(f"{method} {path}: {code} is not listed, and was seen by {test}")
    if is_whole:
        found += [
            f"{method} {path}: {code} is listed, and was seen by no test"
            for (method, path), codes in operations.items()
            for code in codes
            if code not in GENERAL and (method, path, code) not in SEEN
        ]
    return sorted(found)


def listed(schema: dict[str, Any]) -> dict[tuple[str, str], set[str]]:
    """Return the listed codes of each operation: {(method, path with {}): codes}."""
    shared = schema["components"]["responses"]
    result = {}
    for path, operations in schema["paths"].items():
        for method, operation in operations.items():
            codes: set[str] = set()
            for status, response in operation["responses"].items():
                if status != "default":
                    name = response.get("$ref", "").rpartition("/")[2]
                    codes.update((shared[name] if name else response).get("x-codes", ()))
            result[method.upper(), re.sub(r"{\w+}", "{}", path)] = codes
    return result
