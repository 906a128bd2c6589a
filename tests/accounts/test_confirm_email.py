"""POST auth/signup/confirm/, auth/email/verify/, auth/email/confirm/, and PATCH me/ {"email"}"""

import re
from typing import Any
from urllib.parse import unquote

from django.core import mail as outbox
from django.test import override_settings

from accounts.mailing import mail
from accounts.models import User
from tests.base import PASSWORD, ApiTest, Client, new_id

NEW = "another horse battery"
required = override_settings(EMAIL_VERIFICATION="required")
expired = override_settings(EMAIL_CONFIRM_TIMEOUT=-1)
optional = override_settings(EMAIL_VERIFICATION="optional")


class EmailTest(ApiTest):
    def letters(self) -> list[tuple[str, str]]:
        """Return the receiver and the subject of each mail since the last call."""
        mail.flush()
        self.last = list(outbox.outbox)
        outbox.outbox.clear()
        return sorted((message.to[0], message.subject) for message in self.last)

    def token(self, to: str) -> str:
        """Return the token of the link in the mail to this address."""
        self.letters()
        bodies = [message.body for message in self.last if message.to == [to]]
        link = re.search(r"^todomate://[a-z-]+\?token=(\S+)$", bodies[0], re.MULTILINE)
        assert link, bodies
        return unquote(link[1])

    def sign_up(self, email: str = "dora@example.com", **fields: Any) -> Any:
        body = {"email": email, "password": PASSWORD, "nickname": "Dora", "locale": "en"}
        return Client().post("auth/signup/", body | fields)

    def confirm_sign_up(self, token: str, password: str = PASSWORD, **fields: Any) -> Any:
        body = {"token": token, "password": password} | fields
        return Client().post("auth/signup/confirm/", body)

    def change(self, email: str, password: str = PASSWORD) -> Any:
        return self.as_alice.patch("me/", {"email": email, "password": password})

    def confirm(self, token: str) -> Any:
        return Client().post("auth/email/confirm/", {"token": token})

    def me(self, client: Client | None = None) -> Any:
        return self.ok((client or self.as_alice).get("me/"))


