"""GET calendar/"""

import datetime as dt

from accounts.models import User
from cheers.models import Cheer
from goals.models import Goal
from tests.base import person
from tests.days.base import DAY, NEXT_DAY, DaysTest
from todos.models import QuickInput
from todos.offers import Offer

MARCH = "calendar/?month=2026-03"


class GetCalendarTest(DaysTest):
    def test_a_month_has_all_of_its_dates(self) -> None:
        for month, last in (
            ("2026-03", "31"),
            ("2026-02", "28"),
            ("2024-02", "29"),
            ("1900-01", "31"),
            ("2199-12", "31"),
        ):
            calendar = self.read(self.as_alice, f"calendar/?month={month}")
            assert (calendar["date_from"], calendar["date_to"]) == (
                f"{month}-01",
                f"{month}-{last}",
            )
            assert calendar["owner"]["id"] == str(self.alice.uuid)
            assert calendar["days"] == []

    def test_todos_are_counted_by_date_and_goal_in_order(self) -> None:
        first, second = self.goal(title="First"), self.goal(title="Second")
        self.todo(second)
        for is_done in (True, True, False):
            self.todo(first, is_done=is_done)
        self.todo(second, day=NEXT_DAY, is_done=True)
        self.todo(first, day=None)
        Goal.objects.reorder(self.alice, [second.pk, first.pk])
        days = self.read(self.as_alice, MARCH)["days"]
        one = {"goal": str(first.pk), "done": 2, "total": 3}
        two = {"goal": str(second.pk), "done": 0, "total": 1}
        assert days == [
            {"date": "2026-03-02", "goals": [two, one], "diary": None, "cheers": 0},
            {"date": "2026-03-03", "goals": [two | {"done": 1}], "diary": None, "cheers": 0},
        ]

    def test_dates_are_in_order_whatever_they_have(self) -> None:
        self.todo(self.goal(), day=NEXT_DAY)
        self.diary(day=DAY)
        assert [day["date"] for day in self.read(self.as_alice, MARCH)["days"]] == [
            "2026-03-02",
            "2026-03-03",
        ]

    def test_todos_of_inactive_goals_count(self) -> None:
        goal = self.goal()
        self.todo(goal)
        goal.change(state="ended")
        assert len(self.read(self.as_alice, MARCH)["days"][0]["goals"]) == 1

    def test_offers_do_not_count_until_activated(self) -> None:
        water = QuickInput.add(
            self.alice, goal=self.goal(), title="Water", weekdays=["mon"], starts_on=DAY
        )
        assert self.read(self.as_alice, MARCH)["days"] == []
        Offer(water, DAY).activate()
        [day] = self.read(self.as_alice, MARCH)["days"]
        assert (day["date"], day["goals"][0]["total"]) == ("2026-03-02", 1)

    def test_a_date_shows_its_diary_with_or_without_a_mood(self) -> None:
        happy, plain = self.diary(emoji="🍣"), self.diary(day=NEXT_DAY)
        diaries = [day["diary"] for day in self.read(self.as_alice, MARCH)["days"]]
        assert diaries == [
            {"id": str(happy.pk), "emoji": "🍣"},
            {"id": str(plain.pk), "emoji": None},
        ]

    def test_cheers_are_counted_on_the_date_of_their_target(self) -> None:
        todo, diary = self.todo(self.goal(visibility="public")), self.diary(visibility="public")
        later = self.todo(todo.goal, day=NEXT_DAY)
        for target in (todo, diary, later):
            Cheer.give(self.bob, target, "👍")
        assert [day["cheers"] for day in self.read(self.as_alice, MARCH)["days"]] == [2, 1]

    def test_cheers_of_people_hidden_from_the_viewer_are_not_counted(self) -> None:
        todo, dora = self.todo(self.goal(visibility="public")), person("Dora")
        Cheer.give(self.bob, todo, "👍")
        Cheer.give(dora, todo, "👍")
        self.charlie.block(dora)
        assert self.read(self.as_charlie, MARCH, self.alice)["days"][0]["cheers"] == 1
        User.objects.filter(pk=dora.pk).update(is_active=False)
        assert self.read(self.as_alice, MARCH)["days"][0]["cheers"] == 1

    def test_others_get_counts_of_visible_rows_only(self) -> None:
        for visibility in ("private", "followers", "public"):
            self.todo(self.goal(visibility=visibility))
        self.diary(visibility="followers", emoji="🙂")
        self.diary(day=NEXT_DAY, visibility="public", is_draft=True)
        hidden = self.todo(self.goal(), day=dt.date(2026, 3, 9))
        Cheer.give(self.alice, hidden, "👍")
        for phone, goals, emoji in ((self.as_bob, 2, "🙂"), (self.as_charlie, 1, None)):
            [day] = self.read(phone, MARCH, self.alice)["days"]
            assert len(day["goals"]) == goals
            assert (day["diary"] or {}).get("emoji") == emoji
        assert len(self.read(self.as_alice, MARCH)["days"]) == 3

    def test_the_calendar_of_a_person_without_visible_rows_is_empty(self) -> None:
        self.todo(self.goal())
        assert self.read(self.as_bob, MARCH, self.alice)["days"] == []

    def test_a_range_includes_both_ends_and_nothing_outside(self) -> None:
        goal = self.goal()
        dates = [DAY + dt.timedelta(days=n) for n in range(-1, 4)]
        for date in dates:
            self.todo(goal, day=date)
            self.diary(day=date)
        days = self.read(self.as_alice, f"calendar/?date_from={DAY}&date_to={NEXT_DAY}")["days"]
        assert [day["date"] for day in days] == ["2026-03-02", "2026-03-03"]
        assert all(day["diary"] and day["goals"] for day in days)


class CalendarRangeTest(DaysTest):
    def refused(self, query: str, field: str, code: str) -> None:
        self.assert_field_error(self.as_alice.get(f"calendar/{query}"), field, code)

    def test_a_range_has_at_most_62_days(self) -> None:
        self.ok(self.as_alice.get("calendar/?date_from=2026-01-01&date_to=2026-03-03"))
        self.ok(self.as_alice.get("calendar/?date_from=2026-01-01&date_to=2026-01-01"))
        self.refused("?date_from=2026-01-01&date_to=2026-03-04", "date_to", "too_long")
        self.refused("?date_from=2026-01-02&date_to=2026-01-01", "date_to", "out_of_order")

    def test_either_a_month_or_a_range_is_required(self) -> None:
        self.refused("", "month", "required")
        self.refused("?date_from=2026-03-01", "date_to", "required")
        self.refused("?date_to=2026-03-01", "date_from", "required")
        self.refused(
            "?month=2026-03&date_from=2026-03-01&date_to=2026-03-31", "date_from", "two_ways"
        )
        self.refused("?month=2026-03&date_to=2026-03-31", "date_to", "two_ways")

    def test_an_invalid_month_or_date_is_refused(self) -> None:
        for month in (
            "2026-13",
            "2026-00",
            "2026-3",
            "1899-12",
            "2200-01",
            "2026-03-01",
            "March",
            "２０２６-03",
            "",
        ):
            response = self.as_alice.get(f"calendar/?month={month}")
            self.assert_field_error(response, "month", "blank" if month == "" else "not_a_month")
        self.refused("?date_from=2026-02-30&date_to=2026-03-01", "date_from", "invalid")

    def test_an_unknown_or_repeated_parameter_is_refused(self) -> None:
        self.refused("?month=2026-03&goal=1", "goal", "unknown_parameter")
        self.refused("?month=2026-03&month=2026-04", "month", "repeated")
        self.refused("?month=2026-03&owner=1", "owner", "invalid")
