"""POST auth/logout/"""

from accounts.models import Session
from tests.base import ApiTest, Client


class SignOutTest(ApiTest):
    def test_signing_out_invalidates_both_tokens_of_this_session_at_once(self) -> None:
        tablet = Client(self.alice)
        self.ok(self.as_alice.post("auth/logout/"), 204)
        self.assert_problem(self.as_alice.get("me/"), 401, "token_not_valid")
        refresh = self.anonymous.post(
            "auth/token/refresh/", {"refresh": self.as_alice.tokens["refresh"]}
        )
        self.assert_problem(refresh, 401, "token_not_valid")
        self.ok(tablet.get("me/"))

    def test_a_repeated_sign_out_with_the_same_token_succeeds(self) -> None:
        for _ in range(2):
            self.ok(self.as_alice.post("auth/logout/"), 204)

    def test_a_body_is_ignored(self) -> None:
        self.ok(self.as_alice.post("auth/logout/", {"all": True}), 204)

    def test_signing_out_without_a_valid_token_ends_no_session(self) -> None:
        count = Session.objects.count()
        self.assert_problem(self.anonymous.post("auth/logout/"), 401, "not_authenticated")
        self.anonymous.credentials(HTTP_AUTHORIZATION=f"Bearer {self.as_alice.tokens['refresh']}")
        self.assert_problem(self.anonymous.post("auth/logout/"), 401, "token_not_valid")
        assert Session.objects.count() == count
