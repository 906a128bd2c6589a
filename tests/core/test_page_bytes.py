"""Pages that end before the row that would make them too long, in both directions"""

from __future__ import annotations

import datetime as dt
from typing import Any
from unittest import mock

from django.db import connection
from django.test import override_settings

from accounts.models import Follow, User
from core.pagination import MAX_PAGE_BYTES, KeysetPagination
from diaries.models import Diary
from goals.models import Goal
from resources.serializers import FEW_VIEWERS, VIEWERS, VIEWERS_IN_ALL, viewers_of
from tests.base import ApiTest, person
from todos.models import Todo

FIRST = dt.date(2026, 1, 1)
MARGIN = 200_000  # bytes of a page for all that is not long


class PageBytesTest(ApiTest):
    def diaries(self, bodies: list[str]) -> list[str]:
        """Create diaries on successive days; return their ids in the order of the list."""
        rows = [
            Diary(owner=self.alice, date=FIRST + dt.timedelta(days=number), body=body)
            for number, body in enumerate(bodies)
        ]
        return [str(row.pk) for row in reversed(Diary.objects.bulk_create(rows))]

    def walk(self, path: str) -> list[list[Any]]:
        """Return the rows of all pages, after walking to the end and back."""
        pages, url = [], path
        while url:
            response = self.as_alice.get(url)
            page = self.ok(response)
            assert len(response.content) <= MAX_PAGE_BYTES + MARGIN
            pages.append(page["results"])
            url = page["next"]
        back, url = [], page["previous"]
        rows = [row for part in pages[:-1] for row in part]
        while url:
            page = self.ok(self.as_alice.get(url))
            back = page["results"] + back
            url = page["previous"]
        assert back == rows
        return pages

    def check(self, path: str, expected: list[str], pages: int) -> None:
        for is_fast in (True, False):
            with self.subTest(fast=is_fast), override_settings(FAST_LISTS=is_fast):
                walked = self.walk(path)
                assert [row["id"] for page in walked for row in page] == expected
                assert len(walked) == pages

    def test_long_diaries(self) -> None:
        expected = self.diaries(["x" * 20_000] * 120)
        self.check("diaries/?page_size=200", expected, 5)

    def test_characters_that_json_escapes(self) -> None:
        expected = self.diaries(["\x01" * 20_000] * 20)
        self.check("diaries/?page_size=200", expected, 5)

    def test_a_page_has_at_least_one_row(self) -> None:
        expected = self.diaries(["x" * 20_000] * 3)
        with mock.patch.object(KeysetPagination, "max_bytes", 10_000):
            self.check("diaries/", expected, 3)

    def test_long_and_short_rows(self) -> None:
        bodies = [("x" * 20_000 if number % 2 else "") for number in range(60)]
        expected = self.diaries(bodies)
        with mock.patch.object(KeysetPagination, "max_bytes", 25_000):
            self.check("diaries/?page_size=5", expected, 30)

    def test_short_rows_fill_the_page(self) -> None:
        expected = self.diaries(["x"] * 200)
        self.check("diaries/?page_size=200", expected, 1)

    def test_long_memos(self) -> None:
        goal = self.goal()
        todos = Todo.objects.bulk_create(
            Todo(owner=self.alice, goal=goal, title="x", memo="가" * 2_000, date=FIRST, position=at)
            for at in range(200)
        )
        self.check("todos/?page_size=200", [str(todo.pk) for todo in todos], 3)

    def test_many_viewers(self) -> None:
        people = [person(f"Viewer{number}") for number in range(60)]
        follows = Follow.objects.bulk_create(
            Follow(follower=each, followee=self.alice, state=Follow.State.ACCEPTED)
            for each in people
        )
        goals = Goal.objects.bulk_create(
            Goal(owner=self.alice, title="x", position=at, visibility="selected")
            for at in range(120)
        )
        entries = Goal.viewers.through.objects
        entries.bulk_create(
            Goal.viewers.through(goal=goal, follow=follow) for goal in goals for follow in follows
        )
        with mock.patch.object(KeysetPagination, "max_bytes", 300_000):
            self.check("goals/?page_size=200", [str(goal.pk) for goal in goals], 3)

        with (
            mock.patch("resources.serializers.ENTRIES", 2 * VIEWERS),
            mock.patch("resources.serializers.viewers_of", viewers_of.__wrapped__),
        ):
            pages = self.walk("goals/?page_size=200")
            assert [len(goal["viewers"]) for page in pages for goal in page] == [60] * 120
            handles = [card["handle"] for card in pages[0][0]["viewers"]]
            assert handles == sorted(handles)

    def test_what_is_left_out_is_not_read(self) -> None:
        """A stream that ends early leaves the connection as it was."""
        self.diaries(["x" * 20_000] * 60)
        with mock.patch.object(KeysetPagination, "max_bytes", 30_000):
            assert len(self.ok(self.as_alice.get("diaries/"))["results"]) == 1
        assert Diary.objects.count() == 60
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
            assert cursor.fetchall() == ((1,),) or cursor.fetchall() == []

    def test_a_page_costs_the_same_queries(self) -> None:
        self.diaries(["x" * 20_000] * 60)
        with self.assertNumQueries(3):
            self.ok(self.as_alice.get("diaries/?page_size=200"))


class ViewersInAllTest(ApiTest):
    def followers(self, number: int) -> list[User]:
        people = [person(f"Viewer{each}") for each in range(number)]
        for each in people:
            each.follow(self.alice)
        return people

    def test_the_goals_of_a_person_have_so_many_viewers_in_all(self) -> None:
        people = [str(each.uuid) for each in self.followers(FEW_VIEWERS + 1)]
        body = {"title": "x", "visibility": "selected", "viewers": people}
        with mock.patch("goals.serializers.VIEWERS_IN_ALL", 2 * len(people)):
            first = self.ok(self.as_alice.post("goals/", body), 201)
            self.ok(self.as_alice.post("goals/", body), 201)
            problem = self.assert_problem(self.as_alice.post("goals/", body), 409, "limit")
            assert problem["limit"] == 2 * len(people)
            few = body | {"viewers": people[:FEW_VIEWERS]}
            self.ok(self.as_alice.post("goals/", few), 201)
            path = f"goals/{first['id']}/"
            self.ok(self.as_alice.patch(path, {"viewers": first["viewers"]}))
        assert VIEWERS_IN_ALL >= 25 * 200
