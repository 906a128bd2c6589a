"""Security events: one line each for what happens to accounts, sessions and passwords"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.contrib.auth.models import Permission
from django.test import Client as Browser

from accounts.credentials import rates
from accounts.credentials.passwords import reset_token
from accounts.models import User
from diaries.models import Diary
from tests.base import MONDAY, PASSWORD, ApiTest, Client, new_id

NEW = "a new password of hers"
ALWAYS = {"time", "event", "request_id", "address", "person"}


class EventTest(ApiTest):
    @contextmanager
    def events(self, *names: str) -> Iterator[list[dict[str, Any]]]:
        """Give a list that has the events of the block at its end; their names are these."""
        found: list[dict[str, Any]] = []
        with self.assertLogs("todomate.security", logging.INFO) as logs:
            yield found
        found += [json.loads(record.getMessage()) for record in logs.records]
        assert [event["event"] for event in found] == list(names), found
        for event in found:
            assert event.keys() >= ALWAYS
            assert "@" not in json.dumps(event)

    def sign_in(self, password: str = PASSWORD, **more: Any) -> Any:
        body = {"email": self.alice.email, "password": password} | more
        return self.anonymous.post("auth/token/", body)


class ApiEventTest(EventTest):
    def test_signing_up(self) -> None:
        body = {"email": "new@example.com", "password": NEW, "nickname": "New"}
        with self.events("sign_up") as found:
            answer = self.ok(self.anonymous.post("auth/signup/", body), 201)
        (event,) = found
        assert event["person"] == answer["user"]["id"]
        assert event["session"]

    def test_signing_in_and_failing_to(self) -> None:
        with self.events("sign_in") as found:
            self.ok(self.sign_in(device="phone"))
        (event,) = found
        session = self.alice.sessions.get(label="phone")
        assert event["person"] == str(self.alice.uuid)
        assert (event["by"], event["session"]) == ("api", str(session.pk))
        assert (event["request_id"], event["address"]) == ("of-a-test", "127.0.0.1")
        with self.events("sign_in_failed") as found:
            self.assert_problem(self.sign_in("wrong"), 401, "invalid_credentials")
        assert (found[0]["person"], found[0]["by"]) == (str(self.alice.uuid), "api")
        with self.events("sign_in_failed") as found:
            self.sign_in(email="nobody@example.com")
        assert found[0]["person"] is None

    def test_signing_out(self) -> None:
        with self.events("sign_out") as found:
            self.ok(self.as_alice.post("auth/logout/"), 204)
        assert found[0]["session"] == str(self.as_alice.session_row.pk)
        with self.assertNoLogs("todomate.security"):
            self.ok(self.as_alice.post("auth/logout/"), 204)

    def test_ending_sessions(self) -> None:
        other = Client(self.alice).session_row
        with self.events("session_ended") as found:
            self.ok(self.as_alice.delete(f"auth/sessions/{other.pk}/"), 204)
        assert (found[0]["session"], found[0]["by"]) == (str(other.pk), "person")
        with self.assertNoLogs("todomate.security"):
            for pk in (other.pk, Client(self.bob).session_row.pk, new_id()):
                self.ok(self.as_alice.delete(f"auth/sessions/{pk}/"), 204)
        with self.events("sessions_ended") as found:
            self.ok(self.as_alice.delete("auth/sessions/"), 204)
        assert (found[0]["person"], found[0]["by"]) == (str(self.alice.uuid), "person")

    def test_throttling_and_stolen_tokens(self) -> None:
        for _ in range(rates.SIGN_IN_BY_EMAIL_AND_ADDRESS.times):
            self.sign_in("wrong")
        with self.events("throttled") as found:
            self.assert_problem(self.sign_in(), 429, "throttled")
        assert found[0]["rate"] == "sign-in:both"
        stolen = self.as_bob.tokens["refresh"]
        token = stolen
        for _ in range(2):
            token = self.ok(self.anonymous.post("auth/token/refresh/", {"refresh": token}))[
                "refresh"
            ]
        with self.events("token_reused") as found:
            answer = self.anonymous.post("auth/token/refresh/", {"refresh": stolen})
            self.assert_problem(answer, 401, "token_not_valid")
        assert found[0]["person"] == str(self.bob.uuid)
        assert found[0]["session"] == str(self.as_bob.session_row.pk)

    def test_changing_the_password(self) -> None:
        body = {"password": "wrong", "new_password": NEW}
        with self.events("password_refused") as found:
            self.as_alice.post("auth/password/change/", body)
        assert found[0]["person"] == str(self.alice.uuid)
        with self.events("password_changed") as found:
            self.ok(self.as_alice.post("auth/password/change/", body | {"password": PASSWORD}), 204)
        assert (found[0]["person"], found[0]["by"]) == (str(self.alice.uuid), "api")

    def test_resetting_the_password(self) -> None:
        for email, person in (
            (self.alice.email, str(self.alice.uuid)),
            ("nobody@example.com", None),
        ):
            with self.events("password_reset_asked") as found:
                self.ok(self.anonymous.post("auth/password/reset/", {"email": email}), 204)
            assert (found[0]["person"], found[0]["by"]) == (person, "person")
        body = {"token": reset_token(self.alice), "new_password": NEW}
        with self.events("password_reset") as found:
            self.ok(self.anonymous.post("auth/password/reset/confirm/", body), 204)
        assert found[0]["person"] == str(self.alice.uuid)

    def test_deleting_the_account(self) -> None:
        with self.events("account_deleted") as found:
            self.ok(self.as_alice.post("me/delete/", {"password": PASSWORD}), 204)
        assert (found[0]["person"], found[0]["by"]) == (str(self.alice.uuid), "person")


class OperatorEventTest(EventTest):
    def setUp(self) -> None:
        super().setUp()
        self.charlie.change(is_staff=True, is_superuser=True)
        self.operator = str(self.charlie.uuid)
        self.browser = Browser()
        self.browser.force_login(self.charlie)

    def act(self, action: str) -> None:
        form = {"action": action, "_selected_action": [self.alice.pk]}
        self.browser.post("/admin/accounts/user/", form)

    def test_signing_in_and_out(self) -> None:
        form = {"username": self.charlie.email, "password": PASSWORD, "next": "/admin/"}
        browser = Browser()
        with self.events("sign_in_failed") as found:
            browser.post("/admin/login/", form | {"password": "wrong"})
        assert (found[0]["person"], found[0]["by"]) == (self.operator, "admin")
        with self.events("sign_in") as found:
            browser.post("/admin/login/", form)
        assert (found[0]["person"], found[0]["by"]) == (self.operator, "admin")
        with self.events("sign_out") as found:
            browser.post("/admin/logout/")
        assert (found[0]["person"], found[0]["by"]) == (self.operator, "admin")

    def test_changing_the_own_password(self) -> None:
        form = {"old_password": "wrong", "new_password1": NEW, "new_password2": NEW}
        with self.events("password_refused"):
            self.browser.post("/admin/password_change/", form)
        with self.events("password_changed") as found:
            self.browser.post("/admin/password_change/", form | {"old_password": PASSWORD})
        assert (found[0]["person"], found[0]["by"]) == (self.operator, "admin")

    def test_looking_at_what_a_person_wrote(self) -> None:
        diary = Diary.objects.create(owner=self.alice, date=MONDAY, body="secret of hers")
        with self.events("operator_looked") as found:
            answer = self.browser.post(f"/admin/diaries/diary/{diary.pk}/content/")
            assert answer.status_code == 200
        assert found[0]["person"] == str(self.alice.uuid)
        assert found[0]["operator"] == self.operator
        assert (found[0]["kind"], found[0]["row"]) == ("diary", str(diary.pk))
        assert "secret" not in json.dumps(found)

    def test_deactivating_and_signing_out(self) -> None:
        for action, name in (
            ("deactivate", "account_changed"),
            ("activate", "account_changed"),
            ("end_sessions", "sessions_ended"),
        ):
            with self.events(name) as found:
                self.act(action)
            assert found[0]["person"] == str(self.alice.uuid)
            assert found[0]["operator"] == self.operator

    def test_ending_one_session(self) -> None:
        session = self.as_alice.session_row
        with self.events("session_ended") as found:
            self.browser.post(f"/admin/accounts/session/{session.pk}/delete/", {"post": "yes"})
        assert found[0]["session"] == str(session.pk)
        assert (found[0]["person"], found[0]["operator"]) == (str(self.alice.uuid), self.operator)

    def test_granting_rights(self) -> None:
        permission = Permission.objects.get(codename="read_diary")
        form = {
            "email": self.alice.email,
            "is_active": "on",
            "is_staff": "on",
            "user_permissions": [permission.pk],
            "profile-TOTAL_FORMS": "1",
            "profile-INITIAL_FORMS": "1",
            "profile-0-user": self.alice.pk,
            "profile-0-nickname": self.alice.profile.nickname,
            "profile-0-bio": "",
            "sessions-TOTAL_FORMS": "0",
            "sessions-INITIAL_FORMS": "0",
        }
        with self.events("account_changed") as found:
            answer = self.browser.post(f"/admin/accounts/user/{self.alice.pk}/change/", form)
            assert answer.status_code == 302, answer.content
        assert found[0]["change"] == "is_staff user_permissions"
        assert User.objects.get(pk=self.alice.pk).is_staff
