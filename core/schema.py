"""The OpenAPI page's words: stable operationIds in the field's words, and the errors of every operation."""

from typing import Any

from drf_spectacular.openapi import AutoSchema as SpectacularSchema

from core.exceptions import CONTENT_TYPE
from core.fields import ANY_TEXT_PATTERN, SOME_TEXT_PATTERN, UUID_PATTERN, NewIdField, StringField
from core.model_fields import BinaryUUIDField
from core.problems import CATALOGUE

VERBS = {"retrieve": "get", "partial_update": "update", "destroy": "delete"}

PROBLEM = {
    "type": "object",
    "description": "An error in the format of RFC 9457. `code` is stable. `title` and `detail` are in Korean "
    "or English, depending on Accept-Language. Current codes: "
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
            "items": {
                "type": "object",
                "required": ["field", "code", "detail"],
                "properties": {name: {"type": "string"} for name in ("field", "code", "detail")},
            },
        },
        "existing": {"type": ["string", "null"], "format": "uuid"},
        "limit": {"type": "integer"},
    },
}


def nullable(schema: dict[str, Any]) -> dict[str, Any]:
    """The same, or null."""
    if isinstance(schema.get("type"), str) and "enum" not in schema:
        return schema | {"type": [schema["type"], "null"]}
    if "type" in schema and "enum" not in schema:
        return schema
    return {"oneOf": [schema, {"type": "null"}]}


class AutoSchema(SpectacularSchema):
    """drf-spectacular's, with the operationIds of this API."""

    view: Any  # a viewset, or a view with `operation_ids` and `tag`

    def get_operation_id(self) -> str:
        by_method = getattr(self.view, "operation_ids", {})
        if self.method in by_method:
            return str(by_method[self.method])
        action = self.view.action
        one_row = action == "create" or self.view.detail
        return f"{VERBS.get(action, action)}_{self.view.singular if one_row else self.view.plural}"

    def _map_model_field(self, model_field: Any, direction: Any) -> Any:
        """Ids are UUIDs, in the database in a form of our own."""
        if isinstance(model_field, BinaryUUIDField):
            return {"type": "string", "format": "uuid"}
        return super()._map_model_field(model_field, direction)

    def _map_serializer_field(
        self, field: Any, direction: Any, bypass_extensions: bool = False
    ) -> Any:
        """Private fields are null for everyone but the owner."""
        schema = super()._map_serializer_field(field, direction, bypass_extensions)
        if direction == "request" and (other := getattr(field, "request_schema", None)):
            return dict(other)
        if (
            isinstance(field, StringField) and field.parent is None
        ):  # a filter's, which says its lengths nowhere else
            self._insert_field_validators(field, schema)
        if direction == "response" and isinstance(
            field, NewIdField
        ):  # todos of quick inputs have ids of version 5
            schema = schema | {"pattern": UUID_PATTERN}
        private = getattr(getattr(field.parent, "Meta", None), "private_fields", ())
        return (
            nullable(schema) if direction == "response" and field.field_name in private else schema
        )

    def _map_basic_serializer(self, serializer: Any, direction: Any) -> Any:
        """An answer has all of its fields, whatever a request may leave out."""
        schema = super()._map_basic_serializer(serializer, direction)
        if direction == "response" and schema.get("properties"):
            schema["required"] = sorted(schema["properties"])
        return schema

    def _insert_field_validators(self, field: Any, schema: Any) -> None:
        """Texts hold no NUL, and are more than spaces where they may not be empty."""
        super()._insert_field_validators(field, schema)
        if type(field) is StringField and schema.get("type") == "string" and not field.read_only:
            schema.setdefault(
                "pattern", ANY_TEXT_PATTERN if field.allow_blank else SOME_TEXT_PATTERN
            )

    def _get_response_bodies(self, direction: Any = "response") -> Any:
        """A create that comes again answers 200 with the row as it is now."""
        bodies = super()._get_response_bodies(direction)
        if getattr(self.view, "action", "") == "create" and "201" in bodies:
            bodies = {
                "200": bodies["201"]
                | {"description": "The item already exists and is returned unchanged."}
            } | bodies
        return bodies

    def get_tags(self) -> list[str]:
        return [str(getattr(self.view, "tag", "") or self.view.plural.replace("_", " "))]


def finish(result: dict[str, Any], generator: Any, request: Any, public: bool) -> dict[str, Any]:
    """drf-spectacular's hook after the schema is made: bodies have no other fields; which errors an operation has."""
    schemas = result.setdefault("components", {}).setdefault("schemas", {})
    schemas["Problem"] = PROBLEM
    for name, schema in schemas.items():
        if name.endswith("Request") and schema.get("type") == "object":
            schema.setdefault("additionalProperties", False)
    for path, operations in result["paths"].items():
        for method, operation in operations.items():
            for status in error_statuses(path, method, operation):
                operation["responses"].setdefault(
                    str(status),
                    {
                        "description": ", ".join(
                            f"`{code}`" for code, k in CATALOGUE.items() if k.status == status
                        ),
                        "content": {
                            CONTENT_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}
                        },
                    },
                )
    return result


def error_statuses(path: str, method: str, operation: dict[str, Any]) -> list[int]:
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
