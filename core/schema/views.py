"""The schema of one view: operationIds, names of components, and the forms of fields."""

import re
from typing import Any, Literal

from drf_spectacular.openapi import AutoSchema as SpectacularSchema
from drf_spectacular.utils import OpenApiExample
from rest_framework.serializers import Field, Serializer

from core.deprecation import Deprecation
from core.fields import (
    PATTERNS_OF_REQUESTS,
    SOME_TEXT_PATTERN,
    UUID_PATTERN,
    NewIdField,
    StringField,
)
from core.model_fields import BinaryUUIDField
from core.schema.operations import Operation, described
from core.schema.problems import Schema
from core.schema.texts import (
    description_of,
    description_of_body,
    may_be_left_out_by_null,
    request_name,
    schema_name,
    unwrapped,
)

type Direction = Literal["request", "response"]

# Marks a property that also takes null, until enums have become components.
OR_NULL = "x-or-null"
# What drf-spectacular adds as an alternative to texts that may be empty.
EMPTY_TEXT = {"type": "string", "maxLength": 0}
VERBS = {"retrieve": "get", "partial_update": "update", "destroy": "delete"}


def in_any_case(schema: Schema) -> Schema:
    """Return the schema of a request's field, whose ids may have upper case."""
    if "items" in schema:
        return schema | {"items": in_any_case(schema["items"])}
    pattern = PATTERNS_OF_REQUESTS.get(schema.get("pattern", ""))
    return schema | {"pattern": pattern} if pattern else schema


def nullable(schema: Schema) -> Schema:
    """Return a schema that also allows null."""
    if isinstance(schema.get("type"), str) and "enum" not in schema:
        return schema | {"type": [schema["type"], "null"]}
    if "type" in schema and "enum" not in schema:
        return schema
    if "allOf" in schema:  # a reference with a description beside it
        rest = {name: value for name, value in schema.items() if name != "allOf"}
        return {"oneOf": [*schema["allOf"], {"type": "null"}]} | rest
    return {"oneOf": [schema, {"type": "null"}]}


