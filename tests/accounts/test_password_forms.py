"""Passwords in any Unicode form, and those that are guessed first"""

import unicodedata
from unittest.mock import patch

from django.contrib.auth.hashers import MD5PasswordHasher, make_password
from django.test import override_settings

from tests.base import PASSWORD, ApiTest, Client

KOREAN = "말이 배터리를 찾는다"
MIXED = unicodedata.normalize("NFC", "말이 ") + unicodedata.normalize("NFD", "배터리를 찾는다")


def nfd(text: str) -> str:
    return unicodedata.normalize("NFD", text)


class UnicodePasswordTest(ApiTest):
    def sign_in(self, password: str, email: str = "") -> int:
        body = {"email": email or self.alice.email, "password": password}
        return int(Client().post("auth/token/", body).status_code)

    def test_a_password_set_in_one_form_signs_in_in_every_form(self) -> None:
        for number, password in enumerate((KOREAN, nfd(KOREAN), MIXED)):
            email = f"dora{number}@example.com"
            body = {"email": email, "password": password, "nickname": "Dora"}
            self.ok(self.anonymous.post("auth/signup/", body), 201)
            for typed in (KOREAN, nfd(KOREAN), MIXED):
                assert self.sign_in(typed, email) == 200

    def test_a_password_that_was_hashed_in_another_form_before_signs_in(self) -> None:
        for password in (KOREAN, nfd(KOREAN), MIXED):
            self.alice.change(password=make_password(password))
            assert self.sign_in(password) == 200
        self.alice.change(password=make_password(nfd(KOREAN)))
        assert self.sign_in(KOREAN) == 200
        assert self.sign_in(KOREAN + "!") == 401

    def test_changing_resetting_and_the_admin_normalise_too(self) -> None:
        change = {"password": PASSWORD, "new_password": nfd(KOREAN)}
        self.ok(self.as_alice.post("auth/password/change/", change), 204)
        assert self.sign_in(KOREAN) == 200
        self.alice.set_password(nfd(KOREAN) + "2")
        self.alice.save()
        assert self.sign_in(KOREAN + "2") == 200

    def test_the_length_counts_in_nfc(self) -> None:
        longest = "가각" * 64
        change = {"password": PASSWORD, "new_password": longest}
        self.ok(self.as_alice.post("auth/password/change/", change), 204)
        assert self.sign_in(nfd(longest)) == 200
        assert self.sign_in(nfd(longest + "가")) == 400
        short = self.as_bob.post(
            "auth/password/change/", {"password": PASSWORD, "new_password": nfd("가각간갇갈")}
        )
        self.assert_field_error(short, "new_password", "password_too_short")

    def test_wrong_emails_and_wrong_passwords_cost_the_same_hashes_in_every_form(self) -> None:
        for password, hashes in (("wrong horse", 1), (KOREAN, 2), (MIXED, 3)):
            for email in (self.alice.email, "nobody@example.com"):
                with patch.object(
                    MD5PasswordHasher, "encode", autospec=True, side_effect=MD5PasswordHasher.encode
                ) as hashed:
                    assert self.sign_in(password, email) == 401
                assert hashed.call_count == hashes, (password, email)


@override_settings(RATE_LIMITS=False)
class ContextWordsTest(ApiTest):
    def change(self, new: str) -> object:
        body = {"password": PASSWORD, "new_password": new}
        return self.as_alice.post("auth/password/change/", body)

    def test_words_of_the_context_are_refused(self) -> None:
        self.alice.profile.change(nickname="앨리스 K.", handle="wonder.land")
        self.alice.change(email="rabbit.hole@example.com")
        for password in (
            "todomate2026",
            "my TodoMate secret",
            "todo-mate!123",
            "투두메이트 비밀번호",
            "앨리스앨리스앨리스",
            nfd("앨리스는 토끼를 좋아해"),
            "Wonderland 99",
            "wonder.land.!",
            "RABBIT 4 ever",
            "ｒａｂｂｉｔ１２３",
        ):
            with self.subTest(password):
                self.assert_field_error(
                    self.change(password), "new_password", "password_has_context_word"
                )
        self.ok(self.change("the 4 0f clubs k runs"), 204)

    def test_short_words_are_refused_if_they_are_half_of_the_password(self) -> None:
        self.alice.profile.change(nickname="Zed", handle="k.2")
        self.alice.change(email="a.가@example.com")
        for password in (
            "zedzedzed1234",
            "Zed-zed 4567 zed",
            "kkkkkkk 12345",
            "가나가나가나가나가나",
        ):
            with self.subTest(password):
                self.assert_field_error(
                    self.change(password), "new_password", "password_has_context_word"
                )
        for password in (
            "zedzed 12345678",
            "seized zeds keep 4 a while",
            "가까운 강가의 나무 한 그루",
            "?!?!! ?!?!!!",
        ):
            with self.subTest(password):
                self.alice.replace_password(make_password(PASSWORD))
                client = Client(self.alice)
                body = {"password": PASSWORD, "new_password": password}
                self.ok(client.post("auth/password/change/", body), 204)

    def test_a_sign_up_and_a_reset_refuse_them_too(self) -> None:
        body = {"email": "dora.kim@example.com", "nickname": "Explorer", "handle": "jungle.map"}
        for password in ("explorer12345", "todomate1234", "junglemap 77", "xx dora kim xx"):
            answer = self.anonymous.post("auth/signup/", body | {"password": password})
            self.assert_field_error(answer, "password", "password_has_context_word")
