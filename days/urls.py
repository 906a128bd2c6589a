"""URLs of days and calendars, below /api/v1/."""

from django.urls import path

import core.converters  # noqa: F401  # registers <day:…>
from days.views import CalendarView, DayView, TodayView

urlpatterns = [
    path("days/today/", TodayView.as_view()),
    path("days/<day:date>/", DayView.as_view()),
    path("calendar/", CalendarView.as_view()),
]
