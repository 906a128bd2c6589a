"""Pages of posts read a bounded number of rows by the order of an index, whatever is hidden."""

from __future__ import annotations

import datetime as dt

from django.db import connection

from diaries.models import Diary, Label, Labelled
from diaries.models.labels import LabelKind
from diaries.post_views import POSTS_AT_ONCE
from tests.plans.base import PlansTest
from tests.plans.lists import PLACE
from tests.plans.rows import FIRST, MANY, analyze, crowd, follows, publish

PEOPLE = 40
EACH = 300
POSTS = PEOPLE * EACH


class PostPlansTest(PlansTest):
    """Of many posts with one hashtag Alice sees few; those of the first person she sees all."""

    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        people = crowd(PEOPLE)
        cls.person = people[0]
        follows([(cls.alice, cls.person)])
        diaries = [
            Diary(
                owner=people[n % PEOPLE],
                date=FIRST + dt.timedelta(days=n // PEOPLE),
                visibility="public" if n % 1_000 == 1 else "followers",
            )
            for n in range(POSTS)
        ]
        assert all(publish(diary) for diary in diaries)
        Diary.objects.bulk_create(diaries, **MANY)
        for kind, name, step in (
            (LabelKind.HASHTAG, "common", 1),
            (LabelKind.HASHTAG, "rare", 1_000),
            (LabelKind.PLACE, "서울숲", 7),
        ):
            label = Label.named(kind, name)
            label.save()
            rows = (Labelled(label=label, post=each) for each in diaries[1::step])
            Labelled.objects.bulk_create(rows, **MANY)
        analyze()

    def read(self, query: str) -> tuple[int, int]:
        """Return how many rows are read and sorted for a page of 50, without the enrichment."""
        seen = self.statements_of(f"posts/?{query}")[1]
        for each in seen:
            if each.finds_end:
                self.assert_few(query, each)
                assert each.sorted == 0, each.sql
        return sum(each.read for each in seen), max(each.sorted for each in seen)

    def test_pages_of_a_label_read_no_more_than_their_part(self) -> None:
        for query in (
            "hashtag=common",
            "hashtag=rare",
            f"place={PLACE}",
            f"hashtag=common&place={PLACE}",
            "hashtag=rare&has_photos=true",
        ):
            with self.subTest(query):
                read, ordered = self.read(query)
                assert read <= 12 * POSTS_AT_ONCE, read  # the rule reads up to ten rows a post
                # Where a part has all posts of a label, some statistics make MariaDB sort it.
                assert ordered <= POSTS_AT_ONCE, ordered

    def test_pages_of_a_person_read_their_posts_only(self) -> None:
        # PostgreSQL would rather sort the posts of one person while there are few.
        most = EACH if connection.vendor == "postgresql" else 200
        for query in ("", "&hashtag=common", "&hashtag=rare", "&has_photos=true"):
            with self.subTest(query):
                read, ordered = self.read(f"owner={self.person.uuid}{query}")
                assert read <= 16 * EACH, read
                assert ordered <= most, ordered
        for _ in range(2):  # the plan is the same for whoever follows nobody
            assert self.read(f"owner={self.bob.uuid}")[0] < 50

    def test_the_posts_of_a_profile_are_counted_among_those_of_the_person(self) -> None:
        seen = self.statements_of(f"users/{self.person.uuid}/")[1]
        assert max(each.read for each in seen) <= 8 * EACH
