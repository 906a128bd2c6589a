"""The dates on which a quick input falls."""

from datetime import date, timedelta
from itertools import pairwise
from unittest import TestCase

from hypothesis import given, settings
from hypothesis import strategies as st

from todos.recurrence import WEEKDAYS, dates_between, falls_on

MONDAY = date(2026, 3, 2)
WEEK = [MONDAY + timedelta(days=number) for number in range(7)]
DAYS = st.dates(date(2026, 1, 1), date(2026, 6, 30))
SOME_WEEKDAYS = st.sets(st.sampled_from(WEEKDAYS), min_size=1)


class FallsOnTest(TestCase):
    def test_each_weekday_falls_on_its_own_day_of_the_week(self) -> None:
        for weekday, day in zip(
            ("mon", "tue", "wed", "thu", "fri", "sat", "sun"), WEEK, strict=True
        ):
            assert [other for other in WEEK if falls_on(other, [weekday], MONDAY, None)] == [day]

    def test_the_names_of_weekdays_are_those_of_the_calendar(self) -> None:
        assert [day.strftime("%a").lower() for day in WEEK] == list(WEEKDAYS)
        assert falls_on(date(2000, 2, 29), ["tue"], date(1900, 1, 1), None)
        assert falls_on(date(1900, 1, 1), ["mon"], date(1900, 1, 1), None)
        assert falls_on(date(2199, 12, 31), ["tue"], date(1900, 1, 1), date(2199, 12, 31))

    def test_several_weekdays_fall_on_each_of_them(self) -> None:
        assert [d for d in WEEK if falls_on(d, ["sun", "mon"], MONDAY, None)] == [WEEK[0], WEEK[6]]
        assert all(falls_on(d, WEEKDAYS, MONDAY, None) for d in WEEK)
        assert not any(falls_on(d, [], MONDAY, None) for d in WEEK)

    def test_the_start_is_included_and_earlier_dates_are_not(self) -> None:
        assert [d for d in WEEK if falls_on(d, WEEKDAYS, WEEK[2], None)] == WEEK[2:]

    def test_the_end_is_included_and_later_dates_are_not(self) -> None:
        assert [d for d in WEEK if falls_on(d, WEEKDAYS, MONDAY, WEEK[4])] == WEEK[:5]
        assert [d for d in WEEK if falls_on(d, WEEKDAYS, WEEK[3], WEEK[3])] == [WEEK[3]]

    def test_a_quick_input_without_an_end_never_ends(self) -> None:
        assert falls_on(date(2199, 12, 30), ["mon"], MONDAY, None)
        assert not falls_on(date(2199, 12, 30), ["mon"], MONDAY, date(2199, 12, 29))


class DatesBetweenTest(TestCase):
    def test_both_ends_of_the_range_are_included(self) -> None:
        assert list(dates_between(WEEK[1], WEEK[4], WEEKDAYS, MONDAY, None)) == WEEK[1:5]
        assert list(dates_between(MONDAY, MONDAY, ["mon"], MONDAY, MONDAY)) == [MONDAY]

    def test_only_chosen_weekdays_are_included_in_order(self) -> None:
        found = list(
            dates_between(MONDAY, MONDAY + timedelta(days=13), ["wed", "mon"], MONDAY, None)
        )
        assert found == [MONDAY + timedelta(days=number) for number in (0, 2, 7, 9)]

    def test_only_dates_between_start_and_end_are_included(self) -> None:
        first, last = MONDAY - timedelta(days=30), MONDAY + timedelta(days=30)
        assert list(dates_between(first, last, WEEKDAYS, WEEK[1], WEEK[5])) == WEEK[1:6]
        assert list(dates_between(first, last, ["sun"], WEEK[1], WEEK[5])) == []

    def test_a_range_that_ends_before_it_starts_is_empty(self) -> None:
        assert list(dates_between(WEEK[1], MONDAY, WEEKDAYS, MONDAY, None)) == []

    def test_the_last_possible_dates_are_included(self) -> None:
        found = dates_between(date(2199, 12, 25), date(2199, 12, 31), ["mon", "tue"], MONDAY, None)
        assert list(found) == [date(2199, 12, 30), date(2199, 12, 31)]

    @settings(derandomize=True, deadline=None, max_examples=200)
    @given(DAYS, st.integers(0, 61), SOME_WEEKDAYS, DAYS, st.none() | st.integers(0, 100))
    def test_dates_between_are_all_dates_that_fall_on_the_quick_input(
        self, first: date, length: int, weekdays: set[str], starts_on: date, days: int | None
    ) -> None:
        ends_on = None if days is None else starts_on + timedelta(days=days)
        found = list(
            dates_between(first, first + timedelta(days=length), weekdays, starts_on, ends_on)
        )
        in_range = [first + timedelta(days=number) for number in range(length + 1)]
        last = date.max if ends_on is None else ends_on
        names = {day: day.strftime("%A")[:3].lower() for day in in_range}
        assert found == [
            day for day in in_range if starts_on <= day <= last and names[day] in weekdays
        ]
        assert all(one < other for one, other in pairwise(found))
