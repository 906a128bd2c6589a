"""Serializers of days and calendars, composed of the serializers of their rows."""

import calendar
from collections.abc import Iterable
from datetime import date
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail

from accounts.cards import CardSerializer
from alarms.serializers import AlarmSerializer
from core.fields import DayField, EmojiField, IdField, StringField
from core.ranges import RangeSerializer
from core.serializers import Serializer
from days.queries import Calendar, Day, Marks
from diaries.models import Diary
from diaries.serializers import DiarySerializer
from goals.serializers import GoalSerializer
from todos.models import Todo
from todos.quick_input_serializers import OfferSerializer
from todos.serializers import TodoSerializer

MONTH_PATTERN = r"^(19|20|21)[0-9]{2}-(0[1-9]|1[0-2])$"

# Query parameters


class OwnerQuerySerializer(Serializer):
    """The person whose days are read."""

    owner = IdField(required=False, help_text="The id of the owner. Defaults to the caller.")


@extend_schema_field({"type": "string", "pattern": MONTH_PATTERN, "examples": ["2026-03"]})
class MonthField(StringField):
    """YYYY-MM. The value is the first date of the month."""

    default_error_messages = {
        "not_a_month": _("The month must be from 1900-01 to 2199-12, in the format YYYY-MM.")
    }

    def to_internal_value(self, data: object) -> date:  # type: ignore[override]  # not a string
        try:
            return DayField().to_internal_value(f"{super().to_internal_value(data)}-01")
        except serializers.ValidationError:
            self.fail("not_a_month")


class CalendarQuerySerializer(OwnerQuerySerializer):
    """Either a month, or both dates of a range."""

    month = MonthField(required=False, help_text="A whole month, instead of date_from and date_to.")
    date_from = DayField(
        required=False, help_text="Requires date_to. Cannot be combined with month."
    )
    date_to = DayField(
        required=False, help_text="Must not be before date_from. The range must not exceed 62 days."
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        given = [name for name in ("date_from", "date_to") if name in attrs]
        if "month" in attrs:
            if given:
                text = _("Provide either month, or date_from and date_to, not both.")
                raise fields_error(given, text, "two_ways")
            first = attrs["month"]
            last = first.replace(day=calendar.monthrange(first.year, first.month)[1])
            return attrs | {"date_from": first, "date_to": last}
        if len(given) < 2:
            missing = {"date_from", "date_to"}.difference(given) if given else {"month"}
            text = _("Provide month, or date_from and date_to.")
            raise fields_error(missing, text, "required")
        return RangeSerializer().validate(attrs)


def fields_error(
    names: Iterable[str], text: str | Promise, code: str
) -> serializers.ValidationError:
    """Return a ValidationError with the same error for several parameters."""
    error = ErrorDetail(str(text), code=code)
    return serializers.ValidationError({name: [error] for name in names})


# Responses


class DayGoalSerializer(GoalSerializer):
    """A goal with its todos of the date."""

    todos = TodoSerializer(many=True, read_only=True)

    class Meta(GoalSerializer.Meta):
        fields = (*GoalSerializer.Meta.fields, "todos")  # type: ignore[assignment]  # one more


class CheerCountSerializer(serializers.Serializer[Any]):
    """The number of people who gave one emoji to one todo or diary."""

    kind = serializers.ChoiceField(choices=[Todo.kind, Diary.kind], read_only=True)
    id = IdField(read_only=True, help_text="The id of the todo or diary.")
    emoji = EmojiField(read_only=True)
    count = serializers.IntegerField(read_only=True, min_value=1)
    mine = serializers.BooleanField(read_only=True, help_text="Whether the caller is one of them.")


class DaySerializer(serializers.Serializer[Day]):
    """One day of one person, in the same shape for the caller and for other people."""

    owner = CardSerializer(read_only=True)
    date = DayField(read_only=True)
    today = DayField(read_only=True, help_text="The owner's current date.")
    goals = DayGoalSerializer(
        many=True,
        read_only=True,
        help_text="In order: all active goals, and other goals with a todo of the date.",
    )
    offers = OfferSerializer(
        many=True,
        read_only=True,
        help_text="By time, those without a time last. Empty for other people.",
    )
    diary = DiarySerializer(read_only=True, allow_null=True)
    alarms = AlarmSerializer(
        many=True, read_only=True, help_text="By time. Empty for other people."
    )
    cheers = CheerCountSerializer(
        many=True,
        read_only=True,
        help_text="Cheers on the date's todos and diary, most frequent first.",
    )

    def to_representation(self, instance: Day) -> dict[str, Any]:
        offers = OfferSerializer(instance.offers, many=True).data if instance.offers else []
        # days.queries returns everything else as it is shown.
        return vars(instance) | {"offers": offers}


class GoalMarkSerializer(serializers.Serializer[Any]):
    """The progress of a goal's todos on one date."""

    schema_name = "GoalProgress"

    goal = IdField(read_only=True)
    done = serializers.IntegerField(read_only=True, min_value=0)
    total = serializers.IntegerField(read_only=True, min_value=1)


class DiaryMarkSerializer(serializers.Serializer[Any]):
    """The diary of a date and its mood."""

    schema_name = "DiaryMood"

    id = IdField(read_only=True)
    emoji = EmojiField(read_only=True, allow_null=True)


class MarksSerializer(serializers.Serializer[Marks]):
    """One date of a calendar."""

    schema_name = "CalendarDay"

    date = DayField(read_only=True)
    goals = GoalMarkSerializer(
        many=True, read_only=True, help_text="In order. Offers are not counted."
    )
    diary = DiaryMarkSerializer(read_only=True, allow_null=True)
    cheers = serializers.IntegerField(
        read_only=True,
        min_value=0,
        help_text="Number of cheers on the date's todos and diary, from people the caller can see.",
    )


class CalendarSerializer(serializers.Serializer[Calendar]):
    """A range of one person's days."""

    schema_name = "MonthCalendar"

    owner = CardSerializer(read_only=True)
    date_from = DayField(read_only=True)
    date_to = DayField(read_only=True)
    days = MarksSerializer(
        many=True, read_only=True, help_text="By date. Dates without content are left out."
    )

    def to_representation(self, instance: Calendar) -> dict[str, Any]:
        # days.queries returns everything else as it is shown.
        return vars(instance) | {
            "owner": CardSerializer().to_representation(instance.owner),
            "days": [vars(marks) for marks in instance.days],
        }
