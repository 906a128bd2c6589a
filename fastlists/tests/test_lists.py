"""Lists give the same responses in the same number of queries, with FAST_LISTS and without."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db import connection
from django.test import override_settings
from django.test.utils import CaptureQueriesContext
from django.urls import path
from rest_framework import serializers
from rest_framework.viewsets import GenericViewSet

from fastlists import FastListMixin
from fastlists.testing import compilations, list_views, slow_lists
from fastlists.tests.base import LibraryTest, books_of
from fastlists.tests.models import Book, Reader
from fastlists.tests.pagination import AfterPagination
from fastlists.tests.serializers import BookSerializer
from fastlists.tests.views import BookViewSet

PATHS = (
    "/books/",
    "/books/?size=1",
    "/books/?genre=essay",
    "/books/?lent=true",
    "/books/?lent=false&since=2026-03-04",
    "/books/?author={author}",
    "/books/?q=1",
    "/books/?q=%25",
    "/books/everyone/?size=50",
    "/books/0/others/",
    "/books/nothing/others/",
)


def serve(view: type[Any]) -> Any:
    """Return settings under which this viewset alone answers, at /books/."""
    return override_settings(ROOT_URLCONF=(path("books/", view.as_view({"get": "list"})),))


class BaseViewSet(FastListMixin, GenericViewSet[Book]):
    queryset = Book.objects.none()
    serializer_class = BookSerializer
    pagination_class = AfterPagination
    ordering = ("pk",)


class StatelessViewSet(BaseViewSet):
    """Everything that a query could depend on apart from its arguments is looked at."""

    @classmethod
    def list_query(cls, viewer: Reader, **parameters: Any) -> Any:
        books = Book.objects.select_related("owner", "author")
        return books if viewer.is_librarian else books.filter(owner=viewer)


class CurrentViewSet(BaseViewSet):
    @staticmethod
    def list_query(viewer: Reader, **parameters: Any) -> Any:
        now = dt.datetime.now(dt.UTC)
        return Book.objects.filter(lent_at__lt=now).select_related("owner", "author")


class LoudSerializer(BookSerializer):
    loud = serializers.SerializerMethodField()

    class Meta(BookSerializer.Meta):
        fields = ("id", "loud", "tags")
        private_fields = ("tags",)

    def get_loud(self, book: Book) -> str:
        return f"{book.title}! {self.context['request'].user.name}"


class LoudViewSet(BaseViewSet):
    serializer_class = LoudSerializer

    @staticmethod
    def list_query(viewer: Reader, **parameters: Any) -> Any:
        return Book.objects.all()


class AttributeViewSet(BaseViewSet):
    """Sets an attribute for each request and hands it to the query."""

    def initial(self, request: Any, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        self.owner = Reader.objects.get(pk=request.query_params["who"])

    def get_list_parameters(self) -> Any:
        return {"owner": self.owner}

    @staticmethod
    def list_query(viewer: Reader, *, owner: Reader) -> Any:
        return Book.objects.filter(owner=owner).select_related("owner", "author")


class OrderedViewSet(BaseViewSet):
    @property
    def ordering(self) -> tuple[str, ...]:  # type: ignore[override]  # read from each request
        return (self.request.query_params["order"],)

    @staticmethod
    def list_query(viewer: Reader, **clean: Any) -> Any:
        return Book.objects.filter(owner=viewer).select_related("owner", "author")


class UnstatedViewSet(BaseViewSet):
    pass


class DerivedViewSet(BookViewSet):
    @classmethod
    def list_query(cls, viewer: Reader, **parameters: Any) -> Any:
        return super().list_query(viewer, **parameters).filter(is_lent=True)


class HidingViewSet(BaseViewSet):
    def list(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        return self.list_response(lambda viewer: Book.objects.filter(owner=request.user))


class DefaultViewSet(BaseViewSet):
    def list(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        return self.list_response(lambda _, owner=request.user: Book.objects.filter(owner=owner))


class InstanceViewSet(BaseViewSet):
    def list(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        return self.list_response(self.mine)

    def mine(self, viewer: Reader) -> Any:
        return Book.objects.filter(owner=self.request.user)


class BothWaysTest(LibraryTest):
    def test_equal_bytes_and_equal_numbers_of_queries(self) -> None:
        Book.objects.filter(pk=self.books[0].pk).update(genre="essay", is_lent=True)
        for template in PATHS:
            url = template.format(author=self.books[0].author_id)
            for reader in (self.alice, self.bob, self.charlie):
                with self.subTest(url, reader=reader.name):
                    answers = []
                    for on in (True, False, True):
                        queries = CaptureQueriesContext(connection)
                        with self.settings(FAST_LISTS=on), queries:
                            content = self.get(url, reader).content
                        answers.append((content, len(queries)))
                    assert answers[0] == answers[1] == answers[2]

    def test_as_many_queries_for_many_rows_as_for_one(self) -> None:
        books_of(self.alice, 40)
        for on in (True, False):
            for size in (1, 40):
                # Who reads, the books, their tags.
                with self.settings(FAST_LISTS=on), self.assertNumQueries(3):
                    assert len(self.rows(f"/books/?size={size}")) == size


class FastTest(LibraryTest):
    def test_the_second_request_compiles_nothing(self) -> None:
        for pairs in (
            ("/books/", "/books/"),
            ("/books/?q=1", "/books/?q=%25"),
            ("/books/?since=2026-03-02", "/books/?since=2027-01-01"),
            ("/books/?after=1", "/books/?after=17"),
            ("/books/0/others/", "/books/1/others/"),
            ("/books/?genre=novel&lent=true", "/books/?lent=true&genre=novel"),
        ):
            with self.subTest(pairs[0]):
                self.get(pairs[0])
                with compilations() as statements:
                    self.get(pairs[1], self.bob)
                # The reader, and the tags where there are books of the reader's.
                assert not any("Book" in model for model in statements), statements

    def test_pages(self) -> None:
        found, after = [], ""
        while after is not None:
            page = self.get(f"/books/?size=3&after={after}").json()
            found += [row["title"] for row in page["results"]]
            after = page["next"]
        assert found == ["0", "1", "2", "3"]

    def test_parameters_are_cleaned_once(self) -> None:
        times = []
        clean = BookViewSet.get_list_parameters

        class CountingViewSet(BookViewSet):
            def get_list_parameters(self) -> Any:
                times.append(1)
                return clean(self)

        for on in (True, True, False):
            with self.settings(FAST_LISTS=on), serve(CountingViewSet):
                self.get("/books/?lent=true")
        assert len(times) == 3

    def test_what_is_not_valid_is_refused_both_ways(self) -> None:
        for on in (True, False):
            with self.settings(FAST_LISTS=on):
                for query in ("genre=x", "lent=1", "since=x", "author=x", "after=x"):
                    self.get(f"/books/?{query}", status=400)

    def test_a_class_method_may_call_that_of_its_base(self) -> None:
        Book.objects.filter(pk=self.books[0].pk).update(is_lent=True)
        with serve(DerivedViewSet):
            assert [row["title"] for row in self.rows("/books/")] == ["0"]
            with compilations() as statements:
                assert self.rows("/books/", self.bob) == []
        assert not any("Book" in model for model in statements)


class RequestTest(LibraryTest):
    """A view that depends on its request gives each request its own rows."""

    def test_an_attribute_that_a_view_sets_for_each_request(self) -> None:
        with serve(AttributeViewSet):
            for reader, number in ((self.alice, 4), (self.bob, 2), (self.charlie, 0)) * 2:
                assert len(self.rows(f"/books/?size=9&who={reader.pk}")) == number
            with compilations() as statements:
                self.rows(f"/books/?size=9&who={self.bob.pk}")
        assert not any("Book" in model for model in statements)

    def test_an_order_that_depends_on_the_request(self) -> None:
        for title in ("b", "a"):
            books_of(self.charlie, 1, title=title)
        with serve(OrderedViewSet):
            for order, titles in (("pk", ["b", "a"]), ("title", ["a", "b"])) * 2:
                rows = self.rows(f"/books/?order={order}", self.charlie)
                assert [row["title"] for row in rows] == titles


class SlowTest(LibraryTest):
    """Lists that cannot be compiled or projected still answer correctly."""

    def test_a_query_that_looks_at_the_viewer(self) -> None:
        Reader.objects.filter(pk=self.bob.pk).update(is_librarian=True)
        with serve(StatelessViewSet):
            for reader, number in ((self.alice, 4), (self.bob, 6), (self.charlie, 0)) * 2:
                assert len(self.rows("/books/?size=9", reader)) == number

    def test_a_query_that_reads_the_clock(self) -> None:
        with serve(CurrentViewSet):
            assert self.rows("/books/") == []
            Book.objects.update(lent_at=dt.datetime.now(dt.UTC))
            assert len(self.rows("/books/?size=9")) == 6

    def test_a_field_that_depends_on_the_request(self) -> None:
        with serve(LoudViewSet):
            for reader in (self.alice, self.bob):
                # Who reads, the books, the tags of all of them.
                with self.assertNumQueries(3):
                    rows = self.rows("/books/?size=9", reader)
                assert {row["loud"][3:] for row in rows} == {reader.name}
                assert [row["tags"] is None for row in rows].count(True) in (2, 4)

    def test_it_is_named(self) -> None:
        assert slow_lists() == []
        with serve(LoudViewSet):
            (reason,) = slow_lists()
        assert reason.startswith(
            "LoudViewSet.list: LoudSerializer.loud cannot be read from columns"
        )
        assert "Declare `columns`" in reason

    def test_every_list_is_looked_at(self) -> None:
        views = {(type(view), view.action): view for view in list_views()}
        assert {action for _, action in views} == {"list", "everyone", "others"}
        assert views[BookViewSet, "others"].get_serializer_class().__name__ == "ReaderSerializer"


class RefusedTest(LibraryTest):
    def test_a_query_that_could_hide_values_of_a_request(self) -> None:
        for view in (HidingViewSet, DefaultViewSet, InstanceViewSet):
            refused = pytest.raises(TypeError, match="get every value as an argument")
            for on in (True, False):
                with self.subTest(view), self.settings(FAST_LISTS=on), serve(view), refused:
                    self.get("/books/")

    def test_a_list_without_a_query(self) -> None:
        with serve(UnstatedViewSet), pytest.raises(NotImplementedError, match="UnstatedViewSet"):
            self.get("/books/")
