"""POST auth/token/refresh/"""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from rest_framework_simplejwt.tokens import RefreshToken

from accounts.credentials import tokens
from accounts.models import Session
from tests.accounts.clock import later
from tests.base import PASSWORD, ApiTest, Client, RaceTest, needs_row_locks

SECOND = timedelta(seconds=1)


class RefreshTokenTest(ApiTest):
    def refresh(self, token: str) -> Any:
        return self.anonymous.post("auth/token/refresh/", {"refresh": token})

    def chain(self, length: int) -> list[str]:
        """Return refresh tokens of Alice's session, each the successor of the one before."""
        chain = [self.as_alice.tokens["refresh"]]
        for _ in range(length - 1):
            chain.append(self.ok(self.refresh(chain[-1]))["refresh"])
        return chain

    def assert_signed_in(self, expected: bool) -> None:
        assert Session.objects.filter(pk=self.as_alice.session_row.pk).exists() == expected
        assert (self.as_alice.get("me/").status_code == 200) == expected

    def test_the_current_token_is_exchanged_for_a_new_pair(self) -> None:
        pair = self.ok(self.refresh(self.as_alice.tokens["refresh"]))
        assert pair["refresh"] != self.as_alice.tokens["refresh"]
        self.as_alice.credentials(HTTP_AUTHORIZATION=f"Bearer {pair['access']}")
        self.assert_signed_in(True)

    def test_the_answer_depends_on_the_generation_and_the_age_of_a_token(self) -> None:
        # (generations old, time since the last exchange, result)
        for old, age, expected in (
            (0, timedelta(0), "new"),
            (0, timedelta(days=29), "new"),
            (1, timedelta(0), "same"),
            (1, 59 * SECOND, "same"),
            (1, 62 * SECOND, "same"),
            (1, timedelta(days=29), "same"),
            (2, timedelta(0), "end"),
            (2, timedelta(days=1), "end"),
            (0, timedelta(days=90), "refused"),
            (1, timedelta(days=90), "refused"),
        ):
            with self.subTest(old=old, age=age):
                self.as_alice = Client(self.alice)
                self.check(old, age, expected)

    def check(self, old: int, age: timedelta, expected: str) -> None:
        chain = self.chain(3)
        with later(age):
            answer = self.refresh(chain[-1 - old])
        if expected in ("new", "same"):
            assert (self.ok(answer)["refresh"] == chain[-1]) == (expected == "same")
        else:
            self.assert_problem(answer, 401, "token_not_valid")
        # The row of a session past its 90 days stays until the purge.
        assert Session.objects.filter(pk=self.as_alice.session_row.pk).exists() == (
            expected != "end"
        )

    def test_a_reused_token_ends_the_session(self) -> None:
        first, _second, third = self.chain(3)
        self.assert_problem(self.refresh(first), 401, "token_not_valid")
        self.assert_signed_in(False)
        self.assert_problem(self.refresh(third), 401, "token_not_valid")

    def test_a_reused_token_does_not_end_other_sessions(self) -> None:
        tablet = Client(self.alice)
        self.refresh(self.chain(3)[0])
        self.ok(tablet.get("me/"))

    def test_a_lost_answer_can_be_repeated_until_its_tokens_are_used(self) -> None:
        first, second = self.chain(2)
        for seconds in (10, 58, 70, 24 * 3600):
            with later(seconds * SECOND):
                pair = self.ok(self.refresh(first))
            assert pair["refresh"] == second
        self.ok(self.refresh(second))
        with later(70 * SECOND):
            self.assert_problem(self.refresh(first), 401, "token_not_valid")
            self.assert_signed_in(False)

    def test_a_token_cannot_be_repeated_once_the_next_access_token_was_used(self) -> None:
        first = self.as_alice.tokens["refresh"]
        pair = self.ok(self.refresh(first))
        self.as_alice.credentials(HTTP_AUTHORIZATION=f"Bearer {pair['access']}")
        self.ok(self.as_alice.get("me/"))
        with later(58 * SECOND):  # two requests that were sent at once
            assert self.ok(self.refresh(first))["refresh"] == pair["refresh"]
        with later(62 * SECOND):
            self.assert_problem(self.refresh(first), 401, "token_not_valid")
        self.assert_signed_in(False)

    def test_the_access_token_of_before_is_no_use_of_the_successor(self) -> None:
        first, second = self.chain(2)
        self.ok(self.as_alice.get("me/"))
        with later(62 * SECOND):
            assert self.ok(self.refresh(first))["refresh"] == second

    def test_a_thief_who_keeps_one_step_behind_is_noticed(self) -> None:
        stolen = self.as_alice.tokens["refresh"]
        with later(-timedelta(minutes=10)):
            pair = self.ok(self.refresh(stolen))
        self.as_alice.credentials(HTTP_AUTHORIZATION=f"Bearer {pair['access']}")
        self.ok(self.as_alice.get("me/"))
        self.assert_problem(self.refresh(stolen), 401, "token_not_valid")
        self.assert_problem(self.refresh(pair["refresh"]), 401, "token_not_valid")

    def test_the_first_use_of_an_access_token_takes_one_write(self) -> None:
        lock = int(connection.features.has_select_for_update_skip_locked)
        pair = self.ok(self.refresh(self.as_alice.tokens["refresh"]))
        self.as_alice.credentials(HTTP_AUTHORIZATION=f"Bearer {pair['access']}")
        for method in ("get", "head"):
            # the session, [savepoint, its lock, its update, savepoint's end], the page
            with self.assertNumQueries(5 + lock if method == "get" else 2):
                getattr(self.as_alice, method)("alarms/")

    def test_a_clock_that_was_ahead_does_not_prolong_the_grace(self) -> None:
        first = self.as_alice.tokens["refresh"]
        with later(timedelta(days=1)):
            pair = self.ok(self.refresh(first))
        self.ok(self.refresh(pair["refresh"]))
        self.assert_problem(self.refresh(first), 401, "token_not_valid")

    def test_a_token_lasts_thirty_days_and_a_session_ninety_despite_refreshes(self) -> None:
        token = RefreshToken(self.chain(2)[-1])
        assert token["exp"] - token["iat"] == 30 * 24 * 3600
        with later(-timedelta(days=80)):
            old = Client(self.alice)
        ends_at = old.session_row.ends_at
        assert ends_at - old.session_row.rotated_at == timedelta(days=90)
        old.session_row.change(rotated_at=datetime.now(UTC))
        pair_of_today = tokens.pair(old.session_row)
        last = RefreshToken(self.ok(self.refresh(pair_of_today["refresh"]))["refresh"])
        assert last["exp"] == int(ends_at.timestamp())

    def test_a_token_of_more_than_thirty_days_is_refused(self) -> None:
        with later(-timedelta(days=31)):
            old = Client(self.alice)
        self.assert_problem(self.refresh(old.tokens["refresh"]), 401, "token_not_valid")

    def test_a_text_that_is_no_refresh_token_is_refused(self) -> None:
        forged = RefreshToken(self.as_alice.tokens["refresh"])
        head, body, _signature = str(forged).split(".")
        for text in (
            "x",
            "a.b.c",
            self.as_alice.tokens["access"],
            f"{head}.{body}.AAAA",
            str(RefreshToken()),
        ):
            self.assert_problem(self.refresh(text), 401, "token_not_valid")
        self.assert_signed_in(True)

    def test_a_body_without_a_token_is_refused(self) -> None:
        for body in ({}, {"refresh": ""}, {"refresh": 1}, {"refresh": None}):
            self.assert_problem(self.anonymous.post("auth/token/refresh/", body), 400, "invalid")

    def test_an_inactive_person_cannot_refresh(self) -> None:
        self.alice.change(is_active=False)
        self.assert_problem(self.refresh(self.as_alice.tokens["refresh"]), 401, "token_not_valid")


