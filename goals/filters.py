"""Filters of the list of goals."""

from accounts.visibility import Visibility
from core.filters import WordFilter
from goals.models import Goal
from resources.filters import OwnerFilterSet


class GoalFilterSet(OwnerFilterSet):
    state = WordFilter(choices=Goal.State.choices)
    visibility = WordFilter(choices=Visibility.choices)

    class Meta:
        model = Goal
        fields: list[str] = []
