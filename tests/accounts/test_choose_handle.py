"""Handles that nobody may have, and those of nicknames"""

from accounts.names import handle_from, refused_handle
from tests.base import PASSWORD, ApiTest

RESERVED = (
    "admin Admin administrator support Support help root system staff official moderator security"
    " todomate todo_mate todomate.official todomate2026 the.admin admin_ _admin_ a.d.m.i.n admin1"
    " admin.kim adm1n supp0rt support_team webmaster no_reply null undefined"
    " officia1 he1p nu11 admln todomateadmin t0d0mate_he1p1 supporttodomate"
)
FREE = (
    "alice.kim administer supporter helpful rooted adminah theadmin todo.lover mina1234 __alice__"
    " todomatelover lily.hill bill1 noel"
)


class ChooseHandleTest(ApiTest):
    def test_handles_that_seem_to_speak_for_the_server_are_reserved(self) -> None:
        for handle in RESERVED.split():
            with self.subTest(handle):
                answer = self.as_alice.patch("me/", {"handle": handle})
                self.assert_field_error(answer, "handle", "reserved")
        body = {"email": "dora@example.com", "password": PASSWORD, "nickname": "Dora"}
        answer = self.anonymous.post("auth/signup/", body | {"handle": "Admin"})
        self.assert_field_error(answer, "handle", "reserved")

    def test_other_handles_are_free(self) -> None:
        assert {handle: refused_handle(handle) for handle in FREE.split()} == dict.fromkeys(
            FREE.split()
        )

    def test_dots_and_underscores_alone_show_nothing(self) -> None:
        for handle in ("....", "____", "._._", "." * 30):
            answer = self.as_alice.patch("me/", {"handle": handle})
            self.assert_field_error(answer, "handle", "shows_nothing")

    def test_a_nickname_makes_no_refused_handle(self) -> None:
        assert [handle_from(name) for name in ("Admin", "....", "Support 1", "Alice")] == [
            "",
            "",
            "",
            "alice",
        ]

    def test_a_handle_that_somebody_has_already_may_be_sent_back(self) -> None:
        for handle in ("admin", "...."):
            self.alice.profile.change(handle=handle)
            me = self.ok(self.as_alice.get("me/"))
            assert self.ok(self.as_alice.patch("me/", me | {"bio": "x"}))["handle"] == handle
        self.assert_field_error(self.as_bob.patch("me/", {"handle": "admin"}), "handle", "reserved")
