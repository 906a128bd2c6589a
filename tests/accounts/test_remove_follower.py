"""DELETE users/{id}/follower/"""

from accounts.models import Follow
from tests.base import ApiTest, new_id, person


class RemoveFollowerTest(ApiTest):
    def test_removing_a_follower_is_idempotent(self) -> None:
        self.alice.follow(self.bob)
        for _ in range(2):
            self.ok(self.as_alice.delete(f"users/{self.bob.uuid}/follower/"), 204)
        assert not Follow.objects.of(self.bob, self.alice).exists()
        assert Follow.objects.of(self.alice, self.bob).exists()  # the other direction stays

    def test_removing_a_follower_does_not_decline_a_request(self) -> None:
        private = person("Priya", is_private=True)
        self.charlie.follow(private)
        self.ok(self.phone(private).delete(f"users/{self.charlie.uuid}/follower/"), 204)
        assert Follow.objects.of(self.charlie, private).pending().exists()

    def test_removing_answers_the_same_for_every_id(self) -> None:
        other = person("Other")
        other.block(self.alice)
        for pk in (self.charlie.uuid, self.alice.uuid, other.uuid, new_id()):
            assert self.ok(self.as_alice.delete(f"users/{pk}/follower/"), 204) is None
        assert Follow.objects.of(self.bob, self.alice).exists()

    def test_removing_is_idempotent_after_a_block(self) -> None:
        self.ok(self.as_alice.delete(f"users/{self.bob.uuid}/follower/"), 204)
        self.bob.block(self.alice)
        self.ok(self.as_alice.delete(f"users/{self.bob.uuid}/follower/"), 204)
