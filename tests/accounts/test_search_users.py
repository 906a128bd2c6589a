"""GET users/?q= and ?handle="""

import unicodedata

from tests.base import ApiTest, person


class SearchUsersTest(ApiTest):
    def found(self, query: str = "", **parameters: str) -> list[str]:
        response = (
            self.as_alice.get("users/", parameters)
            if parameters
            else self.as_alice.get(f"users/?{query}")
        )
        return [card["nickname"] for card in self.ok(response)["results"]]

    def test_people_are_found_by_the_beginning_of_handle_or_nickname(self) -> None:
        person("Dora", handle="wanderer")
        person("Wanda", handle="aaaa")
        person("Swan", handle="swan")
        assert self.found(q="wan") == ["Wanda", "Dora"]  # by handle
        assert self.found(q="wand") == ["Wanda", "Dora"]
        assert self.found(q="wandering") == []

    def test_case_unicode_form_and_an_at_sign_make_no_difference(self) -> None:
        person("김민준Åsa", handle="min.jun_1")
        for q in (
            "김민",
            unicodedata.normalize("NFD", "김민"),
            "김민준å",
            "김민준A\u030a",
            "@MIN.J",
            "＠ｍｉｎ",
            " 김민준 ",
        ):
            with self.subTest(q=q):
                assert self.found(q=q) == ["김민준Åsa"]

    def test_a_nickname_that_begins_with_an_at_sign_is_found_with_it_and_without(self) -> None:
        person("@bobby", handle="aaaa")
        person("@@bobby", handle="bbbb")
        for q in ("@bobby", "bobby", "@@bobb", "＠bobb"):
            assert self.found(q=q) == ["@bobby", "@@bobby"], q

    def test_korean_letters_that_stand_alone_are_found(self) -> None:
        person("민준ㅋㅋㅠ")
        for q in ("민준ㅋ", "민준ㅋㅋ", "민준ㅋㅋㅠ"):
            assert self.found(q=q) == ["민준ㅋㅋㅠ"], q
        assert self.found(q="민준쿠") == []

    def test_a_nickname_whose_folded_form_is_long_is_found_by_all_of_it(self) -> None:
        person("ﷺ" * 30, handle="salam")
        assert self.found(q="ﷺ" * 30) == ["ﷺ" * 30]

    def test_the_longest_handle_is_found_with_an_at_sign_before_it(self) -> None:
        person("Longest", handle="l" * 30)
        assert self.found(q="@" + "l" * 30) == ["Longest"]

    def test_wildcards_and_quotes_are_searched_literally(self) -> None:
        person("100%_sure", handle="a_bc")
        person("100 per cent", handle="axbc")
        assert self.found(q="100%") == ["100%_sure"]
        assert self.found(q="a_b") == ["100%_sure"]
        for q in ("%%", "__", "\\\\", "''", "💥💥"):
            assert self.found(q=q) == []

    def test_different_emoji_are_different(self) -> None:
        person("🍣🍣")
        assert self.found(q="🍣🍣") == ["🍣🍣"]
        assert self.found(q="🍺🍺") == []

    def test_any_character_may_follow_the_searched_beginning(self) -> None:
        for rest in ("", "a", "가", "🍣", "\U0010fffd", "é", "~"):
            person(f"Sushi{rest}")
        assert len(self.found(q="sushi")) == 7

    def test_an_unsearchable_person_is_found_by_the_whole_handle_only(self) -> None:
        person("Hidden", handle="hidden", is_searchable=False)
        assert self.found(q="hidden") == []
        for handle in ("hidden", "@Hidden", "ＨＩＤＤＥＮ"):
            assert self.found(handle=handle) == ["Hidden"]
        for handle in ("hidde", "hidden1", "%", "a" * 100):
            assert self.found(handle=handle) == []

    def test_both_parameters_narrow_together(self) -> None:
        person("Dora", handle="wanderer")
        assert self.found(q="dora", handle="wanderer") == ["Dora"]
        assert self.found(q="wanda", handle="wanderer") == []

    def test_people_hidden_from_the_viewer_are_not_found(self) -> None:
        self.alice.block(person("Wanda", handle="wanda"))
        person("Wander", handle="wander").block(self.alice)
        person("Wanting", handle="wanting", is_active=False)
        assert self.found(q="wan") == []
        for handle in ("wanda", "wander", "wanting"):
            assert self.found(handle=handle) == []

    def test_a_missing_or_malformed_parameter_is_refused(self) -> None:
        for query, field, code in (
            ("", "q", "required"),
            ("q=", "q", "required"),
            ("q=&handle=alice", "q", "required"),
            ("q=a", "q", "min_length"),
            ("q=@a", "q", "min_length"),
            ("q=+a+", "q", "min_length"),
            ("q=++", "q", "min_length"),
            (f"q={'a' * 32}", "q", "max_length"),
            ("q=a%00b", "q", "null_characters_not_allowed"),
            ("handle=", "handle", "blank"),
            ("name=alice", "name", "unknown_parameter"),
            ("q=alice&q=bob", "q", "repeated"),
        ):
            with self.subTest(query=query):
                self.assert_field_error(self.as_alice.get(f"users/?{query}"), field, code)

    def test_results_are_cards_in_pages_by_handle(self) -> None:
        for number in (3, 1, 2):
            person("Twin", handle=f"twin{number}")
        page = self.ok(self.as_alice.get("users/?q=twin&page_size=2"))
        assert [card["handle"] for card in page["results"]] == ["twin1", "twin2"]
        assert set(page["results"][0]) == {"id", "handle", "nickname", "avatar"}
        rest = self.ok(self.as_alice.get(page["next"]))
        assert [card["handle"] for card in rest["results"]] == ["twin3"]
        assert rest["next"] is None

    def test_one_person_and_many_cost_the_same_queries(self) -> None:
        for count in (1, 10):
            for _ in range(count):
                person("Twin")
            # 1 the session, its user and profile  2 the handles  3 the nicknames  4 the people
            with self.assertNumQueries(4):
                self.found(q="twin")

    def test_a_search_requires_an_access_token(self) -> None:
        self.assert_problem(self.anonymous.get("users/?q=alice"), 401, "not_authenticated")
