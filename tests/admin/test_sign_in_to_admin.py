"""Signing in to the admin."""

from typing import Any

from django.test import Client

from tests.admin.base import OperatorTest
from tests.base import PASSWORD


class TestSignInToAdmin(OperatorTest):
    def sign_in(self, email: str, password: str) -> Any:
        return Client().post(
            "/admin/login/?next=/admin/", {"username": email, "password": password}
        )

    def test_staff_sign_in_by_email_in_any_case(self) -> None:
        for email in (self.olga.email, self.olga.email.upper()):
            assert self.sign_in(email, PASSWORD).status_code == 302

    def test_people_who_are_not_staff_cannot_sign_in(self) -> None:
        assert self.sign_in(self.alice.email, PASSWORD).status_code == 200
        assert self.sign_in(self.olga.email, "wrong").status_code == 200

    def test_sign_in_attempts_are_limited_as_in_the_api(self) -> None:
        for _ in range(10):
            self.sign_in(self.olga.email, "wrong")
        page = self.sign_in(self.olga.email, PASSWORD)
        self.assertContains(page, "Too many attempts")
        answer = self.anonymous.post(
            "auth/token/", {"email": self.olga.email, "password": PASSWORD}
        )
        self.assert_problem(answer, 429, "throttled")

    def test_an_unknown_page_is_a_problem_document(self) -> None:
        answer = self.site(self.root).get("/admin/nothing/here/")
        assert (answer.status_code, answer["Content-Type"]) == (404, "application/problem+json")

    def test_the_pages_of_the_admin_have_the_security_policy(self) -> None:
        for url in ("/admin/login/", "/admin/"):
            assert "unsafe" not in self.site(self.root).get(url)["Content-Security-Policy"]
