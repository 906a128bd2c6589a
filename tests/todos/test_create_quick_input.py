"""POST quick-inputs/"""

from typing import Any

from goals.models import Goal
from tests.base import new_id
from tests.todos.quick_input_base import MONDAY, QuickInputTest
from todos.models import QuickInput, Todo


class CreateQuickInputTest(QuickInputTest):
    def post(self, **values: Any) -> Any:
        return self.as_alice.post(
            "quick-inputs/", {"goal": self.health.pk, "title": "Tea", "weekdays": ["mon"]} | values
        )

    def test_a_new_quick_input_starts_today_without_a_time_or_an_end(self) -> None:
        made = self.ok(self.post(title="  물 💧  "), 201)
        assert set(made) == {
            *(
                "id",
                "goal",
                "title",
                "weekdays",
                "time",
                "starts_on",
                "ends_on",
                "created_at",
                "updated_at",
            )
        }
        assert made["goal"] == str(self.health.pk)
        assert made["title"] == "물 💧"
        assert made["time"] is made["ends_on"] is None
        assert made["starts_on"] == self.today.isoformat()

    def test_the_default_start_is_today_in_the_owners_timezone(self) -> None:
        zones = {}
        for zone in (
            "Pacific/Kiritimati",
            "Pacific/Pago_Pago",
        ):  # 25 hours apart, so the dates always differ
            self.alice.profile.change(timezone=zone)
            zones[zone] = self.ok(self.post(), 201)["starts_on"]
            assert zones[zone] == self.alice.today.isoformat()
        assert len(set(zones.values())) == 2

    def test_all_fields_can_be_sent(self) -> None:
        pk = new_id()
        given = {"id": pk, "time": "07:30", "starts_on": "2026-03-02", "ends_on": "2026-03-02"}
        made = self.ok(self.post(**given), 201)
        assert made.items() >= given.items()

    def test_weekdays_are_in_the_order_of_the_week(self) -> None:
        made = self.ok(self.post(weekdays=["sun", "wed", "mon"]), 201)
        assert made["weekdays"] == ["mon", "wed", "sun"]
        assert self.ok(self.as_alice.get(f"quick-inputs/{made['id']}/"))["weekdays"] == [
            "mon",
            "wed",
            "sun",
        ]
        week = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
        assert self.ok(self.post(weekdays=week[::-1]), 201)["weekdays"] == week

    def test_weekdays_must_be_a_non_empty_list_without_duplicates(self) -> None:
        self.assert_field_error(self.post(weekdays=["mon", "mon"]), "weekdays", "repeated")
        self.assert_field_error(self.post(weekdays=[]), "weekdays", "empty")
        for wrong in ("mon", {"mon": True}, 1, True):
            self.assert_field_error(self.post(weekdays=wrong), "weekdays", "not_a_list")
        self.assert_field_error(self.post(weekdays=None), "weekdays", "required")
        for wrong in ("Mon", "monday", 0, ["mon"], "", " mon"):
            self.assert_field_error(
                self.post(weekdays=["tue", wrong]), "weekdays.1", "invalid_choice"
            )

    def test_goal_title_and_weekdays_are_required(self) -> None:
        response = self.as_alice.post("quick-inputs/", {})
        for field in ("goal", "title", "weekdays"):
            self.assert_field_error(response, field, "required")

    def test_the_end_is_not_before_the_start(self) -> None:
        wrong = {"starts_on": "2026-03-02", "ends_on": "2026-03-01"}
        self.assert_field_error(self.post(**wrong), "ends_on", "out_of_order")
        yesterday = self.day(-1).isoformat()  # the start defaults to today
        self.assert_field_error(self.post(ends_on=yesterday), "ends_on", "out_of_order")

    def test_malformed_dates_times_and_titles_are_refused(self) -> None:
        self.assert_field_error(self.post(starts_on="1899-12-31"), "starts_on", "out_of_range")
        self.assert_field_error(self.post(ends_on="2200-01-01"), "ends_on", "out_of_range")
        self.assert_field_error(self.post(starts_on=[]), "starts_on", "invalid")
        self.assert_field_error(self.post(time="7:30"), "time", "invalid")
        self.assert_field_error(self.post(title=" "), "title", "blank")
        self.assert_field_error(self.post(title="x" * 201), "title", "max_length")

    def test_a_goal_of_another_person_does_not_exist(self) -> None:
        public = self.goal(self.bob, visibility="public")
        for pk in (str(public.pk), new_id()):
            self.assert_field_error(self.post(goal=pk), "goal", "does_not_exist")
        self.assert_field_error(self.post(goal="x"), "goal", "invalid")

    def test_an_inactive_goal_can_have_quick_inputs_which_offer_nothing(self) -> None:
        self.health.change(state=Goal.State.ENDED)
        self.ok(self.post(starts_on=MONDAY), 201)
        assert self.offers() == []

    def test_creating_a_quick_input_creates_no_todo(self) -> None:
        self.ok(self.post(), 201)
        assert not Todo.objects.exists()

    def test_a_repeated_create_gives_the_present_quick_input(self) -> None:
        pk = new_id()
        self.ok(self.post(id=pk), 201)
        self.ok(self.as_alice.patch(f"quick-inputs/{pk}/", {"title": "Milk"}))
        assert self.ok(self.post(id=pk, weekdays=[]))["title"] == "Milk"

    def test_the_id_of_a_deleted_quick_input_is_gone(self) -> None:
        pk = new_id()
        self.ok(self.post(id=pk), 201)
        self.ok(self.as_alice.delete(f"quick-inputs/{pk}/"), 204)
        self.assert_problem(self.post(id=pk), 410, "deleted")

    def test_the_id_of_another_row_is_taken(self) -> None:
        for pk in (self.quick_input(self.bob).pk, self.health.pk, self.alice.uuid):
            self.assert_problem(self.post(id=str(pk)), 409, "id_taken")

    def test_a_person_has_a_limited_number_of_quick_inputs(self) -> None:
        QuickInput.objects.bulk_create(
            QuickInput(
                owner=self.alice, goal=self.health, title="x", weekdays=["mon"], starts_on=MONDAY
            )
            for _ in range(99)
        )
        assert self.assert_problem(self.post(), 409, "limit")["limit"] == 100
        self.ok(self.as_alice.delete(f"quick-inputs/{self.water.pk}/"), 204)
        self.ok(self.post(), 201)
