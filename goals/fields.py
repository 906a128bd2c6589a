"""How what belongs to a goal names it."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from goals.models import Goal
from todomate.api.fields import IdField


class MyGoalField(serializers.PrimaryKeyRelatedField[Goal]):
    """The id of a goal of the caller's; anyone else's is one that does not exist."""

    default_error_messages = {"does_not_exist": _("This is no goal of yours.")}

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"pk_field": IdField()} | kwargs)

    def get_queryset(self) -> Any:
        return Goal.objects.of(self.context["request"].user)