class AutoSchema(SpectacularSchema):
    """drf-spectacular's schema of a view, with the operationIds of this API."""

    view: Any  # a viewset, or a view with `operation_ids`

    def get_operation_id(self) -> str:
        by_method = getattr(self.view, "operation_ids", {})
        if self.method in by_method:
            return str(by_method[self.method])
        action = self.view.action
        one_row = action == "create" or self.view.detail
        name = self.view.singular if one_row else self.view.plural
        return f"{VERBS.get(action, action)}_{name}"

    def _get_serializer_name(
        self, serializer: Any, direction: Direction, bypass_extensions: bool = False
    ) -> str:
        """Return the component's name: Goal in answers, NewGoal and GoalUpdate in requests.

        `schema_name` of a class replaces what its own name gives.
        """
        row = getattr(serializer, "child", serializer)
        return schema_name(type(row)) if direction == "response" else request_name(row)

    def get_paginated_name(self, serializer_name: str) -> str:
        return f"{serializer_name}Page"

    def _map_model_field(self, model_field: object, direction: Direction) -> Any:
        """Map ids, which have a model field of our own, to UUIDs."""
        if isinstance(model_field, BinaryUUIDField):
            return {"type": "string", "format": "uuid"}
        return super()._map_model_field(model_field, direction)

    def _map_serializer_field(
        self, field: Field, direction: Direction, bypass_extensions: bool = False
    ) -> Any:
        """Make private fields nullable: they are null for everyone except the owner."""
        schema: Any
        items = getattr(field, "request_items", None)
        if direction == "request" and items is not None:
            reference = self.resolve_serializer(items, direction).ref
            most = getattr(field, "most", None)
            schema = {"type": "array", "maxItems": most, "items": reference}
        else:
            schema = super()._map_serializer_field(field, direction, bypass_extensions)
        if direction == "request" and (request_schema := getattr(field, "request_schema", None)):
            schema = dict(request_schema)
        if direction == "request":
            schema = in_any_case(schema)
        if isinstance(field, StringField) and field.parent is None:
            # drf-spectacular maps the validators of serializers' fields only, not of filters'.
            self._insert_field_validators(field, schema)
        if direction == "response" and isinstance(field, NewIdField):
            # Clients send UUIDs of version 7, but todos of quick inputs have version 5.
            schema = schema | {"pattern": UUID_PATTERN}
        private = getattr(getattr(field.parent, "Meta", None), "private_fields", ())
        if direction == "response" and field.field_name in private:
            schema = nullable(schema)
        is_request = direction == "request"
        help_text = schema.get("description", "")
        if text := description_of(field, help_text, is_request=is_request):
            if "$ref" in schema:
                schema = {"allOf": [schema]}
            schema = schema | {"description": text}
        return schema | {OR_NULL: True} if is_request and may_be_left_out_by_null(field) else schema

    def _map_basic_serializer(self, serializer: Serializer, direction: Direction) -> Any:
        """Make all fields of a response required, and describe bodies by what they do."""
        schema = super()._map_basic_serializer(serializer, direction)
        text = schema.get("description", "")
        if direction == "request":
            text = description_of_body(serializer, text)
        schema["description"] = unwrapped(text)
        if direction == "response" and schema.get("properties"):
            schema["required"] = sorted(schema["properties"])
        return schema

    def _postprocess_serializer_schema(
        self, schema: Schema, serializer: Serializer, direction: Direction
    ) -> Any:
        """Remove what says nothing more: marks, labels of models, and a length beside a pattern.

        Each component is of one direction, so the marks readOnly and writeOnly are not needed.
        """
        schema = super()._postprocess_serializer_schema(schema, serializer, direction)
        for field in schema.get("properties", {}).values():
            for name in ("readOnly", "writeOnly", "title"):
                field.pop(name, None)
            if field.get("minLength") == 1 and not re.search(field.get("pattern", ""), ""):
                del field["minLength"]
        return schema

    def _insert_field_validators(self, field: Field, schema: Schema) -> None:
        """Add the pattern of texts that must not be empty: they are more than spaces."""
        super()._insert_field_validators(field, schema)
        if EMPTY_TEXT in schema.get("oneOf", ()):
            # Generators make a class without fields of two alternatives that are both texts.
            text, _empty = schema.pop("oneOf")
            schema |= {name: text[name] for name in text if name not in {"minLength", "pattern"}}
        if type(field) is not StringField or schema.get("type") != "string":
            return
        if not (field.read_only or field.allow_blank):
            schema.setdefault("pattern", SOME_TEXT_PATTERN)

    def _get_response_bodies(self, direction: Direction = "response") -> Any:
        """Add the 200 of a repeated create, which returns the existing row."""
        bodies = super()._get_response_bodies(direction)
        if getattr(self.view, "action", "") == "create" and "201" in bodies:
            description = "The item already exists and is returned unchanged."
            repeated = bodies["201"] | {"description": description}
            bodies = {"200": repeated} | bodies
        return bodies

    def get_auth(self) -> list[dict[str, list[str]]]:
        """Add that no token is needed, where readers without an account are answered, too."""
        auth: list[dict[str, list[str]]] = super().get_auth()
        is_open = self.method == "GET" and self.view.is_open_to_readers
        return [{}, *auth] if is_open else auth

    def is_deprecated(self) -> bool:
        return self._deprecation is not None

    @property
    def _deprecation(self) -> Deprecation | None:
        by_action = getattr(self.view, "deprecations", {})
        found: Deprecation | None = by_action.get(getattr(self.view, "action", None))
        return found or by_action.get(self.method.lower())

    # The texts and examples of apps' modules `schema`

    @property
    def described(self) -> Operation:
        name = self.get_operation_id()
        try:
            return described()[name]
        except KeyError:
            raise LookupError(f"Describe {name} in the module `schema` of its app.") from None

    def get_tags(self) -> list[str]:
        return [self.described.tag]

    def get_summary(self) -> str:
        return self.described.summary

    def get_extensions(self) -> Schema:
        """Add the day of the removal, which the test of breaking changes compares."""
        return {"x-sunset": str(self._deprecation.sunset)} if self._deprecation else {}

    def get_description(self) -> str:  # type: ignore[override]  # as in drf-spectacular
        """Return the description, with what to use in place of a deprecated operation."""
        text = self.described.description or super().get_description()
        parts = [unwrapped(text), self._deprecation.note if self._deprecation else ""]
        return "\n\n".join(part for part in parts if part)

    def get_examples(self) -> list[OpenApiExample]:
        body = self.described.body
        return [] if body is None else [OpenApiExample("demo", body, request_only=True)]
