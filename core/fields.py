"""Serializer fields that accept exactly the form in the schema: not "12" for 12, nor 1 for true."""

import re
import uuid
import zoneinfo
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, time
from functools import cache
from operator import attrgetter
from typing import Any, ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from core.clock import FIRST_DAY, LAST_DAY
from core.emojis import MAX_LENGTH, one_emoji
from core.lines import FORBIDDEN, shows_something
from core.model_fields import BinaryUUIDField

UUID_PATTERN = r"^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$"
UUID7_PATTERN = r"^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$"
# Requests may have the digits of a UUID in upper case, as in Swift and C#; answers never do.
PATTERNS_OF_REQUESTS = {
    pattern: pattern.replace("a-f", "A-Fa-f").replace("89ab", "89ABab")
    for pattern in (UUID_PATTERN, UUID7_PATTERN)
}
DATE_PATTERN = r"^(19|20|21)[0-9]{2}-[0-9]{2}-[0-9]{2}$"
TIME_PATTERN = r"^([01][0-9]|2[0-3]):[0-5][0-9]$"
COLOR_PATTERN = r"^#[0-9A-Fa-f]{6}$"
# Spaces at both ends are removed, so a text of spaces only is blank. NUL is refused everywhere, but
# no pattern says so: some languages cannot compile one with NUL in it.
SOME_TEXT_PATTERN = r"^\s*\S[\s\S]*$"


class StringField(serializers.CharField):
    """A JSON string. Numbers are not converted to strings."""

    def run_validation(self, data: Any = serializers.empty) -> Any:
        """Refuse other types first: DRF converts them to a string to see whether it is blank."""
        if not (data is None or data is serializers.empty or isinstance(data, str)):
            self.fail("invalid")
        return super().run_validation(data)

    def to_internal_value(self, data: object) -> str:
        """Check the type and the length, before subclasses look at the characters."""
        if not isinstance(data, str):
            self.fail("invalid")
        text = super().to_internal_value(data)
        if self.max_length is not None and len(text) > self.max_length:
            self.fail("max_length", max_length=self.max_length)
        return text


class ChoiceField(serializers.ChoiceField):
    """One of a few strings.

    DRF converts any value to a string, lists of lists too, and repeats it in the error.
    """

    LONGEST = 50  # characters

    def to_internal_value(self, data: object) -> Any:
        if not isinstance(data, str):
            text = str(_("This must be a text, and one of those that the schema lists."))
            raise serializers.ValidationError(text, code="invalid_choice")
        if len(data) > self.LONGEST:
            self.fail("invalid_choice", input=data[: self.LONGEST])
        return super().to_internal_value(data)


class ListField(serializers.ListField):
    """A list of at most `max_length` items. Its length is checked before any of its items."""

    # DRF's own message names types of Python.
    default_error_messages = {"not_a_list": _("The value must be a list.")}
    # An empty list is how one says that there is nothing, so null says nothing.
    null_is_left_out: ClassVar[bool] = True

    def __init__(self, *, max_length: int, **kwargs: Any) -> None:
        super().__init__(max_length=max_length, **kwargs)
        self.most = max_length

    def to_internal_value(self, data: Any) -> list[Any]:
        if isinstance(data, list) and len(data) > self.most:
            self.fail("max_length", max_length=self.most)
        return super().to_internal_value(data)


class ClearField(ListField):
    """The names of fields that an update sets to null, for clients that cannot send null."""

    def __init__(self, names: Sequence[str], **kwargs: Any) -> None:
        text = "Fields to clear: the same as null for each, for clients that cannot send null."
        options: dict[str, Any] = {"required": False, "write_only": True, "help_text": text}
        child = ChoiceField(choices=names)
        super().__init__(child=child, max_length=len(names), **options | kwargs)


@extend_schema_field({"type": "array", "items": {"type": "string"}, "maxItems": 0})
class NothingToClearField(ListField):
    """The field `clear` of an update without fields that can be null: an empty list."""

    def __init__(self, **kwargs: Any) -> None:
        text = "Empty: no field of this can be cleared. It is for clients that always send a list."
        options: dict[str, Any] = {"required": False, "write_only": True, "help_text": text}
        super().__init__(child=StringField(), max_length=0, **options | kwargs)


def stored_value(field: serializers.Field) -> Any:
    """Return what the row that is being changed has in this field; None while one is created.

    A client may send back what it has read, even if nobody could write it any more.
    """
    instance = getattr(field.parent, "instance", None)
    return None if instance is None else field.get_attribute(instance)


