"""The last step in making the schema, when all operations and components are there."""

from collections.abc import Iterator
from functools import partial
from typing import Any

from drf_spectacular.generators import SchemaGenerator

from core.schema.problems import (
    DEFAULT,
    FIELD_ERROR,
    PROBLEM,
    Schema,
    error_response,
    error_statuses,
)
from core.schema.views import OR_NULL, nullable

PAGE = ("cursor", "page_size")
PREFIX = "#/components/schemas/"


def finish(result: Schema, generator: SchemaGenerator, request: object, public: bool) -> Schema:
    """Forbid unknown fields in bodies and add the errors of each operation.

    A postprocessing hook of drf-spectacular.
    """
    schemas = result.setdefault("components", {}).setdefault("schemas", {})
    schemas |= {"FieldError": FIELD_ERROR, "Problem": PROBLEM}
    result["components"]["schemas"] = dict(sorted(schemas.items()))
    allow_nulls(result)
    for path, operations in result["paths"].items():
        for method, operation in operations.items():
            operation.get("parameters", []).sort(key=partial(place_of, path))
            for name in references(operation.get("requestBody")):
                if schemas[name].get("type") == "object":
                    schemas[name].setdefault("additionalProperties", False)
            for status in error_statuses(path, method, operation):
                operation["responses"].setdefault(str(status), error_response(status))
            operation["responses"]["default"] = DEFAULT
    share_enums(result)
    ask_no_token(result)
    return result


def allow_nulls(result: Schema) -> None:
    """Make the properties nullable that are marked so; parameters are marked for nothing."""
    for schema in result["components"]["schemas"].values():
        properties: dict[str, Schema] = schema.get("properties", {})
        for field, value in properties.items():
            if value.pop(OR_NULL, False):
                properties[field] = nullable(value)
    for operations in result["paths"].values():
        for operation in operations.values():
            for parameter in operation.get("parameters", []):
                parameter["schema"].pop(OR_NULL, None)


def place_of(path: str, parameter: Schema) -> tuple[int, int]:
    """Return the place of a parameter: those of the path in its order, those of pages, filters.

    Filters come last, because new parameters are filters, and generated clients may number them.
    """
    name = parameter["name"]
    if parameter["in"] == "path":
        return 0, path.find(f"{{{name}}}")
    return (1, PAGE.index(name)) if name in PAGE else (2, 0)


def references(part: Any) -> Iterator[str]:
    """Yield the names of the components to which a part of the schema refers."""
    if isinstance(part, dict):
        reference = part.get("$ref")
        if isinstance(reference, str) and reference.startswith(PREFIX):
            yield reference.removeprefix(PREFIX)
        for inner in part.values():
            yield from references(inner)
    elif isinstance(part, list):
        for inner in part:
            yield from references(inner)


def ask_no_token(result: Schema) -> None:
    """Say in another way that open operations ask for no token.

    Of the two ways, generated clients in Python take the other one for a required token.
    """
    for operations in result["paths"].values():
        for operation in operations.values():
            if operation.get("security") == [{}]:
                operation["security"] = []


def share_enums(result: Schema) -> None:
    """Let parameters refer to the enums of the components instead of having their own."""
    names = {
        tuple(schema["enum"]): name
        for name, schema in result["components"]["schemas"].items()
        if "enum" in schema
    }
    for operations in result["paths"].values():
        for operation in operations.values():
            for parameter in operation.get("parameters", []):
                values = tuple(parameter["schema"].get("enum", ()))
                if values in names:
                    parameter["schema"] = {"$ref": PREFIX + names[values]}
