"""Filters of the list of quick inputs, which are always the viewer's own."""

from datetime import date

from accounts.models import User, Weekday
from core.filters import ChoiceFilter, DayFilter, FilterSet, IdFilter
from todos.models import QuickInputQuerySet


class DateAndWeekdayFilter(DayFilter):
    """A date. The value is the date and its weekday."""

    def clean(self, text: str) -> tuple[date, Weekday]:
        day: date = super().clean(text)
        return day, list(Weekday)[day.weekday()]


class QuickInputFilterSet(FilterSet):
    goal = IdFilter(help_text="Only quick inputs of this goal.")
    weekday = ChoiceFilter(
        enum=Weekday, method="keep_weekday", help_text="Only quick inputs with this weekday."
    )
    active_on = DateAndWeekdayFilter(
        method="keep_active_on",
        help_text="Only quick inputs whose range and weekdays include this date, whatever their "
        "goal's state.",
    )

    @staticmethod
    def keep_weekday(
        rows: QuickInputQuerySet, viewer: User, weekday: Weekday
    ) -> QuickInputQuerySet:
        return rows.on_weekday(weekday)

    @staticmethod
    def keep_active_on(
        rows: QuickInputQuerySet, viewer: User, value: tuple[date, Weekday]
    ) -> QuickInputQuerySet:
        return rows.active_on(*value)
