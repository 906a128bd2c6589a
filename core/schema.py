"""The OpenAPI schema: operationIds, the errors of each operation, and the forms of fields."""

from typing import Any, Literal

from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.openapi import AutoSchema as SpectacularSchema
from rest_framework.serializers import Field, Serializer

from core.exceptions import CONTENT_TYPE, MAX_ERRORS
from core.fields import ANY_TEXT_PATTERN, SOME_TEXT_PATTERN, UUID_PATTERN, NewIdField, StringField
from core.model_fields import BinaryUUIDField
from core.problems import CATALOGUE

type Schema = dict[str, Any]  # an object of OpenAPI
type Direction = Literal["request", "response"]

VERBS = {"retrieve": "get", "partial_update": "update", "destroy": "delete"}

PROBLEM = {
    "type": "object",
    "description": "An error in the format of RFC 9457. `code` is stable. `title` and `detail` are "
    "in Korean or English, depending on Accept-Language. Current codes: "
    + ", ".join(f"`{code}`" for code in CATALOGUE),
    "required": ["type", "title", "status", "detail", "code"],
    "properties": {
        "type": {"type": "string", "format": "uri"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "code": {"type": "string"},
        "errors": {
            "type": "array",
            "maxItems": MAX_ERRORS,
            "items": {
                "type": "object",
                "required": ["field", "code", "detail"],
                "properties": {name: {"type": "string"} for name in ("field", "code", "detail")},
            },
        },
        "existing": {"type": ["string", "null"], "format": "uuid"},
        "limit": {"type": "integer"},
        "request_id": {"type": "string", "description": "As in the header X-Request-ID."},
    },
}


def nullable(schema: Schema) -> Schema:
    """Return a schema that also allows null."""
    if isinstance(schema.get("type"), str) and "enum" not in schema:
        return schema | {"type": [schema["type"], "null"]}
    if "type" in schema and "enum" not in schema:
        return schema
    return {"oneOf": [schema, {"type": "null"}]}


class AutoSchema(SpectacularSchema):
    """drf-spectacular's schema of a view, with the operationIds of this API."""

    view: Any  # a viewset, or a view with `operation_ids` and `tag`

    def get_operation_id(self) -> str:
        by_method = getattr(self.view, "operation_ids", {})
        if self.method in by_method:
            return str(by_method[self.method])
        action = self.view.action
        one_row = action == "create" or self.view.detail
        name = self.view.singular if one_row else self.view.plural
        return f"{VERBS.get(action, action)}_{name}"

    def _map_model_field(self, model_field: object, direction: Direction) -> Any:
        """Map ids, which have a model field of our own, to UUIDs."""
        if isinstance(model_field, BinaryUUIDField):
            return {"type": "string", "format": "uuid"}
        return super()._map_model_field(model_field, direction)

    def _map_serializer_field(
        self, field: Field, direction: Direction, bypass_extensions: bool = False
    ) -> Any:
        """Make private fields nullable: they are null for everyone except the owner."""
        schema = super()._map_serializer_field(field, direction, bypass_extensions)
        if direction == "request" and (request_schema := getattr(field, "request_schema", None)):
            return dict(request_schema)
        if isinstance(field, StringField) and field.parent is None:
            # drf-spectacular maps the validators of serializers' fields only, not of filters'.
            self._insert_field_validators(field, schema)
        if direction == "response" and isinstance(field, NewIdField):
            # Clients send UUIDs of version 7, but todos of quick inputs have version 5.
            schema = schema | {"pattern": UUID_PATTERN}
        private = getattr(getattr(field.parent, "Meta", None), "private_fields", ())
        is_private = direction == "response" and field.field_name in private
        return nullable(schema) if is_private else schema

    def _map_basic_serializer(self, serializer: Serializer, direction: Direction) -> Any:
        """Make all fields of a response required."""
        schema = super()._map_basic_serializer(serializer, direction)
        if direction == "response" and schema.get("properties"):
            schema["required"] = sorted(schema["properties"])
        return schema

    def _insert_field_validators(self, field: Field, schema: Schema) -> None:
        """Add the pattern of texts: no NUL, and more than spaces if they must not be empty."""
        super()._insert_field_validators(field, schema)
        if type(field) is StringField and schema.get("type") == "string" and not field.read_only:
            pattern = ANY_TEXT_PATTERN if field.allow_blank else SOME_TEXT_PATTERN
            schema.setdefault("pattern", pattern)

    def _get_response_bodies(self, direction: Direction = "response") -> Any:
        """Add the 200 of a repeated create, which returns the existing row."""
        bodies = super()._get_response_bodies(direction)
        if getattr(self.view, "action", "") == "create" and "201" in bodies:
            description = "The item already exists and is returned unchanged."
            repeated = bodies["201"] | {"description": description}
            bodies = {"200": repeated} | bodies
        return bodies

    def get_tags(self) -> list[str]:
        return [str(getattr(self.view, "tag", "") or self.view.plural.replace("_", " "))]


def finish(result: Schema, generator: SchemaGenerator, request: object, public: bool) -> Schema:
    """Forbid unknown fields in bodies and add the errors of each operation.

    A postprocessing hook of drf-spectacular.
    """
    schemas = result.setdefault("components", {}).setdefault("schemas", {})
    schemas["Problem"] = PROBLEM
    for name, schema in schemas.items():
        if name.endswith("Request") and schema.get("type") == "object":
            schema.setdefault("additionalProperties", False)
    for path, operations in result["paths"].items():
        for method, operation in operations.items():
            for status in error_statuses(path, method, operation):
                operation["responses"].setdefault(str(status), error_response(status))
    return result


def error_response(status: int) -> Schema:
    """Return the response object that names all codes with this status."""
    codes = [code for code, problem_type in CATALOGUE.items() if problem_type.status == status]
    return {
        "description": ", ".join(f"`{code}`" for code in codes),
        "content": {CONTENT_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }


def error_statuses(path: str, method: str, operation: Schema) -> list[int]:
    """Return the error statuses that an operation can answer with."""
    statuses = [400]
    if {} not in operation.get("security", [{}]) or "/auth/token/" in path:
        statuses += [401]
    if "{" in path:
        statuses += [403, 404]
    if method != "get":
        statuses += [409]
    if method == "post":
        statuses += [410]
    if "requestBody" in operation:
        statuses += [413, 415]
    if "/auth/" in path or "/me/" in path:
        statuses += [429]
    return statuses
