"""Filters of the list of quick inputs: always mine, so there is no `owner`."""

from datetime import date

from accounts.models import Weekday
from core.filters import DayFilter, FilterSet, IdFilter, WordFilter
from todos.models import QuickInput, QuickInputQuerySet


class QuickInputFilterSet(FilterSet):
    goal = IdFilter()
    weekday = WordFilter(
        choices=Weekday.choices, method="keep_weekday", help_text="Only quick inputs with this weekday."
    )
    active_on = DayFilter(
        method="keep_active_on",
        help_text="Only quick inputs whose range and weekdays include this date, whatever their goal's state.",
    )

    class Meta:
        model = QuickInput
        fields: list[str] = []

    def keep_weekday(self, queryset: QuickInputQuerySet, name: str, value: str) -> QuickInputQuerySet:
        return queryset.on_weekday(value)

    def keep_active_on(self, queryset: QuickInputQuerySet, name: str, value: date) -> QuickInputQuerySet:
        return queryset.active_on(value)
