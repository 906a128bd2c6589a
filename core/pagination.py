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
# A page of 50 todos with the longest memos fits, so the usual lists need not be measured.
MAX_PAGE_BYTES = 600_000
LARGEST_NUMBER = 2**31 - 1

CURSOR_PATTERN = "^[A-Za-z0-9_-]{16,}$"

Key = Sequence[Any]


class KeysetPagination(BasePagination):
    """Pages in the order of the view's `ordering`, with links and cursors to their neighbours.

    `ordering` lists field paths, the last one unique. A cursor holds the values of all of them at
    the edge of a page, so rows with equal values are neither skipped nor repeated.

    A list that may have to read many rows to find few is read in parts: its view calls `stop_at`
    with the last row of the next part. The page may then be short or even empty, and still have a
    `next`.
    """

    request: Any = None
    # What the SQL of a page depends on, apart from the values of `position`.
    form: tuple[Any, ...] = ()
    # The ordering values of the row before the page, and those of the last row of the part.
    key: Key | None = None
    end: Key | None = None

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
        """Read the size of the page, its direction and its position, unless that is done.

        Raise ValidationError.
        """
        if self.request is request:
            return
        self.request = request
        self.end = None
        self.ordering = tuple(ordering)
        self.size = self.page_size(request)
        self.backwards, self.key = self.read_cursor(request, model)
        self.form = (self.ordering, self.size, self.backwards)

    def stop_at(self, end: Key | None) -> None:
        """Let the page end at the row with these ordering values; None for no such end."""
        self.end = None if end is None else tuple(end)
        self.form = (self.ordering, self.size, self.backwards, end is None)

    @property
    def position(self) -> Any:
        """The values on which the rows of the page depend: the key, and the end if there is one."""
        return self.key if self.end is None else (self.key, self.end)

    def window(self, queryset: QuerySet[Any], position: Any) -> QuerySet[Any]:
        """Return the rows of the page, and one more if there is one."""
        key, end = (position, None) if self.end is None else position
        rows = rows_after(queryset, self.ordering, key, backwards=self.backwards)
        if end is not None:
            rows = rows.filter(up_to(self.ordering, end, backwards=self.backwards))
        return rows[: self.size + 1]

    # A page ends before the row that would make it longer, and `next` or `previous` goes on there.
    max_bytes = MAX_PAGE_BYTES

    @staticmethod
    def length_of(value: object) -> int:
        """Return the bytes of a value in a response (for fastlists)."""
        return len(orjson.dumps(value))

    def page_of(
        self, rows: list[Any], key_of: Callable[[Any], Key], *, has_more: bool | None = None
    ) -> list[Any]:
        """Return the page within the rows of the window, and set the links to its neighbours.

        `key_of` returns the ordering values of a row. `has_more` tells that the window has more
        rows than these; by default it has if there are more than the page may have.
        """
        page = rows[: self.size]
        if has_more is None:
            has_more = len(rows) > self.size
        ahead = key_of(page[-1]) if has_more else self.end
        behind = None  # there is no page before the first one
        if self.key is not None:
            behind = key_of(page[0]) if page else self.end
        after, before = (behind, ahead) if self.backwards else (ahead, behind)
        self.next = None if after is None else self.cursor(after, backwards=False)
        self.previous = None if before is None else self.cursor(before, backwards=True)
        return page[::-1] if self.backwards else page

    def key_of(self, row: models.Model) -> Key:
        return [resolve_path(row, name.lstrip("-")) for name in self.ordering]

    def get_paginated_response(self, data: object) -> Response:
        return Response(
            {
                "next": self.link(self.next),
                "previous": self.link(self.previous),
                "next_cursor": self.next,
                "previous_cursor": self.previous,
                "results": data,
            }
        )

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

    # Cursors

    def cursor(self, key: Key, *, backwards: bool) -> str:
        """Return the cursor of the page after, or before, the row with these ordering values."""
        return seal([backwards, *map(to_json_value, key)], self.cursor_scope())

    def link(self, cursor: str | None) -> str | None:
        """Return the URL of the page with this cursor; None where there is no page."""
        if cursor is None:
            return None
        parameters = self.request.query_params.dict() | {"cursor": cursor}
        # The query is built again, because the original one may not be fully escaped.
        query = urlencode(sorted(parameters.items()))
        return f"{self.request.build_absolute_uri(self.request.path)}?{query}"

    def cursor_scope(self) -> str:
        """Return the scope of the cursors of this request."""
        filters = sorted(
            (k, v) for k, v in self.request.query_params.items() if k not in ("cursor", "page_size")
        )
        person = self.request.user
        return scope_of(None if person is None else person.pk, self.request.path, filters)

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
                "description": "`next_cursor` or `previous_cursor` of an earlier response.",
                "schema": {"type": "string", "pattern": CURSOR_PATTERN},
            },
            {
                "name": "page_size",
                "in": "query",
                "required": False,
                "description": "Number of items per page. A page has fewer if they are long: it is "
                "limited to about 600 kB, and `next` continues there.",
                "schema": size,
            },
        ]

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        link = {"type": ["string", "null"], "format": "uri"}
        cursor = {"type": ["string", "null"]}
        return {
            "type": "object",
            "required": ["next", "previous", "next_cursor", "previous_cursor", "results"],
            "properties": {
                "next": link
                | {
                    "description": "The next page, null after the last one. A page may hold fewer"
                    " items than page_size, or none, and still have a next one: a search looks at a"
                    " part of a long list at a time."
                },
                "previous": link | {"description": "The page before, null before the first one."},
                "next_cursor": cursor
                | {"description": "The `cursor` of the next page, with the same other parameters."},
                "previous_cursor": cursor | {"description": "The `cursor` of the page before."},
                "results": schema,
            },
        }


