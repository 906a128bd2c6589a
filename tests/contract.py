"""What breaks a client between two versions of the schema."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

Schema = dict[str, Any]


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
            yield from _parameters(where, operation, now)
            yield from _bodies(where, old, operation, new, now)


def _parameters(where: str, old: Schema, new: Schema) -> Iterator[str]:
    before = {(p["in"], p["name"]): p for p in old.get("parameters", [])}
    after = {(p["in"], p["name"]): p for p in new.get("parameters", [])}
    for key in before.keys() - after.keys():
        yield f"{where} lost its parameter {key[1]}"
    for key, parameter in after.items():
        if parameter.get("required") and not before.get(key, {}).get("required"):
            yield f"{where} now requires {key[1]}"


def _bodies(where: str, old: Schema, before: Schema, new: Schema, after: Schema) -> Iterator[str]:
    request, asked = _content(before.get("requestBody")), _content(after.get("requestBody"))
    if asked is not None:
        yield from _narrowed(f"{where} body", old, request or {}, new, asked)
    for status, response in before["responses"].items():
        if status not in after["responses"]:
            yield f"{where} no longer answers {status}"
        elif (schema := _content(response)) is not None:
            yield from _lost(f"{where} {status}", old, schema, new, _content(after["responses"][status]) or {})


def _content(message: Schema | None) -> Schema | None:
    contents = list((message or {}).get("content", {}).values())
    return contents[0].get("schema") if contents else None


def _resolve(document: Schema, schema: Schema) -> Schema:
    while "$ref" in schema:
        schema = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    return schema


def _types(schema: Schema) -> set[str]:
    kind = schema.get("type", [])
    return {kind} if isinstance(kind, str) else set(kind)


def _narrowed(where: str, old: Schema, before: Schema, new: Schema, after: Schema) -> Iterator[str]:
    """A request that was good must stay good."""
    before, after = _resolve(old, before), _resolve(new, after)
    for name in set(after.get("required", [])) - set(before.get("required", [])):
        yield f"{where} now requires {name}"
    for name, schema in before.get("properties", {}).items():
        if name not in after.get("properties", {}):
            yield f"{where} lost {name}"
        elif _types(schema) - _types(after["properties"][name]) - {"integer"}:
            yield f"{where} takes {name} in fewer types"


def _lost(where: str, old: Schema, before: Schema, new: Schema, after: Schema) -> Iterator[str]:
    """What an answer had it must still have."""
    before, after = _resolve(old, before), _resolve(new, after)
    if "items" in before:
        yield from _lost(where, old, before["items"], new, after.get("items", {}))
    for name, schema in before.get("properties", {}).items():
        if name not in after.get("properties", {}):
            yield f"{where} lost {name}"
        elif _types(after["properties"][name]) - _types(schema):
            yield f"{where} gives {name} in more types"
    for name in set(before.get("required", [])) - set(after.get("required", [])):
        yield f"{where} no longer always has {name}"
