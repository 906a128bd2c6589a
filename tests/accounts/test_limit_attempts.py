"""The rate limits of sign-in, sign-up, password reset and password checks."""

from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.test import override_settings

from accounts.credentials import rates
from accounts.credentials.passwords import reset_token
from accounts.models import Attempt, KnownNetwork, User
from core import clock
from tests.accounts.clock import later
from tests.base import PASSWORD, ApiTest, Client, RaceTest, needs_row_locks, person

WRONG = "wrong horse battery"


class AttemptsTest(ApiTest):
    def sign_in(self, email: str = "", password: str = WRONG, **headers: Any) -> Any:
        return Client().post(
            "auth/token/", {"email": email or self.alice.email, "password": password}, **headers
        )

    def assert_throttled(self, answer: Any, at_most: int) -> None:
        self.assert_problem(answer, 429, "throttled")
        assert 0 < int(answer["Retry-After"]) <= at_most

    def assert_times(self, times: int, at_most: int, attempt: Any, passes: int) -> None:
        """Assert that `attempt` is throttled after so many times, for `at_most` seconds.

        `passes` is the status of an attempt that is not throttled.
        """
        for _ in range(times):
            answer = attempt()
            assert answer.status_code == passes, (answer.status_code, answer.content)
        self.assert_throttled(attempt(), at_most)
        with later(timedelta(seconds=at_most + 1)):
            assert attempt().status_code == passes


class SignInAttemptsTest(AttemptsTest):
    def test_ten_sign_ins_per_email_and_address_in_ten_minutes(self) -> None:
        self.assert_times(10, 600, self.sign_in, 401)

    def test_a_throttled_sign_in_is_refused_with_the_right_password_too(self) -> None:
        for _ in range(10):
            self.sign_in()
        self.assert_throttled(self.sign_in(password=PASSWORD), 600)
        self.ok(self.sign_in(self.bob.email, PASSWORD))

    def test_retry_after_is_not_contradicted_by_a_quota(self) -> None:
        answers = [self.sign_in() for _ in range(11)]
        assert [answer.status_code for answer in answers] == [401] * 10 + [429]
        assert all("RateLimit" in answer for answer in answers[:10])
        assert "Retry-After" in answers[10]
        assert "RateLimit" not in answers[10]
        assert "RateLimit-Policy" not in answers[10]

    def test_a_throttled_sign_in_looks_up_no_account(self) -> None:
        for _ in range(10):
            self.sign_in()
        with self.assertNumQueries(3):  # the attempt in its savepoint; no account is looked up
            self.sign_in()

    def test_a_hundred_sign_ins_per_address_in_ten_minutes(self) -> None:
        emails = iter(f"nobody{n}@example.com" for n in range(1000))
        self.assert_times(100, 600, lambda: self.sign_in(next(emails)), 401)

    def test_fifty_sign_ins_per_email_in_an_hour(self) -> None:
        addresses = iter(f"192.0.2.{n}" for n in range(256))
        self.assert_times(50, 3600, lambda: self.sign_in(REMOTE_ADDR=next(addresses)), 401)

    def test_throttled_attempts_do_not_count_for_the_email(self) -> None:
        for _ in range(60):
            self.sign_in(REMOTE_ADDR="192.0.2.1")
        self.ok(self.sign_in(password=PASSWORD, REMOTE_ADDR="192.0.2.2"))

    def test_an_email_in_another_case_counts_as_the_same(self) -> None:
        for n in range(10):
            self.sign_in(self.alice.email.upper() if n % 2 else self.alice.email)
        self.assert_throttled(self.sign_in(), 600)

    def test_sign_up_with_an_existing_id_counts_as_sign_in(self) -> None:
        body = {
            "id": str(self.alice.uuid),
            "email": self.alice.email,
            "password": WRONG,
            "nickname": "x",
        }
        self.assert_times(10, 600, lambda: Client().post("auth/signup/", body), 409)

    def test_a_refused_attempt_writes_no_row(self) -> None:
        emails = iter(f"nobody{n}@example.com" for n in range(1000))
        for _ in range(100):
            self.sign_in(next(emails))
        before = list(Attempt.objects.order_by("pk").values_list())
        for _ in range(5):
            self.assert_throttled(self.sign_in(next(emails)), 600)
        assert list(Attempt.objects.order_by("pk").values_list()) == before

    def test_attempts_count_before_the_body_is_validated(self) -> None:
        for path, at_most, times, wrong in (
            ("auth/token/", 600, 100, {"x": 1}),
            ("auth/token/", 600, 10, {"email": "a@example.com", "x": 1}),
            ("auth/token/", 600, 100, [1]),
            ("auth/signup/", 3600, 30, {"x": 1}),
            ("auth/password/reset/", 3600, 30, {"email": 7}),
            ("auth/password/reset/", 3600, 3, {"email": "A@example.com", "x": 1}),
            ("auth/password/reset/confirm/", 3600, 30, {}),
        ):
            with self.subTest(path, wrong=wrong):
                Attempt.objects.all().delete()
                self.assert_times(times, at_most, partial(Client().post, path, wrong), 400)

    def test_a_body_that_is_no_json_counts_for_the_address(self) -> None:
        def attempt() -> Any:
            return Client().post("auth/token/", "{", content_type="application/json")

        self.assert_problem(attempt(), 400, "parse_error")
        self.assert_times(99, 600, attempt, 400)

    @override_settings(RATE_LIMITS=False)
    def test_rate_limits_can_be_switched_off(self) -> None:
        for _ in range(12):
            self.assert_problem(self.sign_in(), 401, "invalid_credentials")
        assert not Attempt.objects.exists()

    def test_emails_and_addresses_are_not_stored_in_plain_text(self) -> None:
        self.sign_in()
        keys = " ".join(Attempt.objects.values_list("key", flat=True))
        assert "@" not in keys
        assert "127.0.0.1" not in keys

    def test_keys_cannot_be_computed_without_the_secret_key(self) -> None:
        rate, keys = rates.SIGN_IN_BY_ADDRESS, set()
        for secret in ("one", "two"):
            with override_settings(SECRET_KEY=secret):
                keys |= {rates.key_of(rate, "127.0.0.1"), rates.network_of("127.0.0.1")}
        assert len(keys) == 4

    def test_a_clock_that_was_ahead_throttles_nobody_afterwards(self) -> None:
        with later(timedelta(days=1)):
            for _ in range(11):
                self.sign_in()
        self.assert_problem(self.sign_in(), 401, "invalid_credentials")


