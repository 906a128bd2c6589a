"""POST auth/signup/"""

import re
from typing import Any

import pytest

from accounts.models import Profile, User
from tests.base import PASSWORD, ApiTest, Client, RaceTest, needs_row_locks, new_id


def body(**fields: Any) -> dict[str, Any]:
    return {"email": "dora@example.com", "password": PASSWORD, "nickname": "Dora"} | fields


class SignUpTest(ApiTest):
    def sign_up(self, **fields: Any) -> Any:
        return self.anonymous.post("auth/signup/", body(**fields))

    def test_sign_up_creates_an_account_and_signs_in(self) -> None:
        made = self.ok(self.sign_up(), 201)
        assert set(made) == {"user", "access", "refresh"}
        self.anonymous.credentials(HTTP_AUTHORIZATION=f"Bearer {made['access']}")
        assert self.ok(self.anonymous.get("me/")) == made["user"]
        assert made["user"]["email"] == "dora@example.com"
        assert made["user"]["handle"] == "dora"
        assert (made["user"]["timezone"], made["user"]["locale"]) == ("Asia/Seoul", "ko")

    def test_handle_timezone_and_language_may_be_chosen(self) -> None:
        user = self.ok(self.sign_up(handle="Dora.K_1", timezone="Europe/Paris", locale="en"), 201)[
            "user"
        ]
        assert (user["handle"], user["timezone"], user["locale"]) == (
            "dora.k_1",
            "Europe/Paris",
            "en",
        )

    def test_an_unknown_zone_never_stops_a_sign_up_and_the_answer_has_the_default(self) -> None:
        for number, (zone, taken) in enumerate(
            (
                ("Mars/Base", "Asia/Seoul"),
                ("", "Asia/Seoul"),
                (None, "Asia/Seoul"),
                (5, "Asia/Seoul"),
                ([], "Asia/Seoul"),
                ({"zone": True}, "Asia/Seoul"),
                ("EST5EDT", "EST5EDT"),
                ("japan", "Japan"),
            )
        ):
            made = self.ok(self.sign_up(email=f"{number}@example.com", timezone=zone), 201)
            assert made["user"]["timezone"] == taken

    def test_a_nickname_without_usable_letters_gets_a_random_handle(self) -> None:
        handles = [
            self.ok(self.sign_up(email=f"{n}@example.com", nickname="도라"), 201)["user"]["handle"]
            for n in "abcd"
        ]
        assert all(re.fullmatch("[a-z]{12}", handle) for handle in handles)
        assert len({handle[:2] for handle in handles}) > 1, "a search for it would read them all"

    def test_a_taken_handle_gets_a_random_suffix(self) -> None:
        self.ok(self.sign_up(), 201)
        assert self.ok(self.sign_up(email="dora2@example.com"), 201)["user"]["handle"].startswith(
            "dora."
        )

    def test_a_repeated_sign_up_gives_the_account_and_new_tokens(self) -> None:
        pk = new_id()
        first = self.ok(self.sign_up(id=pk, device="phone"), 201)
        again = self.ok(
            self.sign_up(id=pk, device="phone", email="DORA@example.com", nickname="Else"), 200
        )
        assert again["user"] == first["user"]
        assert first["user"]["id"] == pk
        pair = self.ok(self.anonymous.post("auth/token/refresh/", {"refresh": first["refresh"]}))
        assert pair["refresh"] == again["refresh"]

    def test_the_same_id_with_another_email_or_password_is_taken(self) -> None:
        pk = new_id()
        self.ok(self.sign_up(id=pk), 201)
        for other in ({"email": "else@example.com"}, {"password": "another horse battery"}):
            self.assert_problem(self.sign_up(id=pk, **other), 409, "id_taken")
        self.assert_problem(self.sign_up(id=pk, email=self.alice.email), 409, "id_taken")
        assert self.alice.sessions.count() == 1

    def test_the_id_of_another_row_is_taken(self) -> None:
        for pk in (self.goal().pk, self.as_bob.session_row.pk):
            self.assert_problem(self.sign_up(id=str(pk)), 409, "id_taken")

    def test_the_id_of_an_inactive_person_is_taken(self) -> None:
        pk = new_id()
        self.ok(self.sign_up(id=pk), 201)
        User.objects.filter(uuid=pk).update(is_active=False)
        self.assert_problem(self.sign_up(id=pk), 409, "id_taken")

    def test_a_taken_email_or_handle_is_a_duplicate_that_names_the_field(self) -> None:
        email, handle = (
            {"email": self.alice.email.upper()},
            {"handle": self.alice.profile.handle.upper()},
        )
        for taken in (email, handle, email | handle):
            problem = self.assert_problem(self.sign_up(**taken), 409, "duplicate")
            members = {"type", "title", "status", "detail", "code", "errors", "request_id"}
            assert set(problem) == members
            assert [(error["field"], error["code"]) for error in problem["errors"]] == [
                (field, "duplicate") for field in taken
            ]
        assert not User.objects.with_email("dora@example.com").exists()

    def test_unusual_emails_are_accepted(self) -> None:
        for email in ("o'dora+tag@sub.example.co.kr", "d@xn--3e0b707e.xn--3e0b707e", "_@1.io"):
            assert self.ok(self.sign_up(email=email), 201)["user"]["email"] == email

    def test_a_refused_sign_up_with_own_email_and_password_ends_no_session(self) -> None:
        device = {"email": self.alice.email, "password": PASSWORD, "device_id": new_id()}
        first = self.ok(self.anonymous.post("auth/token/", device))
        self.assert_problem(self.sign_up(id=str(self.bob.uuid), **device), 409, "id_taken")
        self.ok(self.anonymous.post("auth/token/refresh/", {"refresh": first["refresh"]}))


