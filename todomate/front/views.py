"""The API's root, its schema and its health, open to everyone."""

from functools import lru_cache

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request

from core.fields import ChoiceField
from core.problems import Problem
from core.responses import Response
from core.views import OpenView, problem_answer, read_parameter
from todomate.front import openapi
from todomate.front.conditions import unless_current
from todomate.front.documents import etag_of
from todomate.front.health import is_ready
from todomate.front.serializers import (
    ANONYMOUS_READING,
    FEATURES,
    LIMITS,
    PHOTO_LIMITS,
    HealthSerializer,
    RootSerializer,
)

# The root changes with the settings only, so its hash is computed once.
root_etag = lru_cache(maxsize=4)(etag_of)


def features() -> tuple[str, ...]:
    """Return the names of the features that this server has."""
    return (*FEATURES, ANONYMOUS_READING) if settings.ANONYMOUS_READING else FEATURES


def limits() -> dict[str, int]:
    """Return the limits of one account on this server."""
    return LIMITS | {name: settings.PHOTO_LIMITS[key] for name, key in PHOTO_LIMITS.items()}


class RootView(OpenView):
    operation_ids = {"GET": "get_server"}

    @extend_schema(responses=RootSerializer)
    def get(self, request: Request) -> HttpResponseBase:
        """Return the server's version, features and limits."""
        body = {
            "name": "TodoMate",
            "version": settings.VERSION,
            "api": "v1",
            "features": features(),
            "limits": limits(),
            "sign_ups": settings.SIGN_UP,
        }
        response = Response(body, headers={"Cache-Control": "no-cache"})
        return unless_current(request._request, response, root_etag(response.content))


class LiveView(OpenView):
    has_quota = False
    operation_ids = {"GET": "get_health_live"}

    @extend_schema(responses=HealthSerializer)
    def get(self, request: Request) -> Response:
        """Return 200 if the process is running."""
        return Response({"status": "ok"})


class ReadyView(OpenView):
    has_quota = False
    operation_ids = {"GET": "get_health_ready"}
    logs_outages = False

    @extend_schema(responses=HealthSerializer)
    def get(self, request: Request) -> HttpResponseBase:
        """Return 200 if the database can be used and is migrated, 503 otherwise."""
        if is_ready():
            return Response({"status": "ok"})
        response = problem_answer(Problem("busy"))
        response._has_been_logged = True  # type: ignore[attr-defined]  # by Django's log_response
        return response


class SchemaView(OpenView):
    """The schema as JSON, or as YAML by ?format=yaml or the Accept header.

    It is OpenAPI 3.1, or 3.0 by ?version=3.0.
    """

    schema = None
    parameters = {"get": ("format", "version")}

    def get(self, request: Request) -> HttpResponseBase:
        form = read_parameter(request, "format", ChoiceField(["json", "yaml"]))
        version = read_parameter(request, "version", ChoiceField(["3.0", "3.1"]))
        form = form or self.accepted_format(request._request)
        document = openapi.document(form, version or "3.1")
        return document.answer(request._request, {"Vary": "Accept"})

    @staticmethod
    def accepted_format(request: HttpRequest) -> str:
        accept = request.headers.get("Accept", "")
        return "yaml" if "yaml" in accept and "json" not in accept else "json"
