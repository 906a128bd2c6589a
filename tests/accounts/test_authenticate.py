"""The header Authorization"""

from datetime import timedelta

from rest_framework_simplejwt.tokens import AccessToken

from tests.accounts.clock import later
from tests.base import PASSWORD, ApiTest, Client


class AuthenticateTest(ApiTest):
    def test_without_a_token_everything_of_somebodys_asks_for_one(self) -> None:
        for header in ({}, {"HTTP_AUTHORIZATION": ""}, {"HTTP_AUTHORIZATION": "Basic YTpi"}):
            answer = self.anonymous.get("me/", **header)
            self.assert_problem(answer, 401, "not_authenticated")
            assert answer["WWW-Authenticate"] == 'Bearer realm="api"'

    def test_what_is_no_access_token_is_refused(self) -> None:
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

    def test_it_costs_one_query(self) -> None:
        with self.assertNumQueries(2):  # the session with its user and profile; the page of alarms
            self.ok(self.as_alice.get("alarms/"))

    def test_open_paths_pay_no_heed_to_a_bad_token(self) -> None:
        self.as_alice.credentials(HTTP_AUTHORIZATION="Bearer x")
        self.ok(self.as_alice.post("auth/token/", {"email": self.alice.email, "password": PASSWORD}))