class RefuseSignUpTest(ApiTest):
    def test_bad_passwords_are_refused_with_djangos_codes(self) -> None:
        for password, code in (
            ("short", "password_too_short"),
            ("password", "password_too_common"),
            ("dora@example", "password_too_similar"),
            ("x" * 129, "max_length"),
            ("", "blank"),
            ("a\0bcdefgh", "null_characters_not_allowed"),
        ):
            response = self.anonymous.post("auth/signup/", body(password=password))
            self.assert_field_error(response, "password", code)
        assert User.objects.count() == 3

    def test_spaces_are_part_of_a_password(self) -> None:
        self.ok(self.anonymous.post("auth/signup/", body(password="  battery staple  ")), 201)
        sign_in = {"email": "dora@example.com", "password": "battery staple"}
        self.assert_problem(self.anonymous.post("auth/token/", sign_in), 401, "invalid_credentials")

    def test_bad_fields_are_refused(self) -> None:
        for field, value in (
            ("email", "dora"),
            ("email", "dora@example"),
            ("email", "a" * 250 + "@example.com"),
            ("email", "도라@example.com"),
            ("email", "dora@example.c0m"),
            ("email", "dora@-example.com"),
            ("email", "dora..k@example.com"),
            ("email", "dora@example.com\ndora@example.com"),
            ("nickname", " "),
            ("nickname", "x" * 31),
            ("handle", "abc"),
            ("handle", "하하하하"),
            ("handle", "a b c d"),
            ("locale", "fr"),
            ("device", "x" * 101),
            ("device", ""),
            ("id", "1"),
            ("is_staff", True),
        ):
            response = self.anonymous.post("auth/signup/", body(**{field: value}))
            problem = self.assert_problem(response, 400, "invalid")
            assert [error["field"] for error in problem["errors"]] == [field], problem
        assert not User.objects.filter(is_staff=True).exists()


@needs_row_locks
@pytest.mark.races
class SignUpRaceTest(RaceTest):
    def test_sixteen_concurrent_sign_ups_with_one_id_make_one_account(self) -> None:
        sent = body(id=new_id(), device="phone")
        with self.settings(RATE_LIMITS=False):  # fifteen of them count as sign-ins
            answers = self.at_once(lambda _: Client().post("auth/signup/", sent))
        assert sorted({answer.status_code for answer in answers}) == [200, 201]
        assert [answer.status_code for answer in answers].count(201) == 1
        assert User.objects.with_email("dora@example.com").get().sessions.count() == 1

    def test_sixteen_concurrent_sign_ups_without_an_id_make_one_account(self) -> None:
        answers = self.at_once(lambda _: Client().post("auth/signup/", body()))
        assert sorted(answer.status_code for answer in answers) == [201] + [409] * 15

    def test_sixteen_concurrent_sign_ups_with_one_nickname_get_different_handles(self) -> None:
        answers = self.at_once(
            lambda n: Client().post("auth/signup/", body(email=f"dora{n}@example.com"))
        )
        assert {answer.status_code for answer in answers} == {201}
        assert Profile.objects.filter(nickname="Dora").count() == 16
