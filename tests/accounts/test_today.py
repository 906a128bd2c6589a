"""The date of today of a person, from their timezone and the hour at which their day starts."""

import itertools
import zoneinfo
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from alarms.models import Alarm
from core.clock import today_in
from tests.accounts.clock import clock_at
from tests.base import ApiTest

# Zone → local time at noon of 21 June 2026 in UTC.
ZONES = {
    "Pacific/Pago_Pago": "2026-06-21 01:00",
    "Pacific/Honolulu": "2026-06-21 02:00",
    "America/Los_Angeles": "2026-06-21 05:00",
    "America/New_York": "2026-06-21 08:00",
    "America/St_Johns": "2026-06-21 09:30",
    "America/Sao_Paulo": "2026-06-21 09:00",
    "UTC": "2026-06-21 12:00",
    "Europe/Paris": "2026-06-21 14:00",
    "Asia/Kathmandu": "2026-06-21 17:45",
    "Asia/Seoul": "2026-06-21 21:00",
    "Pacific/Chatham": "2026-06-22 00:45",
    "Pacific/Kiritimati": "2026-06-22 02:00",
}
NOON = datetime(2026, 6, 21, 12, tzinfo=UTC)

# Dates with a clock change: (zone, day_starts_at, instant in UTC, expected date).
CLOCK_CHANGES = [
    # New York, 8 March 2026: 02:00 becomes 03:00 (07:00 UTC)
    ("America/New_York", 0, "2026-03-08 04:59:59", "2026-03-07"),
    ("America/New_York", 0, "2026-03-08 05:00:00", "2026-03-08"),
    ("America/New_York", 2, "2026-03-08 06:59:59", "2026-03-07"),
    ("America/New_York", 2, "2026-03-08 07:00:00", "2026-03-08"),
    ("America/New_York", 3, "2026-03-08 07:00:00", "2026-03-08"),
    ("America/New_York", 4, "2026-03-08 07:59:59", "2026-03-07"),
    ("America/New_York", 4, "2026-03-08 08:00:00", "2026-03-08"),
    # New York, 1 November 2026: 02:00 becomes 01:00 (06:00 UTC)
    ("America/New_York", 0, "2026-11-01 03:59:59", "2026-10-31"),
    ("America/New_York", 0, "2026-11-01 04:00:00", "2026-11-01"),
    ("America/New_York", 2, "2026-11-01 05:59:59", "2026-10-31"),  # 01:59:59, the first time
    ("America/New_York", 2, "2026-11-01 06:30:00", "2026-10-31"),  # 01:30, the second time
    ("America/New_York", 2, "2026-11-01 07:00:00", "2026-11-01"),
    # Sydney, 5 April 2026: 03:00 becomes 02:00 (16:00 UTC of the 4th);
    # 4 October: 02:00 becomes 03:00
    ("Australia/Sydney", 3, "2026-04-04 16:30:00", "2026-04-04"),
    ("Australia/Sydney", 3, "2026-04-04 17:00:00", "2026-04-05"),
    ("Australia/Sydney", 3, "2026-10-03 15:59:59", "2026-10-03"),
    ("Australia/Sydney", 3, "2026-10-03 16:00:00", "2026-10-04"),
    # Cairo, 24 April 2026: midnight becomes 01:00 (23 April, 22:00 UTC);
    # 30 October: midnight becomes 23:00
    ("Africa/Cairo", 0, "2026-04-23 21:59:59", "2026-04-23"),
    ("Africa/Cairo", 0, "2026-04-23 22:00:00", "2026-04-24"),
    ("Africa/Cairo", 0, "2026-10-29 20:59:59", "2026-10-29"),
    (
        "Africa/Cairo",
        0,
        "2026-10-29 21:30:00",
        "2026-10-29",
    ),  # 23:30, the second time: still the 29th
    ("Africa/Cairo", 0, "2026-10-29 22:00:00", "2026-10-30"),
    # Chatham, 5 April 2026: 03:45 becomes 02:45 (14:00 UTC of the 4th)
    ("Pacific/Chatham", 3, "2026-04-04 13:14:59", "2026-04-04"),
    ("Pacific/Chatham", 3, "2026-04-04 13:15:00", "2026-04-05"),
    ("Pacific/Chatham", 3, "2026-04-04 14:00:00", "2026-04-05"),  # 02:45, the second time
    ("Pacific/Chatham", 4, "2026-04-04 14:15:00", "2026-04-04"),
    # Troll, 25 October 2026: 03:00 becomes 01:00 (01:00 UTC)
    ("Antarctica/Troll", 2, "2026-10-24 23:59:59", "2026-10-24"),
    ("Antarctica/Troll", 2, "2026-10-25 00:00:00", "2026-10-25"),
    ("Antarctica/Troll", 2, "2026-10-25 01:00:00", "2026-10-25"),  # 01:00, the second time
    ("Antarctica/Troll", 3, "2026-10-25 01:00:00", "2026-10-24"),  # 03:00 has not been yet
    # Santiago, 5 April 2026: midnight becomes 23:00 (03:00 UTC)
    ("America/Santiago", 0, "2026-04-05 02:59:59", "2026-04-04"),
    ("America/Santiago", 0, "2026-04-05 03:00:00", "2026-04-04"),
    ("America/Santiago", 0, "2026-04-05 04:00:00", "2026-04-05"),
    # Samoa had no 30 December 2011
    ("Pacific/Apia", 0, "2011-12-30 09:59:59", "2011-12-29"),
    ("Pacific/Apia", 0, "2011-12-30 10:00:00", "2011-12-31"),
]


