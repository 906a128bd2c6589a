"""Serializers of goals."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from accounts.cards import CardSerializer
from core.fields import ColorField, IdField, ListField
from core.serializers import Serializer
from goals.models import GOALS_PER_PERSON, Goal
from resources.serializers import (
    VIEWERS_IN_ALL,
    OwnedSerializer,
    ViewersField,
    require_room_for_viewers,
    set_viewers,
)


class GoalSerializer(OwnedSerializer[Goal]):
    """A coloured group of todos, with their visibility.

    `viewers` and `position` are null for everyone but the owner.
    """

    ignored_fields = ("todos",)  # of `days/`

    owner = CardSerializer(read_only=True)
    color = ColorField(required=False)
    viewers = ViewersField(
        required=False, help_text="The followers who can see it while its visibility is `selected`."
    )

    class Meta:
        model = Goal
        fields = (
            "id",
            "owner",
            "title",
            "color",
            "visibility",
            "viewers",
            "position",
            "state",
            "created_at",
            "updated_at",
        )
        read_only_fields = ("position",)
        private_fields = ("viewers", "position")

    def create(self, validated_data: dict[str, Any]) -> Goal:
        viewers = validated_data.pop("viewers", [])
        goal = Goal.add(**validated_data)
        require_room_for_viewers(goal, len(viewers), VIEWERS_IN_ALL)
        goal.viewers.set(viewers)
        return goal

    def update(self, instance: Goal, validated_data: dict[str, Any]) -> Goal:
        viewers = validated_data.pop("viewers", None)
        instance.change(**validated_data)
        set_viewers(instance, viewers, in_all=VIEWERS_IN_ALL)
        return instance


class GoalOrderSerializer(Serializer):
    """The new order of goals."""

    ids = ListField(
        child=IdField(),
        max_length=GOALS_PER_PERSON,
        help_text=_("Ids that do not exist are skipped."),
    )
