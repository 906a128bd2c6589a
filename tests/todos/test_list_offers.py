"""GET quick-inputs/offers/"""

from datetime import timedelta
from uuid import uuid5

from goals.models import Goal
from tests.base import EMPTY_PAGE
from tests.todos.quick_input_base import (
    MONDAY,
    NEXT_MONDAY,
    SUNDAY,
    THURSDAY,
    TUESDAY,
    WEDNESDAY,
    QuickInputTest,
)
from todos.offers import offers_between


class ListOffersTest(QuickInputTest):
    def test_each_date_of_the_range_on_a_chosen_weekday_is_offered(self) -> None:
        self.water.change(time="07:30")
        body = self.ok(
            self.as_alice.get(f"quick-inputs/offers/?date_from={MONDAY}&date_to={TUESDAY}")
        )
        offer = {
            "quick_input": str(self.water.pk),
            "date": "2026-03-02",
            "todo_id": str(uuid5(self.water.pk, "2026-03-02")),
            "goal": str(self.health.pk),
            "title": "Water",
            "time": "07:30",
        }
        assert body == EMPTY_PAGE | {"results": [offer]}
        assert self.offered(MONDAY, NEXT_MONDAY) == ["2026-03-02", "2026-03-04", "2026-03-09"]

    def test_nothing_is_offered_before_the_start_or_after_the_end(self) -> None:
        self.water.change(starts_on=WEDNESDAY, ends_on=NEXT_MONDAY)
        assert self.offered(MONDAY, MONDAY + timedelta(days=30)) == ["2026-03-04", "2026-03-09"]

    def test_the_start_and_the_end_are_offered(self) -> None:
        self.water.change(ends_on=MONDAY)
        assert self.offered() == ["2026-03-02"]
        assert self.offered(MONDAY, MONDAY) == ["2026-03-02"]
        assert self.offered(TUESDAY, SUNDAY) == []

    def test_past_dates_follow_the_present_quick_input(self) -> None:
        self.water.change(weekdays=["thu"], title="Tea", starts_on=MONDAY - timedelta(days=365))
        assert [(o["date"], o["title"]) for o in self.offers()] == [("2026-03-05", "Tea")]
        assert self.offered(MONDAY - timedelta(days=7), MONDAY) == ["2026-02-26"]

    def test_nothing_is_offered_while_the_goal_is_inactive(self) -> None:
        for state in (Goal.State.DONE, Goal.State.ENDED, Goal.State.STOPPED):
            self.health.change(state=state)
            assert self.offers() == []
        self.health.change(state=Goal.State.ACTIVE)
        assert self.offered() == ["2026-03-02", "2026-03-04"]

    def test_activated_and_dismissed_offers_are_left_out(self) -> None:
        self.activate(MONDAY)
        assert self.offered(MONDAY, NEXT_MONDAY) == ["2026-03-04", "2026-03-09"]
        self.dismiss(NEXT_MONDAY)
        assert self.offered(MONDAY, NEXT_MONDAY) == ["2026-03-04"]

    def test_an_offer_of_another_quick_input_on_the_same_date_stays(self) -> None:
        tea = self.quick_input(title="Tea")
        self.activate(MONDAY)
        self.dismiss(WEDNESDAY)
        assert [(o["quick_input"], o["date"]) for o in self.offers()] == [
            (str(tea.pk), "2026-03-02"),
            (str(tea.pk), "2026-03-04"),
        ]

    def test_offers_are_ordered_by_date_then_time_with_none_last_then_quick_input(self) -> None:
        late = self.quick_input(title="Late", time="22:00", weekdays=["mon"])
        early = self.quick_input(title="Early", time="00:00", weekdays=["mon", "wed"])
        twins = sorted(
            [self.water, self.quick_input(title="Twin", weekdays=["mon"])], key=lambda row: row.pk
        )
        assert [(o["quick_input"], o["date"]) for o in self.offers()] == [
            *((str(row.pk), "2026-03-02") for row in (early, late, *twins)),
            *((str(row.pk), "2026-03-04") for row in (early, self.water)),
        ]

    def test_only_own_offers_are_listed(self) -> None:
        self.quick_input(self.bob)
        assert {offer["quick_input"] for offer in self.offers()} == {str(self.water.pk)}
        assert self.offers(phone=self.as_charlie) == []

    def test_both_dates_are_required_and_other_parameters_are_refused(self) -> None:
        response = self.as_alice.get("quick-inputs/offers/")
        self.assert_field_error(response, "date_from", "required")
        self.assert_field_error(response, "date_to", "required")
        self.assert_field_error(
            self.as_alice.get(f"quick-inputs/offers/?date_to={MONDAY}"), "date_from", "required"
        )
        query = f"date_from={MONDAY}&date_to={MONDAY}"
        for name in ("cursor", "page_size", "owner", "weekday"):
            response = self.as_alice.get(f"quick-inputs/offers/?{query}&{name}=1")
            self.assert_field_error(response, name, "unknown_parameter")
        response = self.as_alice.get(f"quick-inputs/offers/?{query}&date_to={MONDAY}")
        self.assert_field_error(response, "date_to", "repeated")

    def test_a_range_has_1_to_62_days(self) -> None:
        def get(days: int) -> object:
            last = MONDAY + timedelta(days=days - 1)
            return self.as_alice.get(f"quick-inputs/offers/?date_from={MONDAY}&date_to={last}")

        assert len(self.ok(get(62))["results"]) == 18
        self.ok(get(1))
        self.assert_field_error(get(63), "date_to", "too_long")
        self.assert_field_error(get(0), "date_to", "out_of_order")

    def test_a_malformed_date_is_refused(self) -> None:
        for text, code in (
            ("2026-02-30", "invalid"),
            ("", "invalid"),
            ("today", "invalid"),
            ("1899-12-31", "out_of_range"),
        ):
            response = self.as_alice.get(
                f"quick-inputs/offers/?date_from={text}&date_to=2026-03-02"
            )
            self.assert_field_error(response, "date_from", code)

    def test_the_first_and_the_last_possible_dates_are_accepted(self) -> None:
        self.water.change(starts_on="1900-01-01")
        assert self.offered("1900-01-01", "1900-01-03") == ["1900-01-01", "1900-01-03"]
        assert self.offered("2199-12-30", "2199-12-31") == ["2199-12-30"]

    def test_one_quick_input_and_many_cost_the_same_queries(self) -> None:
        for _ in range(2):
            with self.assertNumQueries(
                3
            ):  # the session, the quick inputs, their todos and dismissals
                self.offers(MONDAY, MONDAY + timedelta(days=61))
            for number in range(20):
                tea = self.quick_input(goal=self.goal(), time="09:00" if number % 2 else None)
                self.activate(MONDAY, tea)
                self.activate(WEDNESDAY, tea)
        with self.assertNumQueries(2):
            assert len(offers_between(self.alice, MONDAY, THURSDAY)) == 2
        with self.assertNumQueries(1):
            assert offers_between(self.bob, MONDAY, THURSDAY) == []
