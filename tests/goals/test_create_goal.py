"""POST goals/"""

from goals.models import Goal
from tests.base import ApiTest, ids, new_id


class CreateGoalTest(ApiTest):
    def test_a_new_goal_is_private_active_and_last_in_order(self) -> None:
        self.goal(title="First")
        goal = self.ok(
            self.as_alice.post("goals/", {"title": "  운동 🏃  ", "color": "#ff8800"}), 201
        )
        assert goal["title"] == "운동 🏃"
        assert goal["color"] == "#FF8800"
        assert goal["visibility"] == "private"
        assert goal["state"] == "active"
        assert goal["position"] == 1
        assert goal["viewers"] == []
        assert goal["owner"] == {
            "id": str(self.alice.uuid),
            "handle": self.alice.profile.handle,
            "nickname": "Alice",
            "avatar": None,
        }

    def test_a_repeated_create_gives_the_present_goal_whatever_the_body(self) -> None:
        pk = new_id()
        self.ok(self.as_alice.post("goals/", {"id": pk, "title": "Run"}), 201)
        self.ok(self.as_alice.patch(f"goals/{pk}/", {"title": "Walk"}))
        again = self.ok(self.as_alice.post("goals/", {"id": pk, "title": ""}), 200)
        assert again["title"] == "Walk"
        assert Goal.objects.count() == 1

    def test_an_id_in_upper_case_is_the_same_id(self) -> None:
        pk = new_id()
        made = self.ok(self.as_alice.post("goals/", {"id": str(pk).upper(), "title": "Run"}), 201)
        assert made["id"] == str(pk)
        self.ok(self.as_alice.post("goals/", {"id": pk, "title": "Run"}), 200)

    def test_the_id_of_a_deleted_goal_is_gone(self) -> None:
        pk = new_id()
        self.ok(self.as_alice.post("goals/", {"id": pk, "title": "Run"}), 201)
        for _ in range(2):
            self.ok(self.as_alice.delete(f"goals/{pk}/"), 204)
        self.assert_problem(
            self.as_alice.post("goals/", {"id": pk, "title": "Run"}), 410, "deleted"
        )

    def test_the_id_of_another_row_is_taken_without_details(self) -> None:
        theirs, mine = self.goal(self.bob), self.as_alice.session_row
        for pk in (theirs.pk, mine.pk, self.alice.uuid, self.bob.uuid):
            body = self.assert_problem(
                self.as_alice.post("goals/", {"id": str(pk), "title": "x"}), 409, "id_taken"
            )
            assert set(body) == {"type", "title", "status", "detail", "code", "request_id"}

    def test_an_id_that_is_no_uuid_of_version_7_is_refused(self) -> None:
        for pk in ("1", 7, "01890a5d-ac96-4cfa-9d1e-3f2b3c4d5e6f", []):
            response = self.as_alice.post("goals/", {"id": pk, "title": "x"})
            assert response.status_code == 400, pk

    def test_an_unknown_field_is_refused_and_a_read_only_one_is_ignored(self) -> None:
        self.assert_field_error(
            self.as_alice.post("goals/", {"title": "x", "colour": "#000000"}),
            "colour",
            "unknown_field",
        )
        goal = self.ok(self.as_alice.post("goals/", {"title": "x", "position": 99}), 201)
        assert goal["position"] == 0

    def test_viewers_are_chosen_from_accepted_followers_by_id_or_card(self) -> None:
        bob = str(self.bob.uuid)
        for viewer in (bob, {"id": bob, "handle": "whatever"}):
            goal = self.ok(
                self.as_alice.post(
                    "goals/", {"title": "x", "visibility": "selected", "viewers": [viewer]}
                ),
                201,
            )
            assert ids(goal["viewers"]) == [bob]
            assert (
                ids(self.ok(self.as_bob.get(f"goals/?owner={self.alice.uuid}"))["results"])[-1]
                == goal["id"]
            )
        for stranger in (str(self.charlie.uuid), new_id()):
            response = self.as_alice.post("goals/", {"title": "x", "viewers": [stranger, bob]})
            assert ids(self.ok(response, 201)["viewers"]) == [bob]
        response = self.as_alice.post("goals/", {"title": "x", "viewers": [bob, "bob"]})
        self.assert_field_error(response, "viewers.1", "invalid")

    def test_a_person_has_a_limited_number_of_goals(self) -> None:
        Goal.objects.bulk_create(Goal(owner=self.alice, title="x", position=n) for n in range(200))
        assert (
            self.assert_problem(self.as_alice.post("goals/", {"title": "x"}), 409, "limit")["limit"]
            == 200
        )
