"""The timeline reads as many rows, and sorts no more, however many posts there are."""

from __future__ import annotations

import datetime as dt
import itertools

from django.db import connection

from accounts.models import User
from diaries.models import Diary
from tests.base import Client
from tests.plans.base import PlansTest
from tests.plans.rows import FIRST, MANY, analyze, crowd, cycle, follows

PEOPLE, FOLLOWED, FEW_FOLLOWED = 150, 100, 10
FEW, MANY_DAYS = 60, 240
# Rows read for each person whom one follows: the follow, the person, two blocks, and a few posts.
READS_PER_PERSON = 10
PAGE = 50
# Of diaries. By them, far more would be read than a page has.
OTHER_INDEXES = {"diary_of_day", "diary_public"}


def publish(people: list[User], days: range) -> None:
    """Let everyone publish a diary on each of these days, in turn; of five one is for nobody."""
    Diary.objects.bulk_create(
        (
            Diary(
                owner=owner,
                date=FIRST + dt.timedelta(days=day),
                body="A day. " * 20,
                visibility="selected"
                if (day + at) % 5 == 0
                else cycle(("public", "followers"), at),
                post=(day * PEOPLE + at + 1) << 20,
            )
            for day in days
            for at, owner in enumerate(people)
        ),
        **MANY,
    )


class TimelinePlansTest(PlansTest):
    has_many = False

    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        cls.people = crowd(PEOPLE)
        follows((cls.alice, person) for person in cls.people[:FOLLOWED])
        follows((cls.bob, person) for person in cls.people[:FEW_FOLLOWED])
        publish(cls.people, range(MANY_DAYS - FEW, MANY_DAYS))
        analyze()

    def cost(self, client: Client, path: str, followed: int) -> tuple[list[int], str]:
        """Return the rows that each statement reads, and the path of the next page."""
        answer, seen = self.statements_of(path, client)
        assert len(answer["results"]) == PAGE
        first, last, page = [each for each in seen if "diaries_diary" in each.sql][:3]
        assert first.read <= READS_PER_PERSON * followed + 100, first
        assert last.read <= 2 * (PAGE + 1) ** 2 + 1_000, last
        # Only the rows of a page are sorted, and some more.
        assert first.sorted == 0, first
        # PostgreSQL sorts the posts of one person while there are few.
        assert last.sorted <= (0 if connection.vendor == "mysql" else (PAGE + 1) * FEW), last
        assert page.sorted <= 4 * PAGE, page
        for step in itertools.chain.from_iterable(each.plan() for each in (first, last, page)):
            # While there are few posts, MariaDB may as well read all of some people.
            assert not self.has_many or OTHER_INDEXES.isdisjoint(step.keys), step
        return [first.read, last.read, page.read], answer["next"]

    def costs(self) -> list[list[int]]:
        """Return the costs of the first two pages of somebody who follows many, and few."""
        found = []
        for client, followed in ((self.as_alice, FOLLOWED), (self.as_bob, FEW_FOLLOWED)):
            path = "timeline/"
            for _ in range(2):
                rows, path = self.cost(client, path, followed)
                found.append(rows)
        return found

    def test_pages_read_no_more_after_four_times_as_many_posts(self) -> None:
        before = self.costs()
        publish(self.people, range(MANY_DAYS - FEW))
        self.has_many = True
        analyze()
        for few, many in zip(before, self.costs(), strict=True):
            assert all(b <= 1.3 * a + 60 for a, b in zip(few, many, strict=True)), (few, many)
