"""Lists: the query of each is kept (core.ready), and its rows are shown by a projection where there is one.

A viewset needs nothing for it. Its `get_queryset` and its filters run once for each form of a list, with a stand-in for
the request that knows who asks (but not as a value), which parameters are there and what they were cleaned to. Whatever
else they look at makes the list run the ordinary way.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any
from weakref import WeakKeyDictionary

from rest_framework import mixins
from rest_framework.request import Request

from core.filters import FieldFilter, FilterBackend, is_quick
from core.pagination import KeysetPagination
from core.projection import projection_of, python_value
from core.ready import Plan, Plans
from core.responses import Response
from core.tracing import LookedAt, Unknown
from core.views import GenericViewSet


class Names(Mapping[str, str]):
    """Query parameters of which one may know whether they are there."""

    def __init__(self, names: Sequence[str]) -> None:
        self.names = names

    def __contains__(self, name: object) -> bool:
        return name in self.names

    def __getitem__(self, name: str) -> str:
        raise LookedAt(name)

    def __iter__(self) -> Iterator[str]:
        raise LookedAt

    def __len__(self) -> int:
        raise LookedAt


class Asked:
    """Stands for the request while the query of a list is built."""

    def __init__(self, request: Request, user: Any, values: Mapping[str, Any]) -> None:
        self.method, self.user = request.method, user
        self.query_params = Names(list(request.query_params))
        self.filter_values = values

    def __getattr__(self, name: str) -> Any:
        raise LookedAt(name)


# What DRF itself sets on a viewset; the rest is of one request.
DRFS_OWN = {"action", "action_map", "basename", "description", "detail", "format_kwarg", "headers", "name", "suffix"}
# Where a viewset's own goes before a kept query's.
HOOKS = ("paginate_queryset", "get_serializer", "get_serializer_context")


class OfOneRequest(Unknown):
    """What a view holds of one request: not even the ORM can take it."""

    def __init__(self) -> None:
        super().__init__(lambda _: None)

    def resolve_expression(self, *args: Any, **kwargs: Any) -> Any:
        raise LookedAt


class Shape:
    """What the lists of a viewset's action have in common."""

    def __init__(self, view: Any) -> None:
        self.plans = Plans()
        self.filterset: Any = getattr(view, "filterset_class", None) if view.action == "list" else None
        self.model: Any = getattr(view.queryset, "model", None)
        # Whether pages, filters and hooks are ours; another's know nothing of kept queries.
        self.is_ours = (
            self.model is not None
            and type(view.paginator) is KeysetPagination
            and list(view.filter_backends) == [FilterBackend]
            and (self.filterset is None or is_quick(self.filterset))
            and all(getattr(type(view), hook) is getattr(GenericViewSet, hook) for hook in HOOKS)
        )
        self.projection = self.projection_for(view.get_serializer_class()) if self.is_ours else None

    @staticmethod
    def projection_for(serializer_class: Any) -> Any:
        try:
            return projection_of(serializer_class([], many=True).child)
        except (LookedAt, Exception):  # it cannot be made without a request, so it depends on one
            return None

    def form_of(self, values: Mapping[str, Any]) -> Any:
        """All that the query's form depends on."""
        return tuple((name, self.part_of_form(name, value)) for name, value in values.items() if value is not None)

    def part_of_form(self, name: str, value: Any) -> Any:
        item = self.filterset.base_filters[name]
        return None if isinstance(item, FieldFilter) and item.one_form else value


class ListModelMixin(mixins.ListModelMixin):
    """DRF's, with kept queries."""

    _shapes: WeakKeyDictionary[type, dict[Any, Shape]] = WeakKeyDictionary()

    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        shape = self.shape()
        if not shape.is_ours:
            return super().list(request, *args, **kwargs)  # type: ignore[return-value]  # DRF's own
        return self.page_of(KeptList(self, shape))

    def list_of(self, build: Callable[..., Any], *values: Any) -> Response:
        """A page of the QuerySet that `build` makes of these values, for an action that is a list of its own."""
        return self.page_of(KeptList(self, self.shape(), build, values))

    def shape(self) -> Shape:
        view: Any = self
        match = view.request._request.resolver_match
        route = match.func if match else None  # what `as_view` was given is the route's
        shapes, form = self._shapes.setdefault(type(self), {}), (route, view.action, view.get_serializer_class())
        if form not in shapes:
            shapes[form] = Shape(view)
        return shapes[form]

    def page_of(self, kept: "KeptList") -> Response:
        return self.get_paginated_response(kept.page())  # type: ignore[attr-defined,no-any-return]  # a mixin of a viewset


