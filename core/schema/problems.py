"""The errors in the schema: the components `Problem` and `FieldError`, and the error responses."""

from typing import Any

from core.exceptions import CONTENT_TYPE, MAX_DETAIL, MAX_ERRORS, MAX_NAME
from core.problems import CATALOGUE

type Schema = dict[str, Any]  # an object of OpenAPI

PROBLEM_REF = {"$ref": "#/components/schemas/Problem"}

FIELD_ERROR: Schema = {
    "type": "object",
    "description": "What is wrong with one field of the body, or with one parameter.",
    "required": ["field", "code", "detail"],
    "properties": {
        "field": {
            "type": "string",
            "maxLength": MAX_NAME,
            "description": "The name of the field or parameter. Items of lists and fields of nested"
            " objects follow after a dot, such as `viewers.0`.",
        },
        "code": {
            "type": "string",
            "description": "The kind of error, such as `required`. It never changes, but later"
            " versions may add codes.",
        },
        "detail": {
            "type": "string",
            "maxLength": MAX_DETAIL,
            "description": "A sentence for the person, in Korean or English, depending on"
            " Accept-Language.",
        },
    },
}

PROBLEM: Schema = {
    "type": "object",
    "description": "An error in the format of RFC 9457. Decide by `code` what to do, and show"
    " `detail` to the person. Every operation lists its own codes. Later versions may add codes, so"
    " treat an unknown one by its `status`. The codes are: "
    + ", ".join(f"`{code}`" for code in CATALOGUE)
    + ".",
    "required": ["type", "title", "status", "detail", "code"],
    "properties": {
        "type": {
            "type": "string",
            "format": "uri",
            "description": "The code as a URI: `urn:todomate:problem:` and the code.",
        },
        "title": {
            "type": "string",
            "description": "A short heading in Korean or English, depending on Accept-Language.",
        },
        "status": {"type": "integer", "description": "The HTTP status of the response."},
        "detail": {
            "type": "string",
            "description": "A sentence for the person, in Korean or English, depending on"
            " Accept-Language.",
        },
        "code": {"type": "string", "description": "The kind of error. It never changes."},
        "errors": {
            "type": "array",
            "maxItems": MAX_ERRORS,
            "items": {"$ref": "#/components/schemas/FieldError"},
            "description": f"With `invalid`: what is wrong, at most {MAX_ERRORS} errors.",
        },
        "existing": {
            "type": ["string", "null"],
            "format": "uuid",
            "description": "With `duplicate`: the id of the caller's item that is there already;"
            " null if it is somebody else's.",
        },
        "limit": {"type": "integer", "description": "With `limit`: the number that is allowed."},
        "request_id": {
            "type": "string",
            "description": "The id of the request, as in the header X-Request-ID. The server's log"
            " has it, too.",
        },
    },
}

DEFAULT: Schema = {
    "description": "Any other error, such as `server_error` (500), `busy` or `outcome_unknown`"
    " (503), and codes that later versions add.",
    "content": {CONTENT_TYPE: {"schema": PROBLEM_REF}},
}


def error_response(status: int) -> Schema:
    """Return the response object that names all codes with this status."""
    codes = [code for code, problem_type in CATALOGUE.items() if problem_type.status == status]
    return {
        "description": ", ".join(f"`{code}`" for code in codes),
        "content": {CONTENT_TYPE: {"schema": PROBLEM_REF}},
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
