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

    def test_i_may_delete_mine_and_once_more_is_the_same(self) -> None:
        for _ in range(2):
            self.ok(self.as_bob.delete(self.url_of_bobs), 204)
            assert not Cheer.objects.exists()

    def test_the_targets_owner_may_delete_any_on_it_and_once_more_is_the_same(self) -> None:
        diary = self.diary()
        for url in (self.url_of_bobs, f"cheers/{self.cheer(self.as_bob, diary)['id']}/"):
            for _ in range(2):
                self.ok(self.as_alice.delete(url), 204)
        assert not Cheer.objects.exists()

    def test_whichever_of_the_two_was_first_the_other_hears_the_same(self) -> None:
        for first, second in ((self.as_alice, self.as_bob), (self.as_bob, self.as_alice)):
            self.cheer(self.as_bob, self.target)
            for client in (first, second, first):
                self.ok(client.delete(self.url_of_bobs), 204)

    def test_a_lost_reply_is_answered_alike_when_they_have_blocked_each_other_meanwhile(
        self,
    ) -> None:
        self.ok(self.as_alice.delete(self.url_of_bobs), 204)
        self.alice.block(self.bob)
        for client in (self.as_alice, self.as_bob):
            self.ok(client.delete(self.url_of_bobs), 204)

    def test_who_only_sees_it_may_not_delete_it(self) -> None:
        self.assert_problem(self.as_charlie.delete(self.url_of_bobs), 403, "permission_denied")
        assert Cheer.objects.count() == 1

    def test_what_was_deleted_is_not_there_for_anyone_else(self) -> None:
        self.ok(self.as_bob.delete(self.url_of_bobs), 204)
        self.assert_problem(self.as_charlie.delete(self.url_of_bobs), 404, "not_found")

    def test_a_hidden_one_and_a_random_one_answer_alike(self) -> None:
        Goal.objects.update(visibility="private")
        hidden = self.assert_problem(self.as_charlie.delete(self.url_of_bobs), 404, "not_found")
        assert self.as_charlie.delete(f"cheers/{new_id()}/").json() == hidden

    def test_mine_can_be_deleted_when_its_target_is_hidden_by_now(self) -> None:
        Goal.objects.update(visibility="private")
        for _ in range(2):
            self.ok(self.as_bob.delete(self.url_of_bobs), 204)

    def test_those_of_whom_a_block_hides_are_not_there_but_mine_always_is(self) -> None:
        self.alice.block(self.bob)
        self.assert_problem(self.as_alice.delete(self.url_of_bobs), 404, "not_found")
        self.ok(self.as_bob.delete(self.url_of_bobs), 204)

    def test_a_cheer_has_no_page_of_its_own(self) -> None:
        for method in (self.as_bob.get, self.as_bob.put, self.as_bob.patch):
            self.assert_problem(method(self.url_of_bobs), 405, "method_not_allowed")
