"""Serializer fields that take one form only, the one the schema states: "12" is no number, 1 is no truth value."""

import re
import uuid
import zoneinfo
from datetime import UTC, date, datetime, time
from functools import cache
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from core.days import FIRST_DAY, LAST_DAY
from core.emojis import MAX_LENGTH, one_emoji
from core.model_fields import BinaryUUIDField

UUID_PATTERN = r"^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$"
UUID7_PATTERN = r"^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$"
DATE_PATTERN = r"^(19|20|21)[0-9]{2}-[0-9]{2}-[0-9]{2}$"
TIME_PATTERN = r"^([01][0-9]|2[0-3]):[0-5][0-9]$"
COLOR_PATTERN = r"^#[0-9A-Fa-f]{6}$"
# Without NUL, which is refused; and not blank, as spaces at both ends are cut.
ANY_TEXT_PATTERN = r"^[^\u0000]*$"
SOME_TEXT_PATTERN = r"^[^\u0000]*[^\s\u0000][^\u0000]*$"


class StringField(serializers.CharField):
    """A JSON string; numbers are not turned into texts."""

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        return super().to_internal_value(data)


class FlagField(serializers.BooleanField):
    """true or false, nothing that looks like it."""

    def to_internal_value(self, data: Any) -> bool:
        if not isinstance(data, bool):
            self.fail("invalid", input=data)
        return data


class WholeNumberField(serializers.IntegerField):
    """A JSON number without a fraction."""

    def to_internal_value(self, data: Any) -> int:
        whole = isinstance(data, int) or (isinstance(data, float) and data.is_integer())
        if isinstance(data, bool) or not whole:
            self.fail("invalid")
        return int(data)


@extend_schema_field({"type": "string", "format": "uuid", "pattern": UUID_PATTERN})
class IdField(serializers.Field[uuid.UUID, Any, str, Any]):
    """The id of something, as a UUID in its usual spelling. It refers; whether it exists is asked elsewhere."""

    default_error_messages = {"invalid": _("Must be a valid UUID.")}

    def to_internal_value(self, data: Any) -> uuid.UUID:
        if not isinstance(data, str) or not re.fullmatch(UUID_PATTERN, data.lower()):
            self.fail("invalid")
        return uuid.UUID(data)

    def to_representation(self, value: Any) -> str:
        return str(value)

    def driver_converter(self, column: models.Field, connection: Any) -> Any:
        """Skip the UUID between the driver's value and its text (for fastlists)."""
        return text_of_id if isinstance(column, BinaryUUIDField) else NotImplemented


def text_of_id(value: bytes | str) -> str:
    """Return a UUID in its usual spelling, given in the form in which a database stores it."""
    text = value.hex() if isinstance(value, bytes) else value
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


@extend_schema_field({"type": "string", "format": "uuid", "pattern": UUID7_PATTERN})
class NewIdField(IdField):
    """The id that a client made for what it creates: version 7. Its time is never used."""

    default_error_messages = {"version": _("The id must be a version 7 UUID.")}

    def to_internal_value(self, data: Any) -> uuid.UUID:
        value = super().to_internal_value(data)
        if value.version != 7:  # None for another variant than that of RFC 9562
            self.fail("version")
        return value


@extend_schema_field({"type": "string", "format": "date", "pattern": DATE_PATTERN})
class DayField(serializers.DateField):
    """YYYY-MM-DD from 1900-01-01 to 2199-12-31."""

    default_error_messages = {"out_of_range": _("The date must be from 1900-01-01 to 2199-12-31.")}

    def to_internal_value(self, value: Any) -> date:
        try:
            if not isinstance(value, str) or not re.fullmatch(
                r"\d{4}-\d{2}-\d{2}", value, re.ASCII
            ):
                raise ValueError
            day = date.fromisoformat(value)
        except ValueError:
            self.fail("invalid", format="YYYY-MM-DD")
        if not FIRST_DAY <= day <= LAST_DAY:
            self.fail("out_of_range")
        return day

    def driver_converter(self, column: models.Field, connection: Any) -> Any:
        """Leave a date to the renderer (for fastlists)."""
        return None if column.get_internal_type() == "DateField" else NotImplemented


@extend_schema_field({"type": "string", "pattern": TIME_PATTERN, "examples": ["09:30"]})
class ClockField(serializers.TimeField):
    """HH:MM, local."""

    def to_internal_value(self, value: Any) -> time:
        if not isinstance(value, str) or not re.fullmatch(TIME_PATTERN, value, re.ASCII):
            self.fail("invalid", format="HH:MM")
        return time(int(value[:2]), int(value[3:]))

    def driver_converter(self, column: models.Field, connection: Any) -> Any:
        """Format a time without asking for the settings' format (for fastlists)."""
        return text_of_time if column.get_internal_type() == "TimeField" else NotImplemented


def text_of_time(value: time) -> str:
    return value.isoformat("minutes")


class InstantField(serializers.DateTimeField):
    """RFC 3339 with an offset, answered in UTC with Z."""

    timezone = UTC
    default_error_messages = {"out_of_range": _("The date must be from 1900-01-01 to 2199-12-31.")}

    def to_internal_value(self, value: Any) -> datetime:
        pattern = r"\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}(\.\d+)?([Zz]|[+-]\d{2}:\d{2})"
        try:
            if not isinstance(value, str) or not re.fullmatch(pattern, value, re.ASCII):
                raise ValueError
            # Fractions beyond the microsecond are cut, not refused.
            instant = datetime.fromisoformat(
                re.sub(r"(\.\d{6})\d+", r"\1", value).upper()
            ).astimezone(UTC)
        except (ValueError, OverflowError):
            self.fail("invalid", format="YYYY-MM-DDThh:mm:ssZ")
        if not FIRST_DAY <= instant.date() <= LAST_DAY:
            self.fail("out_of_range")
        return instant

    def driver_converter(self, column: models.Field, connection: Any) -> Any:
        """Leave an instant, which drivers give in UTC, to the renderer (for fastlists)."""
        return None if column.get_internal_type() == "DateTimeField" else NotImplemented


@extend_schema_field(
    {"type": "string", "minLength": 1, "maxLength": MAX_LENGTH, "examples": ["🍣", "👍🏽", "❤️"]}
)
class EmojiField(StringField):
    """Exactly one emoji, kept in its fully-qualified form."""

    default_error_messages = {"not_one_emoji": _("This must be exactly one emoji.")}

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"max_length": MAX_LENGTH} | kwargs)

    def to_internal_value(self, data: Any) -> str:
        emoji = one_emoji(super().to_internal_value(data))
        if emoji is None:
            self.fail("not_one_emoji")
        return emoji


@extend_schema_field({"type": "string", "pattern": COLOR_PATTERN, "examples": ["#FF8800"]})
class ColorField(StringField):
    """#RRGGBB, kept in capitals."""

    default_error_messages = {"not_a_color": _("The colour must be in the format #RRGGBB.")}

    def to_internal_value(self, data: Any) -> str:
        value = super().to_internal_value(data)
        if not re.fullmatch(COLOR_PATTERN, value, re.ASCII):
            self.fail("not_a_color")
        return value.upper()


@cache
def timezones() -> list[str]:
    """The IANA names that are places or UTC, sorted."""
    return sorted(name for name in zoneinfo.available_timezones() if "/" in name or name == "UTC")


class TimezoneField(serializers.ChoiceField):
    """An IANA time zone name."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"choices": timezones()} | kwargs)
