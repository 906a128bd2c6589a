"""GET users/{id}/followers/ and users/{id}/following/"""

from accounts.models import Profile, User
from tests.base import ApiTest, Client, ids, new_id, person


class ListFollowersTest(ApiTest):
    def people(self, client: Client, user: User, which: str = "followers") -> list[str]:
        return ids(self.ok(client.get(f"users/{user.uuid}/{which}/"))["results"])

    def test_followers_and_following_are_separate_lists(self) -> None:
        self.alice.follow(self.charlie)
        assert self.people(self.as_charlie, self.alice) == [str(self.bob.uuid)]
        assert self.people(self.as_charlie, self.alice, "following") == [str(self.charlie.uuid)]
        assert self.people(self.as_bob, self.bob, "following") == [str(self.alice.uuid)]

    def test_requests_are_in_neither_list(self) -> None:
        private = person("Priya", is_private=True)
        self.charlie.follow(private)
        assert self.people(self.phone(private), private) == []
        assert self.people(self.as_charlie, self.charlie, "following") == []

    def test_lists_of_a_private_account_are_visible_to_itself_and_its_followers(self) -> None:
        Profile.objects.filter(pk=self.alice.pk).update(is_private=True)
        self.charlie.follow(self.alice)
        self.alice.follow(person("Followed"))  # being followed by the account gives no access
        dan = person("Dan")
        self.alice.follow(dan)
        for which in ("followers", "following"):
            for client in (self.as_charlie, self.phone(dan)):
                self.assert_problem(client.get(f"users/{self.alice.uuid}/{which}/"), 403, "private")
            for client in (self.as_alice, self.as_bob):
                assert self.people(client, self.alice, which)

    def test_people_hidden_from_the_viewer_are_left_out(self) -> None:
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

    def test_lists_of_a_hidden_person_are_a_404(self) -> None:
        self.alice.block(self.charlie)
        for pk in (self.alice.uuid, new_id()):
            for which in ("followers", "following"):
                self.assert_problem(self.as_charlie.get(f"users/{pk}/{which}/"), 404, "not_found")

    def test_pages_are_ordered_by_handle_and_have_each_person_once(self) -> None:
        for name in ("zoe", "amy", "kim", "lee"):
            person(name).follow(self.alice)
        url, handles = f"users/{self.alice.uuid}/followers/?page_size=2", []
        while url:
            page = self.ok(self.as_charlie.get(url))
            handles += [card["handle"] for card in page["results"]]
            url = page["next"]
        assert [handle[:3] for handle in handles] == ["amy", "bob", "kim", "lee", "zoe"]

    def test_parameters_of_the_search_are_refused(self) -> None:
        response = self.as_charlie.get(f"users/{self.alice.uuid}/followers/?q=bob")
        self.assert_field_error(response, "q", "unknown_parameter")

    def test_one_follower_and_many_cost_the_same_queries(self) -> None:
        for count in (0, 9):
            for _ in range(count):
                fan = person("Fan")
                fan.follow(self.alice)
                self.alice.follow(fan)
            for which in ("followers", "following"):
                # 1 the session, its user and profile  2 the person  3 their access
                # 4 whether they are too many to sort  5 the people
                with self.assertNumQueries(5):
                    self.people(self.as_charlie, self.alice, which)
