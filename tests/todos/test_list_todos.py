"""GET todos/ and GET todos/{id}/"""

import unicodedata
from datetime import time
from typing import Any
from urllib.parse import quote

from accounts.models import Block
from tests.base import ids, new_id
from tests.todos.todo_base import DAY, NEXT_DAY, THIRD_DAY, TodoTest
from todos.models import Todo


class ListTodosTest(TodoTest):
    def listed(self, query: str = "", phone: Any = None) -> list[str]:
        return [
            todo["title"]
            for todo in self.ok((phone or self.as_alice).get(f"todos/?{query}"))["results"]
        ]

    def test_todos_are_ordered_by_date_then_position_without_archived_ones(self) -> None:
        self.todo("c", NEXT_DAY)
        self.todo("a")
        self.todo("b")
        self.todo("put aside", None)
        self.todo("his", goal=self.goal(self.bob))
        assert self.listed() == ["a", "b", "c"]

    def test_pages_have_each_todo_once_even_with_equal_positions(self) -> None:
        self.fill(DAY, 5)
        Todo.objects.update(position=3)
        rows, url = [], "todos/?page_size=2"
        while url:
            page = self.ok(self.as_alice.get(url))
            rows += ids(page["results"])
            url = page["next"]
        assert rows == sorted(rows)
        assert len(set(rows)) == 5

    def test_date_filters_include_both_ends(self) -> None:
        for title, day in (("a", DAY), ("b", NEXT_DAY), ("c", THIRD_DAY)):
            self.todo(title, day)
        assert self.listed(f"date={NEXT_DAY}") == ["b"]
        assert self.listed(f"date_from={NEXT_DAY}") == ["b", "c"]
        assert self.listed(f"date_to={NEXT_DAY}") == ["a", "b"]
        assert self.listed(f"date_from={NEXT_DAY}&date_to={NEXT_DAY}") == ["b"]
        assert self.listed(f"date={DAY}&date_from={NEXT_DAY}") == []
        response = self.as_alice.get(f"todos/?date_from={NEXT_DAY}&date_to={DAY}")
        self.assert_field_error(response, "date_to", "out_of_order")

    def test_filters_are_combined(self) -> None:
        work = self.goal(title="Work")
        self.todo("done", is_done=True)
        self.todo("timed", time=time(9))
        self.todo("both", is_done=True, time=time(0))
        self.todo("work", goal=work)
        assert self.listed("is_done=true") == ["done", "both"]
        assert self.listed("is_done=false") == ["timed", "work"]
        assert self.listed("has_time=true") == ["timed", "both"]
        assert self.listed("has_time=false") == ["done", "work"]
        assert self.listed("is_done=true&has_time=true&q=O") == ["both"]
        assert self.listed(f"goal={work.pk}") == ["work"]
        assert self.listed(f"goal={work.pk}&is_done=true") == []
        assert self.listed(f"goal={new_id()}") == []

    def test_an_unknown_filter_or_an_invalid_value_is_refused(self) -> None:
        for query, field in (
            ("is_done=1", "is_done"),
            ("has_time=True", "has_time"),
            ("date=tomorrow", "date"),
            ("goal=x", "goal"),
            ("quick_input=", "quick_input"),
            ("q=", "q"),
            ("q=%E2%80%8B%20%EF%B8%8F", "q"),  # characters that show nothing
            ("titel=x", "titel"),
            ("date=2026-03-02&date=2026-03-03", "date"),
        ):
            body = self.assert_problem(self.as_alice.get(f"todos/?{query}"), 400, "invalid")
            assert [error["field"] for error in body["errors"]] == [field], query

    def test_quick_input_filters_own_todos_only(self) -> None:
        self.todo()
        activated = self.activated()
        query = f"quick_input={activated.quick_input_id}"
        assert self.listed(query) == ["Water"]
        assert self.listed(f"quick_input={new_id()}") == []
        assert self.listed(f"owner={self.alice.uuid}", self.as_bob) == ["Run", "Water"]
        for phone in (self.as_bob, self.as_charlie):
            assert self.listed(f"{query}&owner={self.alice.uuid}", phone) == []
            assert self.listed(query, phone) == []

    def test_others_see_dated_todos_of_visible_goals_without_private_fields(self) -> None:
        for visibility in ("public", "followers", "private"):
            self.todo(visibility, memo="secret", goal=self.goal(visibility=visibility))
        self.todo("put aside", None)
        owner = f"owner={self.alice.uuid}"
        assert self.listed(owner) == ["public", "followers", "private"]
        assert self.listed(owner, self.as_bob) == ["public", "followers"]
        assert self.listed(owner, self.as_charlie) == ["public"]
        assert self.listed(f"owner={new_id()}") == []
        todo = self.ok(self.as_bob.get(f"todos/?{owner}"))["results"][0]
        assert {name for name in todo if todo[name] is None} == {
            *("memo", "position", "quick_input", "offered_on"),
            *("time", "done_at", "photo"),
        }
        Block.objects.create(blocker=self.alice, blocked=self.bob)
        assert self.listed(owner, self.as_bob) == []

    def test_only_the_owner_sees_the_quick_input_of_a_todo(self) -> None:
        path = f"todos/{self.activated().pk}/"
        assert self.ok(self.as_alice.get(path))["offered_on"] == str(DAY)
        seen = self.ok(self.as_bob.get(path))
        assert (seen["title"], seen["quick_input"], seen["offered_on"]) == ("Water", None, None)

    def test_a_hidden_todo_is_not_found(self) -> None:
        hidden = self.todo(goal=self.goal())
        archived = self.todo(day=None)
        for pk in (hidden.pk, archived.pk, new_id()):
            for phone in (self.as_bob, self.as_charlie):
                self.assert_problem(phone.get(f"todos/{pk}/"), 404, "not_found")
        assert self.ok(self.as_alice.get(f"todos/{archived.pk}/"))["date"] is None
        shown = self.todo(memo="secret")
        assert self.ok(self.as_charlie.get(f"todos/{shown.pk}/"))["memo"] is None

    def test_own_todos_take_two_queries_and_a_friends_three(self) -> None:
        for count in (1, 100):
            self.fill(DAY, count)
            # session, todos with their owner; for a friend's, the visible goals before them
            for phone, query, queries in (
                (self.as_alice, "", 2),
                (self.as_bob, f"&owner={self.alice.uuid}", 3),
            ):
                with self.assertNumQueries(queries):
                    assert self.listed(f"page_size=200&date={DAY}{query}", phone)