@required
class RequiredSignUpTest(EmailTest):
    def test_known_and_unknown_addresses_get_the_same_answer_and_the_mail_says_which(self) -> None:
        for email, subject in (
            ("dora@example.com", "Confirm your email for TodoMate"),
            (self.alice.email, "이미 투두메이트 계정이 있습니다"),
        ):
            for fields in ({}, {"id": new_id()}):
                answer = self.sign_up(email.upper(), **fields)
                assert self.ok(answer, 202) == {"email": email}
                assert self.letters() == [(email, subject)]
        assert User.objects.count() == 3

    def test_the_link_completes_the_sign_up_and_may_be_used_again(self) -> None:
        pk = new_id()
        self.ok(self.sign_up(id=pk, handle="dora.kim", timezone="Japan"), 202)
        token = self.token("dora@example.com")
        made = self.ok(self.confirm_sign_up(token, device="phone"), 201)
        user = made["user"]
        assert (user["id"], user["handle"], user["timezone"]) == (pk, "dora.kim", "Japan")
        assert user["email_verified"] is True
        again = self.ok(self.confirm_sign_up(token, device="phone"), 200)
        assert again["user"] == user
        repeated = self.ok(self.sign_up(id=pk, device="phone"), 200)
        assert repeated["user"] == user
        assert User.objects.with_email("dora@example.com").get().sessions.count() == 1

    def test_the_password_is_that_of_the_confirmation(self) -> None:
        self.ok(self.sign_up(password="the attacker's one"), 202)
        token = self.token("dora@example.com")
        self.ok(self.confirm_sign_up(token, NEW), 201)
        for password, status in (("the attacker's one", 401), (NEW, 200)):
            body = {"email": "dora@example.com", "password": password}
            assert Client().post("auth/token/", body).status_code == status
        other = self.confirm_sign_up(token, PASSWORD)
        self.assert_field_error(other, "token", "token_not_valid")
        weak = self.confirm_sign_up(token, "dora dora dora")
        self.assert_field_error(weak, "password", "password_has_context_word")

    def test_a_link_whose_email_was_taken_meanwhile_or_that_expired_is_refused(self) -> None:
        for _ in range(2):
            self.ok(self.sign_up(), 202)
        mail.flush()
        first, second = (
            unquote(re.findall(r"token=(\S+)", message.body)[0]) for message in outbox.outbox
        )
        with expired:
            self.assert_field_error(self.confirm_sign_up(first), "token", "token_not_valid")
        self.ok(self.confirm_sign_up(first), 201)
        for token in (second, "x", first + "x"):
            self.assert_field_error(self.confirm_sign_up(token), "token", "token_not_valid")

    def test_a_link_whose_account_is_gone_or_was_changed_since_is_refused(self) -> None:
        for change in (
            lambda user: user.delete(),
            lambda user: user.change(is_active=False),
            lambda user: user.change(email="other@example.com"),
            lambda user: user.change(has_second_factor=True),
        ):
            email = f"{new_id()}@example.com"
            self.ok(self.sign_up(email), 202)
            token = self.token(email)
            self.ok(self.confirm_sign_up(token), 201)
            change(User.objects.with_email(email).get())
            for password in (PASSWORD, NEW):
                answer = self.confirm_sign_up(token, password)
                self.assert_field_error(answer, "token", "token_not_valid")

    def test_a_handle_that_was_taken_meanwhile_is_replaced(self) -> None:
        self.ok(self.sign_up(handle="dora.kim"), 202)
        self.bob.profile.change(handle="dora.kim")
        made = self.ok(self.confirm_sign_up(self.token("dora@example.com")), 201)
        assert made["user"]["handle"] == "dora"

    def test_what_is_public_is_still_told(self) -> None:
        taken = self.sign_up(handle=self.bob.profile.handle)
        self.assert_problem(taken, 409, "duplicate")
        for pk in (self.bob.uuid, self.goal().pk):
            self.assert_problem(self.sign_up(id=str(pk)), 409, "id_taken")

    def test_a_mail_to_a_stranger_has_no_nickname(self) -> None:
        for locale in ("en", "ko"):
            self.ok(self.sign_up(nickname="Call 555 0100", locale=locale), 202)
            self.alice.profile.change(nickname="Call 555 0100", locale=locale)
            self.ok(self.change("stranger@example.com"))
        mail.flush()
        to_strangers = [one for one in outbox.outbox if one.to != [self.alice.email]]
        assert len(to_strangers) == 4
        for message in to_strangers:
            assert "555" not in message.subject + message.body

    def test_three_mails_an_hour_to_one_address_known_or_not(self) -> None:
        for email in ("dora@example.com", self.alice.email):
            for _ in range(3):
                self.ok(self.sign_up(email), 202)
            self.assert_problem(self.sign_up(email), 429, "throttled")

    def test_a_stranger_cannot_use_up_the_mails_of_somebody(self) -> None:
        body = {"password": PASSWORD, "nickname": "Dora"}

        def sign_up(email: str, address: str) -> Any:
            sent = body | {"email": email}
            return Client().post("auth/signup/", sent, REMOTE_ADDR=address)

        for email in ("dora@example.com", self.alice.email):
            for _ in range(3):
                self.ok(sign_up(email, "192.0.2.1"), 202)
            self.assert_problem(sign_up(email, "192.0.2.1"), 429, "throttled")
        self.ok(sign_up("dora@example.com", "192.0.2.2"), 202)
        self.ok(self.change("dora@example.com"))
        for _ in range(3):
            self.ok(self.as_alice.post("auth/email/verify/"), 204)
        self.assert_problem(self.as_alice.post("auth/email/verify/"), 429, "throttled")

    def test_ten_mails_an_hour_to_one_address_whoever_asks(self) -> None:
        body = {"email": "dora@example.com", "password": PASSWORD, "nickname": "Dora"}
        for n in range(10):
            answer = Client().post("auth/signup/", body, REMOTE_ADDR=f"192.0.2.{n}")
            self.ok(answer, 202)
        answer = Client().post("auth/signup/", body, REMOTE_ADDR="192.0.2.10")
        self.assert_problem(answer, 429, "throttled")
        self.assert_problem(self.change("dora@example.com"), 429, "throttled")


class OtherSignUpTest(EmailTest):
    def test_without_confirmation_a_sign_up_sends_no_mail(self) -> None:
        made = self.ok(self.sign_up(), 201)
        assert made["user"]["email_verified"] is False
        assert self.letters() == []
        self.assert_problem(self.sign_up(), 409, "duplicate")

    @optional
    def test_with_optional_confirmation_it_signs_in_and_sends_a_link(self) -> None:
        made = self.ok(self.sign_up(id=new_id()), 201)
        self.ok(self.confirm(self.token("dora@example.com")), 204)
        client = Client()
        client.credentials(HTTP_AUTHORIZATION=f"Bearer {made['access']}")
        assert self.me(client)["email_verified"] is True


