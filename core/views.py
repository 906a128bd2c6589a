"""What every view of the API does: refuse unknown parameters; write in one transaction, again after a deadlock."""

from collections.abc import Collection, Iterable, Mapping
from functools import cache
from typing import Any, ClassVar

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers, views, viewsets
from rest_framework.exceptions import ErrorDetail, MethodNotAllowed
from rest_framework.permissions import SAFE_METHODS, AllowAny
from rest_framework.request import Request

from core import converters  # noqa: F401  # makes <id:…> and <day:…> known to the routers
from core.problems import Problem
from core.replicas.routing import run_marked, run_read
from core.serializers import Serializer
from core.transactions import run_write

STATELESS = {"rest_framework", "core", "accounts"}
PAGE = ("cursor", "page_size")


def read_parameter(
    request: Request, name: str, field: serializers.Field[Any, Any, Any, Any]
) -> Any:
    """A query parameter as `field` reads it; None when it is not there. Raises ValidationError that names it."""
    text = request.query_params.get(name)
    if text is None:
        return None
    try:
        return field.run_validation(text)
    except serializers.ValidationError as error:
        raise serializers.ValidationError({name: error.detail}) from error


@cache
def the_one(kind: Any) -> Any:
    return kind()


def one_of_each(classes: Iterable[Any]) -> list[Any]:
    """What DRF makes anew for each request: parsers, permissions and the like. Those known here hold nothing of one."""
    return [
        the_one(kind) if kind.__module__.partition(".")[0] in STATELESS else kind()
        for kind in classes
    ]


class StrictView(views.APIView):
    """The base of every view."""

    http_method_names = ["get", "head", "post", "put", "patch", "delete"]
    # False where an error must not undo what was written, as when a stolen token ends its session.
    atomic_writes: ClassVar[bool] = True
    # Query parameters of each action (of each method in lower case, where there are no actions), lists' filters aside.
    parameters: ClassVar[Mapping[str, Collection[str]]] = {}
    # Actions whose body, if one is sent, must be empty; DELETE is always one.
    bodyless: ClassVar[Collection[str]] = ()

    # Made once

    def get_renderers(self) -> list[Any]:
        return one_of_each(self.renderer_classes)

    def get_parsers(self) -> list[Any]:
        return one_of_each(self.parser_classes)

    def get_authenticators(self) -> list[Any]:
        return one_of_each(self.authentication_classes)

    def get_permissions(self) -> list[Any]:
        return one_of_each(self.permission_classes)

    def get_content_negotiator(self) -> Any:
        return one_of_each((self.content_negotiation_class,))[0]

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        def answer() -> HttpResponseBase:
            return super(StrictView, self).dispatch(request, *args, **kwargs)

        if request.method in SAFE_METHODS:
            return run_read(answer, doubtful=lambda response: response.status_code in (403, 404))
        if not self.atomic_writes:
            return run_marked(answer)
        try:
            return run_marked(
                lambda: run_write(answer, failed=lambda response: response.status_code >= 400)
            )
        except Problem as problem:
            response = self.handle_exception(problem)
            return self.finalize_response(self.request, response, *args, **kwargs)

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        method = (request.method or "").lower()
        if method not in self.http_method_names or not hasattr(self, method):
            raise MethodNotAllowed(
                request.method or ""
            )  # said first: who asks and with what is no matter then
        request._request.body  # noqa: B018  # read once, bounded (413), kept for a second try
        super().initial(request, *args, **kwargs)
        self.check_parameters(request)
        if request._request.body and (
            method == "delete" or getattr(self, "action", None) in self.bodyless
        ):
            Serializer(data=request.data).is_valid(raise_exception=True)

    def check_parameters(self, request: Request) -> None:
        if not request.query_params:
            return
        allowed = self.allowed_parameters()
        errors: dict[str, list[ErrorDetail]] = {}
        for name, values in request.query_params.lists():
            if name not in allowed:
                errors[name] = [
                    ErrorDetail(
                        str(_("There is no parameter with this name.")), code="unknown_parameter"
                    )
                ]
            elif len(values) > 1:
                errors[name] = [
                    ErrorDetail(str(_("This parameter was given more than once.")), code="repeated")
                ]
        if errors:
            raise serializers.ValidationError(errors)

    def read_body(self, serializer_class: type[serializers.BaseSerializer[Any]]) -> dict[str, Any]:
        """Return the validated values of the request's body. Raise ValidationError."""
        body = serializer_class(data=self.request.data, context={"request": self.request})
        body.is_valid(raise_exception=True)
        values: dict[str, Any] = body.validated_data
        return values

    def allowed_parameters(self) -> Collection[str]:
        action = getattr(self, "action", None) or (self.request.method or "").lower()
        allowed = set(self.parameters.get(action, ()))
        if action == "list":
            allowed.update(PAGE)
            if filterset_class := getattr(self, "filterset_class", None):
                allowed.update(filterset_class.base_filters)
        return allowed


class OpenView(StrictView):
    """A view for everyone, signed in or not; an invalid token is ignored."""

    authentication_classes: Any = ()
    permission_classes: Any = (AllowAny,)


class GenericViewSet(StrictView, viewsets.GenericViewSet[Any]):
    """The base of every viewset; `ordering` are the field paths of its lists, the last one unique."""

    ordering: ClassVar[tuple[str, ...]] = ("id",)
    lookup_value_converter = "id"
    # The words of its operationIds: list_todos, create_todo, …
    singular: ClassVar[str] = ""
    plural: ClassVar[str] = ""