class SearchTodosTest(TodoTest):
    def finds(self, title: str, q: str) -> bool:
        Todo.objects.all().delete()
        self.todo(title)
        return self.found(q) == [title]

    def found(self, q: str) -> list[str]:
        """Return the titles of the todos that a search finds."""
        found = self.ok(self.as_alice.get(f"todos/?q={quote(q)}"))["results"]
        return [todo["title"] for todo in found]

    def test_q_ignores_case_and_unicode_form(self) -> None:
        decomposed = unicodedata.normalize("NFD", "물 마시기")
        for title, q in (
            ("Buy MILK today", "milk"),
            ("물 마시기", decomposed),
            (decomposed, "마시"),
            ("ＡＢＣ　１２３", "abc 123"),
            ("half ｶﾞ width", "ガ"),
            ("STRASSE", "straße"),
            ("Große Straße", "STRASSE"),
            ("İSTANBUL", "i̇stanbul"),
            ("ISTANBUL", "istanbul"),
            ("ΟΔΟΣ", "οδος"),
            ("🍣 at noon", "🍣"),
        ):
            assert self.finds(title, q), (title, q)

    def test_q_finds_korean_letters_that_stand_alone_and_the_words_before_them(self) -> None:
        for title in ("망함ㅋㅋㅠㅠ", "장보기 추가ㄳ", "이거 큐"):
            self.todo(title)
        for q, titles in (
            ("망함ㅋㅋ", ["망함ㅋㅋㅠㅠ"]),
            ("추가", ["장보기 추가ㄳ"]),
            ("ㄳ", ["장보기 추가ㄳ"]),
            ("큐", ["이거 큐"]),
            ("ㅋㅠ", ["망함ㅋㅋㅠㅠ"]),
        ):
            assert self.found(q) == titles, q

    def test_q_finds_the_turkish_i_in_each_of_its_forms(self) -> None:
        self.todo("İstanbul'da ısıtıcı")
        for q in ("istanbul", "İSTANBUL", "ISTANBUL", "ısıtıcı", "ISITICI"):
            assert len(self.found(q)) == 1, q

    def test_q_finds_the_last_word_of_the_longest_title(self) -> None:
        long = "ﷺ" * 195 + " last"  # one letter of it is folded to eighteen
        self.todo(long)
        for q in ("last", "ﷺ last", long):
            assert self.found(q) == [long]

    def test_q_distinguishes_different_texts(self) -> None:
        for title, q in (
            ("Milk", "mild"),
            ("🍣", "🍺"),
            ("résumé", "resume"),
            ("100", "1%0"),
            ("abc", "a_c"),
            ("a", "\\"),
        ):
            assert not self.finds(title, q), (title, q)

    def test_q_searches_special_characters_literally(self) -> None:
        for title, q in (
            ("100% sure", "0%"),
            ("snake_case", "e_c"),
            ("a\\b", "\\"),
            ('it\'s "so"', "'s \""),
            ("a+b", "+"),
        ):
            assert self.finds(title, q), (title, q)

    def test_a_changed_title_is_found_by_its_new_text_only(self) -> None:
        todo = self.todo("Old")
        self.ok(self.patch(todo, title="NEW"))
        assert self.ok(self.as_alice.get("todos/?q=old"))["results"] == []
        assert ids(self.ok(self.as_alice.get("todos/?q=new"))["results"]) == [str(todo.pk)]
