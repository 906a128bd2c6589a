"""DELETE cheers/{id}/"""

from cheers.models import Cheer
from goals.models import Goal
from tests.base import new_id
from tests.cheers.base import CheerTest


class DeleteCheerTest(CheerTest):
    def setUp(self) -> None:
        super().setUp()
        self.target = self.todo(visibility="public")
        self.url_of_bobs = f"cheers/{self.cheer(self.as_bob, self.target)['id']}/"

    def test_deleting_an_own_cheer_is_idempotent(self) -> None:
        for _ in range(2):
            self.ok(self.as_bob.delete(self.url_of_bobs), 204)
            assert not Cheer.objects.exists()

    def test_deleting_a_cheer_on_an_own_target_is_idempotent(self) -> None:
        diary = self.diary()
        for url in (self.url_of_bobs, f"cheers/{self.cheer(self.as_bob, diary)['id']}/"):
            for _ in range(2):
                self.ok(self.as_alice.delete(url), 204)
        assert not Cheer.objects.exists()

    def test_giver_and_target_owner_both_get_204_for_a_deleted_cheer(self) -> None:
        for first, second in ((self.as_alice, self.as_bob), (self.as_bob, self.as_alice)):
            self.cheer(self.as_bob, self.target)
            for client in (first, second, first):
                self.ok(client.delete(self.url_of_bobs), 204)

    def test_a_repeated_deletion_answers_the_same_after_a_block(self) -> None:
        self.ok(self.as_alice.delete(self.url_of_bobs), 204)
        self.alice.block(self.bob)
        for client in (self.as_alice, self.as_bob):
            self.ok(client.delete(self.url_of_bobs), 204)

    def test_a_viewer_may_not_delete_a_cheer(self) -> None:
        self.assert_problem(self.as_charlie.delete(self.url_of_bobs), 403, "permission_denied")
        assert Cheer.objects.count() == 1

    def test_a_deleted_cheer_is_not_found_by_others(self) -> None:
        self.ok(self.as_bob.delete(self.url_of_bobs), 204)
        self.assert_problem(self.as_charlie.delete(self.url_of_bobs), 404, "not_found")

    def test_a_hidden_cheer_answers_like_a_random_id(self) -> None:
        Goal.objects.update(visibility="private")
        hidden = self.assert_problem(self.as_charlie.delete(self.url_of_bobs), 404, "not_found")
        assert self.as_charlie.delete(f"cheers/{new_id()}/").json() == hidden

    def test_an_own_cheer_on_a_hidden_target_can_be_deleted(self) -> None:
        Goal.objects.update(visibility="private")
        for _ in range(2):
            self.ok(self.as_bob.delete(self.url_of_bobs), 204)

    def test_cheers_of_blocked_people_are_not_found_but_own_ones_are(self) -> None:
        self.alice.block(self.bob)
        self.assert_problem(self.as_alice.delete(self.url_of_bobs), 404, "not_found")
        self.ok(self.as_bob.delete(self.url_of_bobs), 204)

    def test_a_single_cheer_cannot_be_read(self) -> None:
        for method in (self.as_bob.get, self.as_bob.put, self.as_bob.patch):
            self.assert_problem(method(self.url_of_bobs), 405, "method_not_allowed")
