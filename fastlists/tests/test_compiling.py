"""Queries are built and compiled once, and run with each call's values."""

from __future__ import annotations

import datetime as dt
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from unittest import skipUnless
from uuid import UUID

import pytest
from django.core.exceptions import FieldError
from django.db import connection, connections, transaction
from django.db.models import CharField, Count, F, QuerySet, Value
from django.db.models.functions import StrIndex
from django.test import TransactionTestCase, override_settings, skipUnlessDBFeature
from django.utils import timezone, translation
from django.utils.translation import gettext_lazy

from fastlists import CompiledFunction, compiled
from fastlists.compiling import QueryCache
from fastlists.symbols import no_queries, padded
from fastlists.testing import compilations
from fastlists.tests.base import DAY, MONDAY, LibraryTest, books_of, titles
from fastlists.tests.models import Author, Book, Reader, Tag


class Counted:
    """A function that counts how often it is called."""

    def __init__(self, build: Callable[..., QuerySet[Any]]) -> None:
        self.build, self.times = build, 0

    def __call__(self, *args: Any, **kwargs: Any) -> QuerySet[Any]:
        self.times += 1
        return self.build(*args, **kwargs)


def of(owner: Any) -> QuerySet[Book]:
    return Book.objects.filter(owner=owner)


class CompiledTest(LibraryTest):
    def test_the_second_time_it_is_neither_built_nor_compiled(self) -> None:
        build = Counted(lambda owner, day: of(owner).filter(published__gte=day))
        query = CompiledFunction(Book, build)
        assert titles(query(self.alice, MONDAY)) == ["0", "1", "2", "3"]
        with compilations() as statements, self.assertNumQueries(3):
            assert titles(query(self.alice, MONDAY + 2 * DAY)) == ["2", "3"]
            assert titles(query(self.bob, MONDAY + DAY)) == ["1"]
            assert query(self.charlie, MONDAY) == []
        assert (build.times, statements) == (1, [])

    def test_the_decorator_keeps_the_functions_name(self) -> None:
        @compiled(Book)
        def books(owner: Reader) -> QuerySet[Book]:
            """Books of a reader."""
            return of(owner)

        assert len(books(self.alice)) == 4
        assert books.__doc__ == "Books of a reader."

    def test_each_type_that_can_be_bound(self) -> None:
        instant = dt.datetime(2026, 3, 2, 9, 30, tzinfo=dt.UTC)
        shelf = UUID(int=7)
        rare = {"shelf": shelf, "lent_at": instant, "read_at": dt.time(7, 5)}
        Book.objects.filter(pk=self.books[1].pk).update(**rare)
        for column, value, other in (
            ("shelf", shelf, UUID(int=8)),
            ("lent_at", instant, instant + DAY),
            ("read_at", dt.time(7, 5), dt.time(8)),
            ("published", MONDAY + DAY, MONDAY - DAY),
            ("rating", 1, 17),
            ("title", "1", "seventeen"),
        ):
            with self.subTest(column):
                build = Counted(lambda owner, v, c=column: of(owner).filter(**{c: v}))
                query = CompiledFunction(Book, build)
                assert query(self.alice, other) == []
                assert titles(query(self.alice, value)) == ["1"]
                assert build.times == 1

    def test_none_booleans_and_choices_give_a_query_each(self) -> None:
        def books(owner: Reader, lent: bool | None, *, genre: Book.Genre | None) -> Any:
            rows = of(owner) if lent is None else of(owner).filter(is_lent=lent)
            return rows.filter(genre=genre) if genre else rows

        Book.objects.filter(pk=self.books[0].pk).update(is_lent=True, genre="essay")
        query = CompiledFunction(Book, build := Counted(books))
        for _ in range(2):
            assert len(query(self.alice, None, genre=None)) == 4
            assert len(query(self.alice, True, genre=None)) == 1
            assert len(query(self.alice, False, genre=None)) == 3
            assert len(query(self.alice, None, genre=Book.Genre.ESSAY)) == 1
            assert len(query(self.alice, False, genre=Book.Genre.NOVEL)) == 3
            assert build.times == 5

    def test_true_and_one_are_two_forms(self) -> None:
        query = CompiledFunction(Book, lambda value: Book.objects.filter(rating=value))
        for value in (True, 1, True, 2):
            assert len(query(value)) == Book.objects.filter(rating=value).count()

    def test_a_list_has_few_lengths_and_meets_no_row_twice(self) -> None:
        pks = [book.pk for book in books_of(self.bob, 20)]
        build = Counted(lambda pks: Book.objects.filter(pk__in=pks))
        query = CompiledFunction(Book, build)
        for number in range(21):
            assert sorted(book.pk for book in query(pks[:number])) == sorted(pks[:number])
        assert build.times == 7
        assert [len(padded(pks[:n])) for n in (0, 1, 2, 3, 5, 8, 9)] == [0, 1, 2, 4, 8, 8, 16]

    def test_lists_of_other_types_and_of_none_are_right(self) -> None:
        query = CompiledFunction(Book, lambda ratings: Book.objects.filter(rating__in=ratings))
        for ratings in ([None, 1], [1, 2], [None, 2], [True, 3]):
            assert titles(query(ratings)) == titles(list(Book.objects.filter(rating__in=ratings)))

    def test_a_tuple_keeps_its_length(self) -> None:
        build = Counted(lambda dates: Book.objects.filter(published__range=dates))
        query = CompiledFunction(Book, build)
        for first, last, number in ((0, 0, 2), (1, 3, 4), (9, 9, 0)):
            assert len(query((MONDAY + first * DAY, MONDAY + last * DAY))) == number
        assert build.times == 1

    def test_a_value_inside_an_expression(self) -> None:
        def containing(text: str) -> Any:
            return Book.objects.annotate(at=StrIndex(F("title"), Value(text))).filter(at__gt=0)

        query = CompiledFunction(Book, build := Counted(containing))
        Book.objects.filter(pk=self.books[0].pk).update(title="100 %_\\")
        for text, number in (("%", 1), ("_", 1), ("\\", 1), ("1", 3), ("x", 0)):
            assert len(query(text)) == number
        assert build.times == 1

    def test_the_columns_of_an_instance_may_be_handed_on(self) -> None:
        build = Counted(
            lambda book: Book.objects.filter(
                owner=book.owner_id, author=book.author_id, published__gt=book.published
            )
        )
        query = CompiledFunction(Book, build)
        assert [len(query(book)) for book in self.books] == [3, 2, 1, 0]
        assert build.times == 1

    def test_everything_that_a_queryset_can_give_is_given(self) -> None:
        for name, build in {
            "rows": lambda owner: of(owner).order_by("title"),
            "joined": lambda owner: of(owner).select_related("author__patron").order_by("title"),
            "prefetched": lambda owner: of(owner).prefetch_related("tags").order_by("title"),
            "dicts": lambda owner: of(owner).order_by("title").values("shelf", "lent_at"),
            "tuples": lambda owner: of(owner).order_by("title").values_list("shelf", "is_lent"),
            "one column": lambda owner: of(owner).order_by("title").values_list("pk", flat=True),
            "grouped": lambda owner: of(owner).values("author").annotate(n=Count("pk")),
            "annotated": lambda owner: of(owner).order_by("title").annotate(n=Value(1)),
            "deferred": lambda owner: of(owner).order_by("title").only("title"),
            "sliced": lambda owner: of(owner).order_by("-title")[:2],
            "union": lambda owner: (
                of(owner).values_list("title").union(of(owner).values_list("notes"))
            ),
            "none": lambda owner: of(owner).none(),
            "none of an empty list": lambda owner: of(owner).filter(pk__in=[]),
        }.items():
            with self.subTest(name):
                query = CompiledFunction(Book, counted := Counted(build))
                for owner in (self.alice, self.bob, self.alice):
                    assert query(owner) == list(build(owner))
                assert counted.times == 1

    def test_relations_that_are_fetched_take_no_query_more(self) -> None:
        joined = CompiledFunction(Book, lambda owner: of(owner).select_related("author"))
        fetched = CompiledFunction(Book, lambda owner: of(owner).prefetch_related("tags"))
        for _ in range(2):
            with self.assertNumQueries(1):
                assert {book.author.name for book in joined(self.alice)} == {"Woolf"}
            with self.assertNumQueries(2):
                assert sum(len(book.tags.all()) for book in fetched(self.alice)) == 2

    def test_first_is_the_first_row_or_none(self) -> None:
        query = CompiledFunction(Book, lambda owner: of(owner).order_by("-title"))
        assert query.first(self.alice).title == "3"
        assert query.first(self.charlie) is None

    def test_a_mistake_is_raised_each_time(self) -> None:
        wrong = compiled(Book)(lambda owner: Book.objects.filter(nobody=owner))
        for _ in range(2):
            with pytest.raises(FieldError):
                wrong(self.alice)

    def test_a_client_that_tries_all_forms_does_not_fill_the_memory(self) -> None:
        query = CompiledFunction(Book, lambda *flags: Book.objects.all())
        for number in range(QueryCache.MAX_FORMS + 20):
            query(*[bit == "1" for bit in f"{number:b}"])
        assert 0 < len(query.cache._queries) <= QueryCache.MAX_FORMS

    def test_a_query_in_use_is_kept_when_a_client_tries_all_forms(self) -> None:
        query = CompiledFunction(Book, build := Counted(lambda *flags: Book.objects.all()))
        query(None)
        for number in range(QueryCache.MAX_FORMS + 20):
            query(*[bit == "1" for bit in f"{number:b}"])
            query(None)
        assert build.times == 1 + QueryCache.MAX_FORMS + 20

    @skipUnlessDBFeature("has_zoneinfo_database")  # MySQL: if its time zone tables are filled
    def test_each_time_zone_has_a_query_of_its_own(self) -> None:
        evening = dt.datetime(2026, 3, 2, 20, tzinfo=dt.UTC)  # the next day in Seoul
        Book.objects.filter(pk=self.books[0].pk).update(lent_at=evening)
        build = Counted(lambda day: Book.objects.filter(lent_at__date=day))
        query = CompiledFunction(Book, build)
        for _ in range(2):
            for zone, days in (("UTC", [1, 0]), ("Asia/Seoul", [0, 1])):
                with timezone.override(zone):
                    assert [len(query(MONDAY)), len(query(MONDAY + DAY))] == days
        assert build.times == 2

    def test_time_zones_share_a_query_that_does_not_use_them(self) -> None:
        query = CompiledFunction(Book, build := Counted(of))
        for zone in ("UTC", "Asia/Seoul"):
            with timezone.override(zone):
                assert len(query(self.alice)) == 4
        assert build.times == 1

    def test_each_language_has_a_query_of_its_own(self) -> None:
        word = Value(gettext_lazy("Yes"), output_field=CharField())
        build = Counted(lambda owner: of(owner).annotate(word=word).values_list("word", flat=True))
        query = CompiledFunction(Book, build)
        for _ in range(2):
            for language, text in (("en", "Yes"), ("de", "Ja")):
                with translation.override(language):
                    assert set(query(self.alice)) == {text}
        assert build.times == 2

    def test_with_fast_lists_off_nothing_is_kept(self) -> None:
        query = CompiledFunction(Book, build := Counted(of))
        with self.settings(FAST_LISTS=False):
            for owner, number in ((self.alice, 4), (self.bob, 2), (self.alice, 4)):
                assert len(query(owner)) == number
        assert build.times == 3


