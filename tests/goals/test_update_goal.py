"""PATCH goals/{id}/"""

from goals.models import Goal
from tests.base import ApiTest, ids, new_id


class UpdateGoalTest(ApiTest):
    def test_only_the_sent_fields_change(self) -> None:
        goal = self.goal(color="#112233", visibility="public")
        answer = self.ok(self.as_alice.patch(f"goals/{goal.pk}/", {"title": "Sleep"}))
        assert (answer["title"], answer["color"], answer["visibility"]) == (
            "Sleep",
            "#112233",
            "public",
        )

    def test_concurrent_changes_of_other_fields_survive(self) -> None:
        goal = self.goal()
        Goal.objects.filter(pk=goal.pk).update(color="#ABCDEF")
        goal.change(title="Sleep")
        goal.refresh_from_db()
        assert (goal.title, goal.color) == ("Sleep", "#ABCDEF")

    def test_an_ended_goal_can_become_active_again(self) -> None:
        goal = self.goal()
        for state in ("done", "active", "ended", "active", "stopped", "active"):
            assert (
                self.ok(self.as_alice.patch(f"goals/{goal.pk}/", {"state": state}))["state"]
                == state
            )

    def test_an_answer_can_be_sent_back_unchanged(self) -> None:
        goal = self.goal(visibility="selected")
        goal.viewers.set(self.bob.follows.all())
        read = self.ok(self.as_alice.get(f"goals/{goal.pk}/"))
        written = self.ok(self.as_alice.patch(f"goals/{goal.pk}/", read))
        assert written | {"updated_at": ""} == read | {"updated_at": ""}

    def test_viewers_are_replaced_as_a_whole(self) -> None:
        goal = self.goal()
        self.ok(self.as_alice.patch(f"goals/{goal.pk}/", {"viewers": [str(self.bob.uuid)] * 2}))
        assert ids(self.ok(self.as_alice.get(f"goals/{goal.pk}/"))["viewers"]) == [
            str(self.bob.uuid)
        ]
        assert self.ok(self.as_alice.patch(f"goals/{goal.pk}/", {"viewers": []}))["viewers"] == []

    def test_a_viewer_may_not_change_a_goal_and_others_do_not_find_it(self) -> None:
        goal = self.goal(visibility="followers")
        self.assert_problem(
            self.as_bob.patch(f"goals/{goal.pk}/", {"title": "x"}), 403, "permission_denied"
        )
        self.assert_problem(
            self.as_charlie.patch(f"goals/{goal.pk}/", {"title": "x"}), 404, "not_found"
        )

    def test_an_invalid_value_is_a_field_error(self) -> None:
        goal = self.goal()
        for body, field, code in (
            ({"title": ""}, "title", "blank"),
            ({"title": None}, "title", "null"),
            ({"title": "x" * 201}, "title", "max_length"),
            ({"title": 5}, "title", "invalid"),
            ({"color": "red"}, "color", "not_a_color"),
            ({"visibility": "secret"}, "visibility", "invalid_choice"),
            ({"state": ["active"]}, "state", "invalid_choice"),
            ({"viewers": "bob"}, "viewers", "not_a_list"),
            ({"viewers": [str(self.bob.uuid), 5]}, "viewers.1", "invalid"),
        ):
            with self.subTest(body=body):
                self.assert_field_error(self.as_alice.patch(f"goals/{goal.pk}/", body), field, code)

    def test_an_id_in_upper_case_is_the_same_id(self) -> None:
        pk = new_id().upper()
        made = self.ok(self.as_alice.post("goals/", {"id": pk, "title": "x"}), 201)
        assert made["id"] == pk.lower()
        assert self.ok(self.as_alice.patch(f"goals/{pk}/", {"title": "y"}))["id"] == pk.lower()

    def test_no_more_than_200_viewers_can_be_chosen(self) -> None:
        goal, viewers = self.goal(), [str(self.bob.uuid)] * 201
        problem = self.assert_problem(
            self.as_alice.patch(f"goals/{goal.pk}/", {"viewers": viewers}), 409, "limit"
        )
        assert problem["limit"] == 200
        self.ok(self.as_alice.patch(f"goals/{goal.pk}/", {"viewers": viewers[1:]}))

    def test_a_change_of_viewers_changes_updated_at(self) -> None:
        goal, bob = self.goal(), str(self.bob.uuid)
        answers = [
            self.as_alice.patch(f"goals/{goal.pk}/", {"viewers": viewers})
            for viewers in ([bob], [bob], [])
        ]
        stamps = [self.ok(answer)["updated_at"] for answer in answers]
        assert stamps[0] == stamps[1] < stamps[2]
