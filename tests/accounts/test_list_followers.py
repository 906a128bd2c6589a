"""GET users/{id}/followers/ and users/{id}/following/"""

from accounts.models import Profile, User
from tests.base import ApiTest, Client, ids, new_id, person


class ListFollowersTest(ApiTest):
    def people(self, client: Client, whose: User, what: str = "followers") -> list[str]:
        return ids(self.ok(client.get(f"users/{whose.uuid}/{what}/"))["results"])

    def test_followers_and_followed_are_told_apart(self) -> None:
        self.alice.follow(self.charlie)
        assert self.people(self.as_charlie, self.alice) == [str(self.bob.uuid)]
        assert self.people(self.as_charlie, self.alice, "following") == [str(self.charlie.uuid)]
        assert self.people(self.as_bob, self.bob, "following") == [str(self.alice.uuid)]

    def test_requests_are_in_neither_list(self) -> None:
        private = person("Priya", is_private=True)
        self.charlie.follow(private)
        assert self.people(self.phone(private), private) == []
        assert self.people(self.as_charlie, self.charlie, "following") == []

    def test_those_of_a_private_account_are_for_itself_and_its_accepted_followers(self) -> None:
        Profile.objects.filter(pk=self.alice.pk).update(is_private=True)
        self.charlie.follow(self.alice)
        self.alice.follow(person("Followed"))  # that the account follows me opens nothing
        dan = person("Dan")
        self.alice.follow(dan)
        for what in ("followers", "following"):
            for client in (self.as_charlie, self.phone(dan)):
                self.assert_problem(client.get(f"users/{self.alice.uuid}/{what}/"), 403, "private")
            for client in (self.as_alice, self.as_bob):
                assert self.people(client, self.alice, what)

    def test_people_who_are_not_there_for_me_are_left_out(self) -> None:
        blocked, blocker, gone = person("Blocked"), person("Blocker"), person("Gone")
        for other in (blocked, blocker, gone):
            other.follow(self.bob)
            self.bob.follow(other)
        self.alice.block(blocked)
        blocker.block(self.alice)
        User.objects.filter(pk=gone.pk).update(is_active=False)
        assert self.people(self.as_alice, self.bob) == []
        assert self.people(self.as_alice, self.bob, "following") == [str(self.alice.uuid)]
        assert len(self.people(self.as_bob, self.bob)) == 2

    def test_somebody_who_is_not_there_for_me_is_a_404(self) -> None:
        self.alice.block(self.charlie)
        for pk in (self.alice.uuid, new_id()):
            for what in ("followers", "following"):
                self.assert_problem(self.as_charlie.get(f"users/{pk}/{what}/"), 404, "not_found")

    def test_they_come_in_pages_by_handle_each_person_once(self) -> None:
        for name in ("zoe", "amy", "kim", "lee"):
            person(name).follow(self.alice)
        url, handles = f"users/{self.alice.uuid}/followers/?page_size=2", []
        while url:
            page = self.ok(self.as_charlie.get(url))
            handles += [card["handle"] for card in page["results"]]
            url = page["next"]
        assert [handle[:3] for handle in handles] == ["amy", "bob", "kim", "lee", "zoe"]

    def test_parameters_of_the_search_are_unknown_here(self) -> None:
        response = self.as_charlie.get(f"users/{self.alice.uuid}/followers/?q=bob")
        self.assert_field_error(response, "q", "unknown_parameter")

    def test_one_follower_and_many_cost_the_same_queries(self) -> None:
        for count in (0, 9):
            for _ in range(count):
                fan = person("Fan")
                fan.follow(self.alice)
                self.alice.follow(fan)
            for what in ("followers", "following"):
                # 1 the session, its user and profile  2 the person  3 whether their lists are open  4 the people
                with self.assertNumQueries(4):
                    self.people(self.as_charlie, self.alice, what)