class KeptList:
    """One request for a list."""

    def __init__(
        self, view: Any, shape: Shape, rows: Callable[..., Any] | None = None, given: Sequence[Any] = ()
    ) -> None:
        self.view, self.shape, self.request = view, shape, view.request
        self.rows, self.given = rows, given
        if rows is not None and getattr(rows, "__closure__", None):
            raise TypeError("What makes a list of values is given all of them, and holds none.")
        self.filters = shape.filterset.clean(view.request.query_params) if shape.filterset else {}
        view.paginator.read_request(view.request, view.ordering, shape.model)

    def page(self) -> Any:
        """What its rows show."""
        paginator, shape = self.view.paginator, self.shape
        named = [*self.view.kwargs.values(), *self.asked().values(), *self.given]
        values = [self.request.user, *named, *(paginator.key or ())]
        names, code = tuple(sorted(self.request.query_params)), getattr(self.rows, "__code__", self.rows)
        form = shape.form_of(self.filters), names, code, paginator.ordering, paginator.size, paginator.backwards
        plan = shape.plans.get(shape.model, form, values, self.build, self.ordinary)
        if shape.projection is None:
            page = paginator.page_of(plan.read(values), paginator.key_of)
            return self.view.get_serializer(page, many=True).data
        key_of = plan.kept("order", lambda: self.key_reader(plan))
        rows = paginator.page_of(list(plan.fetch(values)), key_of)
        return shape.projection.rows(plan, rows, self.request.user.pk)

    def asked(self) -> dict[str, Any]:
        """The filters whose values are not part of the form."""
        named = {name: value for name, value in self.filters.items() if value is not None}
        return {name: value for name, value in named.items() if self.shape.part_of_form(name, value) is None}

    def build(self, user: Any, *values: Any) -> Any:
        """The query, for values or for what stands for them."""
        given = iter(values)
        view = self.bare_view()
        view.kwargs = {name: next(given) for name in self.view.kwargs}
        view.request = Asked(self.request, user, self.filters | {name: next(given) for name in self.asked()})
        rows = self.rows(user, *[next(given) for _ in self.given]) if self.rows else view.get_queryset()
        return self.query(view, rows, list(given))

    def bare_view(self) -> Any:
        """The view without what it holds of this request."""
        match = self.request._request.resolver_match
        lasting = DRFS_OWN | set(getattr(match.func, "initkwargs", ()) if match else ())
        view = object.__new__(type(self.view))
        for name, value in vars(self.view).items():
            setattr(view, name, value if name in lasting else OfOneRequest())
        return view

    def ordinary(self, *_: Any) -> Any:
        """The query as the view itself makes it."""
        rows = self.rows(self.request.user, *self.given) if self.rows else self.view.get_queryset()
        return self.query(self.view, rows, self.view.paginator.key)

    def query(self, view: Any, rows: Any, key: Any) -> Any:
        # An action that is a list of its own has no filters.
        filtered = view.filter_queryset(rows) if self.rows is None or self.shape.filterset else rows
        queryset = self.view.paginator.window(filtered, key or None)
        return queryset if self.shape.projection is None else queryset.values_list(*self.columns())

    def columns(self) -> list[str]:
        """What is shown, and what else it is ordered by."""
        shown = self.shape.projection.paths  # type: ignore[union-attr]  # there is one
        return [*shown, *(path for path in self.order() if path not in shown)]

    def order(self) -> list[str]:
        return [name.lstrip("-") for name in self.view.ordering]

    def key_reader(self, plan: Plan) -> Callable[[Sequence[Any]], list[Any]]:
        """What reads the values that a row is ordered by."""
        columns = self.columns()
        places = [columns.index(path) for path in self.order()]
        sources = [(at, python_value(plan.columns[at], plan.alias)) for at in places]

        def key_of(row: Sequence[Any]) -> list[Any]:
            return [row[at] if convert is None else convert(row[at]) for at, convert in sources]

        return key_of
