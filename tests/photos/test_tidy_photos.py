"""After `tidy` each photo has its files and each file its photo, wherever work was interrupted."""

from __future__ import annotations

import datetime as dt
from contextlib import suppress
from io import StringIO
from itertools import count, product
from typing import Any
from unittest.mock import patch
from uuid import UUID

import obstore
import pytest
from django.core.management import CommandError, call_command
from django.db import transaction
from django.test import override_settings

from accounts.models import Profile, User
from core.erasing import erase
from operations.doctor import photo_tidying
from operations.jobs import nightly
from operations.jobs.models import Run
from photos import leftovers, tidying
from photos import store as storing
from photos.models import Photo, Trash
from photos.names import names_of, new_key
from photos.store import StoreError, store
from photos.tidying import tidy
from tests.base import ApiTest, new_id
from tests.photos.base import LARGE, SMALL, InFolder, photo, photo_with_files
from tests.photos.pictures import png

DAY = dt.timedelta(days=1)


class OnRows(InFolder):
    """Mixin: photos in use count as those of rows, without any; test_leftovers.py has real ones."""

    def setUp(self) -> None:
        named = patch.object(leftovers, "named", set)
        named.start()
        self.addCleanup(named.stop)
        super().setUp()


class TidyTest(OnRows, ApiTest):
    def tidy(self, after: dt.timedelta = 2 * DAY) -> list[str]:
        said: list[str] = []
        with self.captureOnCommitCallbacks(execute=True):
            tidy(dt.datetime.now(dt.UTC) + after, said.append)
        return said

    def avatar(self) -> Photo:
        row = photo_with_files(self.alice, used=1)
        Profile.objects.filter(pk=self.alice.pk).update(avatar=row.key)
        return row

    def assert_whole(self) -> None:
        """Assert that the files are those of the rows, and that nothing waits to be removed."""
        assert self.files() == {name for row in Photo.objects.all() for name in row.names}
        assert not Trash.objects.exists()

    def test_files_without_a_row_go_when_their_day_is_over(self) -> None:
        kept = self.avatar()
        today, before = dt.datetime.now(dt.UTC).date(), dt.date(2026, 3, 2)
        for day in (today, before):
            store().put(new_key(day), LARGE, SMALL)
        half = new_key(before)
        (self.folder / names_of(half).small).write_bytes(SMALL)
        (self.folder / f"{names_of(half).large}#1").write_bytes(b"killed while it was written")
        self.tidy(dt.timedelta())
        # What is of today may be an upload that is going on.
        assert len(self.files()) == 4
        self.tidy()
        assert self.files() == set(kept.names)
        assert not (self.folder / before.isoformat()).exists()
        self.assert_whole()

    def test_a_file_of_an_upload_around_midnight_is_left(self) -> None:
        photo(self.alice, used=1)  # the database is not empty
        today = dt.datetime.now(dt.UTC)
        key = new_key(today.date())
        store().put(key, LARGE, SMALL)
        midnight = dt.datetime.combine(today.date() + DAY, dt.time(), dt.UTC)
        for minutes, there in ((1, True), (59, True), (61, False)):
            self.tidy(midnight + dt.timedelta(minutes=minutes) - today)
            assert bool(self.files()) == there

    def test_photos_on_nothing_go_after_a_day_and_used_ones_stay(self) -> None:
        forgotten, used = photo_with_files(self.alice), self.avatar()
        self.tidy(dt.timedelta(hours=23))
        assert Photo.objects.count() == 2
        self.tidy(dt.timedelta(hours=25))
        assert list(Photo.objects.all()) == [used]
        self.assert_whole()
        gone = self.as_alice.put(f"photos/{forgotten.pk}/", b"", content_type="image/png")
        self.assert_problem(gone, 410, "deleted")

    def test_files_of_deleted_photos_go_even_if_the_store_failed_before(self) -> None:
        row = photo_with_files(self.alice)
        with patch.object(storing.PhotoStore, "remove", side_effect=StoreError("away")):
            with self.captureOnCommitCallbacks(execute=True), transaction.atomic():
                row.remove()
            with pytest.raises(CommandError, match="away"):
                call_command("tidy", stdout=StringIO())
        assert self.files() == set(names_of(row.key))
        assert self.tidy(dt.timedelta())[1] == "1 deleted photos' files removed"
        self.assert_whole()

    def test_files_that_cannot_be_removed_stop_neither_the_others_nor_the_comparison(self) -> None:
        kept = photo_with_files(self.alice, used=1)
        rows = [photo_with_files(self.alice) for _ in range(3)]
        with (
            patch.object(storing.PhotoStore, "remove", side_effect=StoreError("away")),
            self.captureOnCommitCallbacks(execute=True),
            transaction.atomic(),
        ):
            for row in rows:
                row.remove()
        orphan = new_key(dt.date(2026, 3, 2))
        store().put(orphan, LARGE, SMALL)
        stuck = rows[0].key
        Trash.objects.filter(pk=stuck).update(since=dt.datetime(2026, 1, 1, tzinfo=dt.UTC))
        remove = storing.PhotoStore.remove

        def remove_others(self: storing.PhotoStore, key: UUID) -> None:
            if key == stuck:
                raise StoreError("stuck")
            remove(self, key)

        with (
            patch.object(storing.PhotoStore, "remove", remove_others),
            pytest.raises(StoreError, match="stuck"),
        ):
            self.tidy()
        assert self.files() == {*kept.names, *names_of(stuck)}
        assert Trash.objects.get().key == stuck
        self.tidy()
        self.assert_whole()

    def test_the_trash_is_left_when_the_store_fails_and_others_are_first_next_time(self) -> None:
        keys = [new_key(dt.date(2026, 3, 2)) for _ in range(tidying.MOST_FAILURES + 1)]
        start = dt.datetime(2026, 3, 2, tzinfo=dt.UTC)
        for number, key in enumerate(keys):
            Trash.objects.create(key=key, since=start + number * DAY)
        with patch.object(storing.PhotoStore, "remove", side_effect=StoreError("away")) as remove:
            for _ in range(2):
                with pytest.raises(StoreError, match="away"):
                    self.tidy()
        tried = [call.args[0] for call in remove.call_args_list]
        assert tried[: tidying.MOST_FAILURES] == keys[:-1]
        assert tried[tidying.MOST_FAILURES] == keys[-1]
        assert len(tried) == 2 * tidying.MOST_FAILURES

    def test_the_files_of_another_database_stay_unless_forced(self) -> None:
        photo(self.alice, used=1)
        day = dt.date(2026, 3, 2)
        for _ in range(tidying.MOST_UNKNOWN):
            store().put(new_key(day), LARGE, SMALL)
        few = self.files()
        last = new_key(day)
        store().put(last, LARGE, SMALL)
        with pytest.raises(CommandError, match=r"2026-03-02: 21 of 21.*tidy --force"):
            call_command("tidy", stdout=StringIO())
        with self.assertLogs(level="ERROR"):
            nightly.tidy_photos()
        (finding,) = photo_tidying.examine()
        assert finding.code == "photo-tidy"
        assert "2026-03-02: 21 of 21" in finding.message
        assert self.files() == {*few, *names_of(last)}
        call_command("tidy", "--force", stdout=StringIO())
        assert self.files() == set()
        Run.objects.all().delete()
        nightly.tidy_photos()
        assert list(photo_tidying.examine()) == []

    def test_what_is_less_than_the_photos_of_the_day_goes(self) -> None:
        day = dt.date(2026, 3, 2)
        known = tidying.MOST_UNKNOWN + 1
        rows = [photo(self.alice, used=1, key=new_key(day)) for _ in range(known)]
        for key in [*(row.key for row in rows), *(new_key(day) for _ in range(known))]:
            store().put(key, LARGE, SMALL)
        self.tidy()
        self.assert_whole()

    def test_an_empty_database_removes_no_file(self) -> None:
        store().put(new_key(dt.date(2026, 3, 2)), LARGE, SMALL)
        with pytest.raises(tidying.ForeignFilesError):
            self.tidy()
        assert len(self.files()) == 2

    def test_there_is_nothing_to_do_before_the_folder_exists(self) -> None:
        with override_settings(PHOTO_URL=(self.folder / "new").as_uri()):
            assert self.tidy()[1] == "0 deleted photos' files removed"

    def test_an_account_is_erased_with_all_its_files(self) -> None:
        for _ in range(3):
            photo_with_files(self.alice, used=1)
        other = photo_with_files(self.bob, used=1)
        for remove in (self.alice.remove, lambda: erase(User.objects.filter(pk=self.charlie.pk))):
            photo_with_files(self.charlie)
            remove()
            self.tidy(dt.timedelta())
        assert list(Photo.objects.all()) == [other]
        self.assert_whole()

    def test_the_jobs_tidy_every_hour(self) -> None:
        now = dt.datetime.now(dt.UTC)
        nightly.tidy_photos()
        nightly.tidy_photos()
        assert Run.objects.filter(name="tidy", state="succeeded").count() == 1
        Run.objects.update(started_at=now - dt.timedelta(minutes=56))
        nightly.tidy_photos()
        assert Run.objects.filter(name="tidy", state="succeeded").count() == 2
        assert any("tidy" in line for line in nightly.status_lines())
        with override_settings(PHOTO_URL="file:///proc/nowhere"), self.assertLogs(level="ERROR"):
            Run.objects.all().delete()
            nightly.tidy_photos()
        assert Run.objects.get(name="tidy").state == "failed"