def changes_of_all_zones(first_year: int, last_year: int) -> Iterator[tuple[str, datetime]]:
    """Yield the instants at which clocks are changed, once for all zones with the same change."""
    start, end = datetime(first_year, 1, 1, tzinfo=UTC), datetime(last_year + 1, 1, 1, tzinfo=UTC)
    week = timedelta(days=7)
    edges = [start + n * week for n in range((end - start) // week + 2)]
    seen = set()
    for zone in sorted(zoneinfo.available_timezones()):
        place = ZoneInfo(zone)
        offsets = [edge.astimezone(place).utcoffset() for edge in edges]
        for n, (before, after) in enumerate(itertools.pairwise(offsets)):
            if before != after:
                change = change_within(place, edges[n], edges[n + 1])
                if (key := (change, before, after)) not in seen:
                    seen.add(key)
                    yield zone, change


def change_within(place: ZoneInfo, first: datetime, last: datetime) -> datetime:
    """Return the instant between the two at which the offset of the place changes."""
    before = first.astimezone(place).utcoffset()
    while (span := last - first) > timedelta(seconds=1):
        middle = first + timedelta(seconds=span // timedelta(seconds=2))
        if middle.astimezone(place).utcoffset() == before:
            first = middle
        else:
            last = middle
    return last


class TodayTest(ApiTest):
    def live_in(self, zone: str, day_starts_at: int = 0) -> None:
        self.alice.profile.change(timezone=zone, day_starts_at=day_starts_at)

    def test_today_follows_from_the_zone_and_the_hour_at_which_the_day_starts(self) -> None:
        for zone, local in ZONES.items():
            wall_clock = datetime.fromisoformat(local)
            for hour in range(7):
                expected = wall_clock.date() - timedelta(days=1 if wall_clock.hour < hour else 0)
                with self.subTest(zone=zone, hour=hour), clock_at(NOON):
                    self.live_in(zone, hour)
                    assert today_in(zone, hour, NOON) == self.alice.today == expected

    def test_a_clock_change_does_not_shift_the_start_of_a_day(self) -> None:
        for zone, hour, instant, expected in CLOCK_CHANGES:
            with self.subTest(zone=zone, hour=hour, instant=instant):
                now = datetime.fromisoformat(f"{instant}+00:00")
                assert today_in(zone, hour, now) == date.fromisoformat(expected)

    def test_today_never_goes_back_and_skips_no_date(self) -> None:
        seasons = [(datetime(2026, 3, 1, tzinfo=UTC), 70), (datetime(2026, 9, 20, tzinfo=UTC), 50)]
        for zone, hour in itertools.product(ZONES, (0, 2, 3, 6)):
            for start, length in seasons:
                days = [
                    today_in(zone, hour, start + timedelta(minutes=30 * step))
                    for step in range(48 * length)
                ]
                steps = {(after - before).days for before, after in itertools.pairwise(days)}
                assert steps == {0, 1}, (zone, hour)

    def test_no_clock_change_of_any_zone_repeats_a_day(self) -> None:
        quarters = [timedelta(minutes=15 * n) for n in range(-8, 17)]
        instants = sorted([*quarters, timedelta(seconds=-1), timedelta(seconds=1)])
        for zone, change in changes_of_all_zones(2020, 2037):
            for hour in range(7):
                days = [today_in(zone, hour, change + after) for after in instants]
                assert days == sorted(days), (zone, hour, change)
                assert days[-1] - days[0] <= timedelta(days=1), (zone, hour, change)

    def test_me_answers_today_by_the_servers_clock(self) -> None:
        for zone, local in ZONES.items():
            self.live_in(zone)
            with clock_at(NOON):
                assert self.ok(self.as_alice.get("me/"), 200)["today"] == local[:10]

    def test_an_alarm_keeps_its_local_time_in_every_zone_and_after_clock_changes(self) -> None:
        alarm = Alarm.add(self.alice, time=time(2, 30))  # an hour that some nights do not have
        for zone in (*ZONES, "Australia/Sydney"):
            self.live_in(zone)
            for instant in (
                "2026-03-08 07:00",
                "2026-11-01 06:00",
                "2026-04-04 16:00",
                "2026-10-03 16:00",
            ):
                with clock_at(datetime.fromisoformat(f"{instant}+00:00")):
                    assert self.ok(self.as_alice.get(f"alarms/{alarm.pk}/"))["time"] == "02:30"

    def test_an_unknown_zone_counts_as_utc(self) -> None:
        self.alice.profile.change(timezone="Nowhere/Land")
        with clock_at(NOON):
            assert self.alice.today == date(2026, 6, 21)
