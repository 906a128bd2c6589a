"""auth/second-factor/, the code of auth/token/ and of the admin, manage.py second_factor"""

from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.test import Client as Browser
from django.test import override_settings

from accounts.credentials.passwords import reset_token
from accounts.models import RecoveryCode, SecondFactor, User
from accounts.models.second_factors import _totp
from core import clock
from tests.accounts.clock import later
from tests.base import PASSWORD, ApiTest, Client, RaceTest, needs_row_locks, new_id


def code_of(user: User, steps: int = 0) -> str:
    """Return the code that the app of this person shows now, or some steps of 30 s later."""
    key = SecondFactor.objects.get(user=user).key
    assert key is not None
    return _totp(key).generate(clock.now().timestamp() + 30 * steps).decode()


class SecondFactorTest(ApiTest):
    def start(self, password: str = PASSWORD) -> Any:
        return self.as_alice.post("auth/second-factor/", {"password": password})

    def confirm(self, code: str) -> Any:
        return self.as_alice.post("auth/second-factor/confirm/", {"code": code})

    def turn_on(self) -> list[str]:
        """Turn Alice's second factor on, as if she had done that some minutes ago."""
        self.ok(self.start())
        with later(-timedelta(minutes=5)):
            codes = self.ok(self.confirm(code_of(self.alice)))["recovery_codes"]
        return list(codes)

    def sign_in(self, code: str | None = None, password: str = PASSWORD) -> Any:
        body = {"email": self.alice.email, "password": password}
        return Client().post("auth/token/", body if code is None else body | {"code": code})


@override_settings(RATE_LIMITS=False)
class SetUpTest(SecondFactorTest):
    def test_the_secret_comes_with_the_password_and_again_until_it_is_confirmed(self) -> None:
        self.assert_field_error(self.start("wrong horse"), "password", "wrong_password")
        first = self.ok(self.start())
        assert self.ok(self.start()) == first
        assert first["uri"].startswith("otpauth://totp/TodoMate:")
        assert f"secret={first['secret']}" in first["uri"]
        assert first["secret"] not in SecondFactor.objects.get().secret
        self.ok(self.sign_in())
        assert self.ok(self.as_alice.get("auth/second-factor/"))["is_on"] is False

    def test_a_code_turns_it_on_and_gives_ten_recovery_codes_again_if_repeated(self) -> None:
        self.assert_field_error(self.confirm("123456"), "code", "wrong_code")
        self.ok(self.start())
        self.assert_field_error(self.confirm("abc"), "code", "wrong_code")
        code = code_of(self.alice)
        codes = self.ok(self.confirm(code))
        assert len(set(codes["recovery_codes"])) == 10
        assert self.ok(self.confirm(code)) == codes
        state = self.ok(self.as_alice.get("auth/second-factor/"))
        assert state == {"is_on": True, "recovery_codes_left": 10}
        self.assert_problem(self.start(), 409, "second_factor_on")
        stored = " ".join(RecoveryCode.objects.values_list("digest", flat=True))
        assert not any(code.replace("-", "") in stored for code in codes["recovery_codes"])

    def test_the_code_of_a_sign_in_shows_no_recovery_codes(self) -> None:
        self.turn_on()
        code = code_of(self.alice)
        self.ok(self.sign_in(code))
        self.assert_field_error(self.confirm(code), "code", "wrong_code")

    def test_it_is_turned_off_with_the_password_and_a_code(self) -> None:
        recovery = self.turn_on()
        for body, field, error in (
            ({"password": PASSWORD}, "code", "wrong_code"),
            ({"password": PASSWORD, "code": "000000"}, "code", "wrong_code"),
            ({"password": "wrong horse", "code": recovery[0]}, "password", "wrong_password"),
        ):
            answer = self.as_alice.post("auth/second-factor/remove/", body)
            self.assert_field_error(answer, field, error)
        for _ in range(2):
            body = {"password": PASSWORD, "code": recovery[0]}
            self.ok(self.as_alice.post("auth/second-factor/remove/", body), 204)
        self.ok(self.sign_in())
        assert not RecoveryCode.objects.exists()


