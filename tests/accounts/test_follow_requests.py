"""GET follow-requests/, PUT and DELETE follow-requests/{user_id}/"""

from accounts.models import Follow, Profile, User
from tests.base import ApiTest, new_id, person


class FollowRequestsTest(ApiTest):
    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        Profile.objects.filter(pk=cls.alice.pk).update(is_private=True)
        cls.charlie.follow(cls.alice)

    def requesters(self) -> list[str]:
        return [
            row["user"]["nickname"]
            for row in self.ok(self.as_alice.get("follow-requests/"))["results"]
        ]

    def test_requests_are_cards_with_their_instant_newest_first(self) -> None:
        person("Later").follow(self.alice)
        rows = self.ok(self.as_alice.get("follow-requests/"))["results"]
        assert [row["user"]["nickname"] for row in rows] == ["Later", "Charlie"]
        assert set(rows[1]) == {"user", "created_at"}
        assert rows[1]["user"]["id"] == str(self.charlie.uuid)
        assert rows[1]["created_at"].endswith("Z")

    def test_requests_come_in_pages(self) -> None:
        for name in "cba":
            person(name * 4).follow(self.alice)
        page = self.ok(self.as_alice.get("follow-requests/?page_size=3"))
        rest = self.ok(self.as_alice.get(page["next"]))
        names = [row["user"]["nickname"] for row in page["results"] + rest["results"]]
        assert names == ["aaaa", "bbbb", "cccc", "Charlie"]

    def test_requests_to_other_people_are_not_listed(self) -> None:
        private = person("Priya", is_private=True)
        self.bob.follow(private)
        self.alice.follow(private)
        assert self.requesters() == ["Charlie"]
        assert self.ok(self.as_bob.get("follow-requests/"))["results"] == []

    def test_accepting_makes_a_follower_and_is_idempotent(self) -> None:
        for _ in range(2):
            self.ok(self.as_alice.put(f"follow-requests/{self.charlie.uuid}/"), 204)
            assert (
                self.ok(self.as_charlie.get(f"users/{self.alice.uuid}/"))["follow_state"]
                == "accepted"
            )
        assert self.requesters() == []

    def test_accepting_one_leaves_the_others_waiting(self) -> None:
        later = person("Later")
        later.follow(self.alice)
        self.ok(self.as_alice.put(f"follow-requests/{later.uuid}/"), 204)
        assert self.requesters() == ["Charlie"]

    def test_accepting_a_person_without_a_request_is_a_404(self) -> None:
        for pk in (person("Dan").uuid, self.alice.uuid, new_id()):
            self.assert_problem(self.as_alice.put(f"follow-requests/{pk}/"), 404, "not_found")

    def test_the_requester_cannot_accept_their_own_request(self) -> None:
        self.assert_problem(
            self.as_charlie.put(f"follow-requests/{self.alice.uuid}/"), 404, "not_found"
        )
        assert Follow.objects.of(self.charlie, self.alice).pending().exists()

    def test_declining_is_idempotent_and_allows_a_new_request(self) -> None:
        for _ in range(2):
            self.ok(self.as_alice.delete(f"follow-requests/{self.charlie.uuid}/"), 204)
            assert self.requesters() == []
        assert (
            self.ok(self.as_charlie.put(f"users/{self.alice.uuid}/follow/"))["follow_state"]
            == "pending"
        )

    def test_declining_does_not_remove_a_follower(self) -> None:
        self.ok(self.as_alice.delete(f"follow-requests/{self.bob.uuid}/"), 204)
        assert Follow.objects.of(self.bob, self.alice).accepted().exists()

    def test_declining_answers_the_same_for_every_id_and_after_a_block(self) -> None:
        self.charlie.block(self.alice)
        for pk in (
            self.charlie.uuid,
            self.alice.uuid,
            person("Gone", is_active=False).uuid,
            new_id(),
        ):
            assert self.ok(self.as_alice.delete(f"follow-requests/{pk}/"), 204) is None

    def test_the_request_of_an_inactive_person_is_hidden(self) -> None:
        User.objects.filter(pk=self.charlie.pk).update(is_active=False)
        assert self.requesters() == []
        self.assert_problem(
            self.as_alice.put(f"follow-requests/{self.charlie.uuid}/"), 404, "not_found"
        )

    def test_one_request_and_many_cost_the_same_queries(self) -> None:
        for count in (0, 5):
            for _ in range(count):
                person("Fan").follow(self.alice)
            with self.assertNumQueries(
                2
            ):  # 1 the session, its user and profile  2 the requests with their cards
                self.requesters()
