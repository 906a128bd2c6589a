"""A write that a deadlock or a lock wait timeout interrupts is retried as a whole."""

from __future__ import annotations

import json
import logging
from io import StringIO
from typing import Any

from django.core.management import call_command
from django.db import OperationalError, connection
from django.test import Client as Browser
from django.test import override_settings

from accounts.credentials.passwords import reset_token
from accounts.models import Follow, SecondFactor, Session, User
from core import clock
from tests.accounts.interruptions import deadlock_before, timeout_before
from tests.base import PASSWORD, Client, RaceTest

NEW = "another horse battery"


class Places(logging.Handler):
    """Keep each security event, and whether a transaction was open when it was logged."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, bool]] = []

    def emit(self, record: logging.LogRecord) -> None:
        event = json.loads(record.getMessage())["event"]
        self.found.append((event, connection.in_atomic_block))


@override_settings(RATE_LIMITS=False, EMAIL_VERIFICATION="optional")
class EventsOnceTest(RaceTest):
    """Security events are logged once, after the transaction: a retry would log them again."""

    def setUp(self) -> None:
        super().setUp()
        self.places = Places()
        logger = logging.getLogger("todomate.security")
        logger.addHandler(self.places)
        self.addCleanup(logger.removeHandler, self.places)

    def assert_logged(self, *events: str) -> None:
        """Assert that these were logged since the last call, all outside of transactions."""
        assert self.places.found == [(event, False) for event in events]
        self.places.found.clear()

    def turn_on(self) -> None:
        self.alice.refresh_from_db()
        SecondFactor.start(self.alice).change(confirmed_at=clock.now())
        self.alice.change(has_second_factor=True)

    def test_a_wrong_code(self) -> None:
        self.turn_on()
        self.alice.change(is_staff=True)
        body = {"email": self.alice.email, "password": PASSWORD, "code": "000000"}
        with deadlock_before("SELECT", "accounts_secondfactor"):
            answer = self.anonymous.post("auth/token/", body)
        self.assert_problem(answer, 401, "second_factor_invalid")
        self.assert_logged("second_factor_failed")
        body = {"password": PASSWORD, "code": "000000"}
        answer = self.as_alice.post("auth/second-factor/remove/", body)
        self.assert_field_error(answer, "code", "wrong_code")
        self.assert_logged("second_factor_failed")
        form = {"username": self.alice.email, "password": PASSWORD, "code": "000000"}
        assert Browser().post("/admin/login/", form).status_code == 200
        self.assert_logged("second_factor_failed")

    def test_a_second_factor_that_is_turned_off(self) -> None:
        self.turn_on()
        with deadlock_before("UPDATE", "accounts_user"):
            call_command("second_factor", self.alice.email, "--remove", stdout=StringIO())
        self.assert_logged("second_factor_changed")
        self.turn_on()
        body = {"token": reset_token(self.alice), "new_password": NEW}
        with deadlock_before("DELETE", "accounts_recoverycode"):
            self.ok(self.anonymous.post("auth/password/reset/confirm/", body), 204)
        self.assert_logged("password_reset", "second_factor_changed")

    def test_sessions_that_are_ended(self) -> None:
        other = Client(self.alice).session_row
        with deadlock_before("DELETE", "accounts_session"):
            self.ok(self.as_alice.delete(f"auth/sessions/{other.pk}/"), 204)
        self.assert_logged("session_ended")
        Client(self.alice)
        with deadlock_before("DELETE", "accounts_session"):
            self.ok(self.as_alice.delete("auth/sessions/"), 204)
        self.assert_logged("sessions_ended")
        assert Session.objects.of(self.alice).count() == 1


class InterruptedTest(RaceTest):
    """Run on every database, outside a transaction of the test."""

    def row(self) -> User:
        return User.objects.with_profile().get(pk=self.alice.pk)

    def patch(self, **fields: Any) -> Any:
        return self.ok(self.as_alice.patch("me/", fields))

    def test_an_interrupted_sign_out_is_retried(self) -> None:
        with timeout_before("DELETE", "accounts_session"):
            self.ok(self.as_alice.post("auth/logout/"), 204)
        assert not Session.objects.of(self.alice).exists()

    def test_an_interrupted_password_change_is_retried(self) -> None:
        tablet = Client(self.alice)
        with deadlock_before("DELETE", "accounts_session"):
            body = {"password": PASSWORD, "new_password": NEW}
            self.ok(self.as_alice.post("auth/password/change/", body), 204)
        assert self.row().check_password(NEW)
        assert not Session.objects.filter(pk=tablet.session_row.pk).exists()

    def test_an_interrupted_password_reset_is_retried(self) -> None:
        body = {"token": reset_token(self.row()), "new_password": NEW}
        with deadlock_before("DELETE", "accounts_session"):
            self.ok(self.anonymous.post("auth/password/reset/confirm/", body), 204)
        assert self.row().check_password(NEW)
        assert not Session.objects.of(self.alice).exists()

    def test_an_interrupted_note_of_the_first_use_of_a_token_is_retried(self) -> None:
        with deadlock_before("UPDATE", "accounts_session"):
            self.ok(self.refreshed().get("me/"))
        assert Session.objects.get(user=self.alice).used_generation == 1

    def test_a_read_is_not_refused_because_its_first_use_cannot_be_noted(self) -> None:
        def busy(execute: Any, sql: str, *rest: Any) -> Any:
            if sql.startswith("UPDATE") and "accounts_session" in sql:
                raise OperationalError(1205, "Lock wait timeout exceeded")
            return execute(sql, *rest)

        phone = self.refreshed()
        with connection.execute_wrapper(busy):
            self.ok(phone.get("me/"))
        assert Session.objects.get(user=self.alice).used_generation == 0

    def refreshed(self) -> Client:
        """Return Alice's phone with a token of its next generation."""
        body = {"refresh": self.as_alice.tokens["refresh"]}
        pair = self.ok(self.anonymous.post("auth/token/refresh/", body))
        self.as_alice.credentials(HTTP_AUTHORIZATION=f"Bearer {pair['access']}")
        return self.as_alice

    def test_an_interrupted_change_of_email_and_handle_is_retried(self) -> None:
        body = {
            "email": "new@example.com",
            "handle": "new.handle",
            "password": PASSWORD,
            "bio": "Hi",
        }
        for verb, table in (("UPDATE", "accounts_user"), ("UPDATE", "accounts_profile")):
            with deadlock_before(verb, table):
                self.patch(**body)
            row = self.row()
            assert (row.email, row.profile.handle, row.profile.bio) == (
                "new@example.com",
                "new.handle",
                "Hi",
            )
            body |= {"bio": "Hi"}
            row.profile.change(bio="", handle="old.handle")
            row.change(email="old@example.com")

    def test_an_interrupted_change_to_public_is_retried(self) -> None:
        self.patch(is_private=True)
        self.ok(self.as_charlie.put(f"users/{self.alice.uuid}/follow/"))
        with deadlock_before("UPDATE", "accounts_follow"):
            assert self.patch(is_private=False)["is_private"] is False
        assert self.row().profile.is_private is False
        assert Follow.objects.of(self.charlie, self.alice).accepted().exists()

    def test_an_interrupted_sign_up_is_retried_as_a_whole(self) -> None:
        body = {
            "email": "dora@example.com",
            "password": PASSWORD,
            "nickname": "Dora",
            "device": "phone",
        }
        with deadlock_before("INSERT", "accounts_session"):
            self.ok(self.anonymous.post("auth/signup/", body), 201)
        dora = User.objects.with_email("dora@example.com").with_profile().get()
        assert (dora.profile.nickname, dora.sessions.get().label) == ("Dora", "phone")
        self.ok(self.anonymous.post("auth/token/", {"email": dora.email, "password": PASSWORD}))

    def test_an_interrupted_deletion_of_an_account_is_retried(self) -> None:
        with deadlock_before("DELETE", "accounts_user"):
            self.ok(self.as_alice.post("me/delete/", {"password": PASSWORD}), 204)
        assert not User.objects.filter(pk=self.alice.pk).exists()
