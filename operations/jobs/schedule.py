"""When a night begins. Knows no Django: the process that waits for it is small."""

from datetime import datetime, timedelta


def night_of(now: datetime, hour: int) -> datetime:
    """The instant at which the night that `now` is in began: the last time that it was `hour` in UTC."""
    begins = now.replace(hour=hour, minute=0, second=0, microsecond=0)
    return begins if begins <= now else begins - timedelta(days=1)


def next_night(now: datetime, hour: int) -> datetime:
    return night_of(now, hour) + timedelta(days=1)