class LineField(StringField):
    """A text of one line that shows something, such as a title."""

    default_error_messages = {
        "not_one_line": _("This must be one line, without control characters."),
        "shows_nothing": _("This has no character that can be seen."),
    }

    def to_internal_value(self, data: object) -> str:
        text = super().to_internal_value(data)
        if FORBIDDEN.search(text):
            error = "not_one_line"
        elif not shows_something(text):
            error = "shows_nothing"
        else:
            return text
        if text != stored_value(self):
            self.fail(error)
        return text


class FlagField(serializers.BooleanField):
    """true or false, and no other value that is truthy or falsy."""

    def to_internal_value(self, data: object) -> bool:
        if not isinstance(data, bool):
            self.fail("invalid", input=data)
        return data


class WholeNumberField(serializers.IntegerField):
    """A JSON number without a fraction."""

    def to_internal_value(self, data: object) -> int:
        if isinstance(data, bool) or not isinstance(data, int | float):
            self.fail("invalid")
        if isinstance(data, float) and not data.is_integer():
            self.fail("invalid")
        return int(data)


class NumberField(serializers.FloatField):
    """A JSON number."""

    def to_internal_value(self, data: object) -> float:
        if isinstance(data, bool) or not isinstance(data, int | float):
            self.fail("invalid")
        try:
            return float(data)
        except OverflowError:  # an integer of more than 308 digits
            self.fail("invalid")


@extend_schema_field({"type": "string", "format": "uuid", "pattern": UUID_PATTERN})
class IdField(serializers.Field[uuid.UUID, Any, str, Any]):
    """A UUID in canonical form. The field does not check that a row with this id exists."""

    default_error_messages = {"invalid": _("Must be a valid UUID.")}

    def to_internal_value(self, data: object) -> uuid.UUID:
        if not isinstance(data, str) or not re.fullmatch(UUID_PATTERN, data.lower()):
            self.fail("invalid")
        return uuid.UUID(data)

    def to_representation(self, value: object) -> str:
        return str(value)

    def driver_converter(self, column: models.Field, connection: object) -> Any:
        """Convert the driver's value to text without creating a UUID (for fastlists)."""
        return text_of_id if isinstance(column, BinaryUUIDField) else NotImplemented


def text_of_id(value: bytes | str | uuid.UUID) -> str:
    """Return the canonical form of a UUID that is given as a database's driver gives it."""
    if isinstance(value, uuid.UUID):
        return str(value)
    text = value.hex() if isinstance(value, bytes) else value
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


@extend_schema_field({"type": "string", "format": "uuid", "pattern": UUID7_PATTERN})
class NewIdField(IdField):
    """The id that a client generated for a new row: a UUID of version 7. Its time is not used."""

    default_error_messages = {"version": _("The id must be a version 7 UUID.")}

    def to_internal_value(self, data: object) -> uuid.UUID:
        value = super().to_internal_value(data)
        if value.version != 7:  # None if the variant is not that of RFC 9562
            self.fail("version")
        return value


@extend_schema_field({"type": "string", "format": "date", "pattern": DATE_PATTERN})
class DayField(serializers.DateField):
    """YYYY-MM-DD from 1900-01-01 to 2199-12-31."""

    default_error_messages = {"out_of_range": _("The date must be from 1900-01-01 to 2199-12-31.")}

    def to_internal_value(self, value: object) -> date:
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

    def driver_converter(self, column: models.Field, connection: object) -> Any:
        """Leave dates to the renderer (for fastlists)."""
        return None if column.get_internal_type() == "DateField" else NotImplemented


@extend_schema_field({"type": "string", "pattern": TIME_PATTERN, "examples": ["09:30"]})
class ClockField(serializers.TimeField):
    """HH:MM in local time."""

    def to_internal_value(self, value: object) -> time:
        if not isinstance(value, str) or not re.fullmatch(TIME_PATTERN, value, re.ASCII):
            self.fail("invalid", format="HH:MM")
        return time(int(value[:2]), int(value[3:]))

    def driver_converter(self, column: models.Field, connection: object) -> Any:
        """Format times without looking up the format in the settings (for fastlists)."""
        return text_of_time if column.get_internal_type() == "TimeField" else NotImplemented


def text_of_time(value: time) -> str:
    return value.isoformat("minutes")


