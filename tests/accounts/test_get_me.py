"""GET me/"""

from datetime import UTC, datetime

from tests.accounts.clock import clock_at
from tests.base import ApiTest, person


class GetMeTest(ApiTest):
    def test_me_shows_the_account_and_the_profile(self) -> None:
        me = self.ok(self.as_alice.get("me/"))
        assert me == {
            "id": str(self.alice.uuid),
            "email": self.alice.email,
            "email_verified": False,
            "pending_email": None,
            "handle": self.alice.profile.handle,
            "nickname": "Alice",
            "bio": "",
            "avatar": None,
            "timezone": "Asia/Seoul",
            "day_starts_at": 0,
            "week_starts_on": "mon",
            "locale": "ko",
            "is_private": False,
            "is_searchable": True,
            "is_open": False,
            "followers_count": 1,
            "following_count": 0,
            "today": str(self.alice.today),
            "pending_requests": 0,
            "created_at": self.alice.created_at.isoformat().replace("+00:00", "Z"),
        }

    def test_pending_requests_are_counted_without_inactive_people(self) -> None:
        self.alice.profile.change(is_private=True)
        dora = person("Dora")
        for asks in (self.charlie, dora):
            asks.follow(self.alice)
        dora.change(is_active=False)
        me = self.ok(self.as_alice.get("me/"))
        assert (me["pending_requests"], me["followers_count"]) == (1, 1)

    def test_today_follows_the_timezone_and_the_start_of_the_day(self) -> None:
        self.alice.profile.change(timezone="America/New_York", day_starts_at=4)
        with clock_at(
            datetime(2026, 3, 8, 7, 30, tzinfo=UTC)
        ):  # 03:30 in New York, where 02:00 has just become 03:00
            assert self.ok(self.as_alice.get("me/"))["today"] == "2026-03-07"
        with clock_at(datetime(2026, 3, 8, 8, 0, tzinfo=UTC)):
            assert self.ok(self.as_alice.get("me/"))["today"] == "2026-03-08"

    def test_one_follower_and_many_cost_the_same_queries(self) -> None:
        for count in (1, 20):
            for n in range(count):
                person(f"Fan{count}x{n}").follow(self.alice)
            with self.assertNumQueries(
                3
            ):  # the session with its user and profile; the counts; the requests
                self.ok(self.as_alice.get("me/"))
