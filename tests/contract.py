"""Find the changes between two versions of the OpenAPI schema that break a client.

A request that was valid must stay valid, so requests may only accept more. An answer must keep what
it had, so answers may only gain fields, and values of enums: clients accept those that they do not
know. Only an operation that the old schema announces as removed by now (`x-sunset`) may be missing.
test_schema.py compares the schemas in docs/openapi/ with the current one.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from core.fields import PATTERNS_OF_REQUESTS

Schema = dict[str, Any]
# Upper and lower bounds of a value. A request is narrowed by a lower maximum or a higher minimum.
HIGHEST = ("maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties")
LOWEST = ("minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties")
# Later than any day of removal that an operation has announced.
NEVER = "9999-12-31"
# Pairs of patterns of which the second takes all that the first does.
WIDER_PATTERNS = {
    (r"^[^\u0000]*[^\s\u0000][^\u0000]*$", r"^\s*\S[\s\S]*$"),
    *PATTERNS_OF_REQUESTS.items(),
}
# These are not compared for which accepts more; any change is reported, for a person to judge.
UNCOMPARED = ("pattern", "format", "uniqueItems", "const")


def breaking_changes(old: Schema, new: Schema) -> Iterator[str]:
    """Yield a sentence for each change from `old` to `new` that breaks a client of `old`.

    The order of parameters counts, as clients of some generators pass them by their places.
    """
    for path, methods in old["paths"].items():
        for method, operation in methods.items():
            where = f"{method.upper()} {path}"
            now = new["paths"].get(path, {}).get(method)
            if now is None:
                if str(operation.get("x-sunset", NEVER)) > str(datetime.now(UTC).date()):
                    yield f"{where} was removed"
                continue
            if now["operationId"] != operation["operationId"]:
                yield f"{where} has a different operationId"
            yield from _parameters(where, old, operation, new, now)
            yield from _bodies(where, old, operation, new, now)


def _parameters(
    where: str, old: Schema, before: Schema, new: Schema, after: Schema
) -> Iterator[str]:
    had = {(p["in"], p["name"]): p for p in before.get("parameters", [])}
    has = {(p["in"], p["name"]): p for p in after.get("parameters", [])}
    for key, parameter in had.items():
        if key not in has:
            yield f"{where} lost its parameter {key[1]}"
        else:
            taken, takes = parameter.get("schema", {}), has[key].get("schema", {})
            yield from _narrowing(
                f"{where} parameter {key[1]}", _flatten(old, taken), _flatten(new, takes)
            )
    if set(had) <= set(has) and list(had) != list(has)[: len(had)]:
        yield f"{where} has its parameters in a different order"
    for key, parameter in has.items():
        if parameter.get("required") and not had.get(key, {}).get("required"):
            yield f"{where} now requires {key[1]}"


def _bodies(where: str, old: Schema, before: Schema, new: Schema, after: Schema) -> Iterator[str]:
    old_request, new_request = (
        _content(before.get("requestBody")),
        _content(after.get("requestBody")),
    )
    if new_request is not None:
        # A client of an operation without a body sends at most an empty object.
        nothing = {"type": "object", "additionalProperties": False}
        yield from _narrowing(
            f"{where} body", _flatten(old, old_request or nothing), _flatten(new, new_request)
        )
    elif old_request is not None:
        yield f"{where} no longer accepts a body"
    for status, response in before["responses"].items():
        if status == "default" or int(status) >= 400:
            continue  # all errors are problems, and clients have to expect more of them
        if status not in after["responses"]:
            yield f"{where} no longer answers {status}"
        elif (schema := _content(response)) is not None:
            answer = _content(after["responses"][status]) or {}
            yield from _losses(f"{where} {status}", _flatten(old, schema), _flatten(new, answer))


def _content(message: Schema | None) -> Schema | None:
    contents = list((message or {}).get("content", {}).values())
    return contents[0].get("schema") if contents else None


def _flatten(document: Schema, schema: Schema, seen: frozenset[str] = frozenset()) -> Schema:
    """Return the schema with its references and alternatives merged, at any depth.

    A recursive reference stays a reference. `type` becomes a set; the empty set means any type.
    """
    whole: Schema = {
        key: value
        for key, value in schema.items()
        if key not in ("$ref", "allOf", "oneOf", "anyOf")
    }
    whole["type"] = _types(schema)
    if "properties" in schema:
        whole["properties"] = {
            key: _flatten(document, part, seen) for key, part in schema["properties"].items()
        }
    for name in ("items", "additionalProperties"):
        if isinstance(schema.get(name), dict):
            whole[name] = _flatten(document, schema[name], seen)
    if (reference := schema.get("$ref")) is not None:
        if reference in seen:
            return {"type": {"object"}, "const": reference}
        target = document["components"]["schemas"][reference.rpartition("/")[2]]
        whole = _all_of(_flatten(document, target, seen | {reference}), whole)
    for part in schema.get("allOf", []):
        whole = _all_of(whole, _flatten(document, part, seen))
    for name in ("oneOf", "anyOf"):
        if parts := [_flatten(document, part, seen) for part in schema.get(name, [])]:
            whole = _all_of(whole, functools.reduce(_any_of, parts))
    return whole


def _types(schema: Schema) -> set[str]:
    kind = schema.get("type", [])
    return {kind} if isinstance(kind, str) else set(kind)


def _all_of(one: Schema, other: Schema) -> Schema:
    """Merge two schemas of which a value must satisfy both (allOf)."""
    kinds = (
        one["type"] & other["type"]
        if one["type"] and other["type"]
        else one["type"] | other["type"]
    )
    return _merge(one, other) | {"type": kinds}


def _any_of(one: Schema, other: Schema) -> Schema:
    """Merge two alternatives (oneOf, anyOf).

    The bounds of both are kept, as they are of different types.
    """
    kinds = one["type"] | other["type"] if one["type"] and other["type"] else set()
    whole = _merge(one, other) | {"type": kinds}
    if "enum" in one and "enum" in other:
        whole["enum"] = [*one["enum"], *other["enum"]]
    elif "enum" in whole and {"null"} not in (one["type"], other["type"]):
        del whole["enum"]
    return whole


def _merge(one: Schema, other: Schema) -> Schema:
    whole = one | other
    if "properties" in one and "properties" in other:
        whole["properties"] = one["properties"] | other["properties"]
    if "required" in one and "required" in other:
        whole["required"] = [*one["required"], *other["required"]]
    return whole


def _narrowing(where: str, before: Schema, after: Schema) -> Iterator[str]:
    """Yield the ways in which a request that was valid no longer is. Both schemas are flat."""
    if after["type"] and not _is_within(before["type"], after["type"]):
        yield f"{where} accepts fewer types"
    yield from _narrower_bounds(where, before, after)
    for name in set(after.get("required", [])) - set(before.get("required", [])):
        yield f"{where} now requires {name}"
    rest = after.get("additionalProperties", True)
    if rest is False and before.get("additionalProperties", True) is not False:
        yield f"{where} no longer accepts unknown names"
    for name, schema in before.get("properties", {}).items():
        if name in after.get("properties", {}):
            yield from _narrowing(f"{where} {name}", schema, after["properties"][name])
        else:
            yield f"{where} lost {name}"
    for name in ("items", "additionalProperties"):
        if isinstance(after.get(name), dict):
            was = before.get(name)
            yield from _narrowing(
                f"{where} {name}", was if isinstance(was, dict) else {"type": set()}, after[name]
            )


def _is_within(kinds: set[str], others: set[str]) -> bool:
    """Return whether each type of `kinds` is one of `others`; an integer is also a number.

    An empty `kinds` means any type, which is within no set.
    """
    return bool(kinds) and all(
        kind in others or (kind == "integer" and "number" in others) for kind in kinds
    )


def _narrower_bounds(where: str, before: Schema, after: Schema) -> Iterator[str]:
    """Yield the bounds and enumerations that exclude a value that was valid."""
    if "enum" in after:
        if "enum" not in before:
            yield f"{where} accepts only some values"
        for value in before.get("enum", []):
            if value not in after["enum"]:
                yield f"{where} no longer accepts {value}"
    for bounds, sign in ((HIGHEST, 1), (LOWEST, -1)):
        for name in bounds:
            if name in after and (name not in before or sign * after[name] < sign * before[name]):
                yield f"{where} has a narrower {name}"
    for name in UNCOMPARED:
        values = before.get(name), after.get(name)
        if values[1] and values[0] != values[1] and values not in WIDER_PATTERNS:
            yield f"{where} has a different {name}"


def _losses(where: str, before: Schema, after: Schema) -> Iterator[str]:
    """Yield the parts of an answer that a client no longer gets. Both schemas are flat."""
    if before["type"] and not _is_within(after["type"], before["type"]):
        yield f"{where} answers more types"
    for name, schema in before.get("properties", {}).items():
        if name in after.get("properties", {}):
            yield from _losses(f"{where} {name}", schema, after["properties"][name])
        else:
            yield f"{where} lost {name}"
    for name in set(before.get("required", [])) - set(after.get("required", [])):
        yield f"{where} no longer always has {name}"
    for name in ("items", "additionalProperties"):
        if isinstance(before.get(name), dict):
            now = after.get(name)
            yield from _losses(
                f"{where} {name}", before[name], now if isinstance(now, dict) else {"type": set()}
            )
