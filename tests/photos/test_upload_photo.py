"""An upload is one photo, whatever happens on the way."""

from __future__ import annotations

from typing import Any
from unittest.mock import patch

import pytest
from django.test import override_settings

from photos import conversion
from photos.models import Photo, Trash
from resources.models import Tombstone
from tests.base import ApiTest, RaceTest, needs_row_locks, new_id
from tests.photos.base import InFolder, photo, photo_with_files
from tests.photos.pictures import HEIC, jpeg, jpeg_of_size, png

PNG = png()


class UploadPhotoTest(InFolder, ApiTest):
    @classmethod
    def setUpTestData(cls) -> None:
        cls.make_cast()

    def upload(self, pk: str, data: bytes = PNG, kind: str = "image/png", **more: Any) -> Any:
        phone = more.pop("phone", self.as_alice)
        return phone.generic("PUT", f"photos/{pk}/", data, content_type=kind, **more)

    def test_a_photo_is_created_once_and_its_files_are_there(self) -> None:
        pk = new_id()
        first = self.ok(self.upload(pk, jpeg(3000, 1500), "image/jpeg"), 201)
        assert first.keys() == {
            *("id", "width", "height", "blurhash", "bytes", "used", "created_at", "updated_at")
        }
        assert (first["id"], first["width"], first["height"]) == (pk, 1600, 800)
        assert first["used"] is False
        row = Photo.objects.get()
        assert self.files() == set(row.names)
        assert sum((self.folder / name).stat().st_size for name in row.names) == first["bytes"]
        # Once more, whatever the body is: without a conversion.
        with patch.object(conversion, "PROGRAM", "/nowhere"):
            assert self.ok(self.upload(pk, b"another", "text/html")) == first
        assert self.ok(self.as_alice.get(f"photos/{pk}/")) == first
        assert self.ok(self.as_alice.get("photos/"))["results"] == [first]
        assert self.ok(self.as_bob.get("photos/"))["results"] == []

    def test_an_id_that_is_in_use_or_was_deleted_is_refused(self) -> None:
        row = photo(self.alice)
        taken = self.upload(str(row.pk), phone=self.as_bob)
        self.assert_problem(taken, 409, "id_taken")
        self.assert_problem(self.upload(str(self.goal().pk)), 409, "id_taken")
        self.assert_problem(self.as_bob.get(f"photos/{row.pk}/"), 404, "not_found")
        self.assert_problem(self.as_bob.delete(f"photos/{row.pk}/"), 404, "not_found")
        self.ok(self.as_alice.delete(f"photos/{row.pk}/"), 204)
        self.ok(self.as_alice.delete(f"photos/{row.pk}/"), 204)
        self.assert_problem(self.upload(str(row.pk)), 410, "deleted")
        self.assert_field_error(
            self.upload("8c1fb5d1-3a63-4a51-8a3f-111111111111"), "id", "version"
        )
        assert self.files() == set()

    def test_a_picture_of_too_many_pixels_is_refused_and_the_advice_helps(self) -> None:
        pk = new_id()
        large = self.upload(pk, jpeg_of_size(20_000, 20_000), "image/jpeg")
        self.assert_problem(large, 400, "too_many_pixels")
        assert self.files() == set()
        self.ok(self.upload(pk, png(2048, 1536)), 201)

    def test_a_photo_that_is_used_cannot_be_deleted(self) -> None:
        row = photo(self.alice, used=1)
        self.assert_problem(self.as_alice.delete(f"photos/{row.pk}/"), 409, "photo_in_use")
        assert self.ok(self.as_alice.get(f"photos/{row.pk}/"))["used"] is True

    def test_deleting_removes_the_files_at_once(self) -> None:
        row = photo_with_files(self.alice)
        with self.captureOnCommitCallbacks(execute=True):
            self.ok(self.as_alice.delete(f"photos/{row.pk}/"), 204)
        assert self.files() == set()
        assert not Trash.objects.exists()
        assert Tombstone.objects.filter(kind="photo", owner=self.alice).exists()

    def test_the_length_of_a_body_is_limited_before_it_is_read(self) -> None:
        large = self.upload(new_id(), PNG, CONTENT_LENGTH=str((10 << 20) + 1))
        self.assert_problem(large, 413, "payload_too_large")
        for data, length in ((b"", "0"), (PNG, "9"), (PNG, "x")):
            answer = self.upload(new_id(), data, CONTENT_LENGTH=length)
            assert answer.status_code == 400, answer.content
        encoded = self.upload(new_id(), PNG, HTTP_CONTENT_ENCODING="gzip")
        problem = self.assert_problem(encoded, 415, "unsupported_media_type")
        assert problem["title"] == "Send it uncompressed"
        assert not Photo.objects.exists()

    def test_other_content_types_are_refused(self) -> None:
        for kind in ("image/gif", "application/json", "text/html", "image/svg+xml", ""):
            self.assert_problem(self.upload(new_id(), PNG, kind), 415, "unsupported_picture")
        self.ok(self.upload(new_id(), PNG, "IMAGE/JPEG; x=y"), 201)  # the bytes decide

    def test_heic_is_taken_where_it_can_be_decoded(self) -> None:
        answer = self.ok(self.upload(new_id(), HEIC, "image/heic"), 201)
        assert (answer["width"], answer["height"]) == (64, 32)
        with patch("photos.views.accepted_types", return_value=conversion.TYPES):
            refused = self.upload(new_id(), HEIC, "image/heic")
        self.assert_problem(refused, 415, "unsupported_picture")

    def test_a_person_without_room_is_refused_before_the_conversion(self) -> None:
        photo(self.alice)
        with (
            override_settings(PHOTO_LIMITS={"photos": 9, "unattached": 1, "megabytes": 9}),
            patch.object(conversion, "PROGRAM", "/nowhere"),
        ):
            problem = self.assert_problem(self.upload(new_id()), 409, "limit")
        assert (problem["limit"], problem["what"]) == (1, "unattached")
        assert "1 uploaded photos" in problem["detail"]
        self.ok(self.upload(new_id()), 201)

    @override_settings(QUOTAS={"uploads": (2, 3600), "reads": (0, 60)})
    def test_uploads_have_a_quota_of_their_own(self) -> None:
        pk = str(photo(self.alice).pk)
        self.ok(self.upload(pk))
        answer = self.upload(pk)
        assert answer["RateLimit-Policy"] == '"uploads";q=2;w=3600'
        self.assert_problem(self.upload(pk), 429, "throttled")

    def test_a_store_that_refuses_is_a_problem_and_leaves_nothing(self) -> None:
        with override_settings(PHOTO_URL="file:///proc/nowhere"):
            answer = self.upload(new_id())
        self.assert_problem(answer, 503, "photos_unavailable")
        assert int(answer["Retry-After"]) >= 1
        assert not Photo.objects.exists()

    def test_a_converter_that_does_not_run_is_a_problem(self) -> None:
        with (
            patch.object(conversion.sys, "executable", "/nowhere"),
            self.assertLogs("photos.conversion", "ERROR"),
        ):
            self.assert_problem(self.upload(new_id()), 503, "photos_unavailable")

    def test_a_lock_that_cannot_be_opened_is_a_problem(self) -> None:
        for folder in ("/nowhere", "/proc/self/fdinfo"):
            with (
                patch.object(conversion.tempfile, "gettempdir", lambda folder=folder: folder),
                self.assertLogs("photos.conversion", "ERROR"),
            ):
                self.assert_problem(self.upload(new_id()), 503, "photos_unavailable")

    def test_a_conversion_that_is_stuck_makes_others_busy(self) -> None:
        with conversion._one_at_a_time(), patch.object(conversion, "PATIENCE", 0.05):
            self.assert_problem(self.upload(new_id()), 503, "busy")
        assert self.files() == set()


@pytest.mark.races
@needs_row_locks
class UploadRaceTest(InFolder, RaceTest):
    def test_the_same_id_at_once_is_one_photo_with_one_answer(self) -> None:
        pk = new_id()

        def send(number: int) -> Any:
            data = png(40 + number, 30)
            return self.phone(self.alice).put(f"photos/{pk}/", data, content_type="image/png")

        with patch.object(conversion, "PATIENCE", 60):
            answers = self.at_once(send, 4)
        assert sorted(answer.status_code for answer in answers) == [200, 200, 200, 201]
        assert len({answer.content for answer in answers}) == 1
        row = Photo.objects.get()
        assert self.files() == set(row.names)
