"""Keyset pagination: a page starts after the last row of the page before it.

Rows added or deleted between requests therefore do not shift pages.
"""

from collections.abc import Callable, Sequence
from datetime import date, datetime, time
from typing import Any, cast
from urllib.parse import urlencode
from uuid import UUID

import orjson
from django.core.exceptions import FieldDoesNotExist, ValidationError
from django.db import models
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _
from rest_framework.pagination import BasePagination
from rest_framework.request import Request
from rest_framework.views import APIView

from core.clock import FIRST_DAY, LAST_DAY
from core.cursors import seal, unseal
from core.exceptions import field_error
from core.responses import Response

PAGE_SIZE = 50
MAX_PAGE_SIZE = 200
LARGEST_NUMBER = 2**31 - 1

Key = Sequence[Any]


class KeysetPagination(BasePagination):
    """Pages of the form `{"next", "previous", "results"}`, in the order of the view's `ordering`.

    `ordering` lists field paths, the last one unique. A cursor holds the values of all of them at
    the edge of a page, so rows with equal values are neither skipped nor repeated.
    """

    def paginate_queryset(
        self,
        queryset: QuerySet[Any, Any] | Sequence[Any],
        request: Request,
        view: APIView | None = None,
    ) -> list[Any]:
        if not isinstance(queryset, QuerySet):
            raise TypeError("Only a QuerySet can be paginated.")
        ordering: Sequence[str] = getattr(view, "ordering", ())
        self.read_request(request, ordering, queryset.model)
        return self.page_of(list(self.window(queryset, self.position)), self.key_of)

    # The steps of `paginate_queryset`, which fastlists calls one by one

    def read_request(
        self, request: Request, ordering: Sequence[str], model: type[models.Model]
    ) -> None:
        """Read the size of the page, its direction and its position.

        The position is the sequence of the ordering values of the row before the page, or None for
        the first page. Raise ValidationError.
        """
        self.request = request
        self.ordering = tuple(ordering)
        self.size = self.page_size(request)
        self.backwards, self.position = self.read_cursor(request, model)
        # Everything that the SQL depends on, apart from the values of the position.
        self.form = (self.ordering, self.size, self.backwards)

    def window(self, queryset: QuerySet[Any], position: Key | None) -> QuerySet[Any]:
        """Return the rows of the page, and one more if there is one."""
        return self.rows_after(queryset, position, self.backwards)[: self.size + 1]

    def page_of(self, rows: list[Any], key_of: Callable[[Any], Key]) -> list[Any]:
        """Return the page within the rows of the window, and set the links to its neighbours.

        `key_of` returns the ordering values of a row.
        """
        page = rows[: self.size]
        has_more = len(rows) > self.size
        has_origin = self.position is not None  # the page that the cursor came from
        if self.backwards:
            page.reverse()
            has_next, has_previous = has_origin, has_more
        else:
            has_next, has_previous = has_more, has_origin
        self.next = None
        self.previous = None
        if page and has_next:
            self.next = self.link(key_of(page[-1]), backwards=False)
        if page and has_previous:
            self.previous = self.link(key_of(page[0]), backwards=True)
        return page

    def key_of(self, row: models.Model) -> Key:
        return [resolve_path(row, name.lstrip("-")) for name in self.ordering]

    def get_paginated_response(self, data: object) -> Response:
        return Response({"next": self.next, "previous": self.previous, "results": data})

    def page_size(self, request: Request) -> int:
        text = request.query_params.get("page_size", str(PAGE_SIZE))
        if not (
            text.isascii()
            and text.isdecimal()
            and len(text) < 5
            and 1 <= int(text) <= MAX_PAGE_SIZE
        ):
            raise field_error(
                "page_size", _("page_size must be an integer from 1 to 200."), "invalid"
            )
        return int(text)

    def rows_after(
        self, queryset: QuerySet[Any], key: Key | None, backwards: bool
    ) -> QuerySet[Any]:
        """Return the rows after the row with these ordering values, in order; all if it is None."""
        steps = [(name.lstrip("-"), name.startswith("-") != backwards) for name in self.ordering]
        queryset = queryset.order_by(*(f"-{path}" if falling else path for path, falling in steps))
        if key is None:
            return queryset
        after, same = Q(), Q()
        for (path, falling), value in zip(steps, key, strict=True):
            after |= same & Q(**{f"{path}__{'lt' if falling else 'gt'}": value})
            same &= Q(**{path: value})
        # A condition on the first field alone, by which query planners find the range of the index.
        first, falling = steps[0]
        return queryset.filter(Q(**{f"{first}__{'lte' if falling else 'gte'}": key[0]}) & after)

    # Cursors

    def link(self, key: Key, *, backwards: bool) -> str:
        """Return the URL of the page after, or before, the row with these ordering values."""
        cursor = seal([backwards, *map(to_json_value, key)], self.cursor_scope())
        parameters = self.request.query_params.dict() | {"cursor": cursor}
        # The query is built again, because the original one may not be fully escaped.
        query = urlencode(sorted(parameters.items()))
        return f"{self.request.build_absolute_uri(self.request.path)}?{query}"

    def cursor_scope(self) -> str:
        """Return the scope of the cursors of this request."""
        filters = sorted(
            (k, v) for k, v in self.request.query_params.items() if k not in ("cursor", "page_size")
        )
        return scope_of(self.request.user.pk, self.request.path, filters)

    def read_cursor(self, request: Request, model: type[models.Model]) -> tuple[bool, Key | None]:
        """Return the direction and the position in the cursor. Raise ValidationError."""
        text = request.query_params.get("cursor")
        if text is None:
            return False, None
        try:
            backwards, *key = unseal(text, self.cursor_scope())
            paths = [name.lstrip("-") for name in self.ordering]
            steps = zip(paths, key, strict=True)
            return bool(backwards), tuple(parse_value(model, path, value) for path, value in steps)
        except (ValueError, TypeError, ValidationError) as error:
            raise field_error(
                "cursor", _("This cursor does not belong to this list."), "invalid"
            ) from error

    def get_schema_operation_parameters(self, view: APIView) -> list[dict[str, Any]]:
        size = {"type": "integer", "minimum": 1, "maximum": MAX_PAGE_SIZE, "default": PAGE_SIZE}
        return [
            {
                "name": "cursor",
                "in": "query",
                "required": False,
                "description": "Opaque cursor from `next` or `previous` of an earlier response.",
                "schema": {"type": "string", "pattern": "^[A-Za-z0-9_-]{16,}$"},
            },
            {
                "name": "page_size",
                "in": "query",
                "required": False,
                "description": "Number of items per page.",
                "schema": size,
            },
        ]

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        link = {"type": ["string", "null"], "format": "uri"}
        return {
            "type": "object",
            "required": ["next", "previous", "results"],
            "properties": {
                "next": link,
                "previous": link,
                "results": schema,
            },
        }


