"""Tokens: the key that signs them, their audience, and servers whose clocks differ."""

from datetime import timedelta
from typing import Any

import django.test
import jwt
from django.conf import settings
from django.test import override_settings
from rest_framework_simplejwt import tokens as simplejwt

from accounts.credentials.authentication import verify
from accounts.credentials.keys import key_id
from accounts.credentials.passwords import reset_token
from accounts.credentials.tokens import pair
from tests.accounts.clock import later
from tests.base import ApiTest, Client

OLD, NEW = settings.SIMPLE_JWT["SIGNING_KEY"], "n" * 50


def signed_with(key: str, *others: str) -> Any:
    verify.cache_clear()  # each is another process
    return override_settings(
        SIMPLE_JWT=settings.SIMPLE_JWT | {"SIGNING_KEY": key}, JWT_VERIFYING_KEYS=list(others)
    )


class TokenTest(ApiTest):
    def setUp(self) -> None:
        super().setUp()
        self.addCleanup(verify.cache_clear)

    def status(self, access: str) -> int:
        answer = self.anonymous.get("me/", HTTP_AUTHORIZATION=f"Bearer {access}")
        return int(answer.status_code)

    def refresh(self, token: str) -> Any:
        return self.anonymous.post("auth/token/refresh/", {"refresh": token})


class KeyTest(TokenTest):
    def test_a_token_names_its_key_and_its_audience(self) -> None:
        for token in self.as_alice.tokens.values():
            assert jwt.get_unverified_header(token)["kid"] == key_id(OLD)
            assert jwt.decode(token, options={"verify_signature": False})["aud"] == "todomate"

    def test_a_new_key_signs_nobody_out_while_the_old_one_verifies(self) -> None:
        old = self.as_alice.tokens
        with signed_with(NEW, OLD):
            assert self.status(old["access"]) == 200
            new = self.ok(self.refresh(old["refresh"]))
            assert jwt.get_unverified_header(new["refresh"])["kid"] == key_id(NEW)
        with signed_with(NEW):
            assert self.status(old["access"]) == 401
            assert self.status(new["access"]) == 200
            self.ok(self.refresh(new["refresh"]))

    def test_a_key_can_be_accepted_before_it_signs(self) -> None:
        with signed_with(NEW, OLD):
            new = pair(self.as_alice.session_row)["access"]
        with signed_with(OLD, NEW):
            assert self.status(new) == 200

    def test_a_token_of_an_unknown_key_is_refused(self) -> None:
        claims = jwt.decode(self.as_alice.tokens["access"], options={"verify_signature": False})
        for key, header in ((NEW, {"kid": key_id(NEW)}), (NEW, {"kid": key_id(OLD)}), (NEW, {})):
            assert self.status(jwt.encode(claims, key, headers=header)) == 401
        for header in ({"kid": ""}, {"kid": "x"}):
            assert self.status(jwt.encode(claims, OLD, headers=header)) == 401
        assert self.status(jwt.encode(claims, None, algorithm="none")) == 401
        assert self.status(jwt.encode(claims, OLD, headers={"kid": key_id(OLD)})) == 200

    def test_a_token_for_another_audience_is_refused(self) -> None:
        for audience in ("elsewhere", ["todomate", "elsewhere"], "", 7):
            for kind, send in (("access", self.status), ("refresh", self.refresh)):
                claims = jwt.decode(
                    self.as_alice.tokens[kind], options={"verify_signature": False}
                ) | {"aud": audience}
                answer = send(jwt.encode(claims, OLD, headers={"kid": key_id(OLD)}))
                assert getattr(answer, "status_code", answer) == 401, (audience, kind)


class SecretKeyTest(TokenTest):
    def test_an_exchange_keeps_links_of_mails_and_sessions_of_the_admin(self) -> None:
        self.alice.change(is_staff=True)
        browser = django.test.Client()
        browser.force_login(self.alice)
        body = {"token": reset_token(self.alice), "new_password": "another horse battery"}
        with override_settings(SECRET_KEY="s" * 50):
            answer = self.anonymous.post("auth/password/reset/confirm/", body)
            self.assert_field_error(answer, "token", "token_not_valid")
        with override_settings(SECRET_KEY="s" * 50, SECRET_KEY_FALLBACKS=[settings.SECRET_KEY]):
            assert browser.get("/admin/").status_code == 200
            self.ok(self.anonymous.post("auth/password/reset/confirm/", body), 204)


class TokenOfRelease010Test(TokenTest):
    """Release 0.1.0 signs with the same key, without `kid` and without `aud`."""

    def old(self, kind: type[simplejwt.Token], name: str) -> str:
        token = kind()
        claims = jwt.decode(self.as_alice.tokens[name], options={"verify_signature": False})
        token.payload = {k: v for k, v in claims.items() if k not in ("aud", "used")}
        text = str(token)
        assert "kid" not in jwt.get_unverified_header(text)
        assert "aud" not in jwt.decode(text, options={"verify_signature": False})
        return text

    def test_it_stays_valid(self) -> None:
        access = self.old(simplejwt.AccessToken, "access")
        refresh = self.old(simplejwt.RefreshToken, "refresh")
        for key, others in ((OLD, ()), (NEW, (OLD,))):
            with signed_with(key, *others):
                assert self.status(access) == 200
        with signed_with(NEW, OLD):
            self.ok(self.refresh(refresh))

    def test_it_is_refused_once_its_key_is_gone(self) -> None:
        access = self.old(simplejwt.AccessToken, "access")
        with signed_with(NEW, "m" * 50):
            assert self.status(access) == 401

    def test_it_reads_the_tokens_of_today(self) -> None:
        """So a release can be rolled back."""
        simplejwt.AccessToken(self.as_alice.tokens["access"])
        simplejwt.RefreshToken(self.as_alice.tokens["refresh"])


class ClockTest(TokenTest):
    def test_two_servers_whose_clocks_differ_accept_each_others_tokens(self) -> None:
        for seconds in (3, 30, -30):
            with later(timedelta(seconds=seconds)):
                tokens = Client(self.alice).tokens
            assert self.status(tokens["access"]) == 200, seconds
            self.ok(self.refresh(tokens["refresh"]))

    def test_an_access_token_is_not_accepted_long_before_it_was_issued(self) -> None:
        with later(timedelta(hours=1)):
            tokens = Client(self.alice).tokens
        assert self.status(tokens["access"]) == 401

    def test_a_clock_that_was_a_day_ahead_signs_nobody_out(self) -> None:
        with later(timedelta(days=1)):
            tokens = Client(self.alice).tokens
        tokens = self.ok(self.refresh(tokens["refresh"]))
        assert self.status(tokens["access"]) == 200

    def test_the_expiry_has_no_leeway(self) -> None:
        with later(-timedelta(minutes=15, seconds=1)):
            tokens = Client(self.alice).tokens
        assert self.status(tokens["access"]) == 401
        with later(-timedelta(days=30, seconds=1)):
            tokens = Client(self.alice).tokens
        self.assert_problem(self.refresh(tokens["refresh"]), 401, "token_not_valid")
