"""Which dates a quick input offers: pure functions on dates."""

from collections.abc import Collection, Iterator
from datetime import date, timedelta

# The words of a quick input's weekdays, in the order of date.weekday().
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def falls_on(day: date, weekdays: Collection[str], starts_on: date, ends_on: date | None) -> bool:
    """Whether a template for `weekdays` offers something on `day`; both ends count, no end is for ever."""
    return (
        starts_on <= day
        and (ends_on is None or day <= ends_on)
        and WEEKDAYS[day.weekday()] in weekdays
    )


def dates_between(
    first: date, last: date, weekdays: Collection[str], starts_on: date, ends_on: date | None
) -> Iterator[date]:
    """The dates from `first` to `last`, both counted, on which it offers something, in order."""
    for number in range((last - first).days + 1):
        day = first + timedelta(days=number)
        if falls_on(day, weekdays, starts_on, ends_on):
            yield day
