"""The timeline reads as many rows, and sorts no more, however many posts there are."""

from __future__ import annotations

import datetime as dt

from accounts.models import User
from diaries.models import Diary
from tests.plans.base import PlansTest
from tests.plans.reading import columns_of
from tests.plans.rows import FIRST, MANY, analyze, crowd, cycle, follows

PEOPLE, FOLLOWED = 600, 300
FEW, MANY_DAYS = 12, 120
# Rows read for each person whom one follows: the follow, the person, two blocks, the first post.
READS_PER_PERSON = 7
PAGE = 50


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
    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        cls.people = crowd(PEOPLE)
        follows((cls.alice, person) for person in cls.people[:FOLLOWED])
        follows((cls.bob, person) for person in cls.people[:3])
        publish(cls.people, range(MANY_DAYS - FEW, MANY_DAYS))
        analyze()

    def cost(self, path: str) -> tuple[list[int], str]:
        """Return the rows that each statement reads, and the path of the next page."""
        answer, seen = self.statements_of(path)
        assert len(answer["results"]) == PAGE
        statements = [each for each in seen if "diaries_diary" in each.sql]
        first, last, page = statements[:3]
        # The first statement neither sorts nor looks at more than the latest posts of each person.
        assert (first.sorted, last.sorted) == (0, 0)
        assert first.read <= READS_PER_PERSON * FOLLOWED + 100, first
        assert last.read <= 3 * (PAGE + 1) ** 2, last
        assert page.sorted <= 3 * PAGE, page
        for statement in (first, last, page):
            for step in statement.plan():
                if step.table == "diaries_diary" or "diary_timeline" in step.keys:
                    assert columns_of(step) <= {"owner_id", "post"}, statement
        return [first.read, last.read, page.read], answer["next"]

    def test_pages_read_no_more_after_ten_times_as_many_posts(self) -> None:
        before = [self.cost("timeline/")]
        before.append(self.cost(before[0][1]))
        publish(self.people, range(MANY_DAYS - FEW))
        analyze()
        after = [self.cost("timeline/")]
        after.append(self.cost(after[0][1]))
        for (few, _), (many, _) in zip(before, after, strict=True):
            assert all(b <= 1.2 * a + 60 for a, b in zip(few, many, strict=True)), (few, many)
