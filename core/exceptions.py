"""Every error leaves as problem+json: what DRF raises, what Django raises, and what nobody foresaw."""

from collections.abc import Iterator
from typing import Any

from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.http import Http404, HttpRequest, HttpResponse
from rest_framework import exceptions

from core import problems
from core.renderers import JSONRenderer
from core.responses import Response

CONTENT_TYPE = "application/problem+json"
NON_FIELD = "non_field_errors"

_CODES: list[tuple[type[Exception], str]] = [
    (Http404, "not_found"),
    (exceptions.NotFound, "not_found"),
    (PermissionDenied, "permission_denied"),
    (exceptions.PermissionDenied, "permission_denied"),
    (exceptions.NotAuthenticated, "not_authenticated"),
    (exceptions.AuthenticationFailed, "token_not_valid"),
    (exceptions.ParseError, "parse_error"),
    (exceptions.MethodNotAllowed, "method_not_allowed"),
    (exceptions.UnsupportedMediaType, "unsupported_media_type"),
    (RequestDataTooBig, "payload_too_large"),
]


def exception_handler(error: Exception, context: dict[str, Any]) -> Response | None:
    """DRF's hook. None for what nobody foresaw, so that it is logged and answered by `server_error` below."""
    if isinstance(error, exceptions.ValidationError):
        document = problems.body("invalid", errors=list(field_errors(error.detail)))
    elif isinstance(error, problems.Problem):
        document = problems.body(error.code, **error.extra)
    else:
        code = next((code for kind, code in _CODES if isinstance(error, kind)), None)
        if code is None:
            return None
        document = problems.body(code)
    headers = {}
    if auth_header := getattr(error, "auth_header", None):
        headers["WWW-Authenticate"] = auth_header
    if wait := getattr(error, "wait", None):
        headers["Retry-After"] = str(wait)
    return Response(document, status=document["status"], headers=headers, content_type=CONTENT_TYPE)


def field_errors(detail: Any, path: str = "") -> Iterator[dict[str, str]]:
    """DRF's nested errors as a flat list of {field, code, detail}; places in lists are part of the path: viewers.0."""
    if isinstance(detail, dict):
        for name, inner in detail.items():
            yield from field_errors(
                inner, path if name == NON_FIELD else f"{path}.{name}".lstrip(".")
            )
    elif isinstance(detail, list) and any(isinstance(inner, (dict, list)) for inner in detail):
        for index, inner in enumerate(detail):
            yield from field_errors(inner, f"{path}.{index}".lstrip("."))
    elif isinstance(detail, list):
        for inner in detail:
            yield from field_errors(inner, path)
    else:
        yield {
            "field": path or NON_FIELD,
            "code": getattr(detail, "code", "invalid"),
            "detail": str(detail),
        }


def problem_response(code: str, **headers: str) -> HttpResponse:
    """The answer where no DRF view is at work."""
    document = problems.body(code)
    return HttpResponse(
        JSONRenderer().render(document),
        status=document["status"],
        content_type=CONTENT_TYPE,
        headers=headers,
    )


# Django's handlers, named in todomate.urls


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return problem_response("bad_request")


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    return problem_response("permission_denied")


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """For forms of the admin that come from elsewhere, or too late. The API has no cookies to protect."""
    return problem_response("permission_denied")


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return problem_response("not_found")


def server_error(request: HttpRequest) -> HttpResponse:
    return problem_response("server_error")
