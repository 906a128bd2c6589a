"""A diary's place, coordinates and hashtags; only what others may see has rows of labels."""

from __future__ import annotations

import threading
from typing import Any
from unittest import mock

import pytest
from django.db import connections

from accounts.models import User
from core.transactions import run_write
from diaries.models import Diary, Label, Labelled
from diaries.models.labels import LabelKind, LabelledQuerySet, label_id
from operations.jobs.management.commands.purge import purge
from tests.base import ApiTest, Client, RaceTest, needs_row_locks, new_id, person

HIDDEN = ({"visibility": "private"}, {"visibility": "public", "is_draft": True})


def labels_of(diary: dict[str, Any]) -> set[tuple[str, str]]:
    """Return the kind and folded name of the labels under which a diary is found."""
    post = Diary.objects.get(pk=diary["id"]).post
    rows = Labelled.objects.filter(post__post=post) if post else Labelled.objects.none()
    return set(rows.values_list("label__kind", "label__folded"))


class LabelDiaryTest(ApiTest):
    def create(self, client: Client | None = None, **body: Any) -> dict[str, Any]:
        whole = {"date": "2026-03-01"} | body
        return dict(self.ok((client or self.as_alice).post("diaries/", whole), 201))

    def patch(self, diary: dict[str, Any], **body: Any) -> dict[str, Any]:
        return dict(self.ok(self.as_alice.patch(f"diaries/{diary['id']}/", body)))

    def test_a_place_is_written_as_its_name_and_read_with_an_id(self) -> None:
        diary = self.create(place=" 서울숲 ", latitude=37.54432, longitude=127)
        assert diary["place"] == {
            "id": str(label_id(LabelKind.PLACE, "서울숲")),
            "name": "서울숲",
        }
        assert (diary["latitude"], diary["longitude"]) == (37.5443, 127.0)
        assert self.ok(self.as_alice.get(f"diaries/{diary['id']}/")) == diary | {"cheers": []}
        (listed,) = self.ok(self.as_alice.get("diaries/"))["results"]
        assert listed == diary
        # Sent back as it was read, it is what it was; so is what only the id tells apart.
        sent = {name: diary[name] for name in ("place", "latitude", "longitude", "hashtags")}
        assert self.patch(diary, **sent) == diary
        assert self.patch(diary, place={"id": new_id(), "name": "서울숲"}) == diary
        assert self.patch(diary, place=None)["place"] is None
        cleared = self.patch(diary, clear=["latitude", "longitude"])
        assert (cleared["latitude"], cleared["longitude"]) == (None, None)

    def test_places_that_are_named_alike_are_one_and_keep_the_words_of_their_writers(self) -> None:
        first = self.create(place="Blue  Bottle", visibility="public")
        second = self.create(self.as_bob, place="ｂｌｕｅ bottle", visibility="public")
        assert first["place"]["id"] == second["place"]["id"]
        assert first["place"]["name"] == "Blue  Bottle"
        assert second["place"]["name"] == "ｂｌｕｅ bottle"
        assert Label.objects.count() == 1
        other = self.create(place="Blue", date="2026-03-02")
        assert other["place"]["id"] != first["place"]["id"]

    def test_the_id_of_a_place_tells_nothing_of_others(self) -> None:
        """It is the same whether or not somebody else has named that place, hidden or not."""
        alone = self.create(place="비밀 장소", visibility="selected")["place"]["id"]
        Diary.objects.all().delete()
        Label.objects.all().delete()
        self.create(self.as_bob, place="비밀 장소")
        assert Label.objects.count() == 0
        assert self.create(place="비밀 장소")["place"]["id"] == alone

    def test_an_invalid_place_or_position_is_a_field_error(self) -> None:
        for body, field, code in (
            ({"place": ""}, "place", "blank"),
            ({"place": "x" * 81}, "place", "max_length"),
            ({"place": "a\nb"}, "place", "not_one_line"),
            ({"place": "\u200b"}, "place", "shows_nothing"),
            ({"place": 5}, "place", "invalid"),
            ({"place": ["a"]}, "place", "invalid"),
            ({"place": {"name": 5}}, "place", "invalid"),
            ({"place": {"name": "a", "city": "b"}}, "place", "invalid"),
            ({"place": {"id": new_id()}}, "place", "required"),
            ({"latitude": 90.0001, "longitude": 0}, "latitude", "max_value"),
            ({"latitude": -91, "longitude": 0}, "latitude", "min_value"),
            ({"latitude": 0, "longitude": 180.5}, "longitude", "max_value"),
            ({"latitude": 0, "longitude": -181}, "longitude", "min_value"),
            ({"latitude": "37.5", "longitude": 0}, "latitude", "invalid"),
            ({"latitude": True, "longitude": 0}, "latitude", "invalid"),
            ({"latitude": 37.5}, "longitude", "incomplete"),
            ({"longitude": 37.5}, "latitude", "incomplete"),
            ({"allows_comments": 1}, "allows_comments", "invalid"),
        ):
            with self.subTest(body=body):
                answer = self.as_alice.post("diaries/", {"date": "2026-03-01"} | body)
                self.assert_field_error(answer, field, code)
        diary = self.create(latitude=1, longitude=-0.00001)
        assert str(diary["longitude"]) == "0.0"
        path = f"diaries/{diary['id']}/"
        answer = self.as_alice.patch(path, {"latitude": None})
        self.assert_field_error(answer, "latitude", "incomplete")
        assert self.patch(diary, latitude=2)["latitude"] == 2.0
        huge = self.as_alice.generic(
            "PATCH", path, f'{{"latitude": 1{"0" * 400}}}', content_type="application/json"
        )
        assert huge.status_code == 400

    def test_whoever_sees_a_diary_sees_all_of_it(self) -> None:
        body = {"body": "#Run at", "place": "서울숲", "latitude": 1.5, "longitude": 2.5}
        diary = self.create(visibility="followers", allows_comments=True, **body)
        assert diary["hashtags"] == ["run"]
        assert diary["allows_comments"] is True
        assert diary["published_at"] is not None
        seen = self.ok(self.as_bob.get(f"diaries/{diary['id']}/"))
        assert seen == diary | {"viewers": None, "cheers": []}
        assert "post" not in seen

    def test_a_time_of_publication_in_a_body_is_ignored(self) -> None:
        diary = self.create(published_at="2020-01-01T00:00:00Z", hashtags=["x"])
        assert (diary["published_at"], diary["hashtags"]) == (None, [])

    def test_a_post_is_found_under_its_hashtags_and_its_place(self) -> None:
        diary = self.create(body="#Run #수영", place="서울숲", visibility="public")
        assert labels_of(diary) == {("hashtag", "run"), ("hashtag", "수영"), ("place", "서울숲")}
        tags = {("hashtag", "run"), ("hashtag", "요가")}
        for change, labels in (
            ({"body": "#run #요가"}, {*tags, ("place", "서울숲")}),
            ({"emoji": "🍣"}, {*tags, ("place", "서울숲")}),
            ({"visibility": "selected"}, {*tags, ("place", "서울숲")}),
            ({"place": "한강"}, {*tags, ("place", "한강")}),
            ({"place": None, "body": "run"}, set()),
            ({"body": "#run"}, {("hashtag", "run")}),
        ):
            with self.subTest(change):
                assert self.patch(diary, **change)
                assert labels_of(diary) == labels
                self.patch(diary, **change)
                assert labels_of(diary) == labels
        assert Labelled.objects.count() == 1

    def test_what_is_hidden_has_no_rows_of_labels(self) -> None:
        body = {"body": "#비밀", "place": "비밀 장소"}
        for number, hidden in enumerate(HIDDEN, 1):
            self.create(date=f"2026-03-0{number}", **hidden, **body)
        assert (Label.objects.count(), Labelled.objects.count()) == (0, 0)
        diary = self.create(date="2026-03-09", visibility="public", **body)
        for hidden in HIDDEN:
            self.patch(diary, **hidden)
            assert Labelled.objects.count() == 0
            self.patch(diary, body="#다른")
            assert self.patch(diary, **body)["hashtags"] == ["비밀"]
            self.patch(diary, visibility="public", is_draft=False)
            assert labels_of(diary) == {("hashtag", "비밀"), ("place", "비밀 장소")}

    def test_the_rows_of_labels_go_with_the_diary_and_with_the_account(self) -> None:
        first = self.create(body="#run", visibility="public")
        self.create(body="#run", visibility="public", date="2026-03-02")
        self.ok(self.as_alice.delete(f"diaries/{first['id']}/"), 204)
        self.ok(self.as_alice.delete(f"diaries/{first['id']}/"), 204)
        assert Labelled.objects.count() == 1
        self.ok(self.as_alice.post("me/delete/", {"password": "correct horse battery"}), 204)
        assert Labelled.objects.count() == 0

    def test_a_body_with_many_hashtags_is_no_error(self) -> None:
        body = " ".join(f"#tag{number}" for number in range(100))
        diary = self.create(body=body, visibility="public")
        assert len(diary["hashtags"]) == len(labels_of(diary)) == 30

    def test_writing_without_labels_takes_no_query_more(self) -> None:
        private = Diary.add(self.alice, date=self.day(0), body="#run")
        public = Diary.add(self.alice, date=self.day(1), visibility="public", body="run")
        for diary, body in ((private, "#swim"), (public, "swim")):
            row = Diary.objects.get(pk=diary.pk)
            with self.assertNumQueries(1):
                row.edit(body=body)


