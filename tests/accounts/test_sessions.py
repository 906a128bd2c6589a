"""auth/sessions/: the devices on which a person is signed in."""

from datetime import timedelta
from typing import Any

import django.test
from django.test import override_settings

from accounts.models import Session
from tests.accounts.clock import later
from tests.base import PASSWORD, ApiTest, Client, ids, new_id

PIXEL = "TodoMate/2.1 (Android 17; Pixel 9)"


class SessionsTest(ApiTest):
    def sign_in(self, name: str | None = None, **headers: Any) -> Client:
        phone = Client()
        body = {"email": self.alice.email, "password": PASSWORD, "device": name}
        phone.tokens = self.ok(phone.post("auth/token/", body, **headers))
        phone.credentials(HTTP_AUTHORIZATION=f"Bearer {phone.tokens['access']}")
        return phone

    def listed(self, phone: Client | None = None) -> list[dict[str, Any]]:
        return list(self.ok((phone or self.as_alice).get("auth/sessions/"))["results"])


class ListSessionsTest(SessionsTest):
    def test_the_list_shows_label_client_and_last_use_of_ones_own(self) -> None:
        self.as_alice.session_row.change(rotated_at=self.alice.created_at)
        pixel = self.sign_in("Pixel", HTTP_USER_AGENT=PIXEL)
        first, second = self.listed(pixel)
        assert set(first) == {
            "id",
            "label",
            "client",
            "network",
            "created_at",
            "last_seen_at",
            "ends_at",
            "is_current",
        }
        assert (first["label"], first["client"], first["network"]) == ("Pixel", PIXEL, "")
        assert (first["is_current"], second["is_current"]) == (True, False)
        assert second["id"] == str(self.as_alice.session_row.pk)
        assert (second["label"], second["client"]) == ("", "")
        assert [row["is_current"] for row in self.listed()] == [False, True]
        assert first["last_seen_at"] > second["last_seen_at"]

    def test_a_refresh_is_a_use_and_tells_the_client(self) -> None:
        before = self.listed()[0]
        with later(timedelta(hours=1)):
            body = {"refresh": self.as_alice.tokens["refresh"]}
            self.ok(self.anonymous.post("auth/token/refresh/", body, HTTP_USER_AGENT="New"))
        after = self.listed()[0]
        assert after["last_seen_at"] > before["last_seen_at"]
        assert after["client"] == "New"

    def test_ended_sessions_are_not_listed(self) -> None:
        self.sign_in("Pixel")
        self.alice.sessions.filter(label="Pixel").update(ends_at=self.alice.created_at)
        assert ids(self.listed()) == [str(self.as_alice.session_row.pk)]

    def test_a_session_of_release_0_1_0_shows_its_device(self) -> None:
        Session.objects.filter(pk=self.as_alice.session_row.pk).update(label=None, device="iPad")
        assert self.listed()[0]["label"] == "iPad"

    def test_a_strange_client_is_shortened(self) -> None:
        phone = self.sign_in(HTTP_USER_AGENT=f"\u202e\t\x00é{'x' * 1000}")
        assert self.listed(phone)[0]["client"] == "x" * 200

    def test_a_strange_name_is_shown_on_one_line(self) -> None:
        phone = self.sign_in("My\u202e\n Pixel\u2028📱")
        assert self.listed(phone)[0]["label"] == "My Pixel📱"

    def test_the_network_is_kept_only_if_the_host_wants_it(self) -> None:
        for address, network in (
            ("192.0.2.77", "192.0.2.0/24"),
            ("2001:db8:1:2:3::4", "2001:db8:1::/48"),
            ("", ""),
        ):
            with override_settings(SESSION_NETWORKS=True):
                phone = self.sign_in(REMOTE_ADDR=address)
                assert self.listed(phone)[0]["network"] == network
            body = {"refresh": phone.tokens["refresh"]}
            self.ok(phone.post("auth/token/refresh/", body, REMOTE_ADDR=address))
            assert self.listed(phone)[0]["network"] == ""


class EndSessionsTest(SessionsTest):
    def test_one_session_ends_at_once(self) -> None:
        pixel, tablet = self.sign_in("Pixel"), self.sign_in("Tablet")
        pk = next(row["id"] for row in self.listed() if row["label"] == "Pixel")
        for _ in range(2):
            self.ok(self.as_alice.delete(f"auth/sessions/{pk}/"), 204)
        self.assert_problem(pixel.get("me/"), 401, "token_not_valid")
        refresh = self.anonymous.post("auth/token/refresh/", {"refresh": pixel.tokens["refresh"]})
        self.assert_problem(refresh, 401, "token_not_valid")
        self.ok(tablet.get("me/"))

    def test_all_others_end_at_once(self) -> None:
        pixel = self.sign_in("Pixel")
        for _ in range(2):
            self.ok(pixel.delete("auth/sessions/"), 204)
        assert [row["label"] for row in self.listed(pixel)] == ["Pixel"]
        self.assert_problem(self.as_alice.get("me/"), 401, "token_not_valid")
        self.ok(self.as_bob.get("me/"))

    def test_an_operator_ends_the_browsers_of_the_admin_too(self) -> None:
        self.alice.change(is_staff=True)
        browser, others = django.test.Client(), django.test.Client()
        browser.force_login(self.alice)
        self.bob.change(is_staff=True)
        others.force_login(self.bob)
        self.ok(self.as_alice.delete("auth/sessions/"), 204)
        assert browser.get("/admin/").status_code == 302
        assert others.get("/admin/").status_code == 200

    def test_ending_the_own_session_can_be_repeated(self) -> None:
        path = f"auth/sessions/{self.as_alice.session_row.pk}/"
        for _ in range(2):
            self.ok(self.as_alice.delete(path), 204)
        assert not self.alice.sessions.exists()

    def test_a_session_that_has_ended_ends_no_other(self) -> None:
        pixel = self.sign_in("Pixel")
        path = f"auth/sessions/{self.listed(pixel)[0]['id']}/"
        self.ok(self.as_alice.post("auth/logout/"), 204)
        for url in (path, "auth/sessions/"):
            self.assert_problem(self.as_alice.delete(url), 401, "token_not_valid")
        self.assert_problem(self.as_alice.get("auth/sessions/"), 401, "token_not_valid")
        self.assert_problem(self.anonymous.delete(path), 401, "not_authenticated")
        self.ok(pixel.get("me/"))

    def test_somebody_elses_session_is_like_none(self) -> None:
        for pk in (self.as_bob.session_row.pk, new_id()):
            self.ok(self.as_alice.delete(f"auth/sessions/{pk}/"), 204)
        self.ok(self.as_bob.get("me/"))
        assert ids(self.listed(self.as_bob)) == [str(self.as_bob.session_row.pk)]
