"""The operations of days and the calendar in the schema."""

from core.schema.operations import Operation, describe, describe_fields

describe(
    "days",
    {"date": "The date, from 1900-01-01 to 2199-12-31."},
    get_today=Operation("Read today", codes=("not_found",)),
    get_day=Operation("Read a day", codes=("not_found",), values={"date": "2030-01-07"}),
)

describe(
    "calendar",
    get_calendar=Operation("Read a month", codes=("not_found",), values={"month": "2030-01"}),
)

describe_fields(
    "Day",
    owner="The person whose day it is.",
    date="The date of the day.",
    diary="The diary of the date; null if there is none that the caller can see.",
)
describe_fields("DayGoal", todos="The goal's todos of the date, in order.")
describe_fields(
    "CheerCount",
    kind="Whether it is a todo or a diary that was cheered.",
    emoji="The emoji that was given.",
    count="The number of people who gave it.",
)
describe_fields(
    "MonthCalendar",
    owner="The person whose days these are.",
    date_from="The first date of the range.",
    date_to="The last date of the range.",
)
describe_fields(
    "CalendarDay",
    date="The date.",
    diary="The diary of the date; null if there is none that the caller can see.",
)
describe_fields(
    "GoalProgress",
    goal="The id of the goal.",
    done="The number of its todos on the date that are done.",
    total="The number of its todos on the date.",
)
describe_fields("DiaryMood", id="The id of the diary.", emoji="The mood; null if it is not set.")