@override_settings(RATE_LIMITS=False)
class SignInTest(SecondFactorTest):
    def test_the_password_alone_does_not_sign_in(self) -> None:
        self.turn_on()
        sessions = self.alice.sessions.count()
        self.assert_problem(self.sign_in(), 401, "second_factor_required")
        self.assert_problem(self.sign_in("000000"), 401, "second_factor_invalid")
        self.assert_problem(self.sign_in("x", "wrong horse"), 401, "invalid_credentials")
        assert self.alice.sessions.count() == sessions

    def test_a_code_signs_in_once(self) -> None:
        self.turn_on()
        code = code_of(self.alice)
        self.ok(self.sign_in(f"{code[:3]} {code[3:]}"))
        self.assert_problem(self.sign_in(code), 401, "second_factor_invalid")
        earlier = code_of(self.alice, -1)
        self.assert_problem(self.sign_in(earlier), 401, "second_factor_invalid")
        self.ok(self.sign_in(code_of(self.alice, 1)))

    def test_a_clock_that_was_ahead_for_a_while_refuses_no_code_for_a_day(self) -> None:
        self.turn_on()
        with later(timedelta(days=1)):
            self.ok(self.sign_in(code_of(self.alice)))
        code = code_of(self.alice)
        self.ok(self.sign_in(code))
        self.assert_problem(self.sign_in(code), 401, "second_factor_invalid")

    def test_a_phone_may_be_half_a_minute_off_and_no_more(self) -> None:
        for steps, status in ((-2, 401), (2, 401), (-1, 200), (1, 200)):
            if not steps + 2:
                self.turn_on()
            assert self.sign_in(code_of(self.alice, steps)).status_code == status, steps

    def test_a_recovery_code_signs_in_once(self) -> None:
        first, second = self.turn_on()[:2]
        self.ok(self.sign_in(first.lower()))
        self.assert_problem(self.sign_in(first), 401, "second_factor_invalid")
        self.ok(self.sign_in(second.replace("-", " ")))
        left = self.ok(self.as_alice.get("auth/second-factor/"))["recovery_codes_left"]
        assert left == 8

    def test_a_repeated_sign_up_is_no_way_around_it(self) -> None:
        body = {"id": str(self.alice.uuid), "email": self.alice.email, "nickname": "Ann"}
        self.ok(Client().post("auth/signup/", body | {"password": PASSWORD}), 200)
        self.turn_on()
        again = Client().post("auth/signup/", body | {"password": PASSWORD})
        self.assert_problem(again, 409, "id_taken")

    def test_a_reset_by_mail_ends_that_of_somebody_who_never_confirmed_the_email(self) -> None:
        self.turn_on()
        for mode, is_confirmed, status in (
            ("optional", True, 401),
            ("off", False, 401),
            ("optional", False, 200),
        ):
            self.alice.change(email_verified_at=clock.now() if is_confirmed else None)
            body = {
                "token": reset_token(self.alice),
                "new_password": f"wholly other words {mode}",
            }
            with override_settings(EMAIL_VERIFICATION=mode):
                self.ok(Client().post("auth/password/reset/confirm/", body), 204)
            self.alice.refresh_from_db()
            signed_in = self.sign_in(password=body["new_password"])
            assert signed_in.status_code == status, (mode, is_confirmed)

    def test_a_code_is_taken_without_a_second_factor_too(self) -> None:
        for code in ("", "123456", None):
            body = {"email": self.bob.email, "password": PASSWORD, "code": code}
            assert Client().post("auth/token/", body).status_code == 200

    def test_another_secret_key_makes_codes_wrong_and_fails_nothing(self) -> None:
        recovery = self.turn_on()
        code = code_of(self.alice)
        with override_settings(SECRET_KEY="another" * 10, SIMPLE_JWT={}):
            for text in (code, recovery[0]):
                self.assert_problem(self.sign_in(text), 401, "second_factor_invalid")

    def test_an_exchanged_secret_key_leaves_every_code_right(self) -> None:
        recovery = self.turn_on()
        old, new = settings.SECRET_KEY, "another" * 10
        with override_settings(SECRET_KEY=new, SECRET_KEY_FALLBACKS=[old]):
            self.ok(self.sign_in(recovery[0]))
            self.ok(self.sign_in(code_of(self.alice)))
            call_command("purge", stdout=(out := StringIO()))
            assert "1 second factors encrypted" in out.getvalue()
            assert SecondFactor.objects.encrypt_again() == 0
        with override_settings(SECRET_KEY=new):
            assert SecondFactor.objects.encrypt_again() == 0
            self.ok(self.sign_in(recovery[1]))
            self.ok(self.sign_in(code_of(self.alice, 1)))