class Killed(BaseException):
    """Ends the work as a kill does, at a step of it: nothing that follows is run."""


class KilledTest(OnRows, ApiTest):
    """The steps in one process. `tests/attack/check_photos.py` kills real ones."""

    def test_work_that_ends_at_any_step_leaves_nothing_after_tidy(self) -> None:
        def upload() -> Any:
            path = f"photos/{new_id()}/"
            return self.as_alice.put(path, png(), content_type="image/png")

        def delete() -> Any:
            row = Photo.objects.order_by("pk").last()
            return row and self.as_alice.delete(f"photos/{row.pk}/")

        def tidy_up() -> None:
            tidy(dt.datetime.now(dt.UTC) + 2 * DAY, lambda line: None)

        photo_with_files(self.bob, used=1)  # the database is never empty
        for work, step, name in product((upload, delete, tidy_up), (1, 2, 3, 4), ("put", "delete")):
            photo_with_files(self.alice)
            with (
                suppress(Killed),
                patch.object(storing.obstore, name, killed_at(step, getattr(obstore, name))),
                self.captureOnCommitCallbacks(execute=True),
                transaction.atomic(),
            ):
                work()
            with self.captureOnCommitCallbacks(execute=True):
                tidy_up()
            rows = Photo.objects.all()
            assert self.files() == {name for row in rows for name in row.names}, (work, step, name)
            assert not Trash.objects.exists()


def killed_at(step: int, real: Any) -> Any:
    """Return a function that does as `real` until it is killed: before its first call (1), …"""
    calls = count(1, 2)

    def call(*args: Any, **options: Any) -> Any:
        number = next(calls)
        if number == step:
            raise Killed
        result = real(*args, **options)
        if number + 1 == step:
            raise Killed
        return result

    return call
