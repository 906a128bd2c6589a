"""GET cheers/?received=true"""

from cheers.models import Cheer
from tests.base import ids, person
from tests.cheers.base import CheerTest


class ListReceivedCheersTest(CheerTest):
    def test_received_cheers_are_listed_newest_first_with_their_targets(self) -> None:
        todo, diary, bobs = (
            self.todo(title="Run 5 km"),
            self.diary(),
            self.todo(owner=self.bob, visibility="public"),
        )
        for client, target in ((self.as_bob, todo), (self.as_bob, diary), (self.as_alice, diary)):
            self.cheer(client, target)
        self.cheer(self.as_alice, bobs)
        on_todo = {"kind": "todo", "id": str(todo.pk), "title": "Run 5 km", "date": None}
        on_diary = {"kind": "diary", "id": str(diary.pk), "title": None, "date": str(self.today)}
        received = self.cheers(self.as_alice, "?received=true")
        assert [cheer["target"] for cheer in received] == [on_diary, on_diary, on_todo]
        bob = str(self.bob.uuid)
        assert [cheer["owner"]["id"] for cheer in received] == [str(self.alice.uuid), bob, bob]

    def test_received_cheers_on_archived_private_and_draft_targets_are_listed(self) -> None:
        for target in (self.todo(), self.diary()):
            self.cheer(self.as_bob, target)
            target.change(
                **(
                    {"date": None}
                    if target.kind == "todo"
                    else {"is_draft": True, "visibility": "private"}
                )
            )
        assert len(self.cheers(self.as_alice, "?received=true")) == 2
        assert self.cheers(self.as_bob) == []

    def test_received_cheers_are_filtered_by_target(self) -> None:
        todo, bobs = self.todo(), self.todo(owner=self.bob, visibility="public")
        for target in (todo, self.diary(), bobs):
            self.cheer(self.as_alice, target)
        assert len(self.cheers(self.as_alice, f"?received=true&todo={todo.pk}")) == 1
        assert self.cheers(self.as_alice, f"?received=true&todo={bobs.pk}") == []

    def test_received_cheers_are_filtered_by_instant(self) -> None:
        first, second = self.cheer(self.as_bob, self.todo()), self.cheer(self.as_bob, self.diary())
        self.cheer(self.as_bob, self.diary(date=self.day(1)), "🍺")
        new = self.cheers(self.as_alice, f"?received=true&after={first['created_at']}")
        assert ids(new)[1:] == [second["id"]]
        assert len(new) == 2

    def test_received_cheers_of_blocked_people_are_hidden(self) -> None:
        todo, bobs = self.todo(), self.todo(owner=self.bob, visibility="public")
        self.cheer(self.as_bob, todo)
        self.cheer(self.as_alice, bobs)
        self.alice.block(self.bob)
        for client in (self.as_alice, self.as_bob):
            assert self.cheers(client, "?received=true") == []
        self.alice.unblock(self.bob)
        assert len(self.cheers(self.as_alice, "?received=true")) == 1

    def test_one_cheer_and_many_cost_the_same_queries(self) -> None:
        goal = self.goal(visibility="public")
        self.cheer(self.as_bob, self.todo(goal=goal))
        # 1 the session, its user and profile  2 the end of what is looked at
        # 3 cheers with their givers, todos and diaries
        with self.assertNumQueries(3):
            assert len(self.cheers(self.as_alice, "?received=true")) == 1
        for number in range(10):
            fan = person("Fan")
            Cheer.give(fan, self.todo(goal=goal), "🎉")
            Cheer.give(fan, self.diary(date=self.day(number)), "🎉")
        with self.assertNumQueries(3):
            assert len(self.cheers(self.as_alice, "?received=true")) == 21
