"""GET quick-inputs/ and quick-inputs/{id}/"""

from datetime import timedelta

from goals.models import Goal
from tests.base import ids, new_id
from tests.todos.quick_input_base import MONDAY, TUESDAY, WEDNESDAY, QuickInputTest
from todos.models import QuickInput


class ListQuickInputsTest(QuickInputTest):
    def listed(self, query: str = "") -> list[str]:
        """Return the titles in the list, in order."""
        return [
            row["title"] for row in self.ok(self.as_alice.get(f"quick-inputs/{query}"))["results"]
        ]

    def test_the_newest_is_first(self) -> None:
        for number in range(3):
            row = self.quick_input(title=str(number))
            QuickInput.objects.filter(pk=row.pk).update(
                created_at=self.water.created_at + timedelta(hours=5 - number)
            )
        assert self.listed() == ["0", "1", "2", "Water"]

    def test_pages_have_each_quick_input_once_even_if_created_at_one_instant(self) -> None:
        for number in range(4):
            self.quick_input(title=str(number))
        QuickInput.objects.update(created_at=self.water.created_at)
        seen, link = [], "quick-inputs/?page_size=2"
        while link:
            page = self.ok(self.as_alice.get(link))
            seen, link = seen + ids(page["results"]), page["next"]
        assert seen == [
            str(pk) for pk in QuickInput.objects.order_by("-id").values_list("pk", flat=True)
        ]

    def test_only_own_quick_inputs_are_listed(self) -> None:
        theirs = self.quick_input(self.bob, title="Bob's")
        assert self.listed() == ["Water"]
        assert self.ok(self.as_charlie.get("quick-inputs/"))["results"] == []
        for pk in (str(theirs.pk), new_id()):
            self.assert_problem(self.as_alice.get(f"quick-inputs/{pk}/"), 404, "not_found")

    def test_quick_inputs_are_filtered_by_goal(self) -> None:
        self.quick_input(goal=self.goal(title="Work"), title="Mail")
        assert self.listed(f"?goal={self.health.pk}") == ["Water"]
        theirs = self.quick_input(self.bob)
        for pk in (str(theirs.goal_id), new_id()):
            assert self.listed(f"?goal={pk}") == []

    def test_quick_inputs_are_filtered_by_weekday(self) -> None:
        self.quick_input(
            title="Every day", weekdays=["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
        )
        self.quick_input(title="Sundays", weekdays=["sun"])
        for weekday in ("mon", "wed"):
            assert self.listed(f"?weekday={weekday}") == ["Every day", "Water"]
        for weekday in ("tue", "thu", "fri", "sat"):
            assert self.listed(f"?weekday={weekday}") == ["Every day"]
        assert self.listed("?weekday=sun") == ["Sundays", "Every day"]

    def test_active_on_filters_by_range_and_weekday_whatever_the_goals_state(self) -> None:
        self.quick_input(title="One day", starts_on=MONDAY, ends_on=MONDAY)
        self.quick_input(title="Tuesdays", weekdays=["tue"])
        self.health.change(state=Goal.State.ENDED)
        assert self.listed(f"?active_on={MONDAY}") == ["One day", "Water"]
        assert self.listed(f"?active_on={WEDNESDAY}") == ["Water"]
        assert self.listed(f"?active_on={TUESDAY}") == ["Tuesdays"]
        assert self.listed(f"?active_on={MONDAY - timedelta(days=7)}") == []
        assert self.listed(f"?active_on={MONDAY + timedelta(days=7)}&weekday=mon") == ["Water"]

    def test_invalid_filters_are_refused(self) -> None:
        for query, field, code in (
            ("weekday=Monday", "weekday", "invalid_choice"),
            ("weekday=", "weekday", "invalid_choice"),
            ("active_on=2026-3-2", "active_on", "invalid"),
            ("goal=1", "goal", "invalid"),
            ("weekday=mon&weekday=tue", "weekday", "repeated"),
            ("owner=me", "owner", "unknown_parameter"),
            ("date=2026-03-02", "date", "unknown_parameter"),
        ):
            self.assert_field_error(self.as_alice.get(f"quick-inputs/?{query}"), field, code)

    def test_one_quick_input_and_many_cost_the_same_queries(self) -> None:
        for _ in range(2):
            with self.assertNumQueries(2):  # the session with its user, the quick inputs
                self.as_alice.get("quick-inputs/")
            for _number in range(20):
                self.quick_input(goal=self.goal())

    def test_the_list_requires_an_access_token(self) -> None:
        self.assert_problem(self.anonymous.get("quick-inputs/"), 401, "not_authenticated")
