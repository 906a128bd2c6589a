"""Dates and instants as people live them."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

FIRST_DAY = date(1900, 1, 1)
LAST_DAY = date(2199, 12, 31)


def today_in(timezone: str, day_starts_at: int, now: datetime) -> date:
    """The date somebody lives in at the instant `now`.

    `timezone` is an IANA name, `day_starts_at` the hour (0 to 6) of their wall clock at which their day begins: at
    02:30 with a day that starts at 4 it is still yesterday. Wall-clock arithmetic, so that a night of 23 or 25 hours
    moves nothing.
    """
    wall_clock = now.astimezone(ZoneInfo(timezone)).replace(tzinfo=None)
    return (wall_clock - timedelta(hours=day_starts_at)).date()


def now() -> datetime:
    """This instant, in UTC."""
    return datetime.now(UTC)
