"""The store keeps both files of a photo or none, and its verbs keep rows and files together."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import UUID

import httpx
import pytest
from django.db import connection, transaction
from django.test import override_settings
from django.test.utils import CaptureQueriesContext

from core.problems import LimitReached, Problem
from photos.models import Photo, Trash
from photos.names import day_of, keys_of, names_of, new_key, parse_name
from photos.store import CLIENT, PhotoStore, StoreError
from resources.models import Tombstone
from tests.base import ApiTest
from tests.jobs.s3 import running_s3
from tests.photos.base import LARGE, SMALL, InFolder, photo, photo_with_files

DAY = date(2026, 3, 2)


def test_a_key_tells_its_day_and_nothing_else() -> None:
    first, second = new_key(DAY), new_key(DAY)
    assert first != second
    assert day_of(first) == day_of(second) == DAY
    low, high = keys_of(DAY)
    assert low < first < high < keys_of(DAY + timedelta(days=1))[0]
    names = names_of(first)
    assert names.large == f"2026-03-02/{first.hex}-large.webp"
    assert {parse_name(name.rpartition("/")[2]) for name in names} == {first}
    assert parse_name(f"{first.hex}-large.webp#1") is None


def test_a_folder_takes_both_files_or_none() -> None:
    with TemporaryDirectory() as name:
        store = PhotoStore((Path(name) / "new").as_uri())
        key = new_key(DAY)
        store.put(key, LARGE, SMALL)
        assert [store.read(name) for name in names_of(key)] == [LARGE, SMALL]
        assert store.days() == [DAY]
        assert {found for part in store.keys(DAY) for found in part} == {key}
        with pytest.raises(StoreError):
            store.put(key, b"other", b"other")  # and never over a file that is there


def test_deleting_what_is_gone_is_a_success() -> None:
    with TemporaryDirectory() as name:
        store = PhotoStore(Path(name).as_uri())
        key = new_key(DAY)
        store.remove(key)
        store.put(key, LARGE, SMALL)
        store.remove(key)
        store.remove(key)
        assert store.read(names_of(key).small) is None
        store.close_day(DAY)
        assert store.days() == []


def test_a_folder_that_cannot_be_written_is_a_store_error() -> None:
    with TemporaryDirectory() as name:
        blocked = Path(name) / "file"
        blocked.write_text("no folder")
        for url in (blocked.as_uri(), (blocked / "in").as_uri()):
            with pytest.raises(StoreError):
                PhotoStore(url).put(new_key(DAY), LARGE, SMALL)


def test_s3_does_as_a_folder() -> None:
    with running_s3() as address:
        httpx.put(f"{address}/photos", timeout=30)
        options = {
            "endpoint": address,
            "region": "us-east-1",
            "access_key_id": "test",
            "secret_access_key": "test",
            "client_options": CLIENT | {"allow_http": True},
        }
        store = PhotoStore("s3://photos/of/people", **options)
        key = new_key(DAY)
        store.remove(key)  # which is gone
        store.put(key, LARGE, SMALL)
        with pytest.raises(StoreError):
            store.put(key, b"other", b"other")
        store.put(key, LARGE, SMALL)  # a failed one leaves nothing; a key is never used twice
        assert [store.read(name) for name in names_of(key)] == [LARGE, SMALL]
        assert store.days() == [DAY]
        assert {found for part in store.keys(DAY) for found in part} == {key}
        assert httpx.get(store.sign(names_of(key).small, 60), timeout=30).content == SMALL
        store.probe(DAY)
        store.remove(key)
        store.close_day(DAY)
        assert store.days() == []
    with pytest.raises(StoreError):  # and it says so in some seconds, as nobody is there
        PhotoStore("s3://photos", **options).put(key, LARGE, SMALL)


class PhotoVerbsTest(InFolder, ApiTest):
    @classmethod
    def setUpTestData(cls) -> None:
        cls.make_cast()

    def attach(self, *ids: UUID) -> list[Photo]:
        with transaction.atomic():
            return Photo.attach(self.alice, ids)

    def test_photos_are_attached_once(self) -> None:
        first, second = photo(self.alice), photo(self.alice)
        with CaptureQueriesContext(connection) as queries:
            rows = self.attach(second.pk, first.pk)
        changes = [query for query in queries if query["sql"].startswith("UPDATE")]
        assert len(changes) == 1
        assert {row.pk for row in rows} == {second.pk, first.pk}
        assert not Photo.objects.unattached().exists()
        third = photo(self.alice)
        with pytest.raises(Problem) as raised:
            self.attach(third.pk, first.pk)
        assert raised.value.code == "photo_in_use"
        assert list(Photo.objects.unattached()) == [third]  # nothing was attached
        assert self.attach(photo(self.bob).pk) == []

    def test_a_photo_is_deleted_with_its_files(self) -> None:
        row = photo_with_files(self.alice)
        assert self.files() == set(row.names)
        with self.captureOnCommitCallbacks(execute=True):
            with transaction.atomic():
                row.remove()
            assert Trash.objects.get().key == row.key  # until the files are gone
        assert self.files() == set()
        assert not Trash.objects.exists()
        assert Tombstone.objects.filter(kind="photo", owner=self.alice).exists()

    def test_files_that_cannot_be_removed_are_left_to_tidy(self) -> None:
        row = photo_with_files(self.alice)
        with (
            override_settings(PHOTO_URL="file:///proc/nowhere"),
            self.captureOnCommitCallbacks(execute=True),
            transaction.atomic(),
        ):
            row.remove()
        assert Trash.objects.get().key == row.key

    def test_each_way_to_delete_a_photo_lays_its_key_into_the_trash(self) -> None:
        keys = [photo(self.alice).key for _ in range(3)]
        Photo.objects.filter(key=keys[0]).delete()
        Photo.objects.get(key=keys[1]).delete()
        self.alice.remove()
        assert {row.key for row in Trash.objects.all()} == set(keys)
        assert not Photo.objects.exists()

    def test_a_person_has_limits(self) -> None:
        limits = {"photos": 3, "unattached": 2, "megabytes": 1}
        with override_settings(PHOTO_LIMITS=limits):
            first, second = photo(self.alice), photo(self.alice)
            with pytest.raises(LimitReached) as raised:
                photo(self.alice)
            assert raised.value.extra == {"limit": 2, "what": "unattached"}
            self.attach(first.pk, second.pk)
            with pytest.raises(LimitReached) as raised:
                photo(self.alice, bytes=1 << 20)
            assert raised.value.extra == {"limit": 1, "what": "megabytes"}
            self.attach(photo(self.alice).pk)
            with pytest.raises(LimitReached) as raised:
                photo(self.alice)
            assert raised.value.extra == {"limit": 3, "what": "photos"}
            photo(self.bob)

    def test_a_photo_is_forgotten_a_day_after_it_was_last_used(self) -> None:
        row = photo(self.alice)
        now = datetime.now(UTC)
        assert not Photo.objects.forgotten(now + timedelta(hours=23)).exists()
        assert Photo.objects.forgotten(now + timedelta(hours=25)).exists()
        self.attach(row.pk)
        assert not Photo.objects.forgotten(now + timedelta(hours=25)).exists()
