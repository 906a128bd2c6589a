"""After `tidy` each photo has its files and each file its photo, wherever work was interrupted."""

from __future__ import annotations

import datetime as dt
from contextlib import suppress
from io import StringIO
from itertools import count, product
from typing import Any
from unittest.mock import patch

import obstore
import pytest
from django.core.management import CommandError, call_command
from django.db import transaction
from django.test import override_settings

from accounts.models import User
from core.erasing import erase
from operations.jobs import nightly
from operations.jobs.models import Run
from photos import store as storing
from photos.models import Photo, Trash
from photos.names import names_of, new_key
from photos.store import StoreError, store
from photos.tidying import tidy
from tests.base import ApiTest, new_id
from tests.photos.base import LARGE, SMALL, InFolder, photo_with_files
from tests.photos.pictures import png

DAY = dt.timedelta(days=1)


class TidyTest(InFolder, ApiTest):
    def tidy(self, after: dt.timedelta = 2 * DAY) -> list[str]:
        said: list[str] = []
        with self.captureOnCommitCallbacks(execute=True):
            tidy(dt.datetime.now(dt.UTC) + after, said.append)
        return said

    def assert_whole(self) -> None:
        """Assert that the files are those of the rows, and that nothing waits to be removed."""
        assert self.files() == {name for row in Photo.objects.all() for name in row.names}
        assert not Trash.objects.exists()

    def test_files_without_a_row_go_when_their_day_is_over(self) -> None:
        kept = photo_with_files(self.alice, used=1)
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
        today = dt.datetime.now(dt.UTC)
        key = new_key(today.date())
        store().put(key, LARGE, SMALL)
        midnight = dt.datetime.combine(today.date() + DAY, dt.time(), dt.UTC)
        for minutes, there in ((1, True), (59, True), (61, False)):
            self.tidy(midnight + dt.timedelta(minutes=minutes) - today)
            assert bool(self.files()) == there

    def test_photos_on_nothing_go_after_a_day_and_used_ones_stay(self) -> None:
        forgotten, used = photo_with_files(self.alice), photo_with_files(self.alice, used=1)
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


class KilledTest(InFolder, ApiTest):
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
