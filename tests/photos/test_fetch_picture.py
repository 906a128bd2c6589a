"""A link to a picture works for whoever has it, as long as the person who got it may see it.

Each change of who may see it counts at the next fetch, however long the link would live.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import transaction
from django.test import override_settings

from accounts.models import Block, User
from accounts.visibility import Visibility
from core.pictures import quarter_of_end
from diaries.models import Diary
from photos.links import make
from photos.names import names_of
from tests.accounts.clock import clock_at, later
from tests.base import ApiTest, new_id, person
from tests.photos.base import LARGE, SMALL, InFolder, photo_with_files
from todos.models import Todo


class PictureTest(InFolder, ApiTest):
    def setUp(self) -> None:
        super().setUp()
        with transaction.atomic():
            self.goal_row = self.goal(visibility=Visibility.FOLLOWERS)
            todo = Todo.add(self.alice, goal=self.goal_row, date=self.today, title="Run")
        self.diary_path, self.todo_path = "diaries/", f"todos/{todo.pk}/"
        self.photo, self.of_todo = photo_with_files(self.alice), photo_with_files(self.alice)
        body = {"date": "2026-03-02", "visibility": "followers", "photos": [str(self.photo.pk)]}
        diary = self.ok(self.as_alice.post("diaries/", body), 201)
        self.diary_path = f"diaries/{diary['id']}/"
        self.ok(self.as_alice.patch(self.todo_path, {"photo": str(self.of_todo.pk)}))

    def link(self, phone: Any, kind: str = "diary") -> str:
        """Return the URL of the small picture as this person gets it."""
        if kind == "diary":
            return str(self.ok(phone.get(self.diary_path))["photos"][0]["small_url"])
        return str(self.ok(phone.get(self.todo_path))["photo"]["small_url"])

    def fetch(self, url: str, **headers: str) -> Any:
        return self.anonymous.get(url, headers=headers)

    def assert_gone(self, url: str) -> None:
        self.assert_problem(self.fetch(url), 404, "not_found")


class DeliveryTest(PictureTest):
    def test_whoever_has_the_link_gets_the_picture(self) -> None:
        for kind in ("diary", "todo"):
            url = self.link(self.as_bob, kind)
            for phone in (self.anonymous, self.as_bob, self.as_charlie):
                response = phone.get(url)
                assert (response.status_code, response.content) == (200, SMALL)
            assert self.fetch(url, Authorization="Bearer nonsense").status_code == 200
        large = self.ok(self.as_bob.get(self.diary_path))["photos"][0]["url"]
        assert self.fetch(large).content == LARGE

    def test_the_headers_let_one_browser_keep_and_show_it_and_do_nothing_else(self) -> None:
        response = self.fetch(self.link(self.as_bob))
        assert response["Content-Type"] == "image/webp"
        assert response["Cache-Control"] == "private, max-age=3600"
        assert response["X-Content-Type-Options"] == "nosniff"
        assert response["Content-Disposition"] == "inline"
        assert response["Content-Security-Policy"].startswith("default-src 'none'")
        assert "Set-Cookie" not in response

    def test_head_range_and_conditions_are_as_browsers_expect(self) -> None:
        url = self.link(self.as_bob)
        head = self.anonymous.head(url)
        assert (head.status_code, head.content) == (200, b"")
        assert head["Content-Length"] == str(len(SMALL))
        tag = head["ETag"]
        same = self.fetch(url, If_None_Match=tag)
        assert (same.status_code, same.content) == (304, b"")
        assert "Content-Type" not in same
        for asked, first, last in (
            ("bytes=0-3", 0, 3),
            ("bytes=5-", 5, 9),
            ("bytes=-4", 6, 9),
            ("bytes=8-99", 8, 9),
            ("Bytes=0-0", 0, 0),
        ):
            part = self.fetch(url, Range=asked)
            assert (part.status_code, part.content) == (206, SMALL[first : last + 1]), asked
            assert part["Content-Range"] == f"bytes {first}-{last}/{len(SMALL)}"
            assert self.fetch(url, Range=asked, If_Range='"other"').content == SMALL
            assert self.fetch(url, Range=asked, If_Range=tag).status_code == 206
        for ignored in (
            "bytes=3-1",
            "bytes=0-1,3-4",
            "lines=1-2",
            "bytes=-",
            "bytes=x-2",
            "bytes=" + "9" * 400 + "-",
            "bytes",
        ):
            whole = self.fetch(url, Range=ignored)
            assert (whole.status_code, whole.content) == (200, SMALL), ignored
        for beyond in ("bytes=99-", "bytes=10-12", "bytes=-0"):
            none = self.fetch(url, Range=beyond)
            assert (none.status_code, none.content) == (416, b""), beyond
            assert none["Content-Range"] == f"bytes */{len(SMALL)}"
            assert self.fetch(url, Range=beyond, If_Range='"other"').content == SMALL

    def test_it_takes_two_queries(self) -> None:
        url = self.link(self.as_bob)
        self.fetch(url)
        with self.assertNumQueries(2):  # the viewer, the photo by the rule
            self.fetch(url)

    def test_with_nginx_in_front_it_names_the_file(self) -> None:
        url = self.link(self.as_bob)
        with override_settings(PHOTO_ACCEL=True):
            response = self.fetch(url)
        assert response.content == b""
        assert response["X-Accel-Redirect"] == f"/.photos/{names_of(self.photo.key).small}"
        assert response["Content-Type"] == "image/webp"

    def test_files_in_s3_are_fetched_by_nginx_with_a_link_of_a_minute(self) -> None:
        url = self.link(self.as_bob)
        keys = {"aws_access_key_id": "x", "aws_secret_access_key": "y"}
        from unittest.mock import patch  # noqa: PLC0415

        with (
            patch.dict("os.environ", {name.upper(): value for name, value in keys.items()}),
            override_settings(PHOTO_ACCEL=True, PHOTO_URL="s3://pictures/of-people"),
        ):
            response = self.fetch(url)
        assert response["X-Accel-Redirect"] == "/.photo-store"
        assert f"of-people/{names_of(self.photo.key).small}?" in response["X-Photo-Url"]
        assert "X-Amz-Expires=60" in response["X-Photo-Url"]

    def test_a_picture_whose_file_is_lost_is_not_there(self) -> None:
        url = self.link(self.as_bob)
        (self.folder / names_of(self.photo.key).small).unlink()
        self.assert_gone(url)
        assert "X-Accel-Redirect" not in self.fetch(url)

    def test_a_store_that_does_not_answer_is_a_busy_server(self) -> None:
        url = self.link(self.as_bob)
        with override_settings(PHOTO_URL="file:///dev/null/photos"):
            response = self.fetch(url)
        self.assert_problem(response, 503, "busy")


class WithoutAccountTest(PictureTest):
    def test_who_is_not_signed_in_gets_links_to_what_is_public_of_people_who_are_open(self) -> None:
        Diary.objects.update(visibility="public")
        self.ok(self.as_alice.patch("me/", {"is_open": True}))
        url = self.link(self.anonymous)
        assert url != self.link(self.as_charlie)
        assert self.fetch(url).status_code == 200
        with override_settings(ANONYMOUS_READING=False):
            self.assert_gone(url)
        self.ok(self.as_alice.patch("me/", {"is_open": False}))
        self.assert_gone(url)


class FaultTest(PictureTest):
    def test_every_changed_byte_of_the_url_is_not_found(self) -> None:
        url = self.link(self.as_bob).removeprefix("http://testserver")
        begin = len("/api/v1/pictures/")
        with override_settings(RATE_LIMITS=False):
            for at in range(begin, len(url)):
                for other in ("A", "0"):
                    if url[at].lower() != other.lower():
                        changed = url[:at] + other + url[at + 1 :]
                        response = self.fetch(changed)
                        assert response.status_code == 404, changed

    def test_what_is_no_link_is_not_found(self) -> None:
        path, _, query = self.link(self.as_bob).partition("?")
        for wrong in ("", "?link=", "?link=x", f"?{query}&{query}", f"?{query}&x=1", f"?x{query}"):
            with self.subTest(wrong=wrong):
                self.assert_gone(path + wrong)

    def test_an_ended_link_is_not_found(self) -> None:
        url = self.link(self.as_bob)
        with later(timedelta(hours=5)):
            assert self.fetch(url).status_code == 200
        with later(timedelta(hours=12)):
            self.assert_gone(url)

    def test_a_link_for_something_else_is_not_found(self) -> None:
        quarter = quarter_of_end()
        bob = self.bob.pk
        right = make("diaries", self.photo.pk, "small", bob, quarter)
        assert self.fetch(f"pictures/diaries/{self.photo.pk}/small.webp?link={right}").content
        for kind, pk, size in (
            ("todos", self.photo.pk, "small"),
            ("diaries", self.of_todo.pk, "small"),
            ("diaries", self.photo.pk, "large"),
            ("diaries", new_id(), "small"),
        ):
            self.assert_gone(f"pictures/{kind}/{pk}/{size}.webp?link={right}")
        unattached = photo_with_files(self.alice)
        for kind in ("diaries", "todos"):
            own = make(kind, unattached.pk, "small", self.alice.pk, quarter)
            self.assert_gone(f"pictures/{kind}/{unattached.pk}/small.webp?link={own}")

    def test_the_end_of_a_link_is_its_last_moment(self) -> None:
        noon = datetime(2030, 3, 2, 12, tzinfo=UTC)
        with clock_at(noon):
            link = make("diaries", self.photo.pk, "small", self.bob.pk, quarter_of_end())
        url = f"pictures/diaries/{self.photo.pk}/small.webp?link={link}"
        with clock_at(noon + timedelta(hours=12, microseconds=-1)):
            assert self.fetch(url).status_code == 200
        with clock_at(noon + timedelta(hours=12)):
            self.assert_gone(url)


class RuleTest(PictureTest):
    """What happens → the next fetch."""

    def assert_gone_after(self, happens: Callable[[], Any], *, todo: bool = True) -> None:
        kinds = ("diary", "todo") if todo else ("diary",)
        urls = [self.link(self.as_bob, kind) for kind in kinds]
        for url in urls:
            assert self.fetch(url).status_code == 200
        with transaction.atomic():
            happens()
        for url in urls:
            self.assert_gone(url)

    def test_unfollowing(self) -> None:
        self.assert_gone_after(lambda: self.bob.unfollow(self.alice))

    def test_being_removed_as_a_follower(self) -> None:
        self.assert_gone_after(lambda: self.alice.remove_follower(self.bob))

    def test_a_block_either_way(self) -> None:
        self.assert_gone_after(lambda: self.alice.block(self.bob))

    def test_a_block_by_the_viewer(self) -> None:
        self.assert_gone_after(lambda: Block.objects.create(blocker=self.bob, blocked=self.alice))

    def test_narrowing_to_selected_followers(self) -> None:
        def narrow() -> None:
            Diary.objects.update(visibility="selected")
            self.goal_row.change(visibility="selected")

        self.assert_gone_after(narrow)

    def test_hiding_in_private(self) -> None:
        def hide() -> None:
            self.ok(self.as_alice.patch(self.diary_path, {"visibility": "private"}))
            self.goal_row.change(visibility="private")

        self.assert_gone_after(hide)

    def test_making_it_a_draft_and_archiving_it(self) -> None:
        def hide() -> None:
            self.ok(self.as_alice.patch(self.diary_path, {"is_draft": True}))
            self.ok(self.as_alice.patch(self.todo_path, {"date": None}))

        self.assert_gone_after(hide)
        assert self.fetch(self.link(self.as_alice, "todo")).status_code == 200

    def test_deleting_what_it_is_on(self) -> None:
        def delete() -> None:
            self.ok(self.as_alice.delete(self.diary_path), 204)
            self.ok(self.as_alice.delete(self.todo_path), 204)

        self.assert_gone_after(delete)

    def test_taking_the_photo_off(self) -> None:
        def remove() -> None:
            self.ok(self.as_alice.patch(self.diary_path, {"photos": []}))
            self.ok(self.as_alice.patch(self.todo_path, {"photo": None}))

        self.assert_gone_after(remove)

    def test_deleting_the_goal(self) -> None:
        def delete() -> None:
            self.ok(self.as_alice.delete(f"goals/{self.goal_row.pk}/?cascade=true"), 204)
            self.ok(self.as_alice.delete(self.diary_path), 204)

        self.assert_gone_after(delete)

    def test_deactivating_the_owner(self) -> None:
        self.assert_gone_after(
            lambda: User.objects.filter(pk=self.alice.pk).update(is_active=False)
        )

    def test_deactivating_the_viewer(self) -> None:
        self.assert_gone_after(lambda: User.objects.filter(pk=self.bob.pk).update(is_active=False))

    def test_deleting_the_owner(self) -> None:
        self.assert_gone_after(self.alice.remove)

    def test_deleting_the_viewer(self) -> None:
        self.assert_gone_after(self.bob.remove)

    def test_a_public_one_of_an_account_that_becomes_private(self) -> None:
        Diary.objects.update(visibility="public")
        url = self.link(self.as_charlie)
        assert self.fetch(url).status_code == 200
        self.ok(self.as_alice.patch("me/", {"is_private": True}))
        self.assert_gone(url)
        assert self.fetch(self.link(self.as_bob)).status_code == 200

    def test_an_owner_who_can_no_longer_sign_in(self) -> None:
        url = self.link(self.as_alice)
        assert self.fetch(url).status_code == 200
        User.objects.filter(pk=self.alice.pk).update(is_active=False)
        self.assert_gone(url)

    def test_the_link_of_one_person_is_not_that_of_another(self) -> None:
        eve = person("Eve")
        eve.follow(self.alice)
        of_eve, of_bob = self.link(self.phone(eve)), self.link(self.as_bob)
        assert of_eve != of_bob
        eve.unfollow(self.alice)
        self.assert_gone(of_eve)
        assert self.fetch(of_bob).status_code == 200