class NotCompiledTest(LibraryTest):
    """Functions that depend on more than their arguments run each time."""

    def assert_right(self, build: Any, *values: Any) -> None:
        query = CompiledFunction(Book, counted := Counted(build))
        for value in (*values, values[0]):
            assert titles(query(value)) == titles(list(build(value)))
        assert counted.times > len(values)

    def test_a_value_is_inspected(self) -> None:
        books, second = of(self.alice), MONDAY + DAY
        for name, build in {
            "equality": lambda day: books.filter(published=day) if day == second else books,
            "inequality": lambda day: books.filter(published=day) if second != day else books,
            "order": lambda day: books.filter(published=day) if day > second else books,
            "truth": lambda day: books.filter(published=day) if day else books,
            "default": lambda day: books.filter(published=day or second),
            "membership": lambda day: books.filter(published=day) if day in [second] else books,
            "in a set": lambda day: books.filter(published=day) if day in {second} else books,
            "sum": lambda day: books.filter(published=day + DAY),
            "difference": lambda day: books.filter(published=second + (day - MONDAY)),
            "text": lambda day: books.filter(published=str(day)),
            "format": lambda day: books.filter(published=f"{day}"),
            "old format": lambda day: books.filter(published="%s" % day),  # noqa: UP031  # it is tested
            "repr": lambda day: books.filter(published=day) if repr(day) else books,
            "attribute": lambda day: books.filter(published__day=day.day),
            "method": lambda day: books.filter(published=day.isoformat()),
            "hasattr": lambda day: books if hasattr(day, "hour") else books.filter(published=day),
        }.items():
            with self.subTest(name):
                self.assert_right(build, MONDAY, second, MONDAY + 2 * DAY)

    def test_a_text_or_a_list_is_inspected(self) -> None:
        for name, build, values in (
            ("iteration", lambda text: Book.objects.filter(title__in=list(text)), ("01", "2")),
            ("length", lambda text: Book.objects.filter(title=len(text)), ("x", "xx")),
            ("place", lambda text: Book.objects.filter(title=text[0]), ("0x", "1x")),
            ("number", lambda text: Book.objects.filter(rating=int(text)), ("0", "1")),
            ("items", lambda pair: Book.objects.filter(title=max(pair)), (["0", "1"], ["3", "2"])),
        ):
            with self.subTest(name):
                self.assert_right(build, *values)

    def test_an_instance_is_inspected(self) -> None:
        first = self.books[0]
        for name, build in {
            "column": lambda book: Book.objects.filter(title="x" if book.title == "0" else "1"),
            "relation": lambda book: Book.objects.filter(owner=book.owner),
            "method": lambda book: of(self.alice).filter(notes=book.get_genre_display()),
            "same": lambda book: Book.objects.filter(pk=first.pk) if book == first else of(None),
        }.items():
            with self.subTest(name):
                self.assert_right(build, *self.books[:2])

    def test_the_clock_is_read(self) -> None:
        query = CompiledFunction(
            Book, build := Counted(lambda owner: of(owner).filter(lent_at__lt=timezone.now()))
        )
        assert query(self.alice) == []
        Book.objects.update(lent_at=timezone.now())
        assert len(query(self.alice)) == 4
        assert build.times > 2

    def test_a_query_runs(self) -> None:
        def newest(owner: Reader) -> Any:
            last = of(owner).order_by("-published").values_list("published", flat=True).first()
            return Book.objects.filter(published=last)

        query = CompiledFunction(Book, newest)
        assert titles(query(self.alice)) == ["3"]
        books_of(self.alice, 6)
        assert titles(query(self.alice)) == ["5"]
        assert titles(query(self.bob)) == ["1", "1", "1"]

    def test_a_query_runs_that_has_nothing_to_do_with_the_values(self) -> None:
        query = CompiledFunction(Book, lambda owner: of(owner)[: Author.objects.count()])
        assert len(query(self.alice)) == 2
        books_of(self.bob)
        assert len(query(self.alice)) == 3

    def test_a_query_runs_on_a_connection_that_the_thread_has_not_used(self) -> None:
        def unguarded() -> list[str]:
            with no_queries():
                return [alias for alias in connections if not connections[alias].execute_wrappers]

        with ThreadPoolExecutor(1) as pool:
            assert pool.submit(unguarded).result() == []

    def test_another_compiled_function_runs(self) -> None:
        inner = CompiledFunction(Author, lambda owner: Author.objects.filter(patron=owner))
        outer = CompiledFunction(
            Book,
            build := Counted(lambda owner: Book.objects.filter(author__in=list(inner(owner)))),
        )
        for _ in range(2):
            assert titles(outer(self.alice)) == ["0", "1", "2", "3"]
            assert titles(outer(self.bob)) == ["0", "1"]
        assert build.times > 3

    def test_a_relation_of_an_instance_is_the_start(self) -> None:
        query = CompiledFunction(Book, lambda owner: self.alice.books.filter(owner=owner))
        for _ in range(2):
            with self.assertNumQueries(1):
                assert all(book.owner is self.alice for book in query(self.alice))

    def test_a_value_of_another_type(self) -> None:
        query = CompiledFunction(Book, lambda labels: Book.objects.filter(labels=labels))
        for labels in ({"a": 1}, {"a": 2}):
            assert query(labels) == []


