"""The header Authorization."""

from datetime import timedelta
from string import ascii_lowercase, ascii_uppercase, digits
from time import time
from unittest.mock import patch

from rest_framework.request import Request
from rest_framework.test import APIRequestFactory
from rest_framework_simplejwt.backends import TokenBackend
from rest_framework_simplejwt.tokens import AccessToken

from accounts.credentials.authentication import SessionJWTAuthentication, verify
from accounts.models import Session
from tests.accounts.clock import later
from tests.base import PASSWORD, ApiTest, Client

LETTERS = f"{ascii_uppercase}{ascii_lowercase}{digits}-_"  # the alphabet of base64url, by value


class AuthenticateTest(ApiTest):
    def test_a_request_without_a_token_is_refused(self) -> None:
        for header in ({}, {"HTTP_AUTHORIZATION": ""}, {"HTTP_AUTHORIZATION": "Basic YTpi"}):
            answer = self.anonymous.get("me/", **header)
            self.assert_problem(answer, 401, "not_authenticated")
            assert answer["WWW-Authenticate"] == 'Bearer realm="api"'

    def test_a_text_that_is_no_access_token_is_refused(self) -> None:
        head, body, _signature = self.as_alice.tokens["access"].split(".")
        bare = str(AccessToken())
        for text in (
            "",
            "x",
            "a b",
            "é",
            f"{head}.{body}.AAAA",
            f"{head}.{body}.",
            self.as_alice.tokens["refresh"],
            bare,
        ):
            answer = self.anonymous.get("me/", HTTP_AUTHORIZATION=f"Bearer {text}")
            self.assert_problem(answer, 401, "token_not_valid")

    def test_the_scheme_may_be_in_any_case(self) -> None:
        for scheme in ("bearer", "BEARER", "bEaReR", "Bearer", " bearer ", "bearer  "):
            header = f"{scheme} {self.as_alice.tokens['access']}"
            self.ok(self.anonymous.get("me/", HTTP_AUTHORIZATION=header))

    def test_a_token_that_names_no_session_is_refused(self) -> None:
        for claims in ({"sid": 7, "sub": "x"}, {"sid": "x", "sub": str(self.alice.uuid)}):
            token = AccessToken()
            for name, value in claims.items():
                token[name] = value
            answer = self.anonymous.get("me/", HTTP_AUTHORIZATION=f"Bearer {token}")
            self.assert_problem(answer, 401, "token_not_valid")

    def test_an_access_token_lasts_fifteen_minutes(self) -> None:
        token = AccessToken(self.as_alice.tokens["access"])
        assert token["exp"] - token["iat"] == 15 * 60
        for minutes, status in ((14, 200), (16, 401)):
            with later(-timedelta(minutes=minutes)):
                phone = Client(self.alice)
            assert phone.get("me/").status_code == status

    def test_an_access_token_ends_with_its_session(self) -> None:
        with later(timedelta(days=91)):
            self.assert_problem(self.as_alice.get("me/"), 401, "token_not_valid")

    def test_deactivation_ends_access_at_once(self) -> None:
        self.alice.change(is_active=False)
        self.assert_problem(self.as_alice.get("me/"), 401, "token_not_valid")

    def test_a_password_change_elsewhere_ends_access_at_once(self) -> None:
        tablet = Client(self.alice)
        body = {"password": PASSWORD, "new_password": "another horse battery"}
        self.ok(tablet.post("auth/password/change/", body), 204)
        self.assert_problem(self.as_alice.get("me/"), 401, "token_not_valid")
        self.ok(tablet.get("me/"))

    def test_authentication_costs_one_query(self) -> None:
        with self.assertNumQueries(2):  # the session with its user and profile; the page of alarms
            self.ok(self.as_alice.get("alarms/"))

    def test_open_paths_ignore_an_invalid_token(self) -> None:
        self.as_alice.credentials(HTTP_AUTHORIZATION="Bearer x")
        self.ok(
            self.as_alice.post("auth/token/", {"email": self.alice.email, "password": PASSWORD})
        )


