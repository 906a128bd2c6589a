"""GET days/today/"""

import datetime as dt

from tests.base import Client, person
from tests.days.base import DaysTest, titles

# Zones without clock changes, so that "now" and the offset give the date: name, offset in hours.
ZONES = [
    ("Pacific/Kiritimati", 14),
    ("Pacific/Apia", 13),
    ("Australia/Brisbane", 10),
    ("Asia/Seoul", 9),
    ("Asia/Kathmandu", 5.75),
    ("Asia/Kolkata", 5.5),
    ("Asia/Tehran", 3.5),
    ("Africa/Lagos", 1),
    ("UTC", 0),
    ("America/Sao_Paulo", -3),
    ("America/Phoenix", -7),
    ("Pacific/Marquesas", -9.5),
    ("Pacific/Pago_Pago", -11),
]


def date_at(offset: float, day_starts_at: int) -> str:
    return (dt.datetime.now(dt.UTC) + dt.timedelta(hours=offset - day_starts_at)).date().isoformat()


class GetTodayTest(DaysTest):
    def test_today_follows_the_zone_and_the_hour_at_which_the_day_starts(self) -> None:
        for zone, offset in ZONES:
            for hour in (0, 6):
                with self.subTest(zone=zone, day_starts_at=hour):
                    self.alice.profile.change(timezone=zone, day_starts_at=hour)
                    before = date_at(offset, hour)
                    day = self.read(self.as_alice, "days/today/")
                    assert day["date"] == day["today"]
                    assert day["date"] in (
                        before,
                        date_at(offset, hour),
                    )  # midnight may pass in between

    def test_today_is_the_owners_date_not_the_viewers(self) -> None:
        # The zones are 25 hours apart, so the dates always differ.
        east, west = (
            person("East", timezone="Pacific/Kiritimati"),
            person("West", timezone="Pacific/Pago_Pago"),
        )
        for viewer, owner in ((east, west), (west, east)):
            before = owner.today.isoformat()
            day = self.read(Client(viewer), "days/today/", owner=owner)
            assert day["date"] in (before, owner.today.isoformat())
            assert day["date"] == day["today"] != viewer.today.isoformat()

    def test_today_answers_the_same_as_the_day_of_that_date(self) -> None:
        self.todo(self.goal(), "today's", self.alice.today)
        day = self.read(self.as_alice, "days/today/")
        assert titles(day) == {"Health": ["today's"]}
        assert day == self.read(self.as_alice, f"days/{day['date']}/")

    def test_every_day_has_the_date_of_today(self) -> None:
        day = self.read(self.as_bob, owner=self.alice)
        assert day["date"] == "2026-03-02"
        assert day["today"] == self.alice.today.isoformat()
