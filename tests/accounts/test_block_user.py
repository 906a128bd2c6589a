"""PUT and DELETE users/{id}/block/, GET blocks/"""

from accounts.models import Block, Follow
from tests.base import ApiTest, Client, ids, new_id, person


class BlockUserTest(ApiTest):
    def blocked(self, client: Client) -> list[str]:
        return ids(self.ok(client.get("blocks/"))["results"])

    def test_blocking_and_unblocking_are_idempotent(self) -> None:
        for _ in range(2):
            self.ok(self.as_alice.put(f"users/{self.charlie.uuid}/block/"), 204)
            assert self.blocked(self.as_alice) == [str(self.charlie.uuid)]
        for _ in range(2):
            self.ok(self.as_alice.delete(f"users/{self.charlie.uuid}/block/"), 204)
            assert self.blocked(self.as_alice) == []

    def test_blocking_hides_both_people_from_each_other(self) -> None:
        self.ok(self.as_alice.put(f"users/{self.bob.uuid}/block/"), 204)
        for client, other in ((self.as_alice, self.bob), (self.as_bob, self.alice)):
            here = f"users/{other.uuid}/"
            calls = [
                client.get(here),
                client.get(f"{here}followers/"),
                client.get(f"{here}following/"),
            ]
            calls += [client.put(f"{here}follow/"), client.put(f"follow-requests/{other.uuid}/")]
            for response in calls:
                self.assert_problem(response, 404, "not_found")
            for query in (f"handle={other.profile.handle}", f"q={other.profile.nickname}"):
                assert self.ok(client.get(f"users/?{query}"))["results"] == []

    def test_a_blocked_person_gets_the_answers_of_a_random_id(self) -> None:
        self.alice.block(self.bob)
        for pk in (self.alice.uuid, new_id()):
            self.assert_problem(self.as_bob.put(f"users/{pk}/block/"), 404, "not_found")
            self.ok(self.as_bob.delete(f"users/{pk}/block/"), 204)
        assert self.blocked(self.as_bob) == []

    def test_two_people_who_block_each_other_can_each_unblock(self) -> None:
        self.alice.block(self.bob)
        self.bob.block(self.alice)
        assert self.blocked(self.as_alice) == [str(self.bob.uuid)]
        self.ok(self.as_alice.put(f"users/{self.bob.uuid}/block/"), 204)
        for _ in range(2):
            self.ok(self.as_alice.delete(f"users/{self.bob.uuid}/block/"), 204)
        assert self.blocked(self.as_bob) == [str(self.alice.uuid)]
        self.assert_problem(self.as_alice.get(f"users/{self.bob.uuid}/"), 404, "not_found")

    def test_blocking_ends_both_follows_and_requests_and_unblocking_brings_none_back(self) -> None:
        private = person("Priya", is_private=True)
        self.alice.follow(self.bob)
        self.alice.follow(private)
        for other in (self.bob, private):
            self.ok(self.as_alice.put(f"users/{other.uuid}/block/"), 204)
            self.ok(self.as_alice.delete(f"users/{other.uuid}/block/"), 204)
            assert not Follow.objects.between(self.alice, other).exists()

    def test_blocking_removes_viewers_on_both_sides(self) -> None:
        self.alice.follow(self.bob)
        goals = [self.goal(visibility="selected"), self.goal(self.bob, visibility="selected")]
        goals[0].viewers.set(Follow.objects.of(self.bob, self.alice))
        goals[1].viewers.set(Follow.objects.of(self.alice, self.bob))
        self.ok(self.as_alice.put(f"users/{self.bob.uuid}/block/"), 204)
        self.ok(self.as_alice.delete(f"users/{self.bob.uuid}/block/"), 204)
        assert [goal.viewers.count() for goal in goals] == [0, 0]

    def test_a_block_does_not_affect_other_people(self) -> None:
        self.ok(self.as_alice.put(f"users/{self.charlie.uuid}/block/"), 204)
        assert Follow.objects.of(self.bob, self.alice).exists()
        self.ok(self.as_bob.get(f"users/{self.charlie.uuid}/"))
        self.ok(self.as_bob.get(f"users/{self.alice.uuid}/"))

    def test_blocking_oneself_is_refused(self) -> None:
        self.assert_problem(self.as_alice.put(f"users/{self.alice.uuid}/block/"), 400, "oneself")
        self.ok(self.as_alice.delete(f"users/{self.alice.uuid}/block/"), 204)
        assert not Block.objects.exists()

    def test_an_inactive_person_is_a_404_and_not_listed(self) -> None:
        gone = person("Gone", is_active=False)
        self.alice.block(gone)
        self.assert_problem(self.as_alice.put(f"users/{gone.uuid}/block/"), 404, "not_found")
        assert self.blocked(self.as_alice) == []

    def test_blocks_are_cards_by_handle_and_cost_the_same_for_one_and_many(self) -> None:
        for name in "zoe", "amy", "kim":
            self.alice.block(person(name))
        handles = [card["handle"] for card in self.ok(self.as_alice.get("blocks/"))["results"]]
        assert handles == sorted(handles)
        assert [handle[:3] for handle in handles] == ["amy", "kim", "zoe"]
        for blocker in (self.bob, self.alice):
            blocker.block(self.charlie)
            client = self.phone(blocker)
            # 1 the session, its user and profile  2 whether they are too many to sort  3 the people
            with self.assertNumQueries(3):
                client.get("blocks/")
