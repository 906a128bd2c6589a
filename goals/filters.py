"""Filters of the list of goals."""

from accounts.visibility import Visibility
from core.filters import ChoiceFilter
from goals.models import Goal
from resources.filters import OwnerFilterSet


class GoalFilterSet(OwnerFilterSet):
    state = ChoiceFilter(enum=Goal.State)
    visibility = ChoiceFilter(enum=Visibility)
