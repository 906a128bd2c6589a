"""A diary that is neither a draft nor private is a post, with a place in time that is its own."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from unittest import mock

import pytest

from core import clock
from core.erasing import erase
from diaries.models import Diary
from diaries.models.diaries import RANDOM_BITS, post_number
from diaries.models.labels import Label, LabelKind, Labelled, label_id
from tests.base import ApiTest, Client, RaceTest, needs_row_locks, new_id


def milliseconds(diary: Diary) -> int:
    """Return the place in time of a post."""
    assert diary.post is not None
    return diary.post >> RANDOM_BITS


class PublishDiaryTest(ApiTest):
    def create(self, **body: Any) -> Diary:
        answer = self.as_alice.post("diaries/", {"date": "2026-03-01"} | body)
        return Diary.objects.get(pk=self.ok(answer, 201)["id"])

    def patch(self, diary: Diary, **body: Any) -> Diary:
        self.ok(self.as_alice.patch(f"diaries/{diary.pk}/", body))
        return Diary.objects.get(pk=diary.pk)

    def test_a_diary_that_others_may_see_is_a_post_from_its_creation_on(self) -> None:
        for number, visibility in enumerate(("selected", "followers", "public"), 1):
            before = clock.now()
            diary = self.create(date=f"2026-03-0{number}", visibility=visibility)
            assert diary.published_at is not None
            assert before <= diary.published_at <= clock.now()
            assert milliseconds(diary) == milliseconds(Diary(post=post_number(diary.published_at)))

    def test_a_private_diary_and_a_draft_are_no_posts_until_they_are_shown(self) -> None:
        for number, hidden in enumerate(({}, {"visibility": "public", "is_draft": True}), 1):
            diary = self.create(date=f"2026-03-0{number}", **hidden)
            assert (diary.post, diary.published_at) == (None, None)
            shown = self.patch(diary, visibility="followers", is_draft=False)
            assert shown.post is not None
            assert shown.published_at is not None

    def test_a_post_that_was_hidden_returns_to_its_place_in_time(self) -> None:
        diary = self.create(visibility="public")
        # As if it had been published long ago.
        published_at = clock.now() - timedelta(days=40)
        Diary.objects.filter(pk=diary.pk).update(
            published_at=published_at, post=post_number(published_at)
        )
        newer = self.create(date="2026-03-02", visibility="public")
        for hide, show in (
            ({"visibility": "private"}, {"visibility": "public"}),
            ({"is_draft": True}, {"is_draft": False}),
        ):
            hidden = self.patch(diary, **hide)
            assert (hidden.post, hidden.published_at) == (None, published_at)
            shown = self.patch(diary, **show)
            assert shown.published_at == published_at
            assert milliseconds(shown) == milliseconds(Diary(post=post_number(published_at)))
            assert shown.post < newer.post

    def test_a_diary_of_before_there_were_posts_is_one_since_its_creation(self) -> None:
        """Whatever is changed of it first: it may not get to the top."""
        for number, change in enumerate(({"body": "More"}, {"visibility": "private"}), 1):
            row = Diary.objects.create(
                owner=self.alice, date=f"2026-03-0{number}", visibility="public"
            )
            created_at = clock.now() - timedelta(days=40)
            Diary.objects.filter(pk=row.pk).update(created_at=created_at)
            assert self.patch(row, **change).published_at == created_at
            shown = self.patch(row, visibility="followers")
            assert shown.published_at == created_at
            assert milliseconds(shown) == post_number(created_at) >> RANDOM_BITS

    def test_no_other_change_moves_a_post(self) -> None:
        post = self.create(visibility="selected").post
        diary = Diary.objects.get(post=post)
        for body in (
            {"visibility": "followers"},
            {"visibility": "public"},
            {"date": "2030-01-01"},
            {"body": "More"},
            {"is_draft": False},
            {"viewers": [str(self.bob.uuid)], "visibility": "selected"},
        ):
            assert self.patch(diary, **body).post == post

    def test_the_same_requests_again_change_nothing(self) -> None:
        pk = new_id()
        body = {"id": pk, "date": "2026-03-01", "visibility": "public"}
        first = self.create(**body)
        self.ok(self.as_alice.post("diaries/", body), 200)
        again = Diary.objects.get(pk=pk)
        assert (again.post, again.published_at) == (first.post, first.published_at)
        for change in ({"visibility": "private"}, {"visibility": "followers"}):
            once = self.patch(first, **change)
            twice = self.patch(first, **change)
            assert (once.post, once.updated_at) == (twice.post, twice.updated_at)

    def test_the_labels_of_a_post_go_with_it(self) -> None:
        label = Label.objects.create(
            id=label_id(LabelKind.HASHTAG, "달리기"), kind="hashtag", name="달리기", folded="달리기"
        )
        posts = [self.create(date=f"2026-03-0{n}", visibility="public") for n in (1, 2, 3)]
        private = self.create(date="2026-03-04")
        for diary in posts:
            Labelled.objects.create(label=label, post=diary)
        self.ok(self.as_alice.delete(f"diaries/{posts[0].pk}/"), 204)
        self.ok(self.as_alice.delete(f"diaries/{private.pk}/"), 204)
        assert Labelled.objects.count() == 2
        erase(Diary.objects.of(self.alice))
        assert Labelled.objects.count() == 0


class TakenNumberTest(RaceTest):
    """Not in a transaction of the test: a write is run again in one of its own."""

    def test_a_number_that_is_taken_is_tried_again_with_other_random_bits(self) -> None:
        first = Diary.add(self.alice, date=self.day(0), visibility="public")
        hidden = Diary.add(self.alice, date=self.day(1))
        Diary.objects.filter(pk=hidden.pk).update(published_at=first.published_at)
        taken = (first.post or 0) % (1 << RANDOM_BITS)
        with mock.patch("secrets.randbits", side_effect=[taken, 7 if taken != 7 else 8]):
            body = {"visibility": "public"}
            self.ok(self.as_alice.patch(f"diaries/{hidden.pk}/", body))
        shown = Diary.objects.get(pk=hidden.pk)
        assert shown.post != first.post
        assert milliseconds(shown) == milliseconds(first)


@pytest.mark.races
@needs_row_locks
class PublishDiaryRaceTest(RaceTest):
    def test_a_post_of_two_devices_has_the_place_of_whoever_was_first(self) -> None:
        pk = Diary.add(self.alice, date=self.today).pk
        phones = [Client(self.alice) for _ in range(16)]
        changes = [{"visibility": "public"}, {"visibility": "private"}, {"is_draft": True}]
        for _round in range(3):
            answers = self.at_once(
                lambda number: phones[number].patch(f"diaries/{pk}/", changes[number % 3])
            )
            assert {answer.status_code for answer in answers} == {200}
            diary = Diary.objects.get(pk=pk)
            is_shown = diary.visibility == "public" and not diary.is_draft
            assert (diary.post is not None) == is_shown
            if diary.published_at is not None and diary.post is not None:
                assert milliseconds(diary) == post_number(diary.published_at) >> RANDOM_BITS
