"""PATCH diaries/{id}/"""

from datetime import date
from typing import Any

import pytest

from accounts.models import Follow
from diaries.models import Diary
from tests.base import ApiTest, Client, RaceTest, ids, needs_row_locks, person

MARCH = date(2026, 3, 1)


class UpdateDiaryTest(ApiTest):
    def diary(self, **values: Any) -> Diary:
        return Diary.add(self.alice, **{"date": MARCH} | values)

    def test_only_the_sent_fields_change(self) -> None:
        diary = self.diary(
            body="Good", emoji="🍣", temperature=5, color="#112233", visibility="public"
        )
        before = self.ok(self.as_alice.get(f"diaries/{diary.pk}/"))
        answer = self.ok(self.as_alice.patch(f"diaries/{diary.pk}/", {"temperature": 6}))
        changed = {"temperature": 6, "updated_at": answer["updated_at"], "cheers": None}
        assert answer == before | changed
        assert answer["updated_at"] > before["updated_at"]

    def test_mood_temperature_and_colour_can_be_cleared(self) -> None:
        diary = self.diary(emoji="🍣", temperature=5, color="#112233")
        nothing = {"emoji": None, "temperature": None, "color": None, "body": ""}
        answer = self.ok(self.as_alice.patch(f"diaries/{diary.pk}/", nothing))
        assert {name: answer[name] for name in nothing} == nothing

    def test_the_date_may_change_to_a_free_one(self) -> None:
        diary = self.diary()
        for _ in range(2):
            answer = self.ok(self.as_alice.patch(f"diaries/{diary.pk}/", {"date": "2026-03-05"}))
            assert answer["date"] == "2026-03-05"

    def test_the_date_of_another_diary_is_a_duplicate_that_names_it(self) -> None:
        diary, other = self.diary(body="mine"), self.diary(date=date(2026, 3, 2))
        answer = self.as_alice.patch(
            f"diaries/{diary.pk}/", {"date": "2026-03-02", "body": "changed"}
        )
        assert self.assert_problem(answer, 409, "duplicate")["existing"] == str(other.pk)
        diary.refresh_from_db()
        assert (diary.date, diary.body) == (MARCH, "mine")

    def test_the_diary_of_another_person_does_not_occupy_the_date(self) -> None:
        Diary.add(self.bob, date=date(2026, 3, 2))
        self.ok(self.as_alice.patch(f"diaries/{self.diary().pk}/", {"date": "2026-03-02"}))

    def test_an_answer_can_be_sent_back_unchanged(self) -> None:
        diary = self.diary(visibility="selected", emoji="🍣")
        diary.viewers.set(Follow.objects.of(self.bob, self.alice))
        read = self.ok(self.as_alice.get(f"diaries/{diary.pk}/"))
        written = self.ok(self.as_alice.patch(f"diaries/{diary.pk}/", read))
        other = {"updated_at": "", "cheers": None}
        assert written | other == read | other

    def test_viewers_are_replaced_as_a_whole(self) -> None:
        diary = self.diary()
        answer = self.ok(
            self.as_alice.patch(f"diaries/{diary.pk}/", {"viewers": [str(self.bob.uuid)]})
        )
        assert ids(answer["viewers"]) == [str(self.bob.uuid)]
        assert (
            self.ok(self.as_alice.patch(f"diaries/{diary.pk}/", {"viewers": []}))["viewers"] == []
        )

    def test_a_viewer_may_not_change_a_diary_and_others_do_not_find_it(self) -> None:
        diary = self.diary(visibility="followers")
        self.assert_problem(
            self.as_bob.patch(f"diaries/{diary.pk}/", {"body": "x"}), 403, "permission_denied"
        )
        self.assert_problem(
            self.as_charlie.patch(f"diaries/{diary.pk}/", {"body": "x"}), 404, "not_found"
        )

    def test_put_is_not_allowed(self) -> None:
        self.assert_problem(
            self.as_alice.put(f"diaries/{self.diary().pk}/", {}), 405, "method_not_allowed"
        )

    def test_one_viewer_and_many_cost_the_same_queries(self) -> None:
        diary = self.diary()
        for fans in (1, 5):
            diary.viewers.add(*(person("Fan").follow(self.alice) for _ in range(fans)))
            # 1 the session  2 and 5 the savepoint  3 the diary, locked  4 its change
            # 6 viewers with their cards
            with self.assertNumQueries(6):
                self.ok(self.as_alice.patch(f"diaries/{diary.pk}/", {"body": str(fans)}))


@pytest.mark.races
@needs_row_locks
class UpdateDiaryRaceTest(RaceTest):
    def test_one_of_many_diaries_moved_concurrently_to_a_date_gets_it(self) -> None:
        diaries = [Diary.add(self.alice, date=date(2026, 3, number)) for number in range(1, 17)]
        phones = [Client(self.alice) for _ in diaries]

        def move(number: int) -> Any:
            return phones[number].patch(f"diaries/{diaries[number].pk}/", {"date": "2026-04-01"})

        answers = self.at_once(move)
        assert sorted(answer.status_code for answer in answers) == [200] + [409] * 15
        moved = Diary.of_day(self.alice, date(2026, 4, 1))
        assert {answer.json()["existing"] for answer in answers if answer.status_code == 409} == {
            str(moved)
        }
