"""An operator sees a photo with the permission for that only, and each look is logged."""

from __future__ import annotations

from django.contrib.admin.models import LogEntry
from django.test import Client

from tests.admin.base import OperatorTest, operator, path
from tests.photos.base import LARGE, InFolder, photo_with_files


class LookAtPhotoTest(InFolder, OperatorTest):
    def setUp(self) -> None:
        super().setUp()
        self.photo = photo_with_files(self.alice)
        self.place = path(type(self.photo), self.photo, "content")

    def test_with_the_permission_it_is_sent_and_logged(self) -> None:
        looks = operator("Lou", "photos.view_photo", "photos.read_photo")
        site = self.site(looks)
        self.assertContains(site.get(path(type(self.photo), self.photo)), "access is logged")
        assert site.get(self.place).status_code == 302  # a link or a prefetch is no look
        assert not LogEntry.objects.exists()
        answer = site.post(self.place)
        assert (answer.status_code, answer.content) == (200, LARGE)
        assert answer["Content-Type"] == "image/webp"
        assert "no-store" in answer["Cache-Control"]
        assert answer["X-Content-Type-Options"] == "nosniff"
        (entry,) = LogEntry.objects.all()
        assert (entry.user, entry.object_id) == (looks, str(self.photo.pk))

    def test_without_it_nothing_is_sent(self) -> None:
        sees = operator("Sam", "photos.view_photo")
        page = self.site(sees).get(path(type(self.photo), self.photo))
        self.assertNotContains(page, "access is logged")
        assert self.photo.key.hex not in page.content.decode()
        for site in (self.site(sees), self.site(self.olga), Client()):
            answer = site.post(self.place)
            assert answer.status_code in (302, 403)
            assert LARGE not in answer.content
        assert not LogEntry.objects.exists()

    def test_one_without_its_file_is_not_there(self) -> None:
        for name in self.photo.names:
            (self.folder / name).unlink()
        assert self.site(self.root).post(self.place).status_code == 404
