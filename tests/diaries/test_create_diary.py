"""POST diaries/"""

import pytest

from diaries.models import Diary
from tests.base import ApiTest, Client, RaceTest, ids, needs_row_locks, new_id


class CreateDiaryTest(ApiTest):
    def test_a_diary_requires_only_a_date_and_is_private_and_no_draft(self) -> None:
        diary = self.ok(self.as_alice.post("diaries/", {"date": "2026-03-01"}), 201)
        stamps = {name: diary.pop(name) for name in ("id", "created_at", "updated_at")}
        assert all(stamps.values())
        assert diary.pop("owner")["id"] == str(self.alice.uuid)
        assert diary == {
            "date": "2026-03-01",
            "body": "",
            "emoji": None,
            "temperature": None,
            "color": None,
            "visibility": "private",
            "viewers": [],
            "is_draft": False,
            "published_at": None,
            "allows_comments": False,
            "place": None,
            "latitude": None,
            "longitude": None,
            "hashtags": [],
            "photos": [],
            "cheers": None,
        }

    def test_all_sent_fields_are_stored(self) -> None:
        sent = {
            "date": "2026-03-01",
            "body": "  비 온 뒤 🌈\n\n끝\n",
            "emoji": "🍣",
            "temperature": 37,
            "color": "#FF8800",
            "visibility": "public",
            "is_draft": True,
        }
        made = self.ok(self.as_alice.post("diaries/", sent), 201)
        read = self.ok(self.as_alice.get(f"diaries/{made['id']}/"))
        assert read == made | {"cheers": []}
        assert {name: read[name] for name in sent} == sent

    def test_a_second_diary_of_a_date_is_a_duplicate_that_names_the_first(self) -> None:
        first = self.ok(self.as_alice.post("diaries/", {"date": "2026-03-01"}), 201)
        for body in ({}, {"id": new_id()}):
            answer = self.as_alice.post("diaries/", {"date": "2026-03-01", "body": "two"} | body)
            assert self.assert_problem(answer, 409, "duplicate")["existing"] == first["id"]
        self.ok(self.as_bob.post("diaries/", {"date": "2026-03-01"}), 201)
        self.ok(self.as_alice.post("diaries/", {"date": "2026-03-02"}), 201)

    def test_a_repeated_create_gives_the_present_diary_whatever_the_body(self) -> None:
        pk = new_id()
        self.ok(self.as_alice.post("diaries/", {"id": pk, "date": "2026-03-01"}), 201)
        self.ok(self.as_alice.patch(f"diaries/{pk}/", {"body": "more"}))
        again = self.ok(self.as_alice.post("diaries/", {"id": pk, "date": "2026-03-02"}), 200)
        assert (again["body"], again["date"]) == ("more", "2026-03-01")
        assert Diary.objects.count() == 1

    def test_the_id_of_another_persons_diary_is_taken(self) -> None:
        theirs = Diary.add(self.bob, date=self.today, visibility="public")
        answer = self.as_alice.post("diaries/", {"id": str(theirs.pk), "date": "2026-03-01"})
        assert "existing" not in self.assert_problem(answer, 409, "id_taken")

    def test_viewers_are_chosen_from_accepted_followers(self) -> None:
        body = {"date": "2026-03-01", "visibility": "selected", "viewers": [str(self.bob.uuid)]}
        diary = self.ok(self.as_alice.post("diaries/", body), 201)
        assert ids(diary["viewers"]) == [str(self.bob.uuid)]
        body |= {"date": "2026-03-02", "viewers": [str(self.charlie.uuid)]}
        diary = self.ok(self.as_alice.post("diaries/", body), 201)
        assert (diary["visibility"], diary["viewers"]) == ("selected", [])
        self.assert_problem(self.as_charlie.get(f"diaries/{diary['id']}/"), 404, "not_found")

    def test_the_body_has_at_most_20_000_characters(self) -> None:
        diary = self.ok(
            self.as_alice.post("diaries/", {"date": "2026-03-01", "body": "🍣" * 20_000}), 201
        )
        assert diary["body"] == "🍣" * 20_000
        answer = self.as_alice.post("diaries/", {"date": "2026-03-02", "body": "x" * 20_000 + " "})
        self.assert_field_error(answer, "body", "max_length")

    def test_the_temperature_goes_from_0_to_100(self) -> None:
        for number, day in ((0, "2026-03-01"), (100, "2026-03-02")):
            diary = self.ok(
                self.as_alice.post("diaries/", {"date": day, "temperature": number}), 201
            )
            assert diary["temperature"] == number

    def test_an_invalid_value_is_a_field_error(self) -> None:
        for body, field, code in (
            ({"date": None}, "date", "null"),
            ({"date": "2026-02-30"}, "date", "invalid"),
            ({"date": "1899-12-31"}, "date", "out_of_range"),
            ({"body": 5}, "body", "invalid"),
            ({"emoji": "ab"}, "emoji", "not_one_emoji"),
            ({"emoji": ""}, "emoji", "blank"),
            ({"temperature": -1}, "temperature", "min_value"),
            ({"temperature": 101}, "temperature", "max_value"),
            ({"temperature": "37"}, "temperature", "invalid"),
            ({"color": "red"}, "color", "not_a_color"),
            ({"visibility": "secret"}, "visibility", "invalid_choice"),
            ({"is_draft": 1}, "is_draft", "invalid"),
            ({"mood": "🍣"}, "mood", "unknown_field"),
        ):
            with self.subTest(body=body):
                answer = self.as_alice.post("diaries/", {"date": "2026-03-01"} | body)
                self.assert_field_error(answer, field, code)
        self.assert_field_error(self.as_alice.post("diaries/", {}), "date", "required")


@pytest.mark.races
@needs_row_locks
class CreateDiaryRaceTest(RaceTest):
    def test_one_of_many_concurrent_creates_makes_the_diary_and_the_others_name_it(self) -> None:
        phones = [Client(self.alice) for _ in range(16)]
        answers = self.at_once(
            lambda number: phones[number].post("diaries/", {"date": "2026-03-01"})
        )
        (made,) = Diary.objects.all()
        assert sorted(answer.status_code for answer in answers) == [201] + [409] * 15
        for answer in answers:
            if answer.status_code == 409:
                assert self.assert_problem(answer, 409, "duplicate")["existing"] == str(made.pk)

    def test_concurrent_creates_with_one_id_make_one_diary(self) -> None:
        body = {"id": new_id(), "date": "2026-03-01"}
        phones = [Client(self.alice) for _ in range(16)]
        answers = self.at_once(lambda number: phones[number].post("diaries/", body))
        assert sorted(answer.status_code for answer in answers) == [200] * 15 + [201]
        assert {answer.json()["id"] for answer in answers} == {body["id"]}
