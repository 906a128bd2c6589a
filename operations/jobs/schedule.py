"""Compute when a night begins. Without Django: the process that waits for it must be small."""

from datetime import datetime, timedelta


def night_of(now: datetime, hour: int) -> datetime:
    """Return the beginning of the current night: the last time it was `hour` o'clock in UTC."""
    begin = now.replace(hour=hour, minute=0, second=0, microsecond=0)
    return begin if begin <= now else begin - timedelta(days=1)


def next_night(now: datetime, hour: int) -> datetime:
    """Return the beginning of the next night."""
    return night_of(now, hour) + timedelta(days=1)
