"""Operators manage accounts, passwords and sessions."""

import re
from typing import Any
from urllib.parse import unquote

import django.core.mail
from django.contrib.admin.models import LogEntry

from accounts.mailing import mail
from accounts.models import Session, User
from tests.admin.base import CONTENT_MODELS, OperatorTest, operator, path
from tests.base import PASSWORD
from tests.base import Client as Phone

NO_SESSIONS = {"sessions-TOTAL_FORMS": 0, "sessions-INITIAL_FORMS": 0}
NEW_PASSWORD = "a wholly different sentence"


def outbox() -> list[Any]:
    return list(getattr(django.core.mail, "outbox", []))


class PeopleTest(OperatorTest):
    def setUp(self) -> None:
        super().setUp()
        self.addCleanup(mail.flush)
        rights = [
            f"accounts.{verb}_{what}"
            for verb in ("view", "change", "add", "delete")
            for what in ("user", "session")
        ]
        self.pat = operator("Pat", *rights, "accounts.view_profile", "accounts.change_profile")

    def act(self, by: User, action: str, *people: User) -> Any:
        keys = [str(person.pk) for person in people]
        return self.site(by).post(
            path(User), {"action": action, "_selected_action": keys}, follow=True
        )

    def form(self, by: User, person: User) -> dict[str, Any]:
        """Return the form of the person's page as a browser would send it unchanged."""
        page = self.site(by).get(path(User, person))
        assert page.status_code == 200
        data: dict[str, Any] = {}
        forms = [page.context["adminform"].form]
        for formset in page.context["inline_admin_formsets"]:
            forms += [formset.formset.management_form, *formset.formset.forms]
        for form in forms:
            for field in form:
                if field.value() not in (None, False):
                    data[field.html_name] = field.value()
        return data

    def save(self, by: User, person: User, **changes: Any) -> Any:
        data = {k: v for k, v in (self.form(by, person) | changes).items() if v is not None}
        return self.site(by).post(path(User, person), data)


class TestActivate(PeopleTest):
    def test_deactivating_signs_out_at_once_and_hides_the_person(self) -> None:
        self.act(self.pat, "deactivate", self.alice)
        assert self.as_alice.get("me/").status_code == 401
        assert not Session.objects.of(self.alice).exists()
        assert self.as_charlie.get(f"users/{self.alice.uuid}/").status_code == 404

    def test_unticking_active_on_the_persons_page_deactivates_too(self) -> None:
        assert self.save(self.pat, self.alice, is_active=None).status_code == 302
        self.alice.refresh_from_db()
        assert not self.alice.is_active
        assert self.as_alice.get("me/").status_code == 401

    def test_activating_lets_the_person_sign_in_again_but_revives_no_session(self) -> None:
        self.act(self.pat, "deactivate", self.alice)
        self.act(self.pat, "activate", self.alice)
        assert self.as_alice.get("me/").status_code == 401

    def test_it_revives_no_browser_of_an_operator(self) -> None:
        browser = self.site(self.olga)
        self.act(self.root, "deactivate", self.olga)
        self.act(self.root, "activate", self.olga)
        assert browser.get("/admin/").status_code == 302
        browser = self.site(self.olga)
        for is_active in (None, "on"):
            changes = {"is_active": is_active, "user_permissions": None}
            assert self.save(self.root, self.olga, **changes | NO_SESSIONS).status_code == 302
        assert browser.get("/admin/").status_code == 302
        assert Phone(User.objects.get(pk=self.alice.pk)).get("me/").status_code == 200

    def test_activating_and_deactivating_are_logged_with_the_operator(self) -> None:
        self.act(self.pat, "deactivate", self.alice, self.bob)
        assert (
            LogEntry.objects.filter(
                user=self.pat, change_message="Deactivated and signed out everywhere."
            ).count()
            == 2
        )


class TestSessions(PeopleTest):
    def test_all_sessions_of_a_person_can_be_ended(self) -> None:
        self.act(self.pat, "end_sessions", self.alice)
        assert self.as_alice.get("me/").status_code == 401
        assert self.as_bob.get("me/").status_code == 200

    def test_an_operator_is_signed_out_of_the_admin_too(self) -> None:
        rita, olga = self.site(self.rita), self.site(self.olga)
        self.act(self.root, "end_sessions", self.rita, self.alice)
        assert rita.get("/admin/").status_code == 302
        assert olga.get("/admin/").status_code == 200

    def test_one_device_can_be_signed_out_on_the_persons_page(self) -> None:
        other = Phone(self.alice)
        form = self.form(self.pat, self.alice)
        place = next(
            k for k, v in form.items() if k.endswith("-id") and str(v) == str(other.session_row.pk)
        )
        assert (
            self.save(self.pat, self.alice, **{place.replace("-id", "-DELETE"): "on"}).status_code
            == 302
        )
        assert other.get("me/").status_code == 401
        assert self.as_alice.get("me/").status_code == 200

    def test_one_session_can_be_deleted(self) -> None:
        self.site(self.pat).post(
            path(Session, self.as_alice.session_row, "delete"), {"post": "yes"}
        )
        assert self.as_alice.get("me/").status_code == 401


