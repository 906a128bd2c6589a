"""Filters of the list of goals."""

from accounts.visibility import Visibility
from core.filters import ChoiceFilter
from goals.models import Goal
from resources.filters import OwnerFilterSet


class GoalFilterSet(OwnerFilterSet):
    state = ChoiceFilter(enum=Goal.State, help_text="Only goals in this state.")
    visibility = ChoiceFilter(enum=Visibility, help_text="Only goals with this visibility.")
