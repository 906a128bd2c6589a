"""POST auth/token/"""

from typing import Any
from unittest.mock import patch

import pytest
from django.contrib.auth.hashers import MD5PasswordHasher
from django.test import override_settings

from accounts.models import Session
from tests.base import PASSWORD, ApiTest, Client, RaceTest, needs_row_locks


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
    def test_signing_in_again_on_a_device_takes_seven_queries(self) -> None:
        self.ok(self.sign_in(self.alice.email, device="phone"))
        # user, savepoint, user locked, password, session locked, session changed, savepoint's end
        with self.assertNumQueries(7):
            self.ok(self.sign_in(self.alice.email, device="phone"))

    def test_a_second_sign_in_of_a_device_takes_over_its_session(self) -> None:
        Session.objects.all().delete()
        first, second = (self.ok(self.sign_in(self.alice.email, device="phone")) for _ in range(2))
        self.ok(self.sign_in(self.alice.email, device="Phone"))
        self.ok(self.sign_in(self.bob.email, device="phone"))
        assert self.alice.sessions.count() == 2
        # Either of two answers to a repeated sign-in may be the one that arrives.
        refreshed = self.ok(
            self.anonymous.post("auth/token/refresh/", {"refresh": first["refresh"]})
        )
        assert refreshed["refresh"] == second["refresh"]

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
    def test_sixteen_concurrent_sign_ins_of_one_device_make_one_session(self) -> None:
        Session.objects.all().delete()
        body = {"email": self.alice.email, "password": PASSWORD, "device": "phone"}
        with self.settings(RATE_LIMITS=False):
            answers = self.at_once(lambda _: Client().post("auth/token/", body))
        assert {answer.status_code for answer in answers} == {200}
        assert self.alice.sessions.count() == 1
