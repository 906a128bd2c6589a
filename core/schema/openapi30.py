"""The schema as OpenAPI 3.0, for generators that do not read 3.1.

It says the same in the older words: `nullable` where 3.1 has the type null, and `example` where 3.1
has a list of examples. What 3.0 has no word for, a field of any type, has no type.

A component or null is `{"type": …, "nullable": true, "allOf": [{"$ref": …}]}`. A strict reading of
3.0.3 refuses null there, as each part of an `allOf` must accept the value and the component does
not. Generators read it as meant, and have no other form in which the component keeps its name:
`anyOf` with a second, nullable object makes a class of its own, and a nullable component would be
nullable everywhere. So validators of answers read 3.1.
"""

from typing import Any

from drf_spectacular.generators import SchemaGenerator

from core.schema.problems import Schema

VERSION = "3.0.3"
NULL = {"type": "null"}
REFERENCE = "#/components/schemas/"
type Types = dict[str, str]  # of components by name


def as_3_0(document: Schema) -> Schema:
    """Return an OpenAPI 3.1 document as OpenAPI 3.0. The argument is not changed."""
    components = document["components"]["schemas"]
    types = {f"{REFERENCE}{name}": schema["type"] for name, schema in components.items()}
    result: Schema = converted(document, types)
    return result | {"openapi": VERSION}


def finish(result: Schema, generator: SchemaGenerator, request: object, public: bool) -> Schema:
    """Convert the schema. A postprocessing hook of drf-spectacular, after all others."""
    return as_3_0(result)


# For `manage.py spectacular --custom-settings core.schema.openapi30.SETTINGS`.
SETTINGS = {
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "core.schema.finishing.finish",
        "core.schema.openapi30.finish",
    ],
}


def converted(part: Any, types: Types) -> Any:
    """Return a part of the document in the words of 3.0.

    `types` are those of the components, by what refers to them.
    """
    if isinstance(part, list):
        return [converted(inner, types) for inner in part]
    if not isinstance(part, dict):
        return part
    result = {name: converted(inner, types) for name, inner in part.items()}
    if isinstance(result.get("type"), list):
        result |= type_of(result.pop("type"))
    if NULL in result.get("oneOf", ()):
        result |= nullable(result.pop("oneOf"), types)
    if isinstance(result.get("examples"), list):  # of a schema; those of a body are an object
        result["example"] = result.pop("examples")[0]
    return result


def type_of(names: list[str]) -> Schema:
    """Return the words for several types: one of them and null, or anything."""
    others = [name for name in names if name != "null"]
    if len(others) > 1:
        return {}
    return {"type": others[0]} | ({"nullable": True} if "null" in names else {})


def nullable(alternatives: list[Schema], types: Types) -> Schema:
    """Return the words for a component or null. Raise ValueError for other alternatives.

    A reference cannot have other words beside it in 3.0, and `nullable` needs a type beside it.
    """
    (component,) = (schema for schema in alternatives if schema != NULL)
    return {"type": types[component["$ref"]], "nullable": True, "allOf": [component]}
