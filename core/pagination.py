"""Lists by keyset: a page begins after the last row of the one before, wherever rows came or went meanwhile."""

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
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail
from rest_framework.pagination import BasePagination
from rest_framework.request import Request
from rest_framework.views import APIView

from core.cursors import seal, unseal
from core.days import FIRST_DAY, LAST_DAY
from core.responses import Response

PAGE_SIZE = 50
MAX_PAGE_SIZE = 200
LARGEST_NUMBER = 2**31 - 1

Key = Sequence[Any]


def refuse(parameter: str, text: Any) -> serializers.ValidationError:
    return serializers.ValidationError({parameter: [ErrorDetail(text, code="invalid")]})


class KeysetPagination(BasePagination):
    """`{"next", "previous", "results"}`, by the view's `ordering`: field paths, the last one unique.

    A cursor holds the values of all of them at the edge of a page, so no order is too coarse and no row is met twice.
    """

    def paginate_queryset(
        self, queryset: Any, request: Request, view: APIView | None = None
    ) -> list[Any]:
        self.read_request(request, cast(Any, view).ordering, queryset.model)
        return self.page_of(list(self.window(queryset, self.position)), self.key_of)

    # In steps, for fastlists

    def read_request(
        self, request: Request, ordering: Sequence[str], model: type[models.Model]
    ) -> None:
        """Read the size of the page, its direction and its position.

        The position are the ordering values of the row before the page, None for the first page.
        Raise ValidationError.
        """
        self.request = request
        self.ordering = tuple(ordering)
        self.size = self.page_size(request)
        self.backwards, self.position = self.read_cursor(request, model)
        # All that the SQL depends on but the position's values.
        self.form = self.ordering, self.size, self.backwards

    def window(self, queryset: QuerySet[Any], position: Key | None) -> QuerySet[Any]:
        """Return the rows of the page, and one more if there is one."""
        return self.rows_after(queryset, position, self.backwards)[: self.size + 1]

    def page_of(self, rows: list[Any], key_of: Callable[[Any], Key]) -> list[Any]:
        """The page of the window's rows, and the links to those beside it; `key_of` gives a row's ordering values."""
        more, page = len(rows) > self.size, rows[: self.size]
        if self.backwards:
            page.reverse()
        behind = self.position is not None
        has_next, has_previous = (behind, more) if self.backwards else (more, behind)
        self.next = self.link(key_of(page[-1]), backwards=False) if has_next and page else None
        self.previous = (
            self.link(key_of(page[0]), backwards=True) if has_previous and page else None
        )
        return page

    def key_of(self, row: models.Model) -> Key:
        return [follow(row, name.lstrip("-")) for name in self.ordering]

    def get_paginated_response(self, data: Any) -> Response:
        return Response({"next": self.next, "previous": self.previous, "results": data})

    def page_size(self, request: Request) -> int:
        text = request.query_params.get("page_size", str(PAGE_SIZE))
        if not (
            text.isascii()
            and text.isdecimal()
            and len(text) < 5
            and 1 <= int(text) <= MAX_PAGE_SIZE
        ):
            raise refuse("page_size", _("page_size must be an integer from 1 to 200."))
        return int(text)

    def rows_after(
        self, queryset: QuerySet[Any], key: Key | None, backwards: bool
    ) -> QuerySet[Any]:
        steps = [(name.lstrip("-"), name.startswith("-") != backwards) for name in self.ordering]
        queryset = queryset.order_by(*(f"-{path}" if falling else path for path, falling in steps))
        if key is None:
            return queryset
        after, same = Q(), Q()
        for (path, falling), value in zip(steps, key, strict=True):
            after |= same & Q(**{f"{path}__{'lt' if falling else 'gt'}": value})
            same &= Q(**{path: value})
        # The first field once more, alone: the databases' planners find the range of the index by it.
        first, falling = steps[0]
        return queryset.filter(Q(**{f"{first}__{'lte' if falling else 'gte'}": key[0]}) & after)

    # Cursors

    def link(self, key: Key, *, backwards: bool) -> str:
        parameters = self.request.query_params.dict() | {
            "cursor": seal([backwards, *map(plain, key)], self.place())
        }
        # Not the address as it came: what was not escaped in it would be escaped twice.
        return f"{self.request.build_absolute_uri(self.request.path)}?{urlencode(sorted(parameters.items()))}"

    def place(self) -> str:
        """What a cursor of this request is for: the viewer, the path, and all that filters the list."""
        filters = sorted(
            (k, v) for k, v in self.request.query_params.items() if k not in ("cursor", "page_size")
        )
        return place_of(self.request.user.pk, self.request.path, filters)

    def read_cursor(self, request: Request, model: type[models.Model]) -> tuple[bool, Key | None]:
        text = request.query_params.get("cursor")
        if text is None:
            return False, None
        try:
            backwards, *key = unseal(text, self.place())
            paths = [name.lstrip("-") for name in self.ordering]
            values = tuple(
                value_of(model, path, value) for path, value in zip(paths, key, strict=True)
            )
            return bool(backwards), values
        except (ValueError, TypeError, ValidationError) as error:
            raise refuse("cursor", _("This cursor does not belong to this list.")) from error

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


def place_of(viewer: Any, path: str, filters: list[tuple[str, Any]]) -> str:
    return orjson.dumps([viewer, path, filters]).decode()


def follow(row: Any, path: str) -> Any:
    """The value at the end of a field path."""
    for name in path.split("__"):
        row = getattr(row, name)
    return row


def plain(value: Any) -> Any:
    """The value in a form that JSON has."""
    if isinstance(value, UUID):
        return str(value)
    return value.isoformat() if isinstance(value, (date, datetime, time)) else value


def value_of(model: type[models.Model], path: str, value: Any) -> Any:
    """A cursor's value as the field at the end of `path` holds it. Raises ValueError or ValidationError."""
    *relations, name = path.split("__")
    for relation in relations:
        related = model._meta.get_field(relation).related_model
        if not isinstance(related, type):
            raise FieldDoesNotExist(path)
        model = related
    field = cast("models.Field[Any, Any]", model._meta.get_field(name))
    if value is None or isinstance(value, (list, dict, float)):
        raise ValueError(value)
    value = field.to_python(value)
    if isinstance(value, int) and not isinstance(field, models.BigIntegerField):
        smallest = 0 if isinstance(field, models.PositiveIntegerField) else -LARGEST_NUMBER
        if not smallest <= value <= LARGEST_NUMBER:
            raise ValueError(value)
    if isinstance(value, datetime):
        if value.tzinfo is None or not FIRST_DAY < value.date() < LAST_DAY:
            raise ValueError(value)
    elif isinstance(value, date) and not FIRST_DAY <= value <= LAST_DAY:
        raise ValueError(value)
    return value
