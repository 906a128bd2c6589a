"""Pages that are limited in bytes, too: what does not fit is on the next page."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from django.db import models

from fastlists.projection import OfRows

# Texts up to this many characters do not matter.
SHORT = 255
# A character is at most six bytes in JSON, as \u0001.
WIDEST = 6


class PageLimit:
    """Cuts a page after the rows that fit into `max_bytes` of the paginator, but not before one.

    What counts is what can be long: texts, and fields with `of_rows`. `paginator.length_of` returns
    the length of a value in the response.
    """

    def __init__(self, paginator: Any, texts: Sequence[tuple[str, int, str]], of_rows: Any) -> None:
        self.max_bytes: int = paginator.max_bytes
        self.size: int = paginator.size
        self.length_of: Callable[[Any], int] = paginator.length_of
        self.places = [place for _, place, _ in texts]
        self.paths = [path for _, _, path in texts]
        self.names = [*(name for name, _, _ in texts), *of_rows]

    def take(
        self, rows: Iterable[Any], texts_of: Callable[[Any], Iterable[Any]]
    ) -> tuple[list[Any], bool]:
        """Return the first rows, whose texts fit, and whether some are left out.

        Stops reading `rows` there, so that the others need no memory.
        """
        taken: list[Any] = []
        spent = 0
        for row in rows:
            spent += sum(self.length_of(text) for text in texts_of(row) if text)
            if taken and spent > self.max_bytes:
                return taken, True
            taken.append(row)
        return taken, False

    def show(
        self, rows: Sequence[Any], show: Callable[[Sequence[Any]], Sequence[dict[str, Any]]]
    ) -> tuple[list[tuple[Any, dict[str, Any]]], bool]:
        """Return pairs of a row and how `show` shows it, and whether some rows are left out."""
        pairs: list[tuple[Any, dict[str, Any]]] = []
        spent = 0
        page = rows[: self.size]
        for row, shown in zip(page, show(page), strict=True):
            spent += sum(self.length_of(shown[name]) for name in self.names if shown[name])
            if pairs and spent > self.max_bytes:
                return pairs, True
            pairs.append((row, shown))
        return pairs, len(page) < len(rows)


def limit_of(paginator: Any, projection: Any) -> PageLimit | None:
    """Return the limit of the page that was requested, or None if no page can be too long."""
    texts = long_texts(projection)
    fields = getattr(projection, "of_rows_fields", ())
    of_rows = [field.name for field in fields if not OfRows(field.field).is_short]
    longest = sum(length for *_, length in texts) * WIDEST * paginator.size
    if longest <= paginator.max_bytes:
        texts = []
    if not (texts or of_rows):
        return None
    return PageLimit(paginator, [entry[:3] for entry in texts], of_rows)


def long_texts(projection: Any) -> list[tuple[str, int, str, int]]:
    """Return the fields that show a long text of the row: (name, place, path, characters)."""
    found = []
    for field in getattr(projection, "fields", ()):
        if field.from_columns or field.is_filled_in or "__" in field.paths[0]:
            continue
        column = columns_of(projection.model).get(field.paths[0])
        if isinstance(column, (models.CharField, models.TextField)):
            length = column.max_length or 2**31
            if length > SHORT:
                found.append((field.name, field.places[0], field.paths[0], length))
    return found


def columns_of(model: Any) -> dict[str, Any]:
    return {column.attname: column for column in model._meta.concrete_fields}
