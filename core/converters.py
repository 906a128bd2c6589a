"""Path converters for dates and ids in URLs."""

from datetime import date
from uuid import UUID

from django.urls import register_converter

from core.clock import FIRST_DAY, LAST_DAY


class DayConverter:
    """Convert an ISO 8601 date. A date that is invalid or out of range does not match the path."""

    regex = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"

    def to_python(self, value: str) -> date:
        day = date.fromisoformat(value)
        if not FIRST_DAY <= day <= LAST_DAY:
            raise ValueError(value)
        return day

    def to_url(self, value: date) -> str:
        return value.isoformat()


class IdConverter:
    """Convert a UUID in upper or lower case.

    Some phones write ids in capitals, and the rows they create must be found by these.
    """

    regex = "[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}"

    def to_python(self, value: str) -> UUID:
        return UUID(value)

    def to_url(self, value: UUID | str) -> str:
        return str(value)


register_converter(DayConverter, "day")
register_converter(IdConverter, "id")
