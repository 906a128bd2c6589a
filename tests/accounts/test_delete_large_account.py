"""POST me/delete/ with more rows than a request deletes: the account is marked, then erased."""

from __future__ import annotations

from collections.abc import Iterator
from io import StringIO
from typing import Any

from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Follow, Profile, Session, User
from cheers.models import Cheer
from core.erasing import AT_ONCE
from goals.models import Goal
from tests.admin.base import path
from tests.base import MONDAY, PASSWORD, ApiTest, Client, ids, new_id, person, todos_of
from todos.models import Todo


class DeleteLargeAccountTest(ApiTest):
    """Alice has deleted an account with many todos. Bob and Alice had followed and cheered."""

    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        cls.todos = todos_of(cls.alice, AT_ONCE + 1)
        cls.large = cls.todos[0].goal
        cls.large.change(visibility="public")
        cls.alice.follow(cls.bob)
        cls.charlie.profile.change(is_private=True)
        cls.alice.follow(cls.charlie)  # a request
        cls.bobs = todos_of(cls.bob, 1)[0]
        cls.bobs.goal.change(visibility="selected")
        cls.bobs.goal.viewers.set(Follow.objects.of(cls.alice, cls.bob))
        Cheer.give(cls.alice, cls.bobs, "👍")
        cls.cheer, _ = Cheer.give(cls.bob, cls.todos[0], "👍")
        cls.email, cls.handle = cls.alice.email, cls.alice.profile.handle

    def setUp(self) -> None:
        super().setUp()
        self.other_phone = self.phone(self.alice)
        self.ok(self.as_alice.post("me/delete/", {"password": PASSWORD}), 204)

    def erase(self) -> str:
        out = StringIO()
        call_command("erase", stdout=out)
        return out.getvalue()

    def both(self) -> Iterator[None]:
        """Yield before the account is erased, and after."""
        assert Todo.objects.filter(owner=self.alice).count() == AT_ONCE + 1
        with self.subTest("marked"):
            yield
        self.erase()
        assert not User.objects.filter(pk=self.alice.pk).exists()
        with self.subTest("erased"):
            yield

    def test_all_sessions_have_ended_and_the_deletion_may_be_repeated(self) -> None:
        for _ in self.both():
            for phone in (self.as_alice, self.other_phone):
                self.assert_problem(phone.get("me/"), 401, "token_not_valid")
                self.assert_problem(phone.get("todos/"), 401, "token_not_valid")
                self.ok(phone.post("me/delete/", {"password": "whatever"}), 204)
                refresh = {"refresh": phone.tokens["refresh"]}
                self.assert_problem(
                    self.anonymous.post("auth/token/refresh/", refresh), 401, "token_not_valid"
                )
            body = {"email": self.email, "password": PASSWORD}
            self.assert_problem(
                self.anonymous.post("auth/token/", body), 401, "invalid_credentials"
            )

    def test_the_email_and_the_handle_are_free_at_once(self) -> None:
        body = {"id": new_id(), "email": self.email, "password": PASSWORD, "nickname": "Alice"}
        made = self.ok(self.anonymous.post("auth/signup/", body | {"handle": self.handle}), 201)
        assert made["user"]["handle"] == self.handle
        self.erase()
        self.ok(self.anonymous.post("auth/token/", {"email": self.email, "password": PASSWORD}))

    def test_nobody_sees_the_person_or_their_rows(self) -> None:
        alice = self.alice.uuid
        for _ in self.both():
            for url in (
                f"users/{alice}/",
                f"users/{alice}/followers/",
                f"todos/{self.todos[0].pk}/",
                f"goals/{self.large.pk}/",
                f"days/{MONDAY}/?owner={alice}",
                f"calendar/?month={MONDAY:%Y-%m}&owner={alice}",
            ):
                self.assert_problem(self.as_bob.get(url), 404, "not_found")
            for url in (
                f"users/?q={self.handle}",
                f"users/?handle={self.handle}",
                "users/?q=alice",
                f"users/{self.bob.uuid}/followers/",
                f"users/{self.bob.uuid}/following/",
                f"goals/?owner={alice}",
                f"todos/?owner={alice}",
                f"diaries/?owner={alice}",
                "cheers/",
                "cheers/?received=true",
                f"cheers/?todo={self.bobs.pk}",
            ):
                assert self.ok(self.as_bob.get(url))["results"] == [], url
            assert self.ok(self.as_charlie.get("follow-requests/"))["results"] == []

    def test_counts_are_right_at_once(self) -> None:
        for _ in self.both():
            me = self.ok(self.as_bob.get("me/"))
            assert (me["followers_count"], me["following_count"]) == (0, 0)
            assert self.ok(self.as_charlie.get("me/"))["pending_requests"] == 0
            day = self.ok(self.as_bob.get(f"days/{MONDAY}/"))
            assert day["cheers"] == []
            month = self.ok(self.as_bob.get(f"calendar/?month={MONDAY:%Y-%m}"))
            assert month["days"][0]["cheers"] == 0

    def test_the_viewers_of_others_lose_the_person(self) -> None:
        goal = f"goals/{self.bobs.goal.pk}/"
        for _ in self.both():
            read = self.ok(self.as_bob.get(goal))
            assert read["viewers"] == []
            assert self.ok(self.as_bob.patch(goal, read))["viewers"] == []
            named = self.as_bob.patch(goal, {"viewers": [f"{self.alice.uuid}"]})
            assert self.ok(named)["viewers"] == []

    def test_writes_to_the_person_find_nobody(self) -> None:
        alice = self.alice.uuid
        for _ in self.both():
            for url in (f"users/{alice}/follow/", f"users/{alice}/block/"):
                self.assert_problem(self.as_bob.put(url), 404, "not_found")
                self.ok(self.as_bob.delete(url), 204)
            cheer = f"cheers/todos/{self.todos[0].pk}/"
            self.assert_problem(self.as_bob.put(cheer, {"emoji": "👍"}), 404, "not_found")

    def test_operators_see_nothing_of_it(self) -> None:
        root = person("Root", is_staff=True, is_superuser=True)
        site = Client()
        site.force_login(root)
        rows: list[Any] = [self.alice, self.large, self.todos[0], self.cheer]
        rows += Follow.objects.filter(followee=self.alice)
        for _ in self.both():
            for row in rows:
                shown = site.get(path(type(row))).context["cl"].result_list
                assert row.pk not in {each.pk for each in shown}
                assert site.get(path(type(row), row)).status_code == 302, "not found"
            found = site.get(path(User), {"q": self.email}).context["cl"].result_list
            assert list(found) == []

    def test_erasing_leaves_no_row_and_tells_what_it_did(self) -> None:
        marked = Profile.objects.get(pk=self.alice.pk)
        assert (marked.nickname, marked.bio, marked.is_searchable) == ("", "", False)
        assert not marked.is_open
        assert f"account {self.alice.uuid} erased: " in self.erase()
        assert Goal.objects.count() == Todo.objects.count() == 1  # Bob's
        assert not Cheer.objects.exists()
        assert not Follow.objects.exists()
        assert not Session.objects.filter(user=self.alice.pk).exists()
        assert not Profile.objects.deleted().exists()
        assert self.erase() == ""

    def test_purge_erases_too(self) -> None:
        out = StringIO()
        call_command("purge", stdout=out)
        assert f"account {self.alice.uuid} erased: " in out.getvalue()
        assert not User.objects.filter(pk=self.alice.pk).exists()

    def test_the_request_deletes_no_rows_but_sessions(self) -> None:
        todos_of(self.bob, 3 * AT_ONCE)
        with CaptureQueriesContext(connection) as queries:
            self.ok(self.as_bob.post("me/delete/", {"password": PASSWORD}), 204)
        deleted = {each["sql"].split()[2] for each in queries if each["sql"].startswith("DELETE")}
        assert [name.strip('`"') for name in deleted] == ["accounts_session"]
        assert len(queries) < 50

    def test_people_who_are_deactivated_can_not_repeat_it(self) -> None:
        self.bob.change(is_active=False)
        answer = self.as_bob.post("me/delete/", {"password": PASSWORD})
        self.assert_problem(answer, 401, "token_not_valid")

    def test_ids_of_others_stay(self) -> None:
        assert ids(self.ok(self.as_bob.get("todos/"))["results"]) == [f"{self.bobs.pk}"]
