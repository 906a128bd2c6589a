"""POST auth/password/reset/, auth/password/reset/confirm/"""

import logging
import re
from functools import partial
from typing import Any
from urllib.parse import unquote

from django.contrib.auth.hashers import make_password
from django.core import mail as outbox
from django.test import override_settings

from accounts.mailing import mail
from accounts.models import User
from tests.accounts.interruptions import before
from tests.accounts.mailers import SlowMailer
from tests.base import PASSWORD, ApiTest, Client, person

NEW = "another horse battery"


class ResetTest(ApiTest):
    def reset(self, email: str) -> Any:
        answer = self.anonymous.post("auth/password/reset/", {"email": email})
        mail.flush()
        return answer

    def token(self, user: User | None = None) -> str:
        """Request a reset and return the token in the mailed link."""
        self.ok(self.reset((user or self.alice).email), 204)
        link = re.search(r"^todomate://reset\?token=(\S+)$", outbox.outbox[-1].body, re.MULTILINE)
        assert link, outbox.outbox[-1].body
        return unquote(link[1])

    def confirm(self, token: str, password: str = NEW) -> Any:
        return self.anonymous.post(
            "auth/password/reset/confirm/", {"token": token, "new_password": password}
        )


class RequestResetTest(ResetTest):
    def test_known_unknown_and_inactive_people_get_the_same_answer(self) -> None:
        self.bob.change(is_active=False)
        answers = [
            self.reset(email)
            for email in (self.alice.email.upper(), "nobody@example.com", self.bob.email)
        ]
        assert [(answer.status_code, answer.content) for answer in answers] == [(204, b"")] * 3
        assert [message.to for message in outbox.outbox] == [[self.alice.email]]

    def test_the_mail_is_in_the_language_of_the_person_not_of_the_request(self) -> None:
        for locale, subject, word in (
            ("ko", "비밀번호", "안녕하세요"),
            ("en", "Choose a new password", "Hello"),
        ):
            user = person(
                "도라" if locale == "ko" else "Dora", handle=f"dora.{locale}", locale=locale
            )
            self.anonymous.post(
                "auth/password/reset/", {"email": user.email}, HTTP_ACCEPT_LANGUAGE="fr"
            )
            mail.flush()
            message = outbox.outbox[-1]
            assert subject in message.subject
            assert word in message.body
            assert user.profile.nickname in message.body
            assert "60" in message.body

    @override_settings(PASSWORD_RESET_URL="https://app.example.com/reset/{token}")
    def test_the_link_is_a_setting(self) -> None:
        self.reset(self.alice.email)
        assert re.search(r"https://app\.example\.com/reset/[\w%-]+\n", outbox.outbox[-1].body)

    @override_settings(MAILERS={"default": {"BACKEND": "tests.accounts.mailers.BrokenMailer"}})
    def test_a_mail_that_cannot_be_sent_is_logged_and_not_reported(self) -> None:
        with self.assertLogs("accounts.mailing.mail", logging.ERROR) as logs:
            self.ok(self.reset(self.alice.email), 204)
        assert str(self.alice.uuid) in logs.output[0]

    def test_the_answer_does_not_wait_for_the_mail(self) -> None:
        with override_settings(
            MAILERS={"default": {"BACKEND": "tests.accounts.mailers.SlowMailer"}}
        ):
            self.ok(self.anonymous.post("auth/password/reset/", {"email": self.alice.email}), 204)
            assert not SlowMailer.sent
            SlowMailer.may_send.set()
            mail.flush()
        assert SlowMailer.sent


class ConfirmResetTest(ResetTest):
    def test_a_confirmation_sets_the_password_and_ends_all_sessions(self) -> None:
        self.ok(self.confirm(self.token()), 204)
        self.assert_problem(self.as_alice.get("me/"), 401, "token_not_valid")
        assert self.alice.sessions.count() == 0
        self.ok(self.anonymous.post("auth/token/", {"email": self.alice.email, "password": NEW}))
        self.ok(self.as_bob.get("me/"))

    def test_a_repeated_confirmation_succeeds_and_keeps_newer_sessions(self) -> None:
        token = self.token()
        self.ok(self.confirm(token), 204)
        phone = Client(self.alice)
        self.ok(self.confirm(token), 204)
        self.ok(phone.get("me/"))

    def test_a_token_works_once(self) -> None:
        token = self.token()
        self.ok(self.confirm(token), 204)
        self.assert_field_error(
            self.confirm(token, "third horse battery"), "token", "token_not_valid"
        )
        assert User.objects.get(pk=self.alice.pk).check_password(NEW)

    def test_a_token_used_up_during_the_check_is_refused(self) -> None:
        for change in (
            {"password": make_password("third horse battery")},
            {"email": "third@example.com"},
        ):
            token = self.token()
            others = User.objects.filter(pk=self.alice.pk)
            with before("SELECT", "accounts_profile", partial(others.update, **change)):
                self.assert_field_error(self.confirm(token), "token", "token_not_valid")
            assert not others.get().check_password(NEW)
            self.alice.refresh_from_db()

    def test_a_change_of_password_or_email_invalidates_the_token(self) -> None:
        for change in ({"password": "md5$x$y"}, {"email": "alice.new@example.com"}):
            token = self.token()
            User.objects.get(pk=self.alice.pk).change(**change)
            self.assert_field_error(self.confirm(token), "token", "token_not_valid")
            self.alice.refresh_from_db()

    def test_an_expired_or_altered_token_and_one_of_an_inactive_person_are_refused(self) -> None:
        token = self.token()
        with override_settings(PASSWORD_RESET_TIMEOUT=-1):
            self.assert_field_error(self.confirm(token), "token", "token_not_valid")
        for text in ("x", token[:-1], token + "x", "a:b:c"):
            self.assert_field_error(self.confirm(text), "token", "token_not_valid")
        self.alice.change(is_active=False)
        self.assert_field_error(self.confirm(token), "token", "token_not_valid")
        assert User.objects.get(pk=self.alice.pk).check_password(PASSWORD)

    def test_a_bad_password_is_refused_and_the_token_stays_valid(self) -> None:
        token = self.token()
        for password, code in (
            ("short", "password_too_short"),
            ("password", "password_too_common"),
            (self.alice.email, "password_too_similar"),
        ):
            self.assert_field_error(self.confirm(token, password), "new_password", code)
        self.ok(self.confirm(token), 204)
