"""POST auth/password/change/"""

from typing import Any

import pytest
from django.contrib.auth.hashers import make_password

from accounts.models import User
from tests.accounts.interruptions import before
from tests.base import PASSWORD, ApiTest, Client, RaceTest, needs_row_locks

NEW = "another horse battery"


class ChangePasswordTest(ApiTest):
    def change(self, phone: Client | None = None, **fields: Any) -> Any:
        return (phone or self.as_alice).post(
            "auth/password/change/", {"password": PASSWORD, "new_password": NEW} | fields
        )

    def has_password(self, password: str) -> bool:
        return User.objects.get(pk=self.alice.pk).check_password(password)

    def test_a_change_sets_the_password_and_ends_all_other_sessions(self) -> None:
        tablet = Client(self.alice)
        self.ok(self.change(), 204)
        assert self.has_password(NEW)
        self.ok(self.as_alice.get("me/"))
        self.assert_problem(tablet.get("me/"), 401, "token_not_valid")
        refresh = {"refresh": tablet.tokens["refresh"]}
        self.assert_problem(
            self.anonymous.post("auth/token/refresh/", refresh), 401, "token_not_valid"
        )
        self.ok(self.as_bob.get("me/"))

    def test_a_repeated_change_succeeds_again(self) -> None:
        for _ in range(2):
            self.ok(self.change(), 204)
        self.ok(self.as_alice.get("me/"))

    def test_a_repeated_change_keeps_sessions_that_began_since(self) -> None:
        self.ok(self.change(), 204)
        tablet = Client(self.alice)
        self.ok(self.change(), 204)
        self.ok(tablet.get("me/"))

    def test_a_wrong_password_is_an_error_of_that_field(self) -> None:
        tablet = Client(self.alice)
        self.assert_field_error(
            self.change(password="wrong horse battery"), "password", "wrong_password"
        )
        assert self.has_password(PASSWORD)
        self.ok(tablet.get("me/"))

    def test_a_bad_new_password_is_refused_with_djangos_codes(self) -> None:
        for password, code in (
            ("short", "password_too_short"),
            ("password", "password_too_common"),
            (self.alice.email, "password_too_similar"),
        ):
            self.assert_field_error(self.change(new_password=password), "new_password", code)
        assert self.has_password(PASSWORD)

    def test_a_change_requires_both_passwords_and_a_session(self) -> None:
        for field in ("password", "new_password"):
            self.assert_field_error(self.change(**{field: None}), field, "null")
        self.assert_problem(self.change(self.anonymous), 401, "not_authenticated")
        self.ok(self.as_alice.post("auth/logout/"), 204)
        self.assert_problem(self.change(), 401, "token_not_valid")

    def test_a_password_replaced_during_the_check_counts_as_wrong(self) -> None:
        with before("SELECT", "accounts_profile", lambda: self.replace("third horse battery")):
            self.assert_field_error(self.change(), "password", "wrong_password")
        assert not self.has_password(NEW)

    def test_a_concurrent_identical_change_succeeds(self) -> None:
        with before("SELECT", "accounts_profile", lambda: self.replace(NEW)):
            self.ok(self.change(), 204)

    def replace(self, password: str) -> None:
        User.objects.filter(pk=self.alice.pk).update(password=make_password(password))


@needs_row_locks
@pytest.mark.races
class ChangePasswordRaceTest(RaceTest):
    def test_of_eight_changes_at_once_one_is_made(self) -> None:
        phones = [Client(self.alice) for _ in range(8)]
        path = "auth/password/change/"
        with self.settings(RATE_LIMITS=False):
            answers = self.at_once(
                lambda n: phones[n].post(
                    path, {"password": PASSWORD, "new_password": f"{NEW} {n}"}
                ),
                8,
            )
        codes = [answer.status_code for answer in answers]
        assert codes.count(204) == 1, codes
        assert set(codes) <= {204, 400, 401}, codes
        assert User.objects.get(pk=self.alice.pk).check_password(f"{NEW} {codes.index(204)}")
