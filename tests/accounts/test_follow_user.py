"""PUT and DELETE users/{id}/follow/"""

from accounts.models import Follow, Profile
from tests.base import ApiTest, new_id, person


class FollowUserTest(ApiTest):
    def setUp(self) -> None:
        super().setUp()
        self.private = person("Priya", is_private=True)

    def test_following_an_account_that_is_not_private_is_accepted_at_once(self) -> None:
        profile = self.ok(self.as_charlie.put(f"users/{self.alice.uuid}/follow/"))
        assert (profile["follow_state"], profile["is_following"], profile["followers_count"]) == (
            "accepted",
            True,
            2,
        )
        assert profile["id"] == str(self.alice.uuid)

    def test_following_a_private_account_creates_a_request(self) -> None:
        profile = self.ok(self.as_charlie.put(f"users/{self.private.uuid}/follow/"))
        assert (profile["follow_state"], profile["is_following"], profile["followers_count"]) == (
            "pending",
            False,
            0,
        )

    def test_following_again_changes_nothing(self) -> None:
        for target, state in ((self.alice, "accepted"), (self.private, "pending")):
            first = self.ok(self.as_charlie.put(f"users/{target.uuid}/follow/"))
            assert self.ok(self.as_charlie.put(f"users/{target.uuid}/follow/")) == first
            assert Follow.objects.of(self.charlie, target).get().state == state

    def test_an_accepted_follow_stays_when_the_account_becomes_private(self) -> None:
        Profile.objects.filter(pk=self.alice.pk).update(is_private=True)
        assert (
            self.ok(self.as_bob.put(f"users/{self.alice.uuid}/follow/"))["follow_state"]
            == "accepted"
        )

    def test_unfollowing_ends_a_follow_or_a_request_and_is_idempotent(self) -> None:
        for target in (self.alice, self.private):
            self.ok(self.as_charlie.put(f"users/{target.uuid}/follow/"))
            for _ in range(2):
                self.ok(self.as_charlie.delete(f"users/{target.uuid}/follow/"), 204)
                assert (
                    self.ok(self.as_charlie.get(f"users/{target.uuid}/"))["follow_state"] == "none"
                )
        assert Follow.objects.of(self.bob, self.alice).exists()

    def test_unfollowing_keeps_the_follow_in_the_other_direction(self) -> None:
        self.alice.follow(self.bob)
        self.ok(self.as_bob.delete(f"users/{self.alice.uuid}/follow/"), 204)
        assert Follow.objects.of(self.alice, self.bob).exists()

    def test_following_oneself_is_refused(self) -> None:
        self.assert_problem(self.as_alice.put(f"users/{self.alice.uuid}/follow/"), 400, "oneself")
        self.ok(self.as_alice.delete(f"users/{self.alice.uuid}/follow/"), 204)

    def test_following_a_hidden_person_is_a_404(self) -> None:
        self.alice.block(self.charlie)
        gone = person("Gone", is_active=False)
        for pk in (self.alice.uuid, gone.uuid, new_id()):
            self.assert_problem(self.as_charlie.put(f"users/{pk}/follow/"), 404, "not_found")
        assert not Follow.objects.filter(follower=self.charlie).exists()

    def test_unfollowing_answers_the_same_for_every_id(self) -> None:
        gone = person("Gone", is_active=False)
        Follow.objects.create(follower=self.bob, followee=gone, state="accepted")
        self.charlie.block(self.bob)
        for pk in (self.charlie.uuid, gone.uuid, self.bob.uuid, new_id()):
            assert self.ok(self.as_bob.delete(f"users/{pk}/follow/"), 204) is None
        assert not Follow.objects.of(self.bob, gone).exists()
        assert Follow.objects.of(self.bob, self.alice).exists()

    def test_unfollowing_is_idempotent_after_a_block(self) -> None:
        self.ok(self.as_bob.delete(f"users/{self.alice.uuid}/follow/"), 204)
        self.alice.block(self.bob)
        self.ok(self.as_bob.delete(f"users/{self.alice.uuid}/follow/"), 204)

    def test_following_after_a_concurrent_block_creates_nothing(self) -> None:
        self.alice.block(self.charlie)
        assert self.charlie.follow(self.alice) is None
        assert self.alice.follow(self.charlie) is None
        assert not Follow.objects.between(self.alice, self.charlie).exists()

    def test_a_viewer_who_unfollows_and_follows_again_is_no_longer_a_viewer(self) -> None:
        goal = self.goal(visibility="selected")
        goal.viewers.set(Follow.objects.of(self.bob, self.alice))
        self.ok(self.as_bob.get(f"goals/{goal.pk}/"))
        self.ok(self.as_bob.delete(f"users/{self.alice.uuid}/follow/"), 204)
        self.ok(self.as_bob.put(f"users/{self.alice.uuid}/follow/"))
        self.assert_problem(self.as_bob.get(f"goals/{goal.pk}/"), 404, "not_found")
        assert self.ok(self.as_alice.get(f"goals/{goal.pk}/"))["viewers"] == []

    def test_going_public_accepts_the_pending_requests(self) -> None:
        self.charlie.follow(self.private)
        Profile.objects.filter(pk=self.private.pk).update(is_private=False)
        self.private.go_public()
        assert (
            self.ok(self.as_charlie.get(f"users/{self.private.uuid}/"))["follow_state"]
            == "accepted"
        )
        assert Follow.objects.of(self.bob, self.alice).accepted().exists()
