"""The current instant, and the current date of a person."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

FIRST_DAY = date(1900, 1, 1)
LAST_DAY = date(2199, 12, 31)


def today_in(timezone: str, day_starts_at: int, now: datetime) -> date:
    """Return a person's current date at the instant `now`.

    `timezone` is an IANA name. `day_starts_at` is the local hour, from 0 to 6, at which the
    person's day starts: if it is 4, then 02:30 still belongs to the previous date. The arithmetic
    is on local time, so a change to or from summer time does not move the start of the day.
    """
    wall_clock = now.astimezone(ZoneInfo(timezone)).replace(tzinfo=None)
    return (wall_clock - timedelta(hours=day_starts_at)).date()


def now() -> datetime:
    """Return the current instant in UTC."""
    return datetime.now(UTC)
