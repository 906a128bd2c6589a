"""Todos in JSON."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail

from accounts.cards import CardSerializer
from core import days
from core.fields import ClockField, DayField, FlagField, IdField, InstantField, NewIdField, StringField
from core.serializers import Serializer
from goals.models import Goal
from resources.relations import OwnField
from resources.serializers import OwnedSerializer
from todos.models import TODOS_PER_DAY, Todo

CLOCK_SKEW = timedelta(minutes=1)


class DoneAtField(InstantField):
    """When something was done: by the phone's clock, which may be a little ahead."""

    default_error_messages = {"in_future": _("This is in the future.")}

    def __init__(self, **kwargs: Any) -> None:
        text = "With is_done only, and not in the future; null or left out: now. What is done already keeps its time."
        options: dict[str, Any] = {"required": False, "allow_null": True, "help_text": text}
        super().__init__(**options | kwargs)

    def to_internal_value(self, value: Any) -> datetime:
        done_at = super().to_internal_value(value)
        if done_at > days.now() + CLOCK_SKEW:
            self.fail("in_future")
        return done_at


def check_done(attrs: Mapping[str, Any]) -> None:
    """Raise ValidationError for a `done_at` without `is_done`."""
    if attrs.get("done_at") and not attrs.get("is_done"):
        error = ErrorDetail(str(_("Only what is done has a time at which it was.")), code="not_done")
        raise serializers.ValidationError({"done_at": [error]})


def check_archived(values: Mapping[str, Any], names: tuple[str, ...]) -> None:
    """Raise ValidationError for what a todo in the archive cannot have."""
    error = ErrorDetail(str(_("A todo in the archive has no date, no time, and is not done.")), code="archived")
    if errors := {name: [error] for name in names if values.get(name)}:
        raise serializers.ValidationError(errors)


class TodoSerializer(OwnedSerializer[Todo]):
    """One thing to do on one date; without a date it is in the archive, which only its owner sees."""

    id = IdField(read_only=True)  # type: ignore[assignment]  # to be read; of version 5 where it came from an offer
    owner = CardSerializer(read_only=True)
    goal = OwnField(Goal, help_text="One of mine; it must be active to take the todo.")
    memo = StringField(required=False, allow_blank=True, max_length=2_000, trim_whitespace=False)
    date = DayField(required=False, allow_null=True, help_text="null puts it into the archive.")
    done_at = DoneAtField()
    quick_input = IdField(source="quick_input_id", read_only=True, allow_null=True)

    class Meta:
        model = Todo
        fields = (
            "id",
            "owner",
            "goal",
            "title",
            "memo",
            "date",
            "time",
            "position",
            "is_done",
            "done_at",
            "quick_input",
            "offered_on",
            "created_at",
            "updated_at",
        )
        read_only_fields = ("position", "offered_on")
        private_fields = ("memo", "position", "quick_input", "offered_on")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        archived = attrs.get("date", getattr(self.instance, "date", None)) is None
        if self.instance is not None:
            # Sent back as it was read: it asks for nothing, and must not stand in the way of what was changed.
            asks_nothing = ("done_at", "time", "is_done") if archived else ("done_at",)
            same = [n for n in asks_nothing if n in attrs and attrs[n] == getattr(self.instance, n)]
            attrs = {name: value for name, value in attrs.items() if name not in same}
        check_done(attrs)
        if archived:
            check_archived(attrs, ("time", "is_done"))
        return attrs

    def create(self, validated_data: dict[str, Any]) -> Todo:
        return Todo.add(**{"date": None} | validated_data)

    def update(self, instance: Todo, validated_data: dict[str, Any]) -> Todo:
        instance.edit(**validated_data)
        return instance


class NewTodoSerializer(TodoSerializer):
    """A todo as it is made: on a date."""

    id = NewIdField(required=False, help_text="Made by the client (UUIDv7), or here.")
    date = DayField()


class NewArchivedTodoSerializer(TodoSerializer):
    """A todo as it is made in the archive. What the archive takes away may be sent as what it is there."""

    id = NewIdField(required=False, help_text="Made by the client (UUIDv7), or here.")
    date = DayField(read_only=True, allow_null=True)
    time = ClockField(read_only=True, allow_null=True)
    is_done = FlagField(read_only=True)
    done_at = InstantField(read_only=True, allow_null=True)  # type: ignore[assignment]  # read, so what it takes is no matter

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, dict):  # ignored as any read-only field when null, but a date must not be lost in silence
            check_archived(data, ("date", "time", "is_done", "done_at"))
        return super().to_internal_value(data)


# Several at once


class IdsField(serializers.ListField):
    """Ids of todos, as many as a day can hold; one that is named twice counts once."""

    def __init__(self, **kwargs: Any) -> None:
        options: dict[str, Any] = {"child": IdField(), "max_length": TODOS_PER_DAY}
        super().__init__(**options | kwargs)


class TodoOrderSerializer(Serializer):
    """The order that a day's todos shall have."""

    date = DayField()
    ids = IdsField(help_text="Ids that are not on this date are skipped.")


class TodoMoveSerializer(Serializer):
    """Which todos go to which date, in this order."""

    ids = IdsField()
    date = DayField()


class MovedTodosSerializer(serializers.Serializer[Any]):
    """What became of each of the ids."""

    moved = TodoSerializer(many=True, read_only=True)
    unchanged = serializers.ListField(child=IdField(), read_only=True, help_text="They were on that date already.")
    missing = serializers.ListField(child=IdField(), read_only=True, help_text="Deleted ones, and none of mine.")


class TodoIdsSerializer(Serializer):
    """Which todos."""

    ids = IdsField()


class DeletedTodosSerializer(serializers.Serializer[Any]):
    """What became of each of the ids; the same when it is sent again."""

    deleted = serializers.ListField(child=IdField(), read_only=True, help_text="Now, or before.")
    missing = serializers.ListField(child=IdField(), read_only=True, help_text="None of mine.")