class ChangeEmailTest(EmailTest):
    def test_a_new_address_waits_for_its_link_and_the_old_one_is_told(self) -> None:
        old = self.alice.email
        with optional:
            me = self.ok(self.change("New@example.com"))
        assert (me["email"], me["pending_email"]) == (old, "new@example.com")
        token = self.token("new@example.com")
        assert sorted(message.to[0] for message in self.last) == sorted([old, "new@example.com"])
        for _ in range(2):
            self.ok(self.confirm(token), 204)
        me = self.me()
        assert (me["email"], me["pending_email"]) == ("new@example.com", None)
        assert me["email_verified"] is True

    @required
    def test_a_known_address_gets_the_same_answer_and_the_mail_says_so(self) -> None:
        answers = []
        for email in (self.bob.email, "new@example.com"):
            answer = self.change(email)
            me = self.ok(answer)
            answers.append(answer.content.replace(email.encode(), b"x"))
            assert me["pending_email"] == email
        assert answers[0] == answers[1]
        subjects = dict(self.letters())
        assert subjects[self.bob.email] == "이미 투두메이트 계정이 있습니다"
        assert subjects["new@example.com"] == "투두메이트 이메일을 확인해 주세요"
        assert subjects[self.alice.email] == "투두메이트 이메일을 바꾸려는 요청이 있습니다"

    @optional
    def test_only_the_last_address_can_be_confirmed(self) -> None:
        self.ok(self.change("one@example.com"))
        one = self.token("one@example.com")
        self.ok(self.change("two@example.com"))
        two = self.token("two@example.com")
        self.assert_field_error(self.confirm(one), "token", "token_not_valid")
        self.ok(self.confirm(two), 204)
        self.assert_field_error(self.confirm(one), "token", "token_not_valid")

    @optional
    def test_a_new_password_cancels_it_and_so_does_an_account_with_that_address(self) -> None:
        self.ok(self.change("one@example.com"))
        token = self.token("one@example.com")
        body = {"password": PASSWORD, "new_password": NEW}
        self.ok(self.as_alice.post("auth/password/change/", body), 204)
        self.assert_field_error(self.confirm(token), "token", "token_not_valid")
        self.ok(self.change("two@example.com", NEW))
        token = self.token("two@example.com")
        self.bob.change(email="two@example.com")
        self.assert_field_error(self.confirm(token), "token", "token_not_valid")

    @optional
    def test_the_present_address_with_the_password_cancels_it(self) -> None:
        self.ok(self.change("one@example.com"))
        token = self.token("one@example.com")
        for body, kept in (
            ({"email": self.alice.email, "nickname": "Ally"}, "one@example.com"),
            (self.me() | {"bio": "Sent back whole"}, "one@example.com"),
            ({"email": self.alice.email.upper(), "password": PASSWORD}, None),
            ({"email": self.alice.email, "password": PASSWORD}, None),
        ):
            assert self.ok(self.as_alice.patch("me/", body))["pending_email"] == kept
        self.assert_field_error(self.confirm(token), "token", "token_not_valid")
        self.ok(self.change("one@example.com"))
        answer = self.change(self.alice.email, NEW)
        self.assert_field_error(answer, "password", "changes_nothing")
        assert self.me()["pending_email"] == "one@example.com"

    @optional
    def test_a_wrong_password_asks_nobody(self) -> None:
        self.assert_field_error(self.change("new@example.com", NEW), "password", "wrong_password")
        assert self.letters() == []
        assert self.me()["pending_email"] is None

    def test_without_confirmation_it_changes_at_once_and_the_old_address_is_told(self) -> None:
        old = self.alice.email
        assert self.ok(self.change("new@example.com"))["email"] == "new@example.com"
        assert self.letters() == [(old, "투두메이트 이메일이 바뀌었습니다")]


class VerifyEmailTest(EmailTest):
    def test_an_account_asks_for_a_link_until_it_is_confirmed(self) -> None:
        self.ok(self.as_alice.post("auth/email/verify/"), 204)
        self.ok(self.confirm(self.token(self.alice.email)), 204)
        assert self.me()["email_verified"] is True
        self.ok(self.as_alice.post("auth/email/verify/"), 204)
        assert self.letters() == []

    def test_a_reset_by_mail_confirms_the_address_and_a_change_at_once_does_not(self) -> None:
        self.ok(Client().post("auth/password/reset/", {"email": self.alice.email}), 204)
        body = {"token": self.token(self.alice.email), "new_password": NEW}
        self.ok(Client().post("auth/password/reset/confirm/", body), 204)
        alice = Client(self.alice)
        assert self.me(alice)["email_verified"] is True
        self.ok(alice.patch("me/", {"email": "new@example.com", "password": NEW}))
        assert self.me(alice)["email_verified"] is False

    def test_forged_expired_and_foreign_tokens_are_refused(self) -> None:
        self.ok(self.as_alice.post("auth/email/verify/"), 204)
        token = self.token(self.alice.email)
        with expired:
            self.assert_field_error(self.confirm(token), "token", "token_not_valid")
        for text in ("x", token + "x", "a:b:c"):
            self.assert_field_error(self.confirm(text), "token", "token_not_valid")
        self.alice.change(is_active=False)
        self.assert_field_error(self.confirm(token), "token", "token_not_valid")
