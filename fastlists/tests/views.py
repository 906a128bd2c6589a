"""Lists of the library."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.db.models import F, QuerySet, Value
from django.db.models.functions import StrIndex
from django.db.models.lookups import GreaterThan
from rest_framework.decorators import action
from rest_framework.exceptions import ValidationError
from rest_framework.viewsets import GenericViewSet

from fastlists import FastListMixin
from fastlists.tests.models import Book, Reader
from fastlists.tests.pagination import AfterPagination
from fastlists.tests.serializers import BookSerializer, ReaderSerializer

Books = QuerySet[Book]


# The filters, by name: what reads each of them.
PARAMETERS: Mapping[str, Any] = {
    "author": int,
    "genre": Book.Genre,
    "lent": {"true": True, "false": False}.__getitem__,
    "since": dt.date.fromisoformat,
    "q": str.casefold,
}


class BookViewSet(FastListMixin, GenericViewSet[Book]):
    """The books that a reader owns; those of everyone for a librarian, at another path."""

    queryset = Book.objects.none()
    serializer_class = BookSerializer
    pagination_class = AfterPagination
    ordering = ("pk",)

    def get_list_parameters(self) -> dict[str, Any]:
        query = self.request.query_params
        try:
            values = {n: read(query[n]) if n in query else None for n, read in PARAMETERS.items()}
        except (KeyError, ValueError) as error:
            raise ValidationError({"filter": str(error)}) from error
        return self.kwargs | values

    @staticmethod
    def list_query(viewer: Reader, **parameters: Any) -> Books:
        return select(Book.objects.filter(owner=viewer), **parameters)

    @action(detail=False)
    def everyone(self, request: Any) -> Any:
        return self.list_response(books_of_everyone)

    @action(detail=True, serializer_class=ReaderSerializer, queryset=Reader.objects.none())
    def others(self, request: Any, pk: str) -> Any:
        """List the other readers who own a book of this title."""
        return self.list_response(owners_of, title=pk)


def select(
    rows: Books,
    *,
    author: int | None = None,
    genre: Book.Genre | None = None,
    lent: bool | None = None,
    since: dt.date | None = None,
    q: str | None = None,
) -> Books:
    if author is not None:
        rows = rows.filter(author=author)
    if genre is not None:
        rows = rows.filter(genre=genre)
    if lent is not None:
        rows = rows.filter(is_lent=lent)
    if since is not None:
        rows = rows.filter(published__gte=since)
    if q is not None:
        rows = rows.filter(GreaterThan(StrIndex(F("title"), Value(q)), 0))
    return rows.select_related("owner", "author")


def books_of_everyone(viewer: Reader) -> Books:
    return select(Book.objects.all())


def owners_of(viewer: Reader, *, title: str) -> QuerySet[Reader]:
    return Reader.objects.filter(books__title=title).exclude(pk=viewer.pk)
