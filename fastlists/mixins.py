"""The list action of a viewset: its query is compiled and its rows are projected."""

import logging
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from types import FunctionType
from typing import Any

from django.db.models import QuerySet
from rest_framework import mixins
from rest_framework.request import Request

from fastlists.compiling import CompiledQuery, QueryCache, is_on
from fastlists.pages import PageLimit, limit_of
from fastlists.projection import (
    NotProjectable,
    Projection,
    SerializerProjection,
    projection_of,
    python_values,
    render,
    viewer_key_of,
)

logger = logging.getLogger(__name__)
Rows = Sequence[dict[str, Any]]
ListQuery = Callable[..., QuerySet[Any, Any]]


class ListSpec:
    """The parts of a list that all requests share: its compiled queries and its projection."""

    def __init__(
        self, query: ListQuery, serializer_class: type[Any], ordering: Sequence[str]
    ) -> None:
        require_pure(query)
        self.cache = QueryCache()
        self._limits: dict[tuple[int, int], PageLimit | None] = {}
        self.order = [name.lstrip("-") for name in ordering]
        self.columns: list[str] = []  # none, if the rows cannot be projected
        self.projection: Projection | SerializerProjection | None
        try:
            self.projection = projection_of(serializer_class)
        except NotProjectable as reason:
            logger.debug("%s", reason)
            self.projection = None
            return
        # The columns that are shown, and the others by which the rows are ordered.
        paths = self.projection.paths
        self.columns = [*paths, *(path for path in self.order if path not in paths)]

    def limit_for(self, paginator: Any) -> PageLimit | None:
        """Return the limit of pages of the requested size, which are the same for all requests."""
        if not hasattr(paginator, "max_bytes"):
            return None
        key = paginator.size, paginator.max_bytes
        if key not in self._limits:
            self._limits[key] = limit_of(paginator, self.projection)
        return self._limits[key]

    def key_reader(self, query: CompiledQuery) -> Callable[[Any], list[Any]]:
        """Return a function that extracts the ordering values from a database row."""
        return python_values(query, [self.columns.index(path) for path in self.order])


def require_pure(query: ListQuery) -> None:
    """Raise TypeError unless `query` is the same function for each request.

    One that is made during a request could hide that request's values from the compiled query.
    """
    function = getattr(query, "__func__", query)
    is_method_of_instance = not isinstance(getattr(query, "__self__", type), type)
    if (
        not isinstance(function, FunctionType)
        or "<locals>" in function.__qualname__
        or is_method_of_instance
    ):
        raise TypeError(
            f"{query!r} cannot be the query of a list. It must be a function of a module, or a "
            "static method or class method, and get every value as an argument."
        )


def _page_of(
    paginator: Any,
    pairs: list[tuple[Any, dict[str, Any]]],
    key_of: Callable[[Any], Any],
    *,
    has_more: bool,
) -> Rows:
    """Return the shown parts of these pairs in the order of the page, and set its links."""
    page = paginator.page_of(pairs, lambda pair: key_of(pair[0]), has_more=has_more)
    return [shown for _, shown in page]


_specs: dict[Any, ListSpec] = {}


class FastListMixin(mixins.ListModelMixin):
    """The list action of a GenericViewSet with `queryset`, `ordering` and a paginator."""

    @classmethod
    def list_query(cls, viewer: Any, **parameters: Any) -> Any:
        """Return the rows of the list for the viewer.

        A pure function of its arguments, which are handed to the ORM and not inspected. It selects
        the relations that the serializer shows.
        """
        raise NotImplementedError(f"{cls.__name__} states no list_query(viewer, **parameters).")

    def get_list_parameters(self) -> Mapping[str, Any]:
        """Return the arguments of `list_query`: the values of the path and of the filters.

        Filters are cleaned by `clean(query_params)` of the view's `filterset_class`, if it has one.
        """
        view: Any = self
        filters = getattr(view, "filterset_class", None)
        values = filters.clean(view.request.query_params) if filters else {}
        return {**view.kwargs, **values}

    def list(self, request: Request, *args: object, **kwargs: object) -> Any:
        return self.list_response(self.list_query, **self.get_list_parameters())

    def list_response(self, query: ListQuery, **parameters: Any) -> Any:
        """Return a page of `query(viewer, **parameters)`, which must be as pure as `list_query`."""
        view: Any = self
        data = self._read_fast(query, parameters)
        if data is None:
            data = self._read_slowly(query, parameters)
        return view.get_paginated_response(data)

    def _read_slowly(self, query: ListQuery, parameters: Mapping[str, Any]) -> Any:
        """Return the page by the ORM and the serializer, cut as `_read_fast` does."""
        view: Any = self
        paginator, viewer = view.paginator, view.request.user
        rows = query(viewer, **parameters)
        spec = self._spec(query)

        def show(rows: Sequence[Any]) -> Any:
            return render(view.get_serializer(rows, many=True), rows, viewer)

        if spec.projection is None or not hasattr(paginator, "max_bytes"):
            page = view.paginate_queryset(rows)
            return show(page)
        paginator.read_request(view.request, view.ordering, view.queryset.model)
        window = paginator.window(rows, paginator.position)
        limit = spec.limit_for(paginator)
        if limit is None:
            return show(paginator.page_of(list(window), paginator.key_of))
        taken, is_cut = limit.take(window, lambda row: [getattr(row, at) for at in limit.paths])
        pairs, has_more = limit.show(taken, show)
        return _page_of(paginator, pairs, paginator.key_of, has_more=is_cut or has_more)

    def _read_fast(self, query: ListQuery, parameters: Mapping[str, Any]) -> Rows | None:
        """Return the page by compiled SQL and a projection; None where either is not possible."""
        view: Any = self
        spec = self._spec(query)
        projection = spec.projection
        if projection is None or not is_on():
            return None
        paginator, viewer, model = view.paginator, view.request.user, view.queryset.model
        viewer_key = viewer_key_of(viewer)
        paginator.read_request(view.request, view.ordering, model)

        def build(viewer: Any, position: Any, **parameters: Any) -> Any:
            rows = paginator.window(query(viewer, **parameters), position)
            return rows.values_list(*spec.columns)

        compiled, values = spec.cache.get(
            model, build, (viewer, paginator.position), parameters, paginator.form
        )
        if compiled is None:
            return None
        key_of = compiled.memo("key", lambda: spec.key_reader(compiled))
        limit = spec.limit_for(paginator)
        if limit is None:
            rows = paginator.page_of(list(compiled.fetch(values)), key_of)
            return projection.rows(compiled, rows, viewer_key)
        taken: Sequence[Any]
        if limit.places:
            with closing(compiled.stream(values)) as stream:
                taken, is_cut = limit.take(stream, lambda row: [row[at] for at in limit.places])
        else:
            taken, is_cut = compiled.fetch(values), False
        pairs, has_more = limit.show(
            taken, lambda part: projection.rows(compiled, part, viewer_key)
        )
        return _page_of(paginator, pairs, key_of, has_more=is_cut or has_more)

    def _spec(self, query: ListQuery) -> ListSpec:
        view: Any = self
        serializer_class, ordering = view.get_serializer_class(), tuple(view.ordering)
        key = query, serializer_class, ordering
        if key not in _specs:
            _specs[key] = ListSpec(query, serializer_class, ordering)
        return _specs[key]
