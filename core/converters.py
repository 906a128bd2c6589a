"""Parts of a path."""

from datetime import date
from uuid import UUID

from django.urls import register_converter

from core.days import FIRST_DAY, LAST_DAY


class DayConverter:
    """A date as the API writes it; a date that is none, or out of range, is a path that is not there."""

    regex = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"

    def to_python(self, value: str) -> date:
        day = date.fromisoformat(value)
        if not FIRST_DAY <= day <= LAST_DAY:
            raise ValueError(value)
        return day

    def to_url(self, value: date) -> str:
        return value.isoformat()


class IdConverter:
    """A UUID in either case: some phones write theirs in capitals, and what was made by one must be found by it."""

    regex = "[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}"

    def to_python(self, value: str) -> UUID:
        return UUID(value)

    def to_url(self, value: UUID | str) -> str:
        return str(value)


register_converter(DayConverter, "day")
register_converter(IdConverter, "id")