def rows_after[R: QuerySet[Any, Any]](
    rows: R, ordering: Sequence[str], key: Key | None, *, backwards: bool
) -> R:
    """Return the rows after the row with these ordering values, in order; all if it is None.

    If `rows` are ordered already, it is by columns in which all of them are equal. These stay
    first, since PostgreSQL reads no index in its order if a NULL column of it is left out.
    """
    steps = _steps(ordering, backwards=backwards)
    equal = [(path, steps[0][1]) for path in rows.query.order_by]
    rows = rows.order_by(*(f"-{path}" if falling else path for path, falling in [*equal, *steps]))
    if key is None:
        return rows
    # A condition on the first field alone, by which query planners find the range of the index.
    first, falling = steps[0]
    after, _same = _beyond(steps, key)
    return rows.filter(Q(**{f"{first}__{'lte' if falling else 'gte'}": key[0]}) & after)


def nth_after(
    rows: QuerySet[Any], ordering: Sequence[str], key: Key | None, number: int, *, backwards: bool
) -> QuerySet[Any, Any]:
    """Select the ordering values of the row that is `number` rows after the one with `key`.

    With an index of these columns it is found without reading a row.
    """
    paths = [name.lstrip("-") for name in ordering]
    ordered = rows_after(rows, ordering, key, backwards=backwards)
    return ordered.values_list(*paths)[number - 1 : number]


def up_to(ordering: Sequence[str], key: Key, *, backwards: bool) -> Q:
    """Return the condition that a row is not after the row with these ordering values."""
    steps = _steps(ordering, backwards=not backwards)
    first, falling = steps[0]
    before, same = _beyond(steps, key)
    return Q(**{f"{first}__{'lte' if falling else 'gte'}": key[0]}) & (before | same)


def _steps(ordering: Sequence[str], *, backwards: bool) -> list[tuple[str, bool]]:
    """Return the paths of the ordering, each with whether its values fall."""
    return [(name.lstrip("-"), name.startswith("-") != backwards) for name in ordering]


def _beyond(steps: Sequence[tuple[str, bool]], key: Key) -> tuple[Q, Q]:
    """Return the conditions that a row is after the row with these values, and that it is that."""
    after, same = Q(), Q()
    for (path, falling), value in zip(steps, key, strict=True):
        after |= same & Q(**{f"{path}__{'lt' if falling else 'gt'}": value})
        same &= Q(**{path: value})
    return after, same


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
