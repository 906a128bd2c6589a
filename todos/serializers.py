"""Serializers of todos."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail

from accounts.cards import CardSerializer
from core import clock
from core.exceptions import field_error
from core.fields import (
    ClockField,
    DayField,
    FlagField,
    IdField,
    InstantField,
    ListField,
    NewIdField,
    StringField,
)
from core.serializers import Serializer
from goals.models import Goal
from resources.relations import OwnField
from resources.serializers import OwnedSerializer
from todos.models import TODOS_PER_DAY, Todo
from todos.photos import TodoPhotoField


class DoneAtField(InstantField):
    """The time at which a todo was done.

    A time in the future counts as now, however far ahead the clock of a client is: what somebody
    has done must not be refused for it.
    """

    # It is `is_done: false` that clears the time.
    null_is_left_out: ClassVar[bool] = True

    def __init__(self, **kwargs: Any) -> None:
        text = (
            "The time at which it was done. A time in the future counts as now. Requires is_done. "
            "Defaults to now. A todo that is already done keeps its time; with is_done: false it "
            "is ignored."
        )
        options: dict[str, Any] = {"required": False, "allow_null": True, "help_text": text}
        super().__init__(**options | kwargs)

    def parse(self, value: object) -> datetime:
        done_at = super().parse(value)
        # The server's own clock may have been ahead, too.
        is_kept = done_at == getattr(getattr(self.parent, "instance", None), "done_at", None)
        return done_at if is_kept else min(done_at, clock.now())


def check_done(attrs: dict[str, Any], *, is_done: bool = False) -> None:
    """Remove a `done_at` that is sent with `is_done: false`. Raise ValidationError without either.

    A client unchecks a todo by a whole row, whose time may differ from the one that is stored: it
    was in the future, or another device came first. `is_done` tells whether the todo is done
    already, and so keeps its time.
    """
    if attrs.get("is_done") is False:
        attrs.pop("done_at", None)
    if attrs.get("done_at") and not attrs.get("is_done", is_done):
        raise field_error(
            "done_at", _("Only what is done has the time at which it was done."), "not_done"
        )


def check_archived(values: Mapping[str, Any], names: tuple[str, ...]) -> None:
    """Raise ValidationError for those of the named fields that an archived todo cannot have."""
    error = ErrorDetail(
        str(_("An archived todo cannot have a date or a time, and cannot be done.")),
        code="archived",
    )
    if errors := {name: [error] for name in names if values.get(name)}:
        raise serializers.ValidationError(errors)


class TodoSerializer(OwnedSerializer[Todo]):
    """A task for one date. Without a date it is in the archive, which only its owner can see."""

    # Read only; of version 5 if the todo came from an offer.
    id = IdField(read_only=True)  # type: ignore[assignment]  # NewIdField in the base
    owner = CardSerializer(read_only=True)
    goal = OwnField(Goal, help_text="A goal of the caller. It must be active to receive the todo.")
    memo = StringField(required=False, allow_blank=True, max_length=2_000, trim_whitespace=False)
    date = DayField(
        required=False, allow_null=True, help_text="null moves the todo to the archive."
    )
    done_at = DoneAtField()
    quick_input = IdField(source="quick_input_id", read_only=True, allow_null=True)
    photo = TodoPhotoField(
        required=False, allow_null=True, help_text="Its photo; null removes and deletes it."
    )

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
            "photo",
            "created_at",
            "updated_at",
        )
        read_only_fields = ("position", "offered_on")
        private_fields = ("memo", "position", "quick_input", "offered_on")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        check_done(attrs, is_done=getattr(self.instance, "is_done", False))
        archived = attrs.get("date", getattr(self.instance, "date", None)) is None
        if self.instance is not None:
            # Clients may send fields back as they read them. Those that the update makes invalid
            # are ignored if they have not changed.
            names = ("time", "is_done") if archived else ()
            attrs = {
                name: value
                for name, value in attrs.items()
                if name not in names or value != getattr(self.instance, name)
            }
        if archived:
            check_archived(attrs, ("time", "is_done"))
        return attrs

    def create(self, validated_data: dict[str, Any]) -> Todo:
        return Todo.add(**{"date": None} | validated_data)

    def update(self, instance: Todo, validated_data: dict[str, Any]) -> Todo:
        instance.edit(**validated_data)
        return instance


class NewTodoSerializer(TodoSerializer):
    """A new todo on a date."""

    id = NewIdField(
        required=False, help_text="A UUIDv7 from the client. The server creates one if omitted."
    )
    date = DayField()


class NewArchivedTodoSerializer(TodoSerializer):
    """A new todo in the archive.

    Fields that an archived todo cannot have may be sent as null or false.
    """

    id = NewIdField(
        required=False, help_text="A UUIDv7 from the client. The server creates one if omitted."
    )
    date = DayField(read_only=True, allow_null=True)
    time = ClockField(read_only=True, allow_null=True)
    is_done = FlagField(read_only=True)
    done_at = InstantField(read_only=True, allow_null=True)  # type: ignore[assignment]  # as `id`

    def to_internal_value(self, data: object) -> Any:
        # Read-only fields are ignored, but a value that would be lost must be an error.
        if isinstance(data, dict):
            names = ("date", "time", "is_done")
            check_archived(data, names if data.get("is_done") is False else (*names, "done_at"))
        return super().to_internal_value(data)


# Several todos at once


class IdsField(ListField):
    """Ids of todos, at most as many as a day can hold. Repeated ids count once."""

    def __init__(self, **kwargs: Any) -> None:
        options: dict[str, Any] = {"child": IdField(), "max_length": TODOS_PER_DAY}
        super().__init__(**options | kwargs)


class TodoOrderSerializer(Serializer):
    """The new order of a date's todos."""

    date = DayField()
    ids = IdsField(help_text="Ids that are not on this date are skipped.")


class TodoMoveSerializer(Serializer):
    """The todos to move, in order, and their new date."""

    ids = IdsField()
    date = DayField()


class MovedTodosSerializer(serializers.Serializer[Any]):
    """The result for each id."""

    moved = TodoSerializer(many=True, read_only=True)
    unchanged = serializers.ListField(
        child=IdField(), read_only=True, help_text="Todos that were already on the date."
    )
    missing = serializers.ListField(
        child=IdField(),
        read_only=True,
        help_text="Ids of deleted todos, and of no todo of the caller.",
    )


class TodoIdsSerializer(Serializer):
    """The todos to delete."""

    ids = IdsField()


class DeletedTodosSerializer(serializers.Serializer[Any]):
    """The result for each id. Repeating the request gives the same result."""

    deleted = serializers.ListField(
        child=IdField(), read_only=True, help_text="Todos deleted by this or an earlier request."
    )
    missing = serializers.ListField(
        child=IdField(), read_only=True, help_text="Ids of no todo of the caller."
    )
