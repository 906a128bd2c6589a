"""POST auth/token/"""

from datetime import timedelta
from typing import Any
from unittest.mock import patch

import pytest
from django.contrib.auth.hashers import MD5PasswordHasher
from django.test import override_settings

from accounts.models import Session
from tests.accounts.clock import later
from tests.base import PASSWORD, ApiTest, Client, RaceTest, needs_row_locks, new_id

PHONE = new_id()


class SignInTest(ApiTest):
    def sign_in(self, email: str, password: str = PASSWORD, **fields: Any) -> Any:
        return self.anonymous.post("auth/token/", {"email": email, "password": password} | fields)

    def test_an_email_in_any_case_and_its_password_give_tokens(self) -> None:
        pair = self.ok(self.sign_in(f" {self.alice.email.upper()} "))
        assert set(pair) == {"access", "refresh"}
        self.anonymous.credentials(HTTP_AUTHORIZATION=f"Bearer {pair['access']}")
        assert self.ok(self.anonymous.get("me/"))["id"] == str(self.alice.uuid)

    def test_wrong_email_wrong_password_and_inactive_person_get_the_same_answer(self) -> None:
        self.bob.change(is_active=False)
        answers = [
            self.sign_in("nobody@example.com"),
            self.sign_in(self.alice.email, "wrong horse battery"),
            self.sign_in(self.bob.email),
        ]
        for answer in answers:
            self.assert_problem(answer, 401, "invalid_credentials")
            assert answer["WWW-Authenticate"] == 'Bearer realm="api"'
        assert len({answer.content for answer in answers}) == 1

    def test_wrong_email_wrong_password_and_inactive_person_cost_one_hash_each(self) -> None:
        self.bob.change(is_active=False)
        for email, password in (
            ("nobody@example.com", PASSWORD),
            (self.alice.email, "wrong horse battery"),
            (self.bob.email, PASSWORD),
        ):
            with patch.object(
                MD5PasswordHasher, "encode", autospec=True, side_effect=MD5PasswordHasher.encode
            ) as hashed:
                self.sign_in(email, password)
            assert hashed.call_count == 1, email

    def test_each_sign_in_without_a_device_starts_a_session(self) -> None:
        Session.objects.all().delete()
        for device in ({}, {"device": None}):
            self.ok(self.sign_in(self.alice.email, **device))
        assert self.alice.sessions.count() == 2

    @override_settings(RATE_LIMITS=False)
    def test_a_sign_in_takes_seven_queries(self) -> None:
        # user, savepoint, user locked, password, session inserted, sessions above the limit,
        # savepoint's end
        with self.assertNumQueries(7):
            self.ok(self.sign_in(self.alice.email, device="phone"))
        self.ok(self.sign_in(self.alice.email, device_id=PHONE))
        # user, savepoint, user locked, password, session locked, session changed, savepoint's end
        with self.assertNumQueries(7):
            self.ok(self.sign_in(self.alice.email, device_id=PHONE))

    def test_two_phones_of_one_name_are_two_sessions(self) -> None:
        Session.objects.all().delete()
        first, second = (self.ok(self.sign_in(self.alice.email, device="Pixel")) for _ in range(2))
        assert self.alice.sessions.count() == 2
        for age in (0, 1, 2):
            with later(timedelta(hours=age)):
                first = self.refresh(first)
                second = self.refresh(second)
        assert self.alice.sessions.count() == 2

    def refresh(self, pair: dict[str, str]) -> dict[str, str]:
        body = {"refresh": pair["refresh"]}
        return dict(self.ok(self.anonymous.post("auth/token/refresh/", body)))

    def test_a_second_sign_in_with_the_id_of_a_device_takes_over_its_session(self) -> None:
        Session.objects.all().delete()
        first, second = (
            self.ok(self.sign_in(self.alice.email, device=name, device_id=PHONE))
            for name in ("Pixel", "Alice's Pixel")
        )
        self.ok(self.sign_in(self.bob.email, device_id=PHONE))
        assert [row.label for row in self.alice.sessions.all()] == ["Alice's Pixel"]
        # Either of two answers to a repeated sign-in may be the one that arrives.
        assert self.refresh(first)["refresh"] == second["refresh"]
        self.ok(self.sign_in(self.alice.email, device_id=new_id()))
        assert self.alice.sessions.count() == 2

    def test_a_device_without_an_id_may_say_so(self) -> None:
        self.ok(self.sign_in(self.alice.email, device_id=None))
        for value in ("", "x", 7, "x" * 36):
            answer = self.sign_in(self.alice.email, device_id=value)
            self.assert_field_error(answer, "device_id", "invalid")

    def test_a_person_has_at_most_a_hundred_sessions(self) -> None:
        with patch("accounts.models.sessions.SESSIONS_PER_PERSON", 3):
            Session.objects.all().delete()
            pairs = [self.ok(self.sign_in(self.alice.email, device=f"{n}")) for n in range(3)]
            self.refresh(pairs[0])  # now the second one was used longest ago
            self.ok(self.sign_in(self.alice.email, device="3"))
            self.ok(self.sign_in(self.bob.email))
        assert {row.label for row in self.alice.sessions.all()} == {"0", "2", "3"}
        assert self.bob.sessions.count() == 1

    def test_an_email_or_password_that_is_no_string_is_refused(self) -> None:
        for field, value in (
            ("email", 7),
            ("email", ""),
            ("password", None),
            ("password", ""),
            ("password", ["x"]),
        ):
            response = self.anonymous.post(
                "auth/token/", {"email": "a@example.com", "password": "x"} | {field: value}
            )
            problem = self.assert_problem(response, 400, "invalid")
            assert [error["field"] for error in problem["errors"]] == [field]

    def test_a_password_replaced_during_the_check_is_refused(self) -> None:
        def replaced(user: Any, *args: Any) -> bool:
            user.__class__.objects.get(pk=user.pk).replace_password("md5$else")
            return True

        with patch(
            "accounts.models.User.check_password", autospec=True, side_effect=[True, False]
        ) as check:
            check.side_effect = lambda user, raw: replaced(user) if check.call_count == 1 else False
            self.assert_problem(self.sign_in(self.alice.email), 401, "invalid_credentials")
        assert self.alice.sessions.count() == 0


@needs_row_locks
@pytest.mark.races
class SignInRaceTest(RaceTest):
    def test_sixteen_phones_of_one_name_that_sign_in_at_once_are_sixteen_sessions(self) -> None:
        Session.objects.all().delete()
        body = {"email": self.alice.email, "password": PASSWORD, "device": "Pixel"}
        with self.settings(RATE_LIMITS=False):
            answers = self.at_once(lambda _: Client().post("auth/token/", body))
        assert {answer.status_code for answer in answers} == {200}
        assert len({answer.json()["refresh"] for answer in answers}) == 16
        assert self.alice.sessions.count() == 16

    def test_sixteen_concurrent_sign_ins_of_one_device_make_one_session(self) -> None:
        Session.objects.all().delete()
        body = {"email": self.alice.email, "password": PASSWORD, "device_id": PHONE}
        with self.settings(RATE_LIMITS=False):
            answers = self.at_once(lambda _: Client().post("auth/token/", body))
        assert {answer.status_code for answer in answers} == {200}
        assert self.alice.sessions.count() == 1