HOME, OFFICE, ELSEWHERE = "192.0.2.1", "192.0.2.2", "198.51.100.7"


class KnownNetworkTest(AttemptsTest):
    def exhaust_email(self) -> None:
        """Guess Alice's password from many addresses until nobody may guess any more."""
        for n in range(50):
            self.sign_in(REMOTE_ADDR=f"203.0.113.{n}")
        self.assert_throttled(self.sign_in(password=PASSWORD, REMOTE_ADDR=ELSEWHERE), 3600)

    def test_an_address_that_signed_in_before_is_not_kept_out_by_others(self) -> None:
        self.ok(self.sign_in(password=PASSWORD, REMOTE_ADDR=HOME))
        self.exhaust_email()
        self.ok(self.sign_in(password=PASSWORD, REMOTE_ADDR=HOME))
        for _ in range(8):
            self.assert_problem(self.sign_in(REMOTE_ADDR=HOME), 401, "invalid_credentials")
        self.assert_throttled(self.sign_in(REMOTE_ADDR=HOME), 600)

    def test_it_is_not_kept_out_by_guesses_at_others_from_the_same_address(self) -> None:
        self.ok(self.sign_in(password=PASSWORD, REMOTE_ADDR=HOME))
        for n in range(100):
            self.sign_in(f"nobody{n}@example.com", REMOTE_ADDR=HOME)
        self.assert_throttled(self.sign_in(self.bob.email, REMOTE_ADDR=HOME), 600)
        self.ok(self.sign_in(password=PASSWORD, REMOTE_ADDR=HOME))

    def test_others_cannot_use_up_the_mails_that_reset_a_password(self) -> None:
        def reset(address: str) -> Any:
            body = {"email": self.alice.email}
            return Client().post("auth/password/reset/", body, REMOTE_ADDR=address)

        self.ok(self.sign_in(password=PASSWORD, REMOTE_ADDR=HOME))
        for n in range(3):
            self.ok(reset(f"203.0.113.{n}"), 204)
        self.assert_throttled(reset(ELSEWHERE), 3600)
        for _ in range(3):
            self.ok(reset(HOME), 204)
        self.assert_throttled(reset(HOME), 3600)

    def test_it_stays_known_when_the_email_changes(self) -> None:
        self.ok(self.sign_in(password=PASSWORD, REMOTE_ADDR=HOME))
        self.alice.change(email="alice.new@example.com")
        self.exhaust_email()
        self.ok(self.sign_in(password=PASSWORD, REMOTE_ADDR=HOME))

    def test_a_wrong_password_and_a_sign_in_of_somebody_else_make_no_address_known(self) -> None:
        self.sign_in(REMOTE_ADDR=HOME)
        self.ok(self.sign_in(self.bob.email, PASSWORD, REMOTE_ADDR=HOME))
        self.exhaust_email()
        self.assert_throttled(self.sign_in(password=PASSWORD, REMOTE_ADDR=HOME), 3600)

    def test_an_address_is_known_after_a_sign_up_and_after_a_reset_by_mail(self) -> None:
        body = {"email": "dora@example.com", "password": PASSWORD, "nickname": "Dora"}
        self.ok(Client().post("auth/signup/", body, REMOTE_ADDR=HOME), 201)
        confirmed = {"token": reset_token(self.alice), "new_password": "another horse battery"}
        self.ok(Client().post("auth/password/reset/confirm/", confirmed, REMOTE_ADDR=OFFICE), 204)
        of_user = KnownNetwork.objects.values_list("user__email", "network")
        assert set(of_user) == {
            ("dora@example.com", rates.network_of(HOME)),
            (self.alice.email, rates.network_of(OFFICE)),
        }

    def test_it_is_written_once_a_day_and_the_fifty_newest_are_kept(self) -> None:
        for hours in (0, 1, 25):
            with later(timedelta(hours=hours)):
                self.ok(self.sign_in(password=PASSWORD, REMOTE_ADDR=HOME))
        row = KnownNetwork.objects.get()
        assert row.seen_at > clock.now() + timedelta(hours=24)
        for n in range(55):
            KnownNetwork.remember(self.alice, f"{n}", clock.now() + timedelta(hours=n))
        assert KnownNetwork.objects.count() == 50
        assert not KnownNetwork.objects.filter(network="5").exists()