def scope_of(viewer: object, path: str, filters: Sequence[tuple[str, object]]) -> str:
    """Return the scope of a cursor: the viewer's key, the path and the filters of the list."""
    return orjson.dumps([viewer, path, filters]).decode()


def resolve_path(row: object, path: str) -> Any:
    """Return the value at the end of a field path."""
    for name in path.split("__"):
        row = getattr(row, name)
    return row


def to_json_value(value: object) -> object:
    """Return a value as a type that JSON has."""
    if isinstance(value, UUID):
        return str(value)
    return value.isoformat() if isinstance(value, (date, datetime, time)) else value


def parse_value(model: type[models.Model], path: str, value: object) -> Any:
    """Return a cursor's value as the field at the end of `path` has it.

    Raise ValueError or ValidationError.
    """
    if value is None or isinstance(value, (list, dict, float)):
        raise ValueError(value)
    field = field_at(model, path)
    parsed = field.to_python(value)
    if isinstance(parsed, int) and not isinstance(field, models.BigIntegerField):
        smallest = 0 if isinstance(field, models.PositiveIntegerField) else -LARGEST_NUMBER
        if not smallest <= parsed <= LARGEST_NUMBER:
            raise ValueError(value)
    if isinstance(parsed, datetime):
        if parsed.tzinfo is None or not FIRST_DAY < parsed.date() < LAST_DAY:
            raise ValueError(value)
    elif isinstance(parsed, date) and not FIRST_DAY <= parsed <= LAST_DAY:
        raise ValueError(value)
    return parsed


def field_at(model: type[models.Model], path: str) -> "models.Field[Any, Any]":
    """Return the field at the end of a path of relations."""
    *relations, name = path.split("__")
    for relation in relations:
        related = model._meta.get_field(relation).related_model
        if not isinstance(related, type):
            raise FieldDoesNotExist(path)
        model = related
    return cast("models.Field[Any, Any]", model._meta.get_field(name))