class TestPassword(PeopleTest):
    def set_password(self, by: User, person: User) -> Any:
        passwords = {
            "password1": NEW_PASSWORD,
            "password2": NEW_PASSWORD,
            "usable_password": "true",
        }
        return self.site(by).post(path(User, person, "password"), passwords)

    def test_a_new_password_signs_in_ends_all_sessions_and_is_told(self) -> None:
        assert self.set_password(self.root, self.alice).status_code == 302
        self.alice.refresh_from_db()
        assert self.alice.check_password(NEW_PASSWORD)
        assert self.as_alice.get("me/").status_code == 401
        self.assert_told("비밀번호가 바뀌었습니다", self.alice.email)
        assert LogEntry.objects.filter(user=self.root, object_id=str(self.alice.pk)).exists()

    def test_a_password_that_is_refused_changes_and_tells_nothing(self) -> None:
        bad = {"password1": "short", "password2": "short", "usable_password": "true"}
        assert self.site(self.root).post(path(User, self.alice, "password"), bad).status_code == 200
        assert self.as_alice.get("me/").status_code == 200
        self.assert_told()

    def test_an_operator_who_may_not_read_cannot_get_in_by_a_password_or_an_email(self) -> None:
        permissions = [f"{m._meta.app_label}.read_{m._meta.model_name}" for m in CONTENT_MODELS]
        permissions.append("photos.read_photo")
        change = ("accounts.view_user", "accounts.change_user")
        for reads in ([], permissions[:-1]):
            by = operator("Nosy", *change, *reads)
            assert self.set_password(by, self.alice).status_code == 403
            assert self.site(by).get(path(User, self.alice, "password")).status_code == 403
            self.assertNotContains(self.site(by).get(path(User, self.alice)), "../password/")
            assert self.save(by, self.alice, email="mine@example.com").status_code == 302
        self.alice.refresh_from_db()
        assert self.alice.check_password(PASSWORD)
        assert self.alice.email != "mine@example.com"
        by = operator("Reader", *change, *permissions)
        assert self.set_password(by, self.alice).status_code == 302

    def test_a_reset_mail_is_sent_instead_and_logged(self) -> None:
        User.objects.filter(pk=self.charlie.pk).update(is_active=False)
        page = self.act(self.pat, "send_reset", self.alice, self.charlie, self.rita)
        self.assertContains(page, "1 person was updated.")
        (letter,) = self.assert_told("비밀번호를 정해 주세요", self.alice.email)
        token = re.search(r"token=(\S+)", letter.body)
        assert token is not None
        body = {"token": unquote(token[1]), "new_password": NEW_PASSWORD}
        self.ok(self.anonymous.post("auth/password/reset/confirm/", body), 204)
        (entry,) = LogEntry.objects.filter(user=self.pat)
        assert "a link to choose a password" in entry.change_message
        assert entry.object_id == str(self.alice.pk)

    def test_the_address_of_before_is_told_of_another_one(self) -> None:
        old = self.alice.email
        assert self.save(self.root, self.alice, email="new@example.com").status_code == 302
        self.assert_told("이메일이 바뀌었습니다", old)

    def test_the_own_password_is_changed_where_it_is_asked_for(self) -> None:
        answer = self.set_password(self.root, self.root)
        assert (answer.status_code, answer["Location"]) == (302, "/admin/password_change/")
        self.root.refresh_from_db()
        assert self.root.check_password(PASSWORD)

    def assert_told(self, *facts: str) -> list[Any]:
        """Assert that one mail says these words to this address, or none if there are none."""
        mail.flush()
        letters = [(letter.subject, *letter.to) for letter in outbox()]
        assert len(letters) == (1 if facts else 0), letters
        if facts:
            words, address = facts
            assert words in letters[0][0]
            assert letters[0][1] == address
        return outbox()

    def test_an_operator_cannot_take_over_a_person_with_permissions(self) -> None:
        """Otherwise the permission to change people would give that to read their content."""
        for person in (self.root, self.rita, self.pat):
            assert self.set_password(self.pat, person).status_code == 403
            assert self.save_blindly(person).status_code == 403
            assert (
                self.site(self.pat).post(path(User, person, "delete"), {"post": "yes"}).status_code
                == 403
            )
        self.act(self.pat, "deactivate", self.root, self.rita)
        assert User.objects.filter(pk__in=[self.root.pk, self.rita.pk], is_active=True).count() == 2

    def save_blindly(self, person: User) -> Any:
        return self.site(self.pat).post(path(User, person), {"email": "taken@over.example"})


