"""Serializers of quick inputs and their offers."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts.models import Weekday
from core.exceptions import field_error
from core.fields import ChoiceField, ClockField, DayField, FlagField, IdField, ListField
from core.serializers import Serializer
from goals.models import Goal
from resources.relations import OwnField
from resources.serializers import OwnedSerializer
from todos.models import QuickInput
from todos.recurrence import WEEKDAYS
from todos.serializers import DoneAtField, check_done


@extend_schema_field(
    {
        "type": "array",
        "items": {"$ref": "#/components/schemas/Weekday"},
        "minItems": 1,
        "maxItems": len(WEEKDAYS),
        "uniqueItems": True,
        "description": "In any order. Returned from Monday to Sunday.",
        "examples": [["mon", "wed", "fri"]],
    }
)
class WeekdaysField(ListField):
    """The weekdays of a quick input: at least one, and each at most once."""

    default_error_messages = {"repeated": _("A weekday was given more than once.")}

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            child=ChoiceField(choices=Weekday.choices),
            allow_empty=False,
            max_length=len(WEEKDAYS),
            **kwargs,
        )

    def to_internal_value(self, data: list[str]) -> list[str]:
        weekdays = super().to_internal_value(data)
        if len(set(weekdays)) < len(weekdays):
            self.fail("repeated")
        return sorted(weekdays, key=WEEKDAYS.index)


class QuickInputSerializer(OwnedSerializer[QuickInput]):
    """A template that offers a todo on its weekdays, within its range of dates."""

    goal = OwnField(
        Goal, help_text="A goal of the caller. While it is not active, there are no offers."
    )
    weekdays = WeekdaysField()
    starts_on = DayField(required=False, help_text="Defaults to today.")
    ends_on = DayField(
        required=False, allow_null=True, help_text="The last date. null means no end."
    )

    class Meta:
        model = QuickInput
        fields = (
            "id",
            "goal",
            "title",
            "weekdays",
            "time",
            "starts_on",
            "ends_on",
            "created_at",
            "updated_at",
        )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        today = self.context["request"].user.today
        starts_on = attrs.get("starts_on", getattr(self.instance, "starts_on", today))
        ends_on = attrs.get("ends_on", getattr(self.instance, "ends_on", None))
        if ends_on is not None and ends_on < starts_on:
            raise field_error("ends_on", _("This date is before starts_on."), "out_of_order")
        return attrs

    def create(self, validated_data: dict[str, Any]) -> QuickInput:
        return QuickInput.add(**validated_data)

    def update(self, instance: QuickInput, validated_data: dict[str, Any]) -> QuickInput:
        instance.change(**validated_data)
        return instance


class ActivationSerializer(Serializer):
    """Initial values of the todo. If it already exists, `is_done: true` checks it."""

    schema_name = "OfferActivation"

    is_done = FlagField(required=False)
    done_at = DoneAtField()
    time = ClockField(
        required=False, allow_null=True, help_text="Defaults to the quick input's time."
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        check_done(attrs)
        return attrs


class OfferSerializer(Serializer):
    """A todo offered by a quick input. Once activated, it has the id `todo_id`."""

    quick_input = IdField(source="quick_input_id", read_only=True)
    date = DayField(read_only=True)
    todo_id = IdField(read_only=True)
    goal = IdField(source="goal_id", read_only=True)
    title = serializers.CharField(read_only=True)
    time = ClockField(read_only=True, allow_null=True)


class OfferListSerializer(serializers.Serializer[Any]):
    """The offers of a range of dates, always on one page."""

    schema_name = "OfferPage"

    next = serializers.CharField(read_only=True, allow_null=True, help_text="Always null.")
    previous = serializers.CharField(read_only=True, allow_null=True, help_text="Always null.")
    next_cursor = serializers.CharField(read_only=True, allow_null=True, help_text="Always null.")
    previous_cursor = serializers.CharField(
        read_only=True, allow_null=True, help_text="Always null."
    )
    results = OfferSerializer(many=True, read_only=True)
