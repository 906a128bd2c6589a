"""SIGN_UP: who may sign up, and invitations."""

from __future__ import annotations

import re
from datetime import timedelta
from io import StringIO
from typing import Any
from urllib.parse import unquote

import pytest
from django.core import mail as outbox
from django.core.management import CommandError, call_command
from django.test import Client as Browser
from django.test import override_settings

from accounts.mailing import mail
from accounts.models import Invitation, User
from core import clock
from tests.accounts.clock import later
from tests.admin.base import OperatorTest, operator, path
from tests.base import PASSWORD, ApiTest, Client, RaceTest, needs_row_locks, new_id

invitation_only = override_settings(SIGN_UP="invitation")
closed = override_settings(SIGN_UP="closed")
KOREAN = re.compile("[가-힣]")


def invite(uses: int = 1, days: int = 7) -> str:
    """Return the code of a new invitation."""
    return Invitation.make(uses=uses, lasts=timedelta(days=days))[1]


class SignUpTest(ApiTest):
    def sign_up(self, email: str = "dora@example.com", **fields: Any) -> Any:
        body = {"email": email, "password": PASSWORD, "nickname": "Dora"} | fields
        return Client().post("auth/signup/", body)

    def refused(self, answer: Any, code: str) -> None:
        assert (answer.status_code, answer.json()["code"]) == (403, code)
        assert not User.objects.with_email("dora@example.com").exists()

    @closed
    def test_a_closed_server_takes_nobody_and_does_not_tell_whom_it_knows(self) -> None:
        code = invite()
        self.refused(self.sign_up(invitation=code), "sign_up_closed")
        self.refused(self.sign_up(self.alice.email), "sign_up_closed")
        assert Invitation.objects.get().used == 0

    @invitation_only
    def test_without_an_invitation_the_answer_says_what_is_missing(self) -> None:
        for nothing in ({}, {"invitation": None}, {"invitation": ""}):
            self.refused(self.sign_up(**nothing), "invitation_required")
        self.refused(self.sign_up(self.alice.email), "invitation_required")
        detail = self.sign_up().json()["detail"]
        assert "Ask its operator" in detail
        answer = Client(HTTP_ACCEPT_LANGUAGE="ko").post(
            "auth/signup/", {"email": "d@example.com", "password": PASSWORD, "nickname": "D"}
        )
        assert KOREAN.search(answer.json()["detail"])
        assert KOREAN.search(answer.json()["title"])

    @invitation_only
    def test_an_invitation_can_be_used_as_often_as_it_says(self) -> None:
        code = invite(uses=2)
        self.ok(self.sign_up("a@example.com", invitation=code), 201)
        self.ok(self.sign_up("b@example.com", invitation=code), 201)
        self.refused(self.sign_up(invitation=code), "invitation_not_valid")

    @invitation_only
    def test_unknown_and_expired_ones_are_refused_alike(self) -> None:
        code = invite(days=7)
        with later(timedelta(days=7)):
            self.refused(self.sign_up(invitation=code), "invitation_not_valid")
        self.refused(self.sign_up(invitation=code[:-1]), "invitation_not_valid")
        self.refused(self.sign_up(invitation="\ud55c"), "invitation_not_valid")
        self.ok(self.sign_up(invitation=code), 201)

    @invitation_only
    def test_a_repeated_sign_up_does_not_use_it_twice(self) -> None:
        code, pk = invite(uses=2), new_id()
        self.ok(self.sign_up(invitation=code, id=pk), 201)
        self.ok(self.sign_up(invitation=code, id=pk), 200)
        assert Invitation.objects.get().used == 1
        single, pk = invite(), new_id()
        self.ok(self.sign_up("b@example.com", invitation=single, id=pk), 201)
        self.ok(self.sign_up("b@example.com", invitation=single, id=pk), 200)

    @closed
    def test_a_sign_up_from_before_closing_can_be_repeated(self) -> None:
        pk = new_id()
        with override_settings(SIGN_UP="open"):
            self.ok(self.sign_up(id=pk), 201)
        self.ok(self.sign_up(id=pk), 200)

    @invitation_only
    def test_a_sign_up_that_fails_does_not_use_it(self) -> None:
        code = invite()
        answer = self.sign_up(self.alice.email, invitation=code)
        assert answer.json()["code"] == "duplicate"
        assert self.sign_up(password="short", invitation=code).status_code == 400
        assert Invitation.objects.get().used == 0

    def test_an_open_server_ignores_it(self) -> None:
        code = invite()
        self.ok(self.sign_up(invitation=code), 201)
        self.ok(self.sign_up("b@example.com", invitation="whatever"), 201)
        assert Invitation.objects.get().used == 0

    @invitation_only
    def test_the_code_is_not_stored(self) -> None:
        code = invite()
        assert code not in str(Invitation.objects.values().get())
        assert len(code) == 22

    def test_the_root_and_the_start_page_tell_who_may_sign_up(self) -> None:
        for value, words in (("open", "누구나"), ("invitation", "초대받은"), ("closed", "닫힘")):
            with override_settings(SIGN_UP=value):
                assert self.ok(self.anonymous.get(""))["sign_ups"] == value
                page = Browser().get("/?lang=ko").content.decode()
                assert words in page


