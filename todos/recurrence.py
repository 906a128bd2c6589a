"""Recurrence: pure functions that compute the dates on which a quick input offers a todo."""

from collections.abc import Collection, Iterator
from datetime import date, timedelta

# The weekdays of quick inputs in the API, in the order of date.weekday().
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def falls_on(day: date, weekdays: Collection[str], starts_on: date, ends_on: date | None) -> bool:
    """Return whether `day` is in the range, which includes both ends, and has one of the weekdays.

    A range without an end is unlimited.
    """
    return (
        starts_on <= day
        and (ends_on is None or day <= ends_on)
        and WEEKDAYS[day.weekday()] in weekdays
    )


def dates_between(
    first: date, last: date, weekdays: Collection[str], starts_on: date, ends_on: date | None
) -> Iterator[date]:
    """Yield the dates from `first` to `last` (inclusive) for which `falls_on` is true, in order."""
    for number in range((last - first).days + 1):
        day = first + timedelta(days=number)
        if falls_on(day, weekdays, starts_on, ends_on):
            yield day
