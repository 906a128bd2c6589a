"""Cheers of somebody whom the owner of the target blocks: nobody sees them while it lasts."""

from typing import Any

from accounts.models import User
from cheers.models import Cheer
from diaries.models import Diary
from tests.base import Client, person
from tests.cheers.base import CheerTest
from todos.models import Todo


class BlockedCheersTest(CheerTest):
    """Alice owns a todo and a diary that everyone sees. Charlie and Dora cheer both."""

    def setUp(self) -> None:
        super().setUp()
        self.dora = person("Dora")
        self.as_dora = Client(self.dora)
        self.targets = [self.todo(visibility="public"), self.diary(visibility="public")]
        for target in self.targets:
            self.cheer(self.as_charlie, target, "🍺")
            self.cheer(self.as_dora, target, "🎉")

    def seen(self, client: Client, owner: User | None = None) -> set[Any]:
        """Return what lists, the day and the calendar show of the cheers on all targets.

        They must agree. Everything but the list of a target knows counts alone.
        """
        whose = f"?owner={(owner or self.alice).uuid}"
        listed = {
            (target.kind, emoji)
            for target in self.targets
            for emoji in self.emoji_on(client, target)
        }
        day = self.ok(client.get(f"days/{self.today}/{whose}"))
        assert {(row["kind"], row["emoji"]) for row in day["cheers"]} == listed
        month = f"date_from={self.today}&date_to={self.today}"
        days = self.ok(client.get(f"calendar/{whose}&{month}"))["days"]
        assert sum(marks["cheers"] for marks in days) == len(listed)
        return listed

    ALL = {("todo", "🍺"), ("todo", "🎉"), ("diary", "🍺"), ("diary", "🎉")}
    DORAS = {("todo", "🎉"), ("diary", "🎉")}

    def test_cheers_of_somebody_whom_the_owner_blocks_are_shown_to_nobody(self) -> None:
        assert self.seen(self.as_bob) == self.ALL
        self.alice.block(self.charlie)
        for client in (self.as_alice, self.as_bob, self.as_dora):
            assert self.seen(client) == self.DORAS
        assert [c["emoji"] for c in self.cheers(self.as_alice, "?received=true")] == ["🎉", "🎉"]
        assert self.cheers(self.as_charlie) == []

    def test_the_two_never_see_each_others_cheers_whoever_blocks(self) -> None:
        for blocker, blocked in ((self.alice, self.charlie), (self.charlie, self.alice)):
            blocker.block(blocked)
            assert self.seen(self.as_alice) == self.DORAS
            assert self.cheers(self.as_charlie) == []
            blocker.unblock(blocked)

    def test_cheers_of_the_person_who_blocks_stay_for_third_people(self) -> None:
        self.charlie.block(self.alice)
        assert self.seen(self.as_bob) == self.seen(self.as_dora) == self.ALL

    def test_they_are_shown_again_when_the_owner_unblocks(self) -> None:
        self.alice.block(self.charlie)
        self.charlie.block(self.alice)
        self.charlie.unblock(self.alice)
        assert self.seen(self.as_bob) == self.DORAS
        self.alice.unblock(self.charlie)
        assert self.seen(self.as_bob) == self.seen(self.as_alice) == self.ALL

    def test_a_hidden_cheer_can_be_withdrawn_by_its_owner_and_deleted_by_nobody_else(self) -> None:
        todo, diary = self.targets
        hidden = Cheer.objects.get(owner=self.charlie, diary=diary)
        self.alice.block(self.charlie)
        for client in (self.as_alice, self.as_bob):
            self.assert_problem(client.delete(f"cheers/{hidden.pk}/"), 404, "not_found")
        self.ok(self.as_charlie.delete(self.url(todo)), 204)
        self.alice.unblock(self.charlie)
        assert self.seen(self.as_bob) == self.ALL - {("todo", "🍺")}

    def test_a_block_between_others_hides_nothing_from_third_people(self) -> None:
        self.dora.block(self.charlie)
        self.bob.block(person("Emil"))
        assert self.seen(self.as_bob) == self.seen(self.as_alice) == self.ALL

    def test_blocks_cost_no_queries(self) -> None:
        target: Todo | Diary = self.targets[0]
        for client in (self.as_alice, self.as_bob):
            for blocked in (False, True):
                if blocked:
                    self.alice.block(self.charlie)
                with self.assertNumQueries(3):  # the session, the target, the cheers
                    self.cheers(client, f"?todo={target.pk}")
            self.alice.unblock(self.charlie)
