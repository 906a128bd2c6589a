"""PATCH me/"""

from functools import partial
from typing import Any

import pytest
from django.contrib.auth.hashers import make_password

from accounts.models import Profile, User
from tests.accounts.interruptions import before
from tests.base import PASSWORD, ApiTest, Client, RaceTest, needs_row_locks, person


class UpdateMeTest(ApiTest):
    def patch(self, **fields: Any) -> Any:
        return self.as_alice.patch("me/", fields)

    def test_only_the_sent_fields_change(self) -> None:
        before = self.ok(self.as_alice.get("me/"))
        for fields in (
            {"nickname": "앨리스"},
            {"bio": "아침형 인간 🌅"},
            {"timezone": "America/Sao_Paulo"},
            {"day_starts_at": 6},
            {"week_starts_on": "sun"},
            {"locale": "en"},
            {"is_searchable": False},
            {"is_open": True},
            {"is_private": True},
            {"bio": "", "day_starts_at": 0},
        ):
            before |= fields
            after = self.ok(self.patch(**fields))
            assert after | {"today": ""} == before | {"today": ""}
            assert self.ok(self.as_alice.get("me/")) == after

    def test_an_answer_can_be_sent_back_unchanged(self) -> None:
        me = self.ok(self.as_alice.get("me/"))
        assert (
            self.ok(
                self.patch(**me | {"id": str(self.bob.uuid), "followers_count": 99, "avatar": "x"})
            )
            == me
        )

    def test_an_empty_body_changes_nothing(self) -> None:
        assert self.ok(self.patch()) == self.ok(self.as_alice.get("me/"))

    def test_a_handle_is_stored_in_lower_case(self) -> None:
        assert self.ok(self.patch(handle="Alice.The_1st"))["handle"] == "alice.the_1st"

    def test_the_present_handle_and_email_are_no_conflict(self) -> None:
        self.ok(
            self.patch(handle=self.alice.profile.handle.upper(), email=self.alice.email.upper())
        )

    def test_a_taken_handle_is_a_duplicate(self) -> None:
        answer = self.as_alice.patch(
            "me/", {"handle": self.bob.profile.handle, "bio": "x"}, HTTP_ACCEPT_LANGUAGE="ko"
        )
        problem = self.assert_problem(answer, 409, "duplicate")
        assert "existing" not in problem
        error = {"field": "handle", "code": "duplicate", "detail": "이미 사용 중인 핸들입니다."}
        assert problem["errors"] == [error]
        assert Profile.objects.get(pk=self.alice.pk).bio == ""

    def test_bad_values_are_refused_and_nothing_changes(self) -> None:
        for field, value in (
            ("handle", "ab"),
            ("handle", "x" * 31),
            ("handle", "ab-cd"),
            ("nickname", ""),
            ("nickname", None),
            ("nickname", "x" * 31),
            ("bio", "x" * 301),
            ("timezone", "Seoul"),
            ("timezone", "asia/seoul"),
            ("day_starts_at", 7),
            ("day_starts_at", -1),
            ("day_starts_at", "3"),
            ("day_starts_at", True),
            ("week_starts_on", "monday"),
            ("locale", "fr"),
            ("is_private", 1),
            ("is_searchable", "true"),
            ("is_open", None),
            ("is_staff", True),
        ):
            problem = self.assert_problem(
                self.patch(**{field: value, "bio": value if field == "bio" else "x"}),
                400,
                "invalid",
            )
            assert [error["field"] for error in problem["errors"]] == [field]
        assert Profile.objects.get(pk=self.alice.pk).bio == ""

    def test_going_public_accepts_pending_requests(self) -> None:
        self.ok(self.patch(is_private=True))
        self.charlie.follow(self.alice)
        assert self.ok(self.as_alice.get("me/"))["pending_requests"] == 1
        me = self.ok(self.patch(is_private=False))
        assert (me["pending_requests"], me["followers_count"]) == (0, 2)

    def test_going_private_keeps_the_followers(self) -> None:
        assert self.ok(self.patch(is_private=True))["followers_count"] == 1


