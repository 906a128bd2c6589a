"""/admin/password_change/: an operator's own password."""

from io import StringIO
from typing import Any
from unittest.mock import patch

import pytest
from django.core.management import call_command
from django.test import Client

from accounts.models import Session
from tests.admin.base import OperatorTest
from tests.base import PASSWORD, RaceTest, needs_row_locks
from tests.base import Client as Phone

NEW = "a wholly different sentence"


class ChangeOwnPasswordTest(OperatorTest):
    def change(self, browser: Client, old: str = PASSWORD, new: str = NEW) -> Any:
        data = {"old_password": old, "new_password1": new, "new_password2": new}
        return browser.post("/admin/password_change/", data)

    def test_it_ends_the_sessions_of_the_api_and_other_browsers(self) -> None:
        phone, here, elsewhere = Phone(self.rita), self.site(self.rita), self.site(self.rita)
        assert self.change(here).status_code == 302
        assert phone.get("me/").status_code == 401
        body = {"refresh": phone.tokens["refresh"]}
        assert self.anonymous.post("auth/token/refresh/", body).status_code == 401
        assert here.get("/admin/").status_code == 200
        assert elsewhere.get("/admin/").status_code == 302
        assert self.as_alice.get("me/").status_code == 200

    def test_guesses_are_counted_together_with_those_in_the_api(self) -> None:
        browser, phone = self.site(self.rita), Phone(self.rita)
        for _ in range(5):
            assert self.change(browser, "wrong horse battery").status_code == 200
        for _ in range(5):
            body = {"password": "wrong horse battery", "new_password": NEW}
            assert phone.post("auth/password/change/", body).status_code == 400
        self.assertContains(self.change(browser), "Too many attempts")
        self.rita.refresh_from_db()
        assert self.rita.check_password(PASSWORD)

    def test_a_password_that_the_api_refuses_is_refused(self) -> None:
        browser = self.site(self.rita)
        for new in ("password", "short", self.rita.email):
            assert self.change(browser, new=new).status_code == 200
        assert Phone(self.rita).get("me/").status_code == 200


class ChangePasswordCommandTest(OperatorTest):
    def test_it_ends_the_sessions(self) -> None:
        with patch("getpass.getpass", return_value=NEW):
            call_command("changepassword", self.alice.email, stdout=StringIO())
        self.alice.refresh_from_db()
        assert self.alice.check_password(NEW)
        assert self.as_alice.get("me/").status_code == 401
        assert self.as_bob.get("me/").status_code == 200


@needs_row_locks
@pytest.mark.races
class ChangePasswordRaceTest(RaceTest):
    def test_no_session_that_began_with_the_old_password_survives_the_command(self) -> None:
        sign_in = {"email": self.alice.email, "password": PASSWORD}

        def run(number: int) -> int:
            if number:
                return int(Phone().post("auth/token/", sign_in).status_code)
            with patch("getpass.getpass", return_value=NEW):
                call_command("changepassword", self.alice.email, stdout=StringIO())
            return 200

        with self.settings(RATE_LIMITS=False):
            assert set(self.at_once(run)) <= {200, 401}
        assert not Session.objects.of(self.alice).exists()
