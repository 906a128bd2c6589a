"""GET goals/ and goals/{id}/"""

from tests.base import ApiTest, Client, ids, new_id, person


class ListGoalsTest(ApiTest):
    def titles(self, client: Client, query: str = "") -> list[str]:
        return [goal["title"] for goal in self.ok(client.get(f"goals/{query}"))["results"]]

    def test_the_list_without_owner_has_own_goals_in_order(self) -> None:
        for title in "bca":
            self.goal(title=title)
        self.goal(self.bob, title="his", visibility="public")
        assert self.titles(self.as_alice) == ["b", "c", "a"]

    def test_the_list_with_owner_has_the_visible_goals_of_that_person(self) -> None:
        for visibility in ("private", "selected", "followers", "public"):
            self.goal(title=visibility, visibility=visibility)
        query = f"?owner={self.alice.uuid}"
        assert self.titles(self.as_bob, query) == ["followers", "public"]
        assert self.titles(self.as_charlie, query) == ["public"]
        assert len(self.titles(self.as_alice, query)) == 4

    def test_private_fields_of_a_goal_are_null_for_others(self) -> None:
        goal = self.goal(visibility="public")
        mine, theirs = (
            self.ok(client.get(f"goals/{goal.pk}/")) for client in (self.as_alice, self.as_bob)
        )
        assert (theirs["viewers"], theirs["position"]) == (None, None)
        assert theirs == mine | {"viewers": None, "position": None}

    def test_goals_are_filtered_by_state_and_visibility(self) -> None:
        self.goal(title="a", state="done", visibility="public")
        self.goal(title="b", visibility="public")
        self.goal(title="c")
        assert self.titles(self.as_alice, "?state=active") == ["b", "c"]
        assert self.titles(self.as_alice, "?state=active&visibility=public") == ["b"]

    def test_the_list_of_a_hidden_person_is_empty(self) -> None:
        assert self.titles(self.as_alice, f"?owner={new_id()}") == []

    def test_an_unknown_repeated_or_invalid_parameter_is_refused(self) -> None:
        for query, field, code in (
            ("?stat=active", "stat", "unknown_parameter"),
            ("?state=active&state=done", "state", "repeated"),
            ("?state=", "state", "invalid_choice"),
            ("?state=Active", "state", "invalid_choice"),
            ("?owner=5", "owner", "invalid"),
        ):
            with self.subTest(query=query):
                self.assert_field_error(self.as_alice.get(f"goals/{query}"), field, code)

    def test_one_goal_and_many_cost_the_same_queries(self) -> None:
        def make(count: int) -> None:
            for _ in range(count):
                goal = self.goal(visibility="selected")
                goal.viewers.set([person("Fan").follow(self.alice)])

        make(1)
        # 1 the session, its user and profile  2 goals with their owner's card  3 viewers' cards
        with self.assertNumQueries(3):
            assert len(self.titles(self.as_alice)) == 1
        make(20)
        with self.assertNumQueries(3):
            assert len(self.titles(self.as_alice, "?page_size=200")) == 21

    def test_the_next_page_continues_after_the_last_goal(self) -> None:
        made = [str(self.goal(title=str(number)).pk) for number in range(7)]
        seen, url = [], "goals/?page_size=2"
        while url:
            page = self.ok(self.as_alice.get(url))
            seen += ids(page["results"])
            url = page["next"]
        assert seen == made