class TestRights(PeopleTest):
    def test_an_operator_cannot_grant_permissions(self) -> None:
        self.save(
            self.pat, self.alice, is_staff="on", is_superuser="on", user_permissions=["1", "2"]
        )
        self.alice.refresh_from_db()
        assert (self.alice.is_staff, self.alice.is_superuser) == (False, False)
        assert not self.alice.user_permissions.exists()

    def test_a_superuser_can_grant_permissions(self) -> None:
        assert self.save(self.root, self.alice, is_staff="on").status_code == 302
        self.alice.refresh_from_db()
        assert self.alice.is_staff

    def test_only_a_superuser_can_change_groups(self) -> None:
        assert self.site(self.pat).get("/admin/auth/group/").status_code == 403
        assert self.site(self.root).get("/admin/auth/group/").status_code == 200


class TestEdit(PeopleTest):
    def add(self, **changes: Any) -> Any:
        passwords = {
            "password1": NEW_PASSWORD,
            "password2": NEW_PASSWORD,
            "usable_password": "true",
        }
        data = {"email": " New@Example.COM ", "nickname": "Newcomer"} | passwords | changes
        return self.site(self.root).post("/admin/accounts/user/add/", data)

    def test_an_added_person_can_sign_in(self) -> None:
        assert self.add().status_code == 302
        user = User.objects.get(email="new@example.com")
        assert (user.profile.handle, user.profile.nickname) == ("newcomer", "Newcomer")
        assert user.check_password(NEW_PASSWORD)

    def test_a_password_with_the_new_nickname_is_refused(self) -> None:
        password = "newcomer of today"
        assert self.add(password1=password, password2=password).status_code == 200
        assert not User.objects.filter(email="new@example.com").exists()

    def test_an_operator_who_may_not_read_sends_a_new_person_a_mail(self) -> None:
        data = {"email": "new@example.com", "nickname": "Newcomer"} | {
            "password1": NEW_PASSWORD,
            "password2": NEW_PASSWORD,
        }
        assert self.site(self.pat).post("/admin/accounts/user/add/", data).status_code == 302
        user = User.objects.get(email="new@example.com")
        assert not user.has_usable_password()
        mail.flush()
        (letter,) = outbox()
        assert letter.to == ["new@example.com"]

    def test_a_taken_email_is_refused_in_any_case(self) -> None:
        page = self.add(email=self.alice.email.upper())
        self.assertContains(page, "already exists")
        self.assertContains(
            self.save(self.root, self.bob, email=self.alice.email.upper()), "already exists"
        )

    def test_an_email_or_nickname_that_the_api_refuses_is_refused(self) -> None:
        for email in ("도라@example.com", "dora@example.c0m"):
            assert self.add(email=email).status_code == 200
            assert self.save(self.root, self.bob, email=email).status_code == 200
        for nickname in ("\u200b\u2063", "Ad\u202emin"):
            assert self.add(nickname=nickname).status_code == 200
            changed = self.save(self.pat, self.bob, **{"profile-0-nickname": nickname})
            assert changed.status_code == 200
        assert User.objects.filter(email="new@example.com").count() == 0

    def test_what_is_stored_already_can_be_saved_again(self) -> None:
        User.objects.filter(pk=self.bob.pk).update(email="root@localhost")
        self.bob.profile.change(nickname="Ad\u202emin")
        assert self.save(self.root, self.bob, is_staff="on").status_code == 302

    def test_an_invalid_email_is_refused(self) -> None:
        self.assertContains(self.add(email="nobody"), "Enter a valid email address")

    def test_a_changed_nickname_is_found_by_the_search(self) -> None:
        assert (
            self.save(self.pat, self.alice, **{"profile-0-nickname": "Polite"}).status_code == 302
        )
        self.alice.profile.refresh_from_db()
        assert (self.alice.profile.nickname, self.alice.profile.nickname_folded) == (
            "Polite",
            "polite",
        )

    def test_an_account_can_be_deleted_with_everything(self) -> None:
        self.site(self.root).post(path(User, self.alice, "delete"), {"post": "yes"})
        assert not User.objects.filter(pk=self.alice.pk).exists()
        assert all(
            not model._default_manager.filter(pk=row.pk).exists()
            for model, row in self.rows.items()
        )