class GuessTest(SecondFactorTest):
    def test_guesses_of_codes_count_as_attempts(self) -> None:
        self.turn_on()
        for _ in range(10):
            self.assert_problem(self.sign_in("000000"), 401, "second_factor_invalid")
        self.assert_problem(self.sign_in(code_of(self.alice)), 429, "throttled")


@override_settings(RATE_LIMITS=False)
class AdminTest(SecondFactorTest):
    def admin(self, **fields: str) -> Any:
        body = {"username": self.alice.email, "password": PASSWORD} | fields
        return Browser().post("/admin/login/?next=/admin/", body)

    def test_an_operator_with_a_second_factor_needs_a_code(self) -> None:
        self.alice.change(is_staff=True)
        assert self.admin().status_code == 302
        recovery = self.turn_on()
        self.assertContains(Browser().get("/admin/login/"), 'name="code"')
        for fields in ({}, {"code": "000000"}):
            self.assertContains(self.admin(**fields), "code")
        assert self.admin(code=code_of(self.alice)).status_code == 302
        assert self.admin(code=code_of(self.alice)).status_code == 200
        assert self.admin(code=recovery[0]).status_code == 302

    @override_settings(OPERATORS_NEED_SECOND_FACTOR=True)
    def test_operators_can_be_required_to_have_one(self) -> None:
        self.alice.change(is_staff=True)
        self.assertContains(self.admin(), "manage.py second_factor")
        self.turn_on()
        assert self.admin(code=code_of(self.alice)).status_code == 302

    def test_a_browser_that_signed_in_without_one_has_to_sign_in_again(self) -> None:
        self.alice.change(is_staff=True, is_superuser=True)
        browser = Browser()
        body = {"username": self.alice.email, "password": PASSWORD}

        def sign_in(**fields: str) -> int:
            return browser.post("/admin/login/?next=/admin/", body | fields).status_code

        def enters() -> bool:
            statuses = {browser.get(url).status_code for url in ("/admin/", "/admin/goals/goal/")}
            assert statuses in ({200}, {302}), statuses
            return statuses == {200}

        assert sign_in() == 302
        assert enters()
        with override_settings(OPERATORS_NEED_SECOND_FACTOR=True):
            assert not enters()
            recovery = self.turn_on()
            assert not enters()
            assert sign_in() == 200
            assert not enters()
            assert sign_in(code=recovery[0]) == 302
            assert enters()
            call_command("second_factor", self.alice.email, "--remove", stdout=StringIO())
            assert not enters()
        assert enters()


class CommandTest(SecondFactorTest):
    def run_command(self, *args: str) -> str:
        out = StringIO()
        call_command("second_factor", self.alice.email.upper(), *args, stdout=out)
        return out.getvalue()

    def test_the_command_sets_one_up_and_removes_it(self) -> None:
        assert "otpauth://totp/TodoMate:" in self.run_command()
        with pytest.raises(CommandError):
            self.run_command("--code", "000000")
        with later(-timedelta(minutes=5)):
            assert len(self.run_command("--code", code_of(self.alice)).splitlines()) == 11
        with pytest.raises(CommandError):
            self.run_command()
        self.assert_problem(self.sign_in(), 401, "second_factor_required")
        for _ in range(2):
            self.run_command("--remove")
        self.ok(self.sign_in())
        with pytest.raises(CommandError):
            call_command("second_factor", "nobody@example.com")


@needs_row_locks
@pytest.mark.races
class SecondFactorRaceTest(RaceTest):
    def test_of_eight_concurrent_sign_ins_with_one_code_one_passes(self) -> None:
        factor = SecondFactor.start(self.alice)
        factor.change(confirmed_at=clock.now())
        self.alice.change(has_second_factor=True)
        body = {"email": self.alice.email, "password": PASSWORD, "code": code_of(self.alice)}
        with self.settings(RATE_LIMITS=False):
            answers = self.at_once(
                lambda _: Client().post("auth/token/", body | {"device_id": new_id()}), 8
            )
        assert sorted(answer.status_code for answer in answers) == [200] + [401] * 7