@override_settings(CHECK_COMPILED_QUERIES=True)
class CheckTest(LibraryTest):
    def setUp(self) -> None:
        """Leave the comparison on."""

    def test_a_function_that_depends_on_something_else_is_found(self) -> None:
        for name, changed in (("title", "1"), ("order", "published")):
            with self.subTest(name):
                hidden = {"title": "0", "order": "title"}
                query = CompiledFunction(
                    Book,
                    lambda owner, h=hidden: of(owner).filter(title=h["title"]).order_by(h["order"]),
                )
                assert len(query(self.alice)) == 1
                hidden[name] = changed
                with pytest.raises(AssertionError, match="depends on more than its arguments"):
                    query(self.alice)

    def test_a_lookup_whose_sql_differs_for_an_expression_is_found(self) -> None:
        query = CompiledFunction(Book, lambda text: Book.objects.filter(title__contains=text))
        with pytest.raises(AssertionError, match="LIKE"):
            query("1")

    def test_one_that_depends_on_its_arguments_passes(self) -> None:
        query = CompiledFunction(Book, lambda owner, pks: of(owner).filter(pk__in=pks))
        pks = [book.pk for book in self.books]
        for number in range(5):
            assert len(query(self.alice, pks[:number])) == number


class LockingTest(TransactionTestCase):
    def test_rows_are_locked_in_a_transaction_only_the_second_time_too(self) -> None:
        alice = Reader.objects.create(name="Alice")
        for first in (True, False):
            query = CompiledFunction(
                Reader, lambda pk: Reader.objects.filter(pk=pk).select_for_update()
            )
            for inside in (first, not first, first, not first):
                if inside or not connection.features.has_select_for_update:
                    with transaction.atomic():
                        assert query(alice.pk) == [alice]
                else:
                    with pytest.raises(transaction.TransactionManagementError):
                        query(alice.pk)


@skipUnless(connection.features.has_select_for_update, "in-memory SQLite has one connection")
class ThreadsTest(TransactionTestCase):
    def test_each_thread_gets_its_own_rows(self) -> None:
        readers = [Reader.objects.create(name=name) for name in ("Alice", "Bob", "Charlie")]
        for number, reader in enumerate(readers):
            books_of(reader, number + 2)
        self.addCleanup(sys.setswitchinterval, sys.getswitchinterval())
        sys.setswitchinterval(1e-6)
        joined = CompiledFunction(Book, lambda owner: of(owner).select_related("owner"))
        column = CompiledFunction(Book, lambda owner: of(owner).values_list("owner_id"))

        def read(number: int) -> bool:
            try:
                for turn in range(10):
                    at = (number + turn) % 3
                    assert [row.owner for row in joined(readers[at])] == [readers[at]] * (at + 2)
                    assert column(readers[at]) == [(readers[at].pk,)] * (at + 2)
            finally:
                connections.close_all()
            return True

        with ThreadPoolExecutor(8) as pool:
            assert all(pool.map(read, range(8)))

    def tearDown(self) -> None:
        Tag.objects.all().delete()