class KeptTokenTest(ApiTest):
    """Verified tokens are cached: the signature is checked once, all the rest each time."""

    def assert_refused(self, phone: Client) -> None:
        self.assert_problem(phone.get("me/"), 401, "token_not_valid")

    def test_the_signature_of_a_token_is_checked_once(self) -> None:
        checked = []
        decode = TokenBackend.decode

        def counting(self: TokenBackend, *args: object, **kwargs: object) -> object:
            checked.append(1)
            return decode(self, *args, **kwargs)

        with patch.object(TokenBackend, "decode", counting):
            for _ in range(3):
                self.ok(self.as_alice.get("alarms/"))
        assert checked == [1]

    def test_a_cached_token_is_refused_once_it_expires(self) -> None:
        self.ok(self.as_alice.get("me/"))
        ends_at = AccessToken(self.as_alice.tokens["access"])["exp"]
        for now, status in (
            (ends_at - 0.5, 200),
            (ends_at, 401),
            (ends_at + 0.5, 401),
            (time(), 200),
        ):
            with patch("time.time", lambda now=now: now):
                assert self.as_alice.get("me/").status_code == status

    def test_a_cached_token_is_refused_once_its_session_is_deleted(self) -> None:
        self.ok(self.as_alice.get("me/"))
        tablet = Client(self.alice)
        self.ok(tablet.get("me/"))
        Session.objects.filter(pk=self.as_alice.session_row.pk).delete()
        self.assert_refused(self.as_alice)
        self.ok(tablet.get("me/"))

    def test_a_cached_token_is_refused_once_its_session_ends(self) -> None:
        self.ok(self.as_alice.get("me/"))
        self.as_alice.session_row.change(ends_at=self.as_alice.session_row.rotated_at)
        self.assert_refused(self.as_alice)

    def test_a_token_with_a_changed_missing_or_added_byte_is_refused(self) -> None:
        token = self.as_alice.tokens["access"]
        self.ok(self.as_alice.get("me/"))
        # Flip the highest bit of each letter: the lowest two bits of the last one encode nothing.
        others = [
            token[:at] + LETTERS[LETTERS.find(letter) ^ 32] + token[at + 1 :]
            for at, letter in enumerate(token)
            if letter != "."
        ]
        for other in (
            *others,
            token + "A",
            token[:-1],
            token[1:],
            token.swapcase(),
            f"{token}.",
            f".{token}",
        ):
            self.anonymous.credentials(HTTP_AUTHORIZATION=f"Bearer {other}")
            self.assert_refused(self.anonymous)
        assert len(set(others)) == len(token) - 2
        self.ok(self.as_alice.get("me/"))

    def test_cached_tokens_of_two_people_stay_apart(self) -> None:
        for _ in range(2):
            for phone, user in ((self.as_alice, self.alice), (self.as_bob, self.bob)):
                assert self.ok(phone.get("me/"))["id"] == str(user.uuid)

    def test_invalid_tokens_are_not_cached(self) -> None:
        kept = verify.cache_info().currsize
        for number in range(5):
            self.anonymous.credentials(HTTP_AUTHORIZATION=f"Bearer x{number}")
            self.assert_refused(self.anonymous)
        assert verify.cache_info().currsize == kept

    def test_the_cache_of_tokens_is_bounded(self) -> None:
        assert (verify.cache_info().maxsize or 10**9) <= 10_000

    def test_the_authenticated_user_has_the_values_of_the_database(self) -> None:
        """Only rarely used columns take another query."""
        self.alice.profile.change(timezone="Asia/Seoul", day_starts_at=4, is_private=True)
        request = Request(
            APIRequestFactory().get(
                "/", HTTP_AUTHORIZATION=f"Bearer {self.as_alice.tokens['access']}"
            )
        )
        with self.assertNumQueries(1):
            user, _token = SessionJWTAuthentication().authenticate(request)
        with self.assertNumQueries(0):
            assert (user, user.pk, user.uuid, user.is_active) == (
                self.alice,
                self.alice.pk,
                self.alice.uuid,
                True,
            )
            assert (user.profile.timezone, user.profile.day_starts_at) == ("Asia/Seoul", 4)
            assert user.profile.user is user
            assert user.profile.is_private
        assert (user.email, user.profile.bio) == (self.alice.email, self.alice.profile.bio)
