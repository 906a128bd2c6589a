"""GET diaries/"""

from datetime import date, timedelta
from typing import Any

from diaries.models import Diary
from tests.base import ApiTest, Client, ids, new_id, person

MARCH = date(2026, 3, 1)


class ListDiariesTest(ApiTest):
    def diary(self, day: int = 0, **values: Any) -> Diary:
        return Diary.add(
            values.pop("owner", self.alice), date=MARCH + timedelta(days=day), **values
        )

    def bodies(self, query: str = "", client: Client | None = None) -> list[str]:
        return [
            row["body"]
            for row in self.ok((client or self.as_alice).get(f"diaries/{query}"))["results"]
        ]

    def test_the_list_without_owner_has_own_diaries_latest_date_first(self) -> None:
        for day in (1, 3, 2):
            self.diary(day, body=str(day))
        self.diary(9, owner=self.bob, body="his", visibility="public")
        assert self.bodies() == ["3", "2", "1"]

    def test_the_list_with_owner_has_the_visible_diaries_of_that_person(self) -> None:
        for day, visibility in enumerate(("private", "selected", "followers", "public")):
            self.diary(day, body=visibility, visibility=visibility)
        self.diary(9, body="draft", visibility="public", is_draft=True)
        query = f"?owner={self.alice.uuid}"
        assert self.bodies(query, self.as_bob) == ["public", "followers"]
        assert self.bodies(query, self.as_charlie) == ["public"]
        assert len(self.bodies(query)) == 5

    def test_the_list_of_a_hidden_or_unknown_person_is_empty(self) -> None:
        self.diary(visibility="public")
        self.alice.block(self.charlie)
        for owner in (self.alice.uuid, new_id()):
            assert self.bodies(f"?owner={owner}", self.as_charlie) == []

    def test_diaries_are_filtered_by_date_and_by_an_inclusive_range(self) -> None:
        for day in range(5):
            self.diary(day, body=str(day))
        for query, found in (
            ("?date=2026-03-02", ["1"]),
            ("?date=2026-04-02", []),
            ("?date_from=2026-03-04", ["4", "3"]),
            ("?date_to=2026-03-02", ["1", "0"]),
            ("?date_from=2026-03-02&date_to=2026-03-03", ["2", "1"]),
            ("?date_from=2026-03-02&date_to=2026-03-02", ["1"]),
        ):
            with self.subTest(query):
                assert self.bodies(query) == found

    def test_diaries_are_filtered_by_mood_visibility_and_draft(self) -> None:
        self.diary(1, body="a", emoji="🍣", visibility="public")
        self.diary(2, body="b", emoji="🍺", is_draft=True)
        self.diary(3, body="c", emoji="❤️")
        for query, found in (
            ("?emoji=🍣", ["a"]),
            ("?emoji=🍺", ["b"]),
            ("?emoji=❤", ["c"]),
            ("?emoji=❤️", ["c"]),
            ("?emoji=🎉", []),
            ("?visibility=public", ["a"]),
            ("?visibility=private", ["c", "b"]),
            ("?is_draft=true", ["b"]),
            ("?is_draft=false", ["c", "a"]),
            ("?is_draft=false&visibility=private", ["c"]),
        ):
            with self.subTest(query):
                assert self.bodies(query) == found

    def test_an_unknown_repeated_or_invalid_parameter_is_refused(self) -> None:
        for query, field, code in (
            ("?mood=🍣", "mood", "unknown_parameter"),
            ("?date=2026-03-01&date=2026-03-02", "date", "repeated"),
            ("?date=yesterday", "date", "invalid"),
            ("?date_from=2026-02-30", "date_from", "invalid"),
            ("?date_from=2026-03-02&date_to=2026-03-01", "date_to", "out_of_order"),
            ("?emoji=ab", "emoji", "not_one_emoji"),
            ("?emoji=🍣🍺", "emoji", "not_one_emoji"),
            ("?visibility=secret", "visibility", "invalid_choice"),
            ("?is_draft=1", "is_draft", "invalid"),
            ("?owner=5", "owner", "invalid"),
        ):
            with self.subTest(query):
                self.assert_field_error(self.as_alice.get(f"diaries/{query}"), field, code)

    def test_the_next_page_continues_after_the_last_diary_despite_changes(self) -> None:
        made = [str(self.diary(day).pk) for day in range(7)][::-1]
        first = self.ok(self.as_alice.get("diaries/?page_size=3"))
        Diary.objects.get(pk=made[0]).remove()
        second = self.ok(self.as_alice.get(first["next"]))
        third = self.ok(self.as_alice.get(second["next"]))
        assert [*ids(first["results"]), *ids(second["results"]), *ids(third["results"])] == made
        assert third["next"] is None
        assert ids(self.ok(self.as_alice.get(third["previous"]))["results"]) == made[3:6]

    def test_one_diary_and_many_cost_the_same_queries(self) -> None:
        fans = [person("Fan").follow(self.alice) for _ in range(3)]
        self.diary().viewers.set(fans)
        # 1 the session, its user and profile  2 diaries with their owner's card  3 viewers' cards
        with self.assertNumQueries(3):
            assert len(self.bodies()) == 1
        for day in range(1, 20):
            self.diary(day, visibility="public").viewers.set(fans)
        with self.assertNumQueries(3):
            assert len(self.bodies()) == 20
        with self.assertNumQueries(2):  # only the owner sees the viewers
            assert len(self.bodies(f"?owner={self.alice.uuid}", self.as_bob)) == 19
