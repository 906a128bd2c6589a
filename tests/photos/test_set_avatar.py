"""A person's picture is one of their photos; whoever meets their card may fetch it."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import transaction

from accounts.models import Profile, User
from photos.models import Photo, Trash
from tests.base import ApiTest, RaceTest, needs_row_locks, new_id
from tests.photos.base import SMALL, InFolder, photo, photo_with_files


class SetAvatarTest(InFolder, ApiTest):
    def put(self, row: Photo, status: int = 200) -> Any:
        return self.ok(self.as_alice.put("me/avatar/", {"photo": str(row.pk)}), status)

    def avatar(self) -> Any:
        """Return Alice's picture as she sees it herself."""
        return self.ok(self.as_alice.get("me/"))["avatar"]

    def test_every_card_has_it(self) -> None:
        row = photo_with_files(self.alice)
        shown = self.put(row)
        assert shown["id"] == str(row.key)
        assert shown["url"] == f"http://testserver/api/v1/pictures/avatars/{row.key}.webp"
        assert shown.keys() == {"id", "url", "expires_at"}
        assert self.avatar() == shown
        assert self.ok(self.as_bob.get(f"users/{self.alice.uuid}/"))["avatar"] == shown
        (card,) = self.ok(self.as_charlie.get(f"users/?q={self.alice.profile.handle}"))["results"]
        assert card["avatar"] == shown
        created = self.ok(self.as_alice.post("diaries/", {"date": "2026-03-02"}), 201)
        assert created["owner"]["avatar"] == shown
        (listed,) = self.ok(self.as_alice.get("diaries/"))["results"]
        assert listed["owner"]["avatar"] == shown
        assert self.ok(self.as_bob.get(f"days/today/?owner={self.alice.uuid}"))["owner"] == card
        row.refresh_from_db()
        assert row.used == 1

    def test_its_url_sends_the_small_size_to_everyone(self) -> None:
        url = self.put(photo_with_files(self.alice))["url"]
        for phone in (self.anonymous, self.as_charlie):
            response = phone.get(url)
            assert (response.status_code, response.content) == (200, SMALL)
        assert self.anonymous.head(url)["Content-Length"] == str(len(SMALL))
        with self.assertNumQueries(1):
            self.anonymous.get(url)

    def test_once_more_is_the_same(self) -> None:
        row = photo(self.alice)
        assert self.put(row) == self.put(row)
        assert Photo.objects.get().used == 1

    def test_another_one_replaces_and_deletes_it(self) -> None:
        first, second = photo_with_files(self.alice), photo_with_files(self.alice)
        before, after = self.put(first)["url"], self.put(second)["url"]
        assert before != after
        self.assert_problem(self.anonymous.get(before), 404, "not_found")
        assert self.anonymous.get(after).status_code == 200
        assert list(Photo.objects.all()) == [second]
        assert Trash.objects.filter(pk=first.key).exists()

    def test_deleting_it_shows_none(self) -> None:
        url = self.put(photo_with_files(self.alice))["url"]
        for _ in range(2):
            self.ok(self.as_alice.delete("me/avatar/"), 204)
        assert self.avatar() is None
        assert not Photo.objects.exists()
        self.assert_problem(self.anonymous.get(url), 404, "not_found")

    def test_deleting_the_photo_shows_none(self) -> None:
        row = photo_with_files(self.alice)
        url = self.put(row)["url"]
        with transaction.atomic():
            Photo.objects.all().remove(self.alice)
        assert self.avatar() is None
        self.assert_problem(self.anonymous.get(url), 404, "not_found")

    def test_nobody_s_somebody_else_s_and_used_ones_are_refused(self) -> None:
        for pk in (new_id(), str(photo(self.bob).pk)):
            response = self.as_alice.put("me/avatar/", {"photo": pk})
            self.assert_field_error(response, "photo", "does_not_exist")
        used = photo(self.alice)
        self.ok(
            self.as_alice.post("diaries/", {"date": "2026-03-02", "photos": [str(used.pk)]}), 201
        )
        response = self.as_alice.put("me/avatar/", {"photo": str(used.pk)})
        self.assert_problem(response, 409, "photo_in_use")
        assert self.avatar() is None

    def test_that_of_a_deactivated_person_is_not_there(self) -> None:
        url = self.put(photo_with_files(self.alice))["url"]
        User.objects.filter(pk=self.alice.pk).update(is_active=False)
        self.assert_problem(self.anonymous.get(url), 404, "not_found")

    def test_a_key_of_nobody_s_is_not_found(self) -> None:
        for key in (new_id(), str(photo_with_files(self.alice).key)):
            url = f"pictures/avatars/{key}.webp"
            self.assert_problem(self.anonymous.get(url), 404, "not_found")

    def test_it_is_deleted_with_the_account(self) -> None:
        row = photo_with_files(self.alice)
        self.put(row)
        with transaction.atomic():
            self.alice.remove()
        assert Trash.objects.filter(pk=row.key).exists()
        assert not Photo.objects.exists()


@pytest.mark.races
@needs_row_locks
class SetAvatarRaceTest(RaceTest):
    def test_one_of_many_at_once_stays_and_the_others_are_gone(self) -> None:
        rows = [photo(self.alice) for _ in range(8)]
        phones = [self.phone(self.alice) for _ in range(8)]
        answers = self.at_once(
            lambda n: phones[n].put("me/avatar/", {"photo": str(rows[n].pk)}).status_code, 8
        )
        assert answers == [200] * 8
        (left,) = Photo.objects.all()
        assert Profile.objects.get(pk=self.alice.pk).avatar == left.key
        assert left.used == 1