class OtherAttemptsTest(AttemptsTest):
    def test_thirty_sign_ups_per_address_in_an_hour(self) -> None:
        emails = iter(f"nobody{n}@example.com" for n in range(100))

        def sign_up() -> Any:
            return Client().post(
                "auth/signup/", {"email": next(emails), "password": PASSWORD, "nickname": "x"}
            )

        self.assert_times(30, 3600, sign_up, 201)

    def test_three_resets_per_email_in_an_hour_whether_known_or_not(self) -> None:
        for email in (self.alice.email, "nobody@example.com"):
            self.assert_times(
                3,
                3600,
                lambda email=email: Client().post("auth/password/reset/", {"email": email}),
                204,
            )

    def test_thirty_resets_per_address_in_an_hour(self) -> None:
        emails = iter(f"nobody{n}@example.com" for n in range(100))
        self.assert_times(
            30, 3600, lambda: Client().post("auth/password/reset/", {"email": next(emails)}), 204
        )

    def test_thirty_reset_confirmations_per_address_in_an_hour(self) -> None:
        body = {"token": "x", "new_password": PASSWORD}
        self.assert_times(
            30, 3600, lambda: Client().post("auth/password/reset/confirm/", body), 400
        )

    def test_ten_password_checks_per_person_in_ten_minutes_over_all_endpoints(self) -> None:
        change = {"password": WRONG, "new_password": "another horse battery"}
        for _ in range(4):
            self.assert_field_error(
                self.as_alice.post("auth/password/change/", change), "password", "wrong_password"
            )
            self.assert_field_error(
                self.as_alice.post("me/delete/", {"password": WRONG}), "password", "wrong_password"
            )
        email = {"email": "new@example.com", "password": WRONG}
        for _ in range(2):
            self.assert_field_error(self.as_alice.patch("me/", email), "password", "wrong_password")
        self.assert_throttled(self.as_alice.post("auth/password/change/", change), 600)
        self.assert_throttled(self.as_alice.post("me/delete/", {"password": PASSWORD}), 600)
        self.assert_throttled(self.as_alice.patch("me/", email | {"password": PASSWORD}), 600)
        self.ok(self.as_alice.patch("me/", {"bio": "x"}))
        self.ok(self.as_bob.post("me/delete/", {"password": PASSWORD}), 204)


