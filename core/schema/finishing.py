"""The last step in making the schema, when all operations and components are there."""

from collections.abc import Iterator
from functools import partial
from typing import Any

from drf_spectacular.generators import SchemaGenerator

from core.schema.operations import COMPONENTS, FIELDS, TAGS, described
from core.schema.problems import (
    FIELD_ERROR,
    HEADERS,
    OF_EVERY,
    OF_SIGNED_IN,
    PROBLEM,
    Schema,
    codes_of,
    error_responses,
)
from core.schema.views import OR_NULL, nullable

PAGE = ("cursor", "page_size")
# The responses that many operations have, with their names.
SHARED = {
    "401": ["SignInFirst", *OF_SIGNED_IN],
    "404": ["NotFound", "not_found"],
    "413": ["TooLarge", "payload_too_large"],
    "415": ["NotJson", "unsupported_media_type"],
    "429": ["TooManyRequests", "throttled"],
    "default": ["OtherProblem", *OF_EVERY],
}
PREFIX = "#/components/schemas/"


def finish(result: Schema, generator: SchemaGenerator, request: object, public: bool) -> Schema:
    """Add the errors and the tags, order the parameters, and forbid unknown fields in bodies.

    A postprocessing hook of drf-spectacular.
    """
    components = result["components"]
    schemas = components["schemas"] | {"FieldError": FIELD_ERROR, "Problem": PROBLEM}
    components["schemas"] = dict(sorted(schemas.items()))
    allow_nulls(result)
    for name, schema in schemas.items():
        describe_component(name, schema)
    components["headers"] = HEADERS
    result["tags"] = [{"name": name, "description": text} for name, text in TAGS.items()]
    ask_no_token(result)
    for path, operations in result["paths"].items():
        for operation in operations.values():
            finish_operation(path, operation, schemas)
    share_enums(result)
    share_responses(result)
    result["paths"] = in_order(result["paths"])
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


def in_order(paths: Schema) -> Schema:
    """Return the paths in the order of the tags, and in it that of the apps' modules `schema`."""
    tags, names = list(TAGS), list(described())

    def place(path: str) -> tuple[int, int]:
        ids = [operation["operationId"] for operation in paths[path].values()]
        return min((tags.index(described()[name].tag), names.index(name)) for name in ids)

    return {path: paths[path] for path in sorted(paths, key=place)}


def describe_component(name: str, schema: Schema) -> None:
    """Add the descriptions of enums and of pages, which have no serializer."""
    if name in COMPONENTS:
        schema["description"] = COMPONENTS[name]
    if name.endswith("Page"):
        schema.setdefault("description", "One page of a list.")
        for field, text in FIELDS["Page"].items():
            schema["properties"].get(field, {}).setdefault("description", text)


def finish_operation(path: str, operation: Schema, schemas: Schema) -> None:
    own = described()[operation["operationId"]]
    operation.get("parameters", []).sort(key=partial(place_of, path))
    for parameter in operation.get("parameters", []):
        name = parameter["name"]
        if name in own.parameters:
            parameter.setdefault("description", own.parameters[name])
        if name in own.values:
            parameter["example"] = own.values[name]
    for name in references(operation.get("requestBody")):
        if schemas[name].get("type") == "object":
            schemas[name].setdefault("additionalProperties", False)
    for status, response in operation["responses"].items():
        if not response["description"]:
            response["description"] = what_it_holds(status, response, schemas)
    codes = codes_of(own.codes, operation, has_quota="/health/" not in path)
    if own.is_hidden:
        codes.remove("invalid")
    operation["responses"] = {
        status: response for status, response in operation["responses"].items() if int(status) < 400
    } | error_responses(codes)


def what_it_holds(status: str, response: Schema, schemas: Schema) -> str:
    """Return the description of an answer that has no other: that of its component."""
    created = "Created. " if status == "201" else ""
    names = list(references(response.get("content")))
    text = schemas[names[0]]["description"] if names else "Done."
    return created + str(text).partition("\n\n")[0]


def share_responses(result: Schema) -> None:
    """Let operations refer to an error response that several have instead of repeating it."""
    shared: dict[str, Schema] = {}
    for operations in result["paths"].values():
        for operation in operations.values():
            for status, response in operation["responses"].items():
                if status in SHARED and response["x-codes"] == SHARED[status][1:]:
                    name = str(SHARED[status][0])
                    shared[name] = response
                    operation["responses"][status] = {"$ref": f"#/components/responses/{name}"}
    result["components"]["responses"] = dict(sorted(shared.items()))


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