@invitation_only
@override_settings(EMAIL_VERIFICATION="required")
class ConfirmedSignUpTest(ApiTest):
    def ask(self, **fields: Any) -> Any:
        body = {"email": "dora@example.com", "password": PASSWORD, "nickname": "Dora"}
        return Client().post("auth/signup/", body | fields)

    def confirm(self) -> Any:
        mail.flush()
        link = re.search(r"token=(\S+)", outbox.outbox[-1].body)
        assert link
        body = {"token": unquote(link[1]), "password": PASSWORD}
        return Client().post("auth/signup/confirm/", body)

    def test_no_mail_is_sent_without_an_invitation(self) -> None:
        assert self.ask().json()["code"] == "invitation_required"
        assert self.ask(invitation="x").json()["code"] == "invitation_not_valid"
        mail.flush()
        assert outbox.outbox == []

    def test_it_is_used_when_the_account_is_created_and_once(self) -> None:
        code = invite()
        self.ok(self.ask(invitation=code), 202)
        assert Invitation.objects.get().used == 0
        self.ok(self.confirm(), 201)
        self.ok(self.confirm(), 200)
        assert Invitation.objects.get().used == 1

    def test_an_invitation_that_is_used_up_meanwhile_is_refused(self) -> None:
        self.ok(self.ask(invitation=invite()), 202)
        Invitation.objects.update(used=1)
        assert self.confirm().json()["code"] == "invitation_not_valid"

    def test_a_server_that_is_no_longer_open_refuses_what_was_asked_for_before(self) -> None:
        with override_settings(SIGN_UP="open"):
            self.ok(self.ask(), 202)
        assert self.confirm().json()["code"] == "invitation_required"
        with closed:
            assert self.confirm().json()["code"] == "sign_up_closed"
        assert not User.objects.with_email("dora@example.com").exists()


@needs_row_locks
@pytest.mark.races
@invitation_only
class InvitationRaceTest(RaceTest):
    def sign_up(self, number: int, code: str, pk: Any = None) -> int:
        body = {"email": f"p{number}@example.com", "password": PASSWORD, "nickname": "P"}
        body |= {"invitation": code} | ({"id": pk} if pk else {})
        return int(Client().post("auth/signup/", body).status_code)

    def test_of_many_at_once_as_many_succeed_as_it_has_uses(self) -> None:
        code = invite(uses=3)
        statuses = self.at_once(lambda number: self.sign_up(number, code), 12)
        assert sorted(statuses) == [201] * 3 + [403] * 9
        assert Invitation.objects.get().used == 3

    def test_the_same_sign_up_many_times_at_once_uses_it_once(self) -> None:
        code, pk = invite(uses=1), new_id()
        statuses = self.at_once(lambda _: self.sign_up(0, code, pk), 8)
        assert sorted(statuses) == [200] * 7 + [201]
        assert Invitation.objects.get().used == 1


class CommandTest(ApiTest):
    def run_command(self, *words: str) -> str:
        out = StringIO()
        call_command("invite", *words, stdout=out)
        return out.getvalue()

    @invitation_only
    def test_it_prints_a_link_that_works_lists_and_revokes(self) -> None:
        made = self.run_command("--uses", "2", "--days", "3", "--note", "family")
        link = re.search(r"Link: todomate://signup\?invitation=(\S+)", made)
        assert link
        body = {"email": "d@example.com", "password": PASSWORD, "nickname": "D"}
        self.ok(self.anonymous.post("auth/signup/", body | {"invitation": link[1]}), 201)
        assert re.search(r"^\d+: used 1 of 2 times, until .* family$", self.run_command("--list"))
        number = Invitation.objects.get().pk
        with self.assertLogs("todomate.security", "INFO") as logs:
            self.run_command("--revoke", str(number))
        assert "invitation_revoked" in logs.output[0]
        with pytest.raises(CommandError, match=f"There is no invitation {number};"):
            self.run_command("--revoke", str(number))
        body["email"] = "e@example.com"
        answer = self.anonymous.post("auth/signup/", body | {"invitation": link[1]})
        assert answer.json()["code"] == "invitation_not_valid"

    def test_bad_numbers_are_refused(self) -> None:
        for words in (("--uses", "0"), ("--days", "366"), ("--note", "x" * 101)):
            with pytest.raises(CommandError, match="--uses must be 1 to"):
                self.run_command(*words)
        assert "SIGN_UP is open" in self.run_command()

    def test_purge_deletes_those_that_ended(self) -> None:
        invite(days=1)
        invite(days=3)
        with later(timedelta(days=2)):
            call_command("purge", stdout=StringIO())
        assert Invitation.objects.get().ends_at > clock.now() + timedelta(days=2)


class AdminTest(OperatorTest):
    def test_an_operator_makes_one_and_sees_its_link_once(self) -> None:
        browser = self.site(self.root)
        place = f"{path(Invitation)}add/"
        assert browser.get(place).status_code == 200
        form = {"note": "family", "uses": 2, "ends_at_1": "00:00:00"}
        for days in (-1, 367):
            form["ends_at_0"] = f"{clock.now() + timedelta(days=days):%Y-%m-%d}"
            assert "within the next 365 days" in browser.post(place, form).content.decode()
        assert not Invitation.objects.exists()
        form["ends_at_0"] = f"{clock.now() + timedelta(days=30):%Y-%m-%d}"
        page = browser.post(place, form, follow=True).content.decode()
        link = re.search(r"todomate://signup\?invitation=(\S+)", page)
        assert link
        with invitation_only:
            assert Invitation.objects.usable(link[1]).exists()
        assert "invitation=" not in browser.get(path(Invitation)).content.decode()
        row = Invitation.objects.get()
        assert browser.post(path(Invitation, row), form).status_code == 403
        with self.assertLogs("todomate.security", "INFO") as logs:
            browser.post(path(Invitation, row, "delete"), {"post": "yes"})
        assert "invitation_revoked" in logs.output[0]
        assert not Invitation.objects.exists()

    def test_other_operators_need_the_permission(self) -> None:
        assert self.site(self.olga).get(f"{path(Invitation)}add/").status_code == 403
        allowed = operator("Ina", "accounts.add_invitation", "accounts.view_invitation")
        assert self.site(allowed).get(f"{path(Invitation)}add/").status_code == 200
