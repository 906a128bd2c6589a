"""The errors in the schema: the components `Problem` and `FieldError`, and the error responses."""

from collections.abc import Iterable, Sequence
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
            " objects follow after a dot, such as `viewers.0`. It is empty if the body as a whole"
            " is wrong.",
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
    " treat an unknown one by its `status`. The codes are:\n"
    + "\n".join(f"- `{code}` ({kind.status})" for code, kind in CATALOGUE.items()),
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
        "what": {
            "type": "string",
            "description": "With `limit` of an upload: what there is too much of. `unattached`:"
            " photos that nothing shows yet. `photos`: photos in all. `megabytes`: of their files.",
        },
        "counts": {
            "type": "object",
            "additionalProperties": {"type": "integer"},
            "description": "With `goal_not_empty`: how many `todo` and `quick_input` it holds.",
        },
        "path": {
            "type": "string",
            "description": "With `not_found`, if the request's path lacks its slash: the path with"
            " it. Then the request is wrong, and nothing is said about the item.",
        },
        "request_id": {
            "type": "string",
            "description": "The id of the request, as in the header X-Request-ID. The server's log"
            " has it, too.",
        },
    },
}

# Codes that do not depend on the operation. Some come before the path is known, or from a proxy.
OF_EVERY = (
    "bad_request",
    "https_required",
    "method_not_allowed",
    "payload_too_large",
    "unsupported_media_type",
    "parse_error",
    "uri_too_long",
    "headers_too_large",
    "server_error",
    "outcome_unknown",
    "busy",
)
OF_SIGNED_IN = ("not_authenticated", "token_not_valid")
OF_BODIES = ("parse_error", "payload_too_large", "unsupported_media_type")

HEADERS: Schema = {
    "Retry-After": {
        "description": "Seconds to wait before the same request is sent again. This header decides:"
        " a limit of attempts to sign in or up has no other.",
        "schema": {"type": "integer", "minimum": 1},
    },
    "RateLimit-Policy": {
        "description": "The quota: its name, `q` requests at once, and `w` seconds in which it"
        ' fills again, such as `"writes";q=2000;w=1200`.',
        "schema": {"type": "string"},
    },
    "RateLimit": {
        "description": "What is left: `r` requests now, and `t` seconds until the quota is full"
        ' again, such as `"writes";r=0;t=1200`.',
        "schema": {"type": "string"},
    },
}


def codes_of(own: Sequence[str], operation: Schema, *, has_quota: bool) -> list[str]:
    """Return the codes of an operation: its own ones, and those of all operations of its kind."""
    codes = {"invalid", *own}
    if operation.get("security"):
        codes.update(OF_SIGNED_IN)
    if "requestBody" in operation:
        is_json = "application/json" in operation["requestBody"]["content"]
        codes.update(OF_BODIES if is_json else ("payload_too_large",))
    if has_quota:
        codes.add("throttled")
    return [code for code in CATALOGUE if code in codes]  # in the order of the catalogue


def error_responses(codes: Iterable[str]) -> dict[str, Schema]:
    """Return the responses with these codes by status, and the default one for all others."""
    by_status: dict[str, list[str]] = {}
    for code in codes:
        by_status.setdefault(str(CATALOGUE[code].status), []).append(code)
    responses = {status: error_response(of_status) for status, of_status in by_status.items()}
    if "429" in responses:
        responses["429"]["headers"] = {name: header(name) for name in HEADERS}
    return responses | {"default": default_response()}


def error_response(codes: Sequence[str]) -> Schema:
    """Return the response with these codes, which its description explains."""
    return {
        "description": "\n".join(f"- `{code}`: {sentence(code)}" for code in codes),
        "content": {CONTENT_TYPE: {"schema": PROBLEM_REF}},
        "x-codes": list(codes),
    }


def default_response() -> Schema:
    """Return the response for all other codes."""
    common = error_response(OF_EVERY)
    common["description"] = (
        "Any other error. These do not depend on the operation, and later versions may add codes:\n"
        + common["description"]
    )
    common["headers"] = {"Retry-After": header("Retry-After")}
    return common


def header(name: str) -> Schema:
    return {"$ref": f"#/components/headers/{name}"}


def sentence(code: str) -> str:
    """Return the English detail of a code, with the names of its members for their values."""
    return str(CATALOGUE[code].detail).replace("%(limit)s", "`limit`")