@extend_schema_field(
    {"type": "string", "format": "date-time", "examples": ["2026-03-02T09:30:00.000000Z"]}
)
class InstantField(serializers.DateTimeField):
    """RFC 3339 with an offset. Responses are in UTC, with six digits of the second and Z."""

    timezone = UTC
    default_error_messages = {"out_of_range": _("The date must be from 1900-01-01 to 2199-12-31.")}

    def to_internal_value(self, value: object) -> datetime:
        instant = self.parse(value)
        if not FIRST_DAY <= instant.date() <= LAST_DAY:
            self.fail("out_of_range")
        return instant

    def parse(self, value: object) -> datetime:
        """Return the instant in UTC, of any year. Raise ValidationError.

        What Python cannot convert is the first or the last instant that it has.
        """
        pattern = r"\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}(\.\d+)?([Zz]|[+-]\d{2}:\d{2})"
        try:
            if not isinstance(value, str) or not re.fullmatch(pattern, value, re.ASCII):
                raise ValueError
            # Digits after the microseconds are dropped, not refused.
            text = re.sub(r"(\.\d{6})\d+", r"\1", value).upper()
            instant = datetime.fromisoformat(text)
        except ValueError:
            self.fail("invalid", format="YYYY-MM-DDThh:mm:ssZ")
        try:
            return instant.astimezone(UTC)
        except OverflowError:  # in the year 0 or 10000 there
            first, last = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)
            return first if instant.year == 1 else last

    def to_representation(self, value: datetime) -> Any:  # an instant, for the renderer
        return with_six_digits(value)

    def driver_converter(self, column: models.Field, connection: object) -> Any:
        """Leave instants, which drivers return in UTC, to the renderer (for fastlists)."""
        is_instant = column.get_internal_type() == "DateTimeField"
        return with_six_digits if is_instant else NotImplemented


class SixDigits:
    """Return what is rendered with six digits of the second, as parsers may expect one form.

    It is the value itself but for whole seconds, of which the renderer leaves out the zeros.
    """

    _microsecond = attrgetter("microsecond")

    def __call__(self, value: datetime) -> datetime | str:
        if value.microsecond:
            return value
        naive = value if value.tzinfo is None else value.astimezone(UTC).replace(tzinfo=None)
        return f"{naive.isoformat(timespec='microseconds')}Z"

    def is_needed(self, values: Iterable[datetime | None]) -> bool:
        """Return whether one of a column's values is a whole second (for fastlists)."""
        return 0 in map(self._microsecond, filter(None, values))


with_six_digits = SixDigits()


@extend_schema_field(
    {"type": "string", "minLength": 1, "maxLength": MAX_LENGTH, "examples": ["🍣", "👍🏽", "❤️"]}
)
class EmojiField(StringField):
    """Exactly one emoji, stored in its fully-qualified form."""

    default_error_messages = {"not_one_emoji": _("This must be exactly one emoji.")}

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"max_length": MAX_LENGTH} | kwargs)

    def to_internal_value(self, data: object) -> str:
        emoji = one_emoji(super().to_internal_value(data))
        if emoji is None:
            self.fail("not_one_emoji")
        return emoji


@extend_schema_field({"type": "string", "pattern": COLOR_PATTERN, "examples": ["#FF8800"]})
class ColorField(StringField):
    """#RRGGBB, stored in upper case."""

    default_error_messages = {"not_a_color": _("The colour must be in the format #RRGGBB.")}

    def to_internal_value(self, data: object) -> str:
        value = super().to_internal_value(data)
        if not re.fullmatch(COLOR_PATTERN, value, re.ASCII):
            self.fail("not_a_color")
        return value.upper()


@cache
def timezones() -> list[str]:
    """Return the sorted names that IANA knows: places, UTC, and aliases such as Japan and CET."""
    return sorted(zoneinfo.available_timezones() - {"Factory", "localtime"})


@cache
def _timezones_in_any_case() -> dict[str, str]:
    return {name.casefold(): name for name in timezones()}


# No enum: it would have 550 values, and each release of IANA adds some.
@extend_schema_field({"type": "string", "examples": ["Asia/Seoul"]})
class TimezoneField(ChoiceField):
    """An IANA time zone name."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"choices": timezones()} | kwargs)

    def to_internal_value(self, data: Any) -> str:
        if isinstance(data, str) and data and data == stored_value(self):
            return data
        name: str = super().to_internal_value(data)
        return name


@extend_schema_field({"type": "string", "examples": ["Asia/Seoul"]})
class LenientTimezoneField(serializers.Field[str | None, Any, str, Any]):
    """A time zone name, or any other value, which stands for the default zone.

    For a sign-up, which must not fail because a phone knows a zone that this server does not. The
    answer has the zone that was taken.
    """

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"required": False, "allow_null": True} | kwargs)

    def to_internal_value(self, data: object) -> str | None:
        """Return the zone, or None for the default one."""
        return (
            _timezones_in_any_case().get(data.strip().casefold()) if isinstance(data, str) else None
        )
