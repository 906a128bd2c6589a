"""How what belongs to a goal names it."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from accounts.models import User
from goals.models import Goal
from todomate.api.fields import IdField
from todomate.api.ready import ready


class MyGoalField(serializers.PrimaryKeyRelatedField[Goal]):
    """The id of a goal of the caller's; anyone else's is one that does not exist."""

    default_error_messages = {"does_not_exist": _("You have no goal with this id.")}

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"pk_field": IdField()} | kwargs)

    def get_queryset(self) -> Any:
        return Goal.objects.none()  # my_goal finds it

    def to_internal_value(self, data: Any) -> Goal:
        pk = IdField().to_internal_value(data)
        goal: Goal | None = my_goal.first(self.context["request"].user, pk)
        if goal is None:
            self.fail("does_not_exist", pk_value=data)
        return goal


@ready(Goal)
def my_goal(owner: User, pk: UUID) -> QuerySet[Goal]:
    goals: QuerySet[Goal] = Goal.objects.of(owner).filter(pk=pk)
    return goals