class ChangePasswordHereTest(ApiTest):
    def test_a_password_without_an_email_is_told_to_change_nothing(self) -> None:
        for password in (PASSWORD, "another horse battery"):
            answer = self.as_alice.patch("me/", {"password": password, "bio": "x"})
            self.assert_field_error(answer, "password", "changes_nothing")
            assert "auth/password/change/" in answer.json()["errors"][0]["detail"]
        assert self.ok(self.as_alice.get("me/"))["bio"] == ""

    def test_the_password_may_come_with_the_email_that_one_has_already(self) -> None:
        body = {"email": self.alice.email, "password": PASSWORD}
        self.ok(self.as_alice.patch("me/", body))
        answer = self.as_alice.patch("me/", body | {"password": "another horse battery"})
        self.assert_field_error(answer, "password", "changes_nothing")

    def test_a_zone_that_is_not_known_any_more_may_be_sent_back(self) -> None:
        self.alice.profile.change(timezone="Old/Zone")
        me = self.ok(self.as_alice.get("me/"))
        assert self.ok(self.as_alice.patch("me/", me | {"bio": "x"}))["timezone"] == "Old/Zone"


class ChangeEmailTest(ApiTest):
    def patch(self, **fields: Any) -> Any:
        return self.as_alice.patch("me/", fields)

    def test_changing_the_email_requires_the_password(self) -> None:
        self.assert_field_error(
            self.patch(email="new@example.com", bio="x"), "password", "required"
        )
        wrong = self.patch(email="new@example.com", password="wrong horse battery", bio="x")
        self.assert_field_error(wrong, "password", "wrong_password")
        me = self.ok(self.as_alice.get("me/"))
        assert (me["email"], me["bio"]) == (self.alice.email, "")

    def test_the_email_changes_with_the_password_which_is_not_in_the_answer(self) -> None:
        body = {"email": "New@Example.com", "password": PASSWORD}
        for _ in range(2):
            me = self.ok(self.patch(**body))
            assert me["email"] == "new@example.com"
            assert "password" not in me
        self.ok(
            self.anonymous.post("auth/token/", {"email": "new@example.com", "password": PASSWORD})
        )

    def test_a_repeated_change_of_email_needs_no_password(self) -> None:
        self.ok(self.patch(email=self.alice.email.upper()))

    def test_a_taken_email_is_a_duplicate(self) -> None:
        problem = self.assert_problem(
            self.patch(email=self.bob.email, password=PASSWORD), 409, "duplicate"
        )
        assert "existing" not in problem
        error = {"field": "email", "code": "duplicate", "detail": "This email is already in use."}
        assert problem["errors"] == [error]

    def patch_while(self, change: dict[str, str], **fields: Any) -> Any:
        """Send the change while another device makes `change` after the password check."""
        row = User.objects.filter(pk=self.alice.pk)
        with before("SELECT", "accounts_profile", partial(row.update, **change)):
            return self.patch(**fields)

    def test_a_password_replaced_during_the_check_counts_as_wrong(self) -> None:
        change = {"password": make_password("third horse battery")}
        answer = self.patch_while(change, email="new@example.com", password=PASSWORD)
        self.assert_field_error(answer, "password", "wrong_password")
        assert not User.objects.with_email("new@example.com").exists()

    def test_an_email_changed_during_the_check_requires_the_password(self) -> None:
        answer = self.patch_while({"email": "third@example.com"}, email=self.alice.email)
        self.assert_field_error(answer, "password", "required")

    def test_a_bad_email_is_refused(self) -> None:
        self.assert_field_error(
            self.patch(email="alice", password=PASSWORD), "email", "invalid_email"
        )


@needs_row_locks
@pytest.mark.races
class UpdateMeRaceTest(RaceTest):
    def test_one_of_sixteen_people_gets_a_handle_requested_concurrently(self) -> None:
        phones = [Client(person(f"Fan{n}")) for n in range(16)]
        answers = self.at_once(lambda n: phones[n].patch("me/", {"handle": "wanted"}))
        assert sorted(answer.status_code for answer in answers) == [200] + [409] * 15

    def test_concurrent_changes_of_different_fields_all_survive(self) -> None:
        fields = [{"bio": "x"}, {"day_starts_at": 3}, {"locale": "en"}, {"nickname": "앨"}]
        answers = self.at_once(lambda n: Client(self.alice).patch("me/", fields[n % 4]))
        assert {answer.status_code for answer in answers} == {200}
        profile = User.objects.with_profile().get(pk=self.alice.pk).profile
        assert (profile.bio, profile.day_starts_at, profile.locale, profile.nickname) == (
            "x",
            3,
            "en",
            "앨",
        )

    def test_no_concurrent_request_stays_pending_when_an_account_goes_public(self) -> None:
        self.alice.profile.change(is_private=True)
        fans = [Client(person(f"Fan{n}")) for n in range(15)]
        self.at_once(
            lambda n: (
                fans[n].put(f"users/{self.alice.uuid}/follow/")
                if n < 15
                else self.as_alice.patch("me/", {"is_private": False})
            )
        )
        assert self.alice.followed_by.accepted().count() == 16
