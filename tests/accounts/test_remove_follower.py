"""DELETE users/{id}/follower/"""

from accounts.models import Follow
from tests.base import ApiTest, new_id, person


class RemoveFollowerTest(ApiTest):
    def test_a_follower_can_be_removed_also_twice(self) -> None:
        self.alice.follow(self.bob)
        for _ in range(2):
            self.ok(self.as_alice.delete(f"users/{self.bob.uuid}/follower/"), 204)
        assert not Follow.objects.of(self.bob, self.alice).exists()
        assert Follow.objects.of(self.alice, self.bob).exists()  # the other direction is not theirs to end

    def test_a_request_is_declined_not_removed(self) -> None:
        private = person("Priya", is_private=True)
        self.charlie.follow(private)
        self.ok(self.phone(private).delete(f"users/{self.charlie.uuid}/follower/"), 204)
        assert Follow.objects.of(self.charlie, private).pending().exists()

    def test_somebody_who_does_not_follow_me_is_a_204_and_somebody_not_there_a_404(self) -> None:
        self.ok(self.as_alice.delete(f"users/{self.charlie.uuid}/follower/"), 204)
        self.ok(self.as_alice.delete(f"users/{self.alice.uuid}/follower/"), 204)
        self.charlie.block(self.alice)
        for pk in (self.charlie.uuid, new_id()):
            self.assert_problem(self.as_alice.delete(f"users/{pk}/follower/"), 404, "not_found")
