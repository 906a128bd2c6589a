"""DELETE cheers/todos/{id}/ and cheers/diaries/{id}/"""

from cheers.models import Cheer
from diaries.models import Diary
from goals.models import Goal
from tests.base import new_id
from tests.cheers.base import CheerTest


class WithdrawCheerTest(CheerTest):
    def hide(self) -> None:
        Goal.objects.update(visibility="private")
        Diary.objects.update(visibility="private")

    def test_withdrawing_a_cheer_is_idempotent(self) -> None:
        for target in (self.todo(), self.diary()):
            self.cheer(self.as_bob, target)
            for _ in range(2):
                self.ok(self.as_bob.delete(self.url(target)), 204)
                assert self.emoji_on(self.as_bob, target) == []

    def test_other_cheers_stay(self) -> None:
        todo, diary = self.todo(), self.diary()
        for client in (self.as_alice, self.as_bob):
            self.cheer(client, todo)
            self.cheer(client, diary)
        self.ok(self.as_bob.delete(self.url(todo)), 204)
        assert {(cheer.owner, cheer.target) for cheer in Cheer.objects.all()} == {
            (self.alice, todo),
            (self.alice, diary),
            (self.bob, diary),
        }

    def test_withdrawing_without_a_cheer_succeeds(self) -> None:
        todo = self.todo()
        self.cheer(self.as_alice, todo)
        self.ok(self.as_bob.delete(self.url(todo)), 204)
        assert Cheer.objects.count() == 1

    def test_a_cheer_on_a_target_hidden_since_can_be_withdrawn(self) -> None:
        todo, diary = self.todo(), self.diary()
        for target in (todo, diary):
            self.cheer(self.as_bob, target)
        self.hide()
        for target in (todo, diary):
            for _ in range(2):
                self.ok(self.as_bob.delete(self.url(target)), 204)
        assert not Cheer.objects.exists()

    def test_a_repeated_withdrawal_answers_the_same_after_the_target_was_hidden(self) -> None:
        todo, diary = self.todo(), self.diary()
        for target in (todo, diary):
            self.cheer(self.as_bob, target)
            self.ok(self.as_bob.delete(self.url(target)), 204)
        self.hide()
        for target in (todo, diary):
            self.ok(self.as_bob.delete(self.url(target)), 204)

    def test_a_repeated_withdrawal_answers_the_same_after_the_target_was_deleted(self) -> None:
        todo = self.todo()
        self.cheer(self.as_bob, todo)
        self.ok(self.as_bob.delete(self.url(todo)), 204)
        todo.remove()
        self.ok(self.as_bob.delete(self.url(todo)), 204)

    def test_a_cheer_can_be_withdrawn_after_a_block(self) -> None:
        todo = self.todo()
        self.cheer(self.as_bob, todo)
        self.alice.block(self.bob)
        for _ in range(2):
            self.ok(self.as_bob.delete(self.url(todo)), 204)
        assert not Cheer.objects.exists()

    def test_a_hidden_target_without_an_own_cheer_is_not_found(self) -> None:
        todo = self.todo(visibility="private")
        self.cheer(self.as_alice, todo)
        for url in (self.url(todo), f"cheers/todos/{new_id()}/", f"cheers/diaries/{todo.pk}/"):
            self.assert_problem(self.as_bob.delete(url), 404, "not_found")
        assert Cheer.objects.count() == 1

    def test_a_cheer_on_the_other_kind_stays(self) -> None:
        todo = self.todo()
        self.cheer(self.as_bob, todo)
        self.assert_problem(self.as_bob.delete(f"cheers/diaries/{todo.pk}/"), 404, "not_found")
        assert Cheer.objects.count() == 1
