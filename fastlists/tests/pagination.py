"""A paginator that follows the protocol of fastlists: a page begins after the key of a row."""

from collections.abc import Callable, Sequence
from typing import Any

from rest_framework.exceptions import ValidationError
from rest_framework.pagination import BasePagination
from rest_framework.response import Response


class AfterPagination(BasePagination):
    """`?after=<key>&size=<number>`, for lists that are ordered by one path."""

    def read_request(self, request: Any, ordering: Sequence[str], model: Any) -> None:
        (self.ordering,) = ordering
        after = request.query_params.get("after")
        try:
            self.size = int(request.query_params.get("size", "3"))
            column = self.ordering.rsplit("__", 1)[-1]
            self.position = (int(after) if column == "pk" else after,) if after else None
        except ValueError as error:
            raise ValidationError({"after": "not a key"}) from error

    @property
    def form(self) -> Any:
        return self.ordering, self.size

    def window(self, queryset: Any, position: Any) -> Any:
        if position is not None:
            queryset = queryset.filter(**{f"{self.ordering}__gt": position[0]})
        return queryset.order_by(self.ordering)[: self.size + 1]

    def page_of(self, rows: list[Any], key_of: Callable[[Any], list[Any]]) -> list[Any]:
        page = rows[: self.size]
        self.next = key_of(page[-1])[0] if len(rows) > len(page) else None
        return page

    def paginate_queryset(self, queryset: Any, request: Any, view: Any = None) -> list[Any]:
        self.read_request(request, view.ordering, queryset.model)
        return self.page_of(list(self.window(queryset, self.position)), self.key_of)

    def key_of(self, row: Any) -> list[Any]:
        for name in self.ordering.split("__"):
            row = getattr(row, name)
        return [row]

    def get_paginated_response(self, data: Any) -> Response:
        return Response({"next": self.next, "results": data})