@pytest.mark.races
@needs_row_locks
class LabelRaceTest(RaceTest):
    def test_many_people_may_use_new_labels_at_once(self) -> None:
        people: list[User] = [person(f"Racer{number}") for number in range(16)]
        phones = [self.phone(user) for user in people]
        names = [f"race{number}" for number in range(8)]

        def post(number: int) -> Any:
            order = names if number % 2 else names[::-1]
            body = " ".join(f"#{name}" for name in order)
            return phones[number].post(
                "diaries/",
                {"date": "2026-03-01", "visibility": "public", "body": body, "place": "출발선"},
            )

        answers = self.at_once(post)
        assert {answer.status_code for answer in answers} == {201}
        assert Label.objects.count() == len(names) + 1
        assert Labelled.objects.count() == 16 * (len(names) + 1)

    def test_a_label_that_is_used_again_while_unused_ones_are_deleted_stays(self) -> None:
        phones = [self.phone(person(f"Writer{number}")) for number in range(16)]
        for round_number in range(4):
            Label.objects.bulk_create(
                [Label.named(LabelKind.HASHTAG, f"old{n}") for n in range(20)],
                ignore_conflicts=True,
            )
            body = {
                "date": f"2026-03-0{round_number + 1}",
                "visibility": "public",
                "body": " ".join(f"#old{n}" for n in range(20)),
            }

            def act(number: int, body: dict[str, Any] = body) -> int:
                if number % 2:
                    return purge(Label.objects.unused())
                return int(phones[number].post("diaries/", body).status_code)

            answers = self.at_once(act)
            assert set(answers[::2]) == {201}
            posts = 8 * (round_number + 1)
            assert Labelled.objects.filter(label__kind="hashtag").count() == 20 * posts
        assert not Label.objects.unused().exists()

    def test_a_label_that_is_deleted_as_unused_while_a_post_takes_it_is_not_lost(self) -> None:
        Label.named(LabelKind.HASHTAG, "old").save()
        add, purging = LabelledQuerySet.bulk_create, []

        def delete_unused() -> None:
            try:
                purge(Label.objects.unused())
            finally:
                connections.close_all()

        def delayed(rows: Any, *args: Any, **kwargs: Any) -> Any:
            if not purging:
                purging.append(threading.Thread(target=delete_unused))
                purging[0].start()
                purging[0].join(1)  # it waits for this transaction, or is done
            return add(rows, *args, **kwargs)

        with mock.patch.object(LabelledQuerySet, "bulk_create", delayed):
            values = {"visibility": "public", "body": "#old #new"}
            diary = run_write(lambda: Diary.add(self.alice, date=self.today, **values))
            purging[0].join(30)
        held = Labelled.objects.filter(post=diary.post).values_list("label__folded", flat=True)
        assert set(held) == {"old", "new"}

    def test_two_devices_that_change_hide_and_show_leave_the_labels_of_the_last_state(self) -> None:
        diary = Diary.add(self.alice, date=self.today, visibility="public", body="#run")
        phones = [self.phone(self.alice) for _ in range(16)]
        changes: list[dict[str, Any]] = [
            {"visibility": "private"},
            {"visibility": "public"},
            {"body": "#swim #run"},
            {"body": "nothing", "place": "한강"},
        ]
        for _round in range(3):
            answers = self.at_once(
                lambda number: phones[number].patch(f"diaries/{diary.pk}/", changes[number % 4])
            )
            assert {answer.status_code for answer in answers} == {200}
            row = Diary.objects.get(pk=diary.pk)
            names = set() if row.post is None else {"run", "swim"} if "#" in row.body else set()
            places = {"한강"} if row.post is not None and row.place else set()
            assert {folded for _kind, folded in labels_of({"id": row.pk})} == names | places
            assert Labelled.objects.count() == len(names | places)
