"""The release before knows no photos: what it deletes leaves photos, which `tidy` deletes."""

from __future__ import annotations

import datetime as dt
import threading
from typing import Any
from unittest.mock import patch

import pytest
from django.db import connection, models, transaction

from accounts.models import Profile, User
from core.transactions import run_write
from diaries.models import Diary, DiaryPhoto
from photos import leftovers
from photos.avatars import set_avatar
from photos.leftovers import remove_leftovers, remove_unnamed
from photos.models import Photo, Trash
from photos.tidying import tidy
from resources.models import Tombstone
from tests.base import MONDAY, ApiTest, RaceTest, needs_row_locks
from tests.photos.base import InFolder, photo, photo_with_files
from todos.models import Todo

DAY = dt.timedelta(days=1)


def delete_by_sql(model: type[models.Model], column: str, value: Any) -> None:
    """Delete rows as a release does that does not know what refers to them."""
    quote = connection.ops.quote_name
    value = model._meta.get_field(column).get_db_prep_value(value, connection)
    with connection.cursor() as cursor:
        cursor.execute(
            f"DELETE FROM {quote(model._meta.db_table)} WHERE {quote(column)} = %s",  # noqa: S608
            [value],
        )


class LeftoversTest(InFolder, ApiTest):
    def setUp(self) -> None:
        super().setUp()
        with transaction.atomic():
            self.diary = Diary.add(self.alice, date=MONDAY, photos=self.fresh(2))
            self.other = Diary.add(self.alice, date=MONDAY + DAY, photos=self.fresh(1))
            goal = self.goal()
            self.todo, self.other_todo = (
                Todo.add(self.alice, goal=goal, date=MONDAY, title="x", photo=next(iter(one)))
                for one in (self.fresh(1), self.fresh(1))
            )
            set_avatar(self.alice, photo_with_files(self.alice))

    def fresh(self, count: int) -> dict[Any, str | None]:
        return {photo_with_files(self.alice).pk: "" for _ in range(count)}

    def tidy(self, after: dt.timedelta = 2 * DAY) -> list[str]:
        said: list[str] = []
        with self.captureOnCommitCallbacks(execute=True):
            tidy(dt.datetime.now(dt.UTC) + after, said.append)
        return said

    def assert_left(self, count: int) -> None:
        rows = list(Photo.objects.all())
        assert len(rows) == count
        assert self.files() == {name for row in rows for name in row.names}
        assert not Trash.objects.exists()

    def test_no_constraint_keeps_that_release_from_deleting(self) -> None:
        for model, column in ((Photo, "owner_id"), (DiaryPhoto, "diary_id"), (Todo, "photo_id")):
            with connection.cursor() as cursor:
                relations = connection.introspection.get_relations(cursor, model._meta.db_table)
            assert column not in relations

    def test_the_photos_of_deleted_diaries_and_todos_go_after_a_day(self) -> None:
        gone = list(DiaryPhoto.objects.filter(diary=self.diary).values_list("photo", flat=True))
        gone.append(self.todo.photo_id)
        delete_by_sql(Diary, "id", self.diary.pk)
        delete_by_sql(Todo, "id", self.todo.pk)
        self.tidy(DAY - dt.timedelta(hours=1))
        self.assert_left(6)
        said = self.tidy()
        assert "3 photos deleted whose diary, todo or owner was deleted without them" in said
        self.assert_left(3)
        assert not Photo.objects.filter(pk__in=gone).exists()
        assert Tombstone.objects.filter(kind="photo", pk__in=gone).count() == 3
        assert list(DiaryPhoto.objects.values_list("diary", flat=True)) == [self.other.pk]
        assert not any("without them" in line for line in self.tidy())

    def test_the_photos_of_deleted_people_go(self) -> None:
        photo_with_files(self.bob)
        gone = photo_with_files(self.bob, used=1)
        # Which leaves the same as the deletion of all rows of a person but these.
        missing = User.objects.order_by("pk").values_list("pk", flat=True).last() or 0
        Photo.objects.of(self.bob).update(owner=missing + 1)
        assert not User.objects.filter(pk=missing + 1).exists()
        self.tidy()
        self.assert_left(6)
        assert not Tombstone.objects.filter(pk=gone.pk).exists()

    def test_of_many_photos_parts_have_their_turns(self) -> None:
        now = dt.datetime.now(dt.UTC) + 2 * DAY
        for row in (Diary, Todo):
            row.objects.all()._raw_delete("default")
        with patch.object(leftovers, "AT_ONCE", 4), patch.object(leftovers, "BATCH", 3):
            counts = [remove_leftovers(now + dt.timedelta(hours=hour)) for hour in range(4)]
        assert sum(counts) == 5
        assert max(counts) <= 4
        assert list(Photo.objects.values_list("key", flat=True)) == [
            Profile.objects.get(pk=self.alice.pk).avatar
        ]

    def test_it_asks_the_same_for_few_photos_and_many(self) -> None:
        now = dt.datetime.now(dt.UTC) + 2 * DAY
        for day in (2, 3):
            # the number and ids, the photos, their owners, avatars' keys, avatars, diaries, todos
            with self.assertNumQueries(8):
                assert remove_leftovers(now) == 0
            with transaction.atomic():
                photos: dict[Any, str | None] = {photo(self.alice).pk: "" for _ in range(10)}
                Diary.add(self.alice, date=MONDAY + day * DAY, photos=photos)


@pytest.mark.races
@needs_row_locks
class LeftoversRaceTest(InFolder, RaceTest):
    def test_a_photo_that_gets_on_a_diary_meanwhile_stays(self) -> None:
        row = photo_with_files(self.alice)
        now = dt.datetime.now(dt.UTC) + 2 * DAY
        attached, asked = threading.Event(), threading.Event()
        lock = User.lock

        def work(number: int) -> Any:
            if number:
                attached.wait(30)
                with patch.object(User, "lock", lambda user: (asked.set(), lock(user))):
                    return run_write(lambda: remove_unnamed(row.pk, now))

            def attach() -> None:
                owner = User.objects.select_related("profile").get(pk=self.alice.pk)
                owner.lock()
                Photo.attach(owner, [row.pk])
                attached.set()
                asked.wait(30)
                diary = Diary.objects.create(owner=owner, date=MONDAY)
                DiaryPhoto.show(diary, {row.pk: ""})

            return run_write(attach)

        assert self.at_once(work, threads=2) == [None, False]
        assert Photo.objects.get().used == 1
        assert self.files() == set(row.names)
