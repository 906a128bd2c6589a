"""Announcement of what v1 will lose: the headers Deprecation (RFC 9745) and Sunset (RFC 8594)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cached_property

from django.utils.http import http_date

NOTICE = timedelta(days=183)  # half a year, at least


@dataclass(frozen=True)
class Deprecation:
    """An operation that is removed, or loses something, on the day `sunset` at the earliest.

    `since` is the day of the release that announces it, and `instead` an English sentence for the
    schema that says what to use. Raise ValueError if there is less than half a year between.
    """

    since: date
    sunset: date
    instead: str

    def __post_init__(self) -> None:
        if self.sunset - self.since < NOTICE:
            raise ValueError(f"{self.sunset} is less than half a year after {self.since}")

    @cached_property
    def headers(self) -> Mapping[str, str]:
        """Return the headers of each answer of the operation."""
        return {
            "Deprecation": f"@{_seconds(self.since)}",
            "Sunset": http_date(_seconds(self.sunset)),
        }

    @property
    def note(self) -> str:
        """Return the sentences that the schema has about it."""
        return f"Deprecated since {self.since}; removed on {self.sunset} or later. {self.instead}"


def _seconds(day: date) -> int:
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp())