@needs_row_locks
@pytest.mark.races
class RefreshTokenRaceTest(RaceTest):
    def test_sixteen_concurrent_refreshes_of_one_token_get_one_successor(self) -> None:
        for _ in range(5):
            body = {"refresh": Client(self.alice).tokens["refresh"]}
            answers = self.at_once(lambda _, body=body: Client().post("auth/token/refresh/", body))
            assert {answer.status_code for answer in answers} == {200}
            assert len({answer.json()["refresh"] for answer in answers}) == 1

    def test_a_concurrent_refresh_does_not_revive_a_session_that_signs_out(self) -> None:
        phone = Client(self.alice)
        answers = self.at_once(
            lambda n: (
                phone.post("auth/logout/")
                if n % 2
                else Client().post("auth/token/refresh/", {"refresh": phone.tokens["refresh"]})
            )
        )
        assert {answer.status_code for answer in answers} <= {200, 204, 401}
        assert not Session.objects.filter(pk=phone.session_row.pk).exists()

    def test_a_password_change_ends_sessions_that_began_concurrently(self) -> None:
        phone = Client(self.alice)
        sign_in = {"email": self.alice.email, "password": PASSWORD}
        change = {"password": PASSWORD, "new_password": "another horse battery"}
        with self.settings(RATE_LIMITS=False):
            answers = self.at_once(
                lambda n: (
                    Client().post("auth/token/", sign_in)
                    if n
                    else phone.post("auth/password/change/", change)
                )
            )
        assert {answer.status_code for answer in answers} <= {200, 204, 401}
        assert [row.pk for row in Session.objects.filter(user=self.alice)] == [phone.session_row.pk]
