"""POST auth/logout/"""

from accounts.models import Session
from tests.base import ApiTest, Client


class SignOutTest(ApiTest):
    def test_it_ends_this_session_at_once_access_and_refresh_tokens_included(self) -> None:
        tablet = Client(self.alice)
        self.ok(self.as_alice.post("auth/logout/"), 204)
        self.assert_problem(self.as_alice.get("me/"), 401, "token_not_valid")
        refresh = self.anonymous.post(
            "auth/token/refresh/", {"refresh": self.as_alice.tokens["refresh"]}
        )
        self.assert_problem(refresh, 401, "token_not_valid")
        self.ok(tablet.get("me/"))

    def test_once_more_with_the_same_token_is_the_same(self) -> None:
        for _ in range(2):
            self.ok(self.as_alice.post("auth/logout/"), 204)

    def test_a_body_is_not_needed_and_not_read(self) -> None:
        self.ok(self.as_alice.post("auth/logout/", {"all": True}), 204)

    def test_without_a_good_token_nobody_is_signed_out(self) -> None:
        count = Session.objects.count()
        self.assert_problem(self.anonymous.post("auth/logout/"), 401, "not_authenticated")
        self.anonymous.credentials(HTTP_AUTHORIZATION=f"Bearer {self.as_alice.tokens['refresh']}")
        self.assert_problem(self.anonymous.post("auth/logout/"), 401, "token_not_valid")
        assert Session.objects.count() == count
