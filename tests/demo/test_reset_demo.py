"""manage.py demo --reset, and the button of the start page that does the same."""

from __future__ import annotations

import re
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client as Browser
from django.test import TestCase, override_settings

from accounts.models import Session, User
from diaries.models import Diary
from goals.models import Goal
from photos.models import Photo, Trash
from tests.base import FAST_HASH, Client, person
from tests.photos.base import InFolder
from todomate.demo.people import ADMIN, MINA, PASSWORD, PEOPLE
from todomate.demo.photos import AVATARS, SHOWN
from todos.models import Todo


@override_settings(PASSWORD_HASHERS=FAST_HASH)
class DemoTest(TestCase):
    @classmethod
    def setUpTestData(cls) -> None:
        call_command("demo", stdout=StringIO())

    def rows(self) -> list[tuple[Any, ...]]:
        """Return what the demo consists of."""
        return [
            *User.objects.order_by("uuid").values_list("email", "profile__handle").iterator(),
            *Goal.objects.order_by("id").values_list("id", "title"),
            *Todo.objects.order_by("id").values_list("id", "title", "is_done"),
        ]


class TestCommand(DemoTest):
    def reset(self) -> None:
        call_command("demo", "--reset", stdout=StringIO())

    def test_it_undoes_what_people_have_done_to_the_demo(self) -> None:
        before = self.rows()
        mina = Client(User.objects.get(email=MINA.email))
        goal = Goal.objects.filter(owner=mina.user).first()
        assert mina.delete(f"goals/{goal.pk}/?cascade=true").status_code == 204
        assert mina.post("goals/", {"title": "Another"}).status_code == 201
        assert mina.patch("me/", {"handle": "renamed", "nickname": "x"}).status_code == 200
        june = Client(User.objects.get(email=PEOPLE[1].email))
        assert june.post("me/delete/", {"password": PASSWORD}).status_code == 204
        self.reset()
        assert self.rows() == before
        self.reset()
        assert self.rows() == before

    def test_the_demo_works_after_it_and_sessions_of_before_have_ended(self) -> None:
        mina = User.objects.get(email=MINA.email)
        old = Client(mina)
        self.reset()
        assert not Session.objects.exists()
        assert old.get("me/").status_code == 401
        new = Client(User.objects.get(email=MINA.email))
        day = new.get("days/today/").json()
        todo = day["goals"][0]["todos"][0]
        assert new.patch(f"todos/{todo['id']}/", {"title": "x"}).status_code == 200
        assert new.get(f"users/{mina.uuid}/").status_code == 200

    def test_other_accounts_stay(self) -> None:
        alice = person("Alice")
        Goal.add(alice, title="Mine")
        self.reset()
        assert Goal.objects.get(owner=alice).title == "Mine"

    def test_a_handle_that_somebody_has_taken_is_named(self) -> None:
        mina = Client(User.objects.get(email=MINA.email))
        mina.patch("me/", {"handle": "renamed"})
        person("Alice", handle=MINA.handle)
        with self.assertRaisesMessage(
            CommandError, "Another account has one of the demo's handles"
        ):
            self.reset()
        assert User.objects.filter(email=MINA.email).exists()

    def test_it_refuses_to_run_on_a_production_server(self) -> None:
        before = self.rows()
        with override_settings(LOCAL=False), pytest.raises(CommandError):
            self.reset()
        assert self.rows() == before


@override_settings(PASSWORD_HASHERS=FAST_HASH)
class TestPictures(InFolder, TestCase):
    def assert_all_there(self) -> None:
        rows = Photo.objects.all()
        assert len(rows) == sum(map(len, SHOWN)) + len(AVATARS)
        assert self.files() == {name for row in rows for name in row.names}
        assert not Trash.objects.exists()
        mina = Client(User.objects.get(email=MINA.email))
        shown = Diary.objects.get(owner=mina.user, photos_count__gt=0)
        pages = [mina.get(path).content.decode() for path in ("me/", f"diaries/{shown.pk}/")]
        links = set(re.findall(r'"([^"]*/api/v1/pictures/[^"]*)"', "".join(pages)))
        assert len(links) > len(SHOWN[0])
        for link in links:
            assert mina.get(link).status_code == 200, link

    def test_resets_keep_the_pictures(self) -> None:
        for arguments in ((), ("--reset",), ("--reset",)):
            with self.captureOnCommitCallbacks(execute=True):
                call_command("demo", *arguments, stdout=StringIO())
            self.assert_all_there()

    def test_a_demo_without_a_store_has_no_photos(self) -> None:
        with (
            override_settings(PHOTO_URL="file:///proc/nowhere"),
            self.captureOnCommitCallbacks(execute=True),
        ):
            call_command("demo", stdout=StringIO())
        assert not Photo.objects.exists()


class TestButton(DemoTest):
    def setUp(self) -> None:
        self.browser = Browser(enforce_csrf_checks=True)

    def press(self, **fields: str) -> Any:
        page = self.browser.get("/?lang=ko").content.decode()
        names = r'name="(csrfmiddlewaretoken|lang)" value="([^"]*)"'
        action = re.search(r'<form class="reset" action="([^"]*)"', page)
        assert action is not None
        return self.browser.post(action[1], dict(re.findall(names, page)) | fields)

    def test_it_resets_the_demo_and_returns_to_the_page(self) -> None:
        before = self.rows()
        Goal.objects.all().first().change(title="Changed")
        answer = self.press()
        assert (answer.status_code, answer["Location"]) == (303, "/?lang=ko#demo")
        assert self.rows() == before

    def test_a_form_of_another_site_cannot_press_it(self) -> None:
        Goal.objects.all().first().change(title="Changed")
        assert self.browser.post("/demo/reset/", {})["Location"] == "/?reset=refused#demo"
        assert self.press(csrfmiddlewaretoken="x")["Location"] == "/?lang=ko&reset=refused#demo"
        assert self.browser.get("/demo/reset/").status_code == 405
        assert Goal.objects.filter(title="Changed").exists()

    def test_a_person_is_told_on_the_page_that_it_was_not_reset(self) -> None:
        self.browser.get("/")
        refused = self.browser.post("/demo/reset/", {"lang": "ko"}, follow=True)
        self.assertContains(refused, "데모를 되돌리지 못했습니다")
        mina = Client(User.objects.get(email=MINA.email))
        mina.patch("me/", {"handle": "renamed"})
        person("Alice", handle=MINA.handle)
        failed = self.press(lang="en")
        assert (failed.status_code, failed["Location"]) == (303, "/?lang=en&reset=failed#demo")
        page = self.browser.get("/?lang=en&reset=failed")
        self.assertContains(page, "another account has one of its handles")
        self.assertNotContains(self.browser.get("/?reset=<b>"), "not reset")

    def test_a_language_that_is_none_is_not_in_the_address(self) -> None:
        assert self.press(lang="//evil.example")["Location"] == "/#demo"

    def test_a_production_server_has_no_button_and_no_reset(self) -> None:
        with override_settings(LOCAL=False):
            assert "reset" not in self.browser.get("/").content.decode()
            assert Browser().post("/demo/reset/").status_code == 404
        assert User.objects.filter(email=ADMIN.email).exists()
