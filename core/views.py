"""Base classes of all views.

They refuse unknown parameters, and run each write in a transaction that is retried after a
deadlock.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from functools import partial
from typing import Any, ClassVar
from uuid import UUID

from django.db import Error
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers, views, viewsets
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import APIException, ErrorDetail, MethodNotAllowed
from rest_framework.permissions import SAFE_METHODS, AllowAny
from rest_framework.request import Request
from rest_framework.response import Response

from core import (
    converters,  # noqa: F401  # registers <id:…> and <day:…> for the routers
    quotas,
)
from core.deprecation import Deprecation
from core.events import client_address
from core.exceptions import exception_handler
from core.outages import log_outage, problem_of
from core.pictures import answering
from core.problems import Crowded, Problem
from core.replicas.routing import route_read, route_write
from core.serializers import Serializer
from core.transactions import retry_if_disconnected, run_write
from core.turns import take_turn
from core.waiting import limited_waits

PAGE = ("cursor", "page_size")
# Parameters of lists that look for texts or names.
SEARCHES = ("q", "handle")
type Respond = Callable[[], HttpResponseBase]


def read_parameter(request: Request, name: str, field: serializers.Field) -> Any:
    """Return a query parameter as `field` validates it, or None if it is not given.

    Raise ValidationError with the name of the parameter.
    """
    text = request.query_params.get(name)
    if text is None:
        return None
    try:
        return field.run_validation(text)
    except serializers.ValidationError as error:
        raise serializers.ValidationError({name: error.detail}) from error


def problem_answer(error: Problem | Error) -> HttpResponseBase:
    """Return the answer to a problem or an outage of the database. Raise other errors."""
    problem = error if isinstance(error, Problem) else problem_of(error)
    response = None if problem is None else exception_handler(problem, {})
    if response is None:
        raise error
    return response


def refuse_encoded(request: HttpRequest) -> None:
    """Raise Problem for a compressed body: its size is known only when it is too late."""
    content = request.META.get("HTTP_CONTENT_ENCODING", "").lower().split(",")
    transfer = request.META.get("HTTP_TRANSFER_ENCODING", "").lower().split(",")
    if {word.strip() for word in content + transfer} - {"", "identity", "chunked"}:
        raise Problem(
            "unsupported_media_type",
            title=_("Send it uncompressed"),
            detail=_("Send the request body uncompressed, without Content-Encoding."),
        )


class StrictView(views.APIView):
    """The base of every view."""

    http_method_names = ["get", "head", "post", "put", "patch", "delete"]
    # False if an error must not roll back what was written: a stolen token ends its session.
    atomic_writes: ClassVar[bool] = True
    # False if the view logs them itself.
    logs_outages: ClassVar[bool] = True
    # Query parameters by action, or by method in lower case if the view has no actions. Those of
    # a list's pagination and filters are added.
    parameters: ClassVar[Mapping[str, Collection[str]]] = {}
    # Actions that accept only an empty body. DELETE never accepts another one.
    bodyless: ClassVar[Collection[str]] = ()
    # Whether GET answers readers without an account, too (accounts/credentials/views.py).
    is_open_to_readers: ClassVar[bool] = False
    # False for checks by machines, which nothing may refuse.
    has_quota: ClassVar[bool] = True
    # What will be removed, by action or method in lower case as in `parameters`.
    deprecations: ClassVar[Mapping[str, Deprecation]] = {}
    # Actions with a quota of another name than `writes`.
    quota_names: ClassVar[Mapping[str, str]] = {}

    def dispatch(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        """Read from a replica if possible, write in a transaction; wait for a limited time."""
        respond = partial(super().dispatch, request, *args, **kwargs)
        error: Exception = Problem("busy")
        with limited_waits(), answering(request):
            try:
                if request.method in SAFE_METHODS:
                    response = retry_if_disconnected(partial(self._read, respond))
                else:
                    response = self._write(respond)
            except (Problem, Error) as raised:
                error = raised
                response = problem_answer(raised)
        is_logged = getattr(response, "_has_been_logged", False)
        if response.status_code == 503 and self.logs_outages and not is_logged:
            log_outage(request, response, error.__cause__ or error)
        return response

    @staticmethod
    def _read(respond: Respond) -> HttpResponseBase:
        return route_read(respond, retry_if=lambda response: response.status_code in (403, 404))

    def _write(self, respond: Respond) -> HttpResponseBase:
        if not self.atomic_writes:
            return route_write(respond)
        write = partial(
            run_write,
            respond,
            failed=lambda response: response.status_code >= 400,
            may_repeat=self.may_repeat,
        )
        return route_write(write)

    def may_repeat(self) -> bool:
        """Return whether the request does the same when it is run twice.

        All writes do, except creating a row whose id the server makes.
        """
        if getattr(self, "action", None) != "create":
            return True
        return isinstance(self.request.data, dict) and bool(self.request.data.get("id"))

    def initial(self, request: Request, *args: object, **kwargs: object) -> None:
        """Check the method and the body's size before authentication, the parameters after it."""
        method = (request.method or "").lower()
        if method not in self.http_method_names or not hasattr(self, method):
            raise MethodNotAllowed(request.method or "")
        self.has_body(request)
        super().initial(request, *args, **kwargs)
        is_write = method not in ("get", "head")
        if is_write and request.user is not None and self.takes_turn(request):
            take_turn(request.user.pk)
        self.check_parameters(request)
        is_bodyless = method == "delete" or getattr(self, "action", None) in self.bodyless
        if is_bodyless and request._request.body:
            Serializer(data=request.data).is_valid(raise_exception=True)

    def has_body(self, request: Request) -> bool:
        """Return whether the request has a body. Raise Problem for one that cannot be accepted.

        It reads the body, which is limited in size (413), and keeps it for a second try.
        """
        if not request._request.body:
            return False
        refuse_encoded(request._request)
        return True

    def takes_turn(self, request: Request) -> bool:
        """Return whether a write takes one of the person's turns from its beginning."""
        return True

    def perform_authentication(self, request: Request) -> None:
        """Count the request, as nobody's if it is refused."""
        try:
            super().perform_authentication(request)
        except APIException:
            self.count(request, None, "anonymous")
            raise
        person: UUID | None = getattr(request.user, "uuid", None)
        name = self.quota_of(request) if person else self.quota_without_person(request)
        self.count(request, person, name)

    def count(self, request: Request, person: UUID | None, name: str) -> None:
        """Count the request. Raise Throttled if the person or the network has no quota left.

        A request counts once, even if it runs again after a deadlock or on the primary.
        """
        django_request: Any = request._request
        if not self.has_quota or hasattr(django_request, "quota_level"):
            return
        level = django_request.quota_level = quotas.take(name, person, client_address)
        if level is not None:
            quotas.require(level)

    def handle_exception(self, exc: Exception) -> Response:
        """Answer an exception. That too many want the same at once is no outage, so not logged."""
        response: Response = super().handle_exception(exc)
        if isinstance(exc, Crowded):
            response._has_been_logged = True  # type: ignore[attr-defined]  # as in core/outages.py
        return response

    def quota_without_person(self, request: Request) -> str:
        """Return the name of the quota of a request without a signed-in person."""
        return "anonymous"

    def quota_of(self, request: Request) -> str:
        """Return the name of the quota of a signed-in person's request."""
        if request.method in SAFE_METHODS:
            return "reads" if request.query_params.keys().isdisjoint(SEARCHES) else "searches"
        return self.quota_names.get(getattr(self, "action", None) or "", "writes")

    def finalize_response(
        self, request: Request, response: Any, *args: object, **kwargs: object
    ) -> Response:
        """Add the headers of the quota that the request counted for, and of a deprecation."""
        answer = super().finalize_response(request, response, *args, **kwargs)
        level = getattr(request._request, "quota_level", None)
        # What is left of the quota says nothing about attempts that are refused by another limit.
        if level and (level.wait or answer.status_code != 429):
            for name, value in level.headers.items():
                answer.headers[name] = value
        if self.deprecations and (deprecation := self.deprecations.get(self.called)):
            for name, value in deprecation.headers.items():
                answer.headers[name] = value
        return answer

    @property
    def called(self) -> str:
        """Return the action, or the method in lower case if the view has no actions.

        HEAD is called get: what is said about one holds for both.
        """
        method = (self.request.method or "").lower()
        return getattr(self, "action", None) or ("get" if method == "head" else method)

    def check_parameters(self, request: Request) -> None:
        """Raise ValidationError for unknown and repeated query parameters."""
        if not request.query_params:
            return
        allowed = self.allowed_parameters()
        errors: dict[str, list[ErrorDetail]] = {}
        for name, values in request.query_params.lists():
            if name not in allowed:
                text = str(_("There is no parameter with this name."))
                errors[name] = [ErrorDetail(text, code="unknown_parameter")]
            elif len(values) > 1:
                text = str(_("This parameter was given more than once."))
                errors[name] = [ErrorDetail(text, code="repeated")]
        if errors:
            raise serializers.ValidationError(errors)

    def read_body(self, serializer_class: type[serializers.BaseSerializer]) -> dict[str, Any]:
        """Return the validated values of the request's body. Raise ValidationError."""
        body = serializer_class(data=self.request.data, context={"request": self.request})
        body.is_valid(raise_exception=True)
        values: dict[str, Any] = body.validated_data
        return values

    def allowed_parameters(self) -> Collection[str]:
        """Return the names of the query parameters of the current action or method."""
        action = self.called
        allowed = set(self.parameters.get(action, ()))
        if action == "list":
            allowed.update(PAGE)
            if filterset_class := getattr(self, "filterset_class", None):
                allowed.update(filterset_class.base_filters)
        return allowed


class OpenView(StrictView):
    """A view for everyone, signed in or not. An invalid token is ignored."""

    authentication_classes: Sequence[type[BaseAuthentication]] = ()
    permission_classes = (AllowAny,)


class GenericViewSet(StrictView, viewsets.GenericViewSet[Any]):
    """The base of every viewset."""

    # Field paths by which lists are ordered; the last one is unique.
    ordering: ClassVar[tuple[str, ...]] = ("id",)
    lookup_value_converter = "id"
    # The nouns of its operationIds: create_todo, list_todos.
    singular: ClassVar[str] = ""
    plural: ClassVar[str] = ""