class AddressTest(AttemptsTest):
    def address(self, forwarded: str | None, remote: str = "10.0.0.1") -> str:
        class Request:
            META = {"REMOTE_ADDR": remote} | (
                {} if forwarded is None else {"HTTP_X_FORWARDED_FOR": forwarded}
            )

        return rates.client_address(Request())  # has all that is read of a request

    def test_the_client_address_is_the_one_that_the_last_trusted_proxy_reports(self) -> None:
        for proxies, forwarded, expected in (
            (0, None, "10.0.0.1"),
            (0, "192.0.2.1", "10.0.0.1"),
            (1, None, "10.0.0.1"),
            (1, "192.0.2.1", "192.0.2.1"),
            (1, "198.51.100.7, 192.0.2.1", "192.0.2.1"),
            (2, "198.51.100.7, 192.0.2.1, 203.0.113.5", "192.0.2.1"),
            (2, "203.0.113.5", "10.0.0.1"),
        ):
            with (
                self.subTest(proxies=proxies, forwarded=forwarded),
                override_settings(TRUSTED_PROXIES=proxies),
            ):
                assert self.address(forwarded) == expected

    def test_ipv6_addresses_of_one_64_network_are_one_client(self) -> None:
        assert self.address(None, "2001:db8:1:2:3::4") == self.address(None, "2001:db8:1:2:ffff::1")
        assert self.address(None, "2001:db8:1:2:3::4") != self.address(None, "2001:db8:1:3::4")
        assert self.address(None, "::ffff:192.0.2.1") == "192.0.2.1"
        assert self.address(None, "") == ""

    def test_a_forged_header_does_not_evade_the_limit(self) -> None:
        for proxies in (0, 1):
            with override_settings(TRUSTED_PROXIES=proxies):
                Attempt.objects.all().delete()
                forged = iter(f"198.51.100.{n}{', 192.0.2.1' * proxies}" for n in range(100))
                self.assert_times(
                    10,
                    600,
                    lambda forged=forged: self.sign_in(HTTP_X_FORWARDED_FOR=next(forged)),
                    401,
                )


@needs_row_locks
@pytest.mark.races
class AttemptsRaceTest(RaceTest):
    def test_of_sixteen_concurrent_sign_ins_exactly_ten_pass(self) -> None:
        body = {"email": self.alice.email, "password": WRONG}
        for _ in range(3):
            Attempt.objects.all().delete()
            answers = self.at_once(lambda _: Client().post("auth/token/", body))
            assert sorted(answer.status_code for answer in answers) == [401] * 10 + [429] * 6

    def test_concurrent_sign_ins_of_several_people_do_not_deadlock(self) -> None:
        people = [person(f"Fan{n}") for n in range(4)]
        answers = self.at_once(
            lambda n: Client().post(
                "auth/token/", {"email": people[n % 4].email, "password": PASSWORD}
            )
        )
        assert {answer.status_code for answer in answers} == {200}
        assert User.objects.count() == 7
