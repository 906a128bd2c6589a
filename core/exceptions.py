"""Conversion of all errors to problem documents (RFC 9457): DRF's, Django's and unexpected ones."""

from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.db import Error
from django.http import Http404, HttpRequest, HttpResponse, UnreadablePostError
from django.urls import is_valid_path
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from rest_framework import exceptions

from core import problems
from core.events import request_id
from core.outages import log_outage, problem_of
from core.problems import RETRY_AFTER
from core.renderers import JSONRenderer
from core.responses import Response

CONTENT_TYPE = "application/problem+json"
# An answer to a bad request is short, however much is wrong with it.
MAX_ERRORS = 20
MAX_NAME = 100  # characters of the name of a field, which may be the client's
MAX_DETAIL = 300  # characters

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
    # The client has hung up, or its body is broken: nobody waits for the answer.
    (UnreadablePostError, "bad_request"),
]


def document_of(code: str, **extra: object) -> dict[str, Any]:
    """Return the problem document of `code` with the id of the request, if there is one."""
    document = problems.body(code, **extra)
    if current := request_id():
        document["request_id"] = current
    return document


def exception_handler(error: Exception, context: Mapping[str, object]) -> Response | None:
    """Return the response to an exception of a view (DRF's EXCEPTION_HANDLER).

    None for unexpected exceptions, so that Django logs them and calls `server_error`.
    """
    if isinstance(error, exceptions.ValidationError):
        errors = list(islice(field_errors(error.detail), MAX_ERRORS))
        document = document_of("invalid", errors=errors)
    elif isinstance(error, problems.Problem):
        document = document_of(error.code, **error.extra)
    else:
        code = next((code for kind, code in _CODES if isinstance(error, kind)), None)
        if code is None:
            return None
        document = document_of(code)
    headers = {}
    if auth_header := getattr(error, "auth_header", None):
        headers["WWW-Authenticate"] = auth_header
    if wait := getattr(error, "wait", None):
        headers["Retry-After"] = str(wait)
    status = document["status"]
    return Response(document, status=status, headers=headers, content_type=CONTENT_TYPE)


def field_error(name: str, text: str | Promise, code: str) -> exceptions.ValidationError:
    """Return a ValidationError with one error of the field or parameter `name`."""
    return exceptions.ValidationError({name: [exceptions.ErrorDetail(str(text), code=code)]})


def field_errors(detail: object, path: str = "") -> Iterator[dict[str, str]]:
    """Yield DRF's nested errors as a flat sequence of {field, code, detail}.

    Indexes of lists are part of the path: `viewers.0`. That of the body as a whole is empty.
    """
    if isinstance(detail, dict):
        for name, inner in detail.items():
            # DRF has errors of the whole under the name NON_FIELD_ERRORS_KEY, which is empty.
            inner_path = path if name == "" else f"{path}.{name}".lstrip(".")
            yield from field_errors(inner, inner_path)
    elif isinstance(detail, list):
        nested = any(isinstance(inner, (dict, list)) for inner in detail)
        for index, inner in enumerate(detail):
            yield from field_errors(inner, f"{path}.{index}".lstrip(".") if nested else path)
    else:
        code = getattr(detail, "code", "invalid")
        yield {
            "field": path[:MAX_NAME],
            "code": code,
            "detail": str(detail)[:MAX_DETAIL],
        }


def problem_response(code: str, **headers: str) -> HttpResponse:
    """Return a problem document outside of DRF's views."""
    return document_response(document_of(code), **headers)


def document_response(document: dict[str, Any], **headers: str) -> HttpResponse:
    return HttpResponse(
        JSONRenderer().render(document),
        status=document["status"],
        content_type=CONTENT_TYPE,
        headers=headers,
    )


# Django's error handlers, named in todomate.urls


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return problem_response("bad_request")


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    return problem_response("permission_denied")


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Refuse a form of the admin that fails the CSRF check. The API does not use cookies."""
    return problem_response("permission_denied")


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer 404, and say so if only the slash at the end of the path is missing.

    There is no redirect: it would turn a POST into a GET, and lose its body. The member `path`
    tells clients that the item is not gone.
    """
    path = f"{request.path_info}/"
    is_routed = is_valid_path(request.path_info)  # then its view has found nothing
    if is_routed or path.endswith("//") or not is_valid_path(path):
        return problem_response("not_found")
    detail = _("This path ends with a slash: %(path)s") % {"path": path}
    return document_response(document_of("not_found", detail=detail, path=path))


def server_error(request: HttpRequest) -> HttpResponse:
    return problem_response("server_error")


def outage_response(request: HttpRequest, error: Exception) -> HttpResponse | None:
    """Return the answer to a database error outside of the API's views, and log it in one line.

    None for another error.
    """
    problem = problem_of(error) if isinstance(error, Error) else None
    if problem is None:
        return None
    response = problem_response(problem.code, **{"Retry-After": str(RETRY_AFTER)})
    log_outage(request, response, error)
    return response
