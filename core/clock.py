"""The current instant, and the current date of a person."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

FIRST_DAY = date(1900, 1, 1)
LAST_DAY = date(2199, 12, 31)


def today_in(timezone: str, day_starts_at: int, now: datetime) -> date:
    """Return a person's current date at the instant `now`.

    `timezone` is an IANA name. `day_starts_at` is the local hour, from 0 to 6, at which the
    person's day starts: if it is 4, then 02:30 still belongs to the previous date. The arithmetic
    is on local time, so a change to or from summer time does not move the start of the day. A day
    whose start comes twice, because clocks go back over it, starts the first time: the date never
    goes back.
    """
    local = now.astimezone(ZoneInfo(timezone))
    today = (local.replace(tzinfo=None) - timedelta(hours=day_starts_at)).date()
    if local.fold and _has_begun(today + timedelta(days=1), day_starts_at, local):
        return today + timedelta(days=1)
    return today


def _has_begun(day: date, starts_at: int, local: datetime) -> bool:
    """Return whether `day` began before the clock went back to the hour that `local` is in.

    The time at which it starts then comes twice, or the second time is still to come.
    """
    start = datetime.combine(day, time(starts_at), local.tzinfo)
    # Instants in UTC, since times of one zone are compared by their wall clocks.
    first, second = start.astimezone(UTC), start.replace(fold=1).astimezone(UTC)
    return first < second and first <= local.astimezone(UTC)


def now() -> datetime:
    """Return the current instant in UTC."""
    return datetime.now(UTC)
