"""PUT goals/order/"""

from typing import Any

from goals.models import Goal
from tests.base import ApiTest, new_id


class OrderGoalsTest(ApiTest):
    def order(self, *goals: Any) -> list[str]:
        body = {"ids": [str(getattr(goal, "pk", goal)) for goal in goals]}
        return [goal["title"] for goal in self.ok(self.as_alice.put("goals/order/", body))]

    def test_the_sent_goals_share_their_positions_in_the_order_given_and_others_keep_theirs(
        self,
    ) -> None:
        a, b, c, d, e = (self.goal(title=title) for title in "abcde")
        for _ in range(2):
            assert self.order(e, c, a) == ["e", "b", "c", "d", "a"]
        assert self.order(b, e) == ["b", "e", "c", "d", "a"]
        assert self.order(d) == ["b", "e", "c", "d", "a"]

    def test_ids_of_other_people_and_unknown_ids_are_skipped(self) -> None:
        a, b = (self.goal(title=title) for title in "ab")
        theirs = self.goal(self.bob, title="his")
        assert self.order(b, theirs, new_id(), a) == ["b", "a"]
        assert Goal.objects.get(pk=theirs.pk).position == 0

    def test_goals_with_equal_positions_can_be_put_in_any_order(self) -> None:
        goals = [self.goal(title=title) for title in "abc"]
        Goal.objects.update(position=4)
        for _ in range(2):
            assert self.order(*reversed(goals)) == ["c", "b", "a"]

    def test_an_empty_order_answers_all_goals_unchanged(self) -> None:
        for title in "ab":
            self.goal(title=title)
        assert self.order() == ["a", "b"]

    def test_page_size_is_an_unknown_parameter(self) -> None:
        response = self.as_alice.put("goals/order/?page_size=5", {"ids": []})
        self.assert_field_error(response, "page_size", "unknown_parameter")

    def test_ids_must_be_a_list_of_ids(self) -> None:
        for ids, field in (("x", "ids"), ([5], "ids.0"), ([None], "ids.0")):
            response = self.as_alice.put("goals/order/", {"ids": ids})
            self.assert_problem(response, 400, "invalid")
            assert response.json()["errors"][0]["field"] == field
        self.assert_field_error(self.as_alice.put("goals/order/", {}), "ids", "required")
