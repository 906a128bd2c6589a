"""Shared base of the tests: three readers and their books."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.test import TestCase
from rest_framework.test import APIClient

from fastlists.tests.models import Author, Book, Reader, Tag

MONDAY = dt.date(2026, 3, 2)
DAY = dt.timedelta(days=1)


def books_of(owner: Reader, number: int = 4, **values: Any) -> list[Book]:
    """Give the owner books on following days: "0" on a Monday, "1" on the next day."""
    author = Author.objects.create(name="Woolf", patron=owner)
    for n in range(number):
        defaults = {"author": author, "title": str(n), "published": MONDAY + n * DAY, "rating": n}
        Book.objects.create(owner=owner, **defaults | values)
    return list(Book.objects.filter(owner=owner, author=author).order_by("title"))


def titles(books: list[Book]) -> list[str]:
    return sorted(book.title for book in books)


class LibraryTest(TestCase):
    """Alice has four books, Bob has two, Charlie has none; the comparison of queries is off."""

    alice: Reader
    bob: Reader
    charlie: Reader

    @classmethod
    def setUpTestData(cls) -> None:
        cls.alice, cls.bob, cls.charlie = (
            Reader.objects.create(name=name) for name in ("Alice", "Bob", "Charlie")
        )
        cls.books = books_of(cls.alice)
        books_of(cls.bob, 2)
        Tag.objects.create(book=cls.books[0], word="sea")
        Tag.objects.create(book=cls.books[0], word="light")

    def setUp(self) -> None:
        self.enterContext(self.settings(CHECK_COMPILED_QUERIES=False))

    def get(self, path: str, reader: Reader | None = None, status: int = 200) -> Any:
        """Return the answer to the reader (to Alice), which has this status."""
        phone = APIClient(headers={"X-Reader": str((reader or self.alice).pk)})
        answer = phone.get(path)
        assert answer.status_code == status, answer.content
        return answer

    def rows(self, path: str, reader: Reader | None = None) -> list[dict[str, Any]]:
        return list(self.get(path, reader).json()["results"])
