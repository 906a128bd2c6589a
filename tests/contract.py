"""What breaks a client between two versions of the schema."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from typing import Any

Schema = dict[str, Any]
# What bounds a value from above and from below: a request may not be held closer than before.
HIGHEST = ("maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties")
LOWEST = ("minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties")
# Which of two of these takes more is not computed: another one is for a person to judge.
OTHERS = ("pattern", "format", "uniqueItems", "const")


def breaks(old: Schema, new: Schema) -> Iterator[str]:
    """Each change from `old` to `new` that a client of `old` would notice, as a sentence."""
    for path, methods in old["paths"].items():
        for method, operation in methods.items():
            where = f"{method.upper()} {path}"
            now = new["paths"].get(path, {}).get(method)
            if now is None:
                yield f"{where} is gone"
                continue
            if now["operationId"] != operation["operationId"]:
                yield f"{where} has another operationId"
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
            yield from _narrowed(
                f"{where} parameter {key[1]}", _flat(old, taken), _flat(new, takes)
            )
    for key, parameter in has.items():
        if parameter.get("required") and not had.get(key, {}).get("required"):
            yield f"{where} now requires {key[1]}"


def _bodies(where: str, old: Schema, before: Schema, new: Schema, after: Schema) -> Iterator[str]:
    request, asked = _content(before.get("requestBody")), _content(after.get("requestBody"))
    if asked is not None:
        # Where nothing was asked for, an empty object is what everyone sends.
        nothing = {"type": "object", "additionalProperties": False}
        yield from _narrowed(f"{where} body", _flat(old, request or nothing), _flat(new, asked))
    elif request is not None:
        yield f"{where} no longer takes a body"
    for status, response in before["responses"].items():
        if status not in after["responses"]:
            yield f"{where} no longer answers {status}"
        elif (schema := _content(response)) is not None:
            answer = _content(after["responses"][status]) or {}
            yield from _lost(f"{where} {status}", _flat(old, schema), _flat(new, answer))


def _content(message: Schema | None) -> Schema | None:
    contents = list((message or {}).get("content", {}).values())
    return contents[0].get("schema") if contents else None


def _flat(document: Schema, schema: Schema, seen: frozenset[str] = frozenset()) -> Schema:
    """The schema with its references and alternatives put into one, at any depth.

    A schema inside itself stays the reference that it is. `type` becomes a set; an empty one is any type.
    """
    whole: Schema = {
        key: value
        for key, value in schema.items()
        if key not in ("$ref", "allOf", "oneOf", "anyOf")
    }
    whole["type"] = _types(schema)
    if "properties" in schema:
        whole["properties"] = {
            key: _flat(document, part, seen) for key, part in schema["properties"].items()
        }
    for name in ("items", "additionalProperties"):
        if isinstance(schema.get(name), dict):
            whole[name] = _flat(document, schema[name], seen)
    if (reference := schema.get("$ref")) is not None:
        if reference in seen:
            return {"type": {"object"}, "const": reference}
        target = document["components"]["schemas"][reference.rpartition("/")[2]]
        whole = _both(_flat(document, target, seen | {reference}), whole)
    for part in schema.get("allOf", []):
        whole = _both(whole, _flat(document, part, seen))
    for name in ("oneOf", "anyOf"):
        if parts := [_flat(document, part, seen) for part in schema.get(name, [])]:
            whole = _both(whole, functools.reduce(_either, parts))
    return whole


def _types(schema: Schema) -> set[str]:
    kind = schema.get("type", [])
    return {kind} if isinstance(kind, str) else set(kind)


def _both(one: Schema, other: Schema) -> Schema:
    """What is held to both."""
    kinds = (
        one["type"] & other["type"]
        if one["type"] and other["type"]
        else one["type"] | other["type"]
    )
    return _merged(one, other) | {"type": kinds}


def _either(one: Schema, other: Schema) -> Schema:
    """What is one of the two. Bounds of each are kept: they speak of different types."""
    kinds = one["type"] | other["type"] if one["type"] and other["type"] else set()
    whole = _merged(one, other) | {"type": kinds}
    if "enum" in one and "enum" in other:
        whole["enum"] = [*one["enum"], *other["enum"]]
    elif "enum" in whole and {"null"} not in (one["type"], other["type"]):
        del whole["enum"]
    return whole


def _merged(one: Schema, other: Schema) -> Schema:
    whole = one | other
    if "properties" in one and "properties" in other:
        whole["properties"] = one["properties"] | other["properties"]
    if "required" in one and "required" in other:
        whole["required"] = [*one["required"], *other["required"]]
    return whole


def _narrowed(where: str, before: Schema, after: Schema) -> Iterator[str]:
    """A request that was good must stay good. Both are flat."""
    if after["type"] and not _within(before["type"], after["type"]):
        yield f"{where} takes fewer types"
    yield from _bounded(where, before, after)
    for name in set(after.get("required", [])) - set(before.get("required", [])):
        yield f"{where} now requires {name}"
    rest = after.get("additionalProperties", True)
    if rest is False and before.get("additionalProperties", True) is not False:
        yield f"{where} no longer takes other names"
    for name, schema in before.get("properties", {}).items():
        if name in after.get("properties", {}):
            yield from _narrowed(f"{where} {name}", schema, after["properties"][name])
        else:
            yield f"{where} lost {name}"
    for name in ("items", "additionalProperties"):
        if isinstance(after.get(name), dict):
            was = before.get(name)
            yield from _narrowed(
                f"{where} {name}", was if isinstance(was, dict) else {"type": set()}, after[name]
            )


def _within(kinds: set[str], others: set[str]) -> bool:
    """Whether a value of any of `kinds` is one of `others`: an integer is a number. No kinds are all kinds."""
    return bool(kinds) and all(
        kind in others or (kind == "integer" and "number" in others) for kind in kinds
    )


def _bounded(where: str, before: Schema, after: Schema) -> Iterator[str]:
    """Values that were good and no longer are."""
    if "enum" in after:
        if "enum" not in before:
            yield f"{where} takes only some values"
        for value in before.get("enum", []):
            if value not in after["enum"]:
                yield f"{where} no longer takes {value}"
    for bounds, sign in ((HIGHEST, 1), (LOWEST, -1)):
        for name in bounds:
            if name in after and (name not in before or sign * after[name] < sign * before[name]):
                yield f"{where} has a narrower {name}"
    for name in OTHERS:
        if after.get(name) and after[name] != before.get(name):
            yield f"{where} has another {name}"


def _lost(where: str, before: Schema, after: Schema) -> Iterator[str]:
    """What an answer had it must still have. Both are flat."""
    if before["type"] and not _within(after["type"], before["type"]):
        yield f"{where} gives more types"
    for name, schema in before.get("properties", {}).items():
        if name in after.get("properties", {}):
            yield from _lost(f"{where} {name}", schema, after["properties"][name])
        else:
            yield f"{where} lost {name}"
    for name in set(before.get("required", [])) - set(after.get("required", [])):
        yield f"{where} no longer always has {name}"
    for name in ("items", "additionalProperties"):
        if isinstance(before.get(name), dict):
            now = after.get(name)
            yield from _lost(
                f"{where} {name}", before[name], now if isinstance(now, dict) else {"type": set()}
            )
