"""A diary has photos in an order that its owner sets; what it no longer names is deleted."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from core.transactions import run_write
from diaries.models import Diary, DiaryPhoto
from photos.models import Photo, Trash
from tests.base import ApiTest, RaceTest, ids, needs_row_locks, new_id
from tests.photos.base import InFolder, photo, photo_with_files


def diary_of(owner: User, day: str = "2026-03-02", **values: Any) -> Diary:
    return Diary.objects.create(owner=owner, **{"date": day, "visibility": "public"} | values)


class AttachPhotosTest(ApiTest):
    def setUp(self) -> None:
        super().setUp()
        self.diary = diary_of(self.alice)
        self.path = f"diaries/{self.diary.pk}/"
        self.photos = [photo(self.alice) for _ in range(3)]
        self.ids = [str(row.pk) for row in self.photos]

    def patch(self, photos: Any, status: int = 200, **more: Any) -> Any:
        body = {"photos": photos} | more
        return self.ok(self.as_alice.patch(self.path, body), status)

    def used(self) -> list[int]:
        for row in self.photos:
            row.refresh_from_db()
        return [row.used for row in self.photos]

    def test_in_the_order_of_the_list_with_a_text_for_each(self) -> None:
        first, second, _ = self.ids
        shown = self.patch([{"id": second, "alt": "A river"}, first])["photos"]
        assert ids(shown) == [second, first]
        assert [row["alt"] for row in shown] == ["A river", ""]
        assert self.used() == [1, 1, 0]
        (row,) = [row for row in shown if row["id"] == second]
        assert row.keys() == {
            "id",
            "url",
            "small_url",
            "width",
            "height",
            "blurhash",
            "alt",
            "expires_at",
        }
        prefix = f"http://testserver/api/v1/pictures/diaries/{second}/"
        assert row["url"].startswith(f"{prefix}large.webp?link=")
        assert row["small_url"].startswith(f"{prefix}small.webp?link=")
        assert (row["width"], row["height"]) == (1600, 1200)

    def test_every_answer_has_them(self) -> None:
        shown = self.patch(self.ids)["photos"]
        day = self.ok(self.as_alice.get("days/2026-03-02/"))["diary"]
        (listed,) = self.ok(self.as_alice.get("diaries/"))["results"]
        read = self.ok(self.as_alice.get(self.path))
        assert day["photos"] == listed["photos"] == read["photos"] == shown
        others = self.ok(self.as_bob.get(self.path))["photos"]
        assert ids(others) == self.ids
        assert {row["url"] for row in others}.isdisjoint(row["url"] for row in shown)

    def test_what_is_no_longer_named_is_deleted(self) -> None:
        first, second, third = self.ids
        self.patch([first, second, third])
        before = Diary.objects.get().updated_at
        assert ids(self.patch([third, first])["photos"]) == [third, first]
        assert not Photo.objects.filter(pk=second).exists()
        assert Trash.objects.filter(pk=self.photos[1].key).exists()
        assert Diary.objects.get().updated_at > before
        self.assert_problem(self.as_alice.get(f"diaries/{second}/"), 404, "not_found")
        assert self.patch([])["photos"] == []
        assert Diary.objects.get().photos_count == Photo.objects.count() == 0

    def test_what_was_read_may_be_sent_back_and_null_and_nothing_leave_them(self) -> None:
        shown = self.patch([{"id": self.ids[0], "alt": "A river"}, self.ids[1]])
        before = Diary.objects.get().updated_at
        for photos in (shown["photos"], None, ids(shown["photos"])):
            assert self.patch(photos)["photos"] == shown["photos"]
        whole = self.ok(self.as_alice.patch(self.path, shown))
        assert whole == shown
        assert self.ok(self.as_alice.patch(self.path, {"body": "x"}))["photos"] == shown["photos"]
        self.patch(ids(shown["photos"]))
        assert Diary.objects.filter(photos_count=2, updated_at__gte=before).exists()
        assert self.patch([{"id": self.ids[0], "alt": None}])["photos"][0]["alt"] == "A river"
        assert self.patch([{"id": self.ids[0], "alt": ""}])["photos"][0]["alt"] == ""

    def test_a_repeated_change_leaves_the_time_of_the_last_one(self) -> None:
        self.patch(self.ids)
        before = Diary.objects.get().updated_at
        self.patch(self.ids)
        assert Diary.objects.get().updated_at == before

    def test_a_new_diary_has_them_and_may_be_sent_again(self) -> None:
        body = {"id": new_id(), "date": "2026-03-05", "photos": self.ids[:2]}
        first = self.ok(self.as_alice.post("diaries/", body), 201)
        assert ids(first["photos"]) == self.ids[:2]
        assert self.ok(self.as_alice.post("diaries/", body)) == first
        again = self.as_alice.post("diaries/", body | {"id": new_id(), "date": "2026-03-06"})
        self.assert_problem(again, 409, "photo_in_use")
        assert not Diary.objects.filter(date="2026-03-06").exists()

    def test_one_that_is_elsewhere_is_refused_and_nothing_changes(self) -> None:
        other = diary_of(self.alice, "2026-03-03")
        self.patch(self.ids[:1])
        body = {"photos": self.ids, "body": "changed"}
        response = self.as_alice.patch(f"diaries/{other.pk}/", body)
        self.assert_problem(response, 409, "photo_in_use")
        other.refresh_from_db()
        assert (other.body, other.photos_count, self.used()) == ("", 0, [1, 0, 0])
        goal = self.goal()
        todo = {"goal": str(goal.pk), "title": "x", "photo": self.ids[0]}
        for path in ("todos/", "archive/"):
            dated = todo | ({"date": "2026-03-02"} if path == "todos/" else {})
            self.assert_problem(self.as_alice.post(path, dated), 409, "photo_in_use")

    def test_what_is_nobody_s_or_somebody_else_s_is_refused(self) -> None:
        of_bob = photo(self.bob)
        for wrong, code in (
            ([new_id()], "does_not_exist"),
            ([str(of_bob.pk)], "does_not_exist"),
            (["x"], "invalid"),
            ([None], "null"),
            ([{"id": None}], "null"),
            ([{"alt": "x"}], "required"),
            ([{"id": self.ids[0], "caption": "x"}], "unknown_field"),
            ([{"id": self.ids[0], "alt": "x" * 301}], "max_length"),
            ([{"id": self.ids[0], "alt": ["x"]}], "invalid"),
            (self.ids[0], "not_a_list"),
            ({"id": self.ids[0]}, "not_a_list"),
        ):
            with self.subTest(wrong=wrong):
                response = self.as_alice.patch(self.path, {"photos": wrong})
                self.assert_field_error(response, "photos", code)
        of_bob.refresh_from_db()
        assert (of_bob.used, self.used()) == (0, [0, 0, 0])

    def test_one_that_another_device_has_deleted_is_left_out(self) -> None:
        with run_in_transaction():
            self.photos[0].remove()
        assert ids(self.patch(self.ids)["photos"]) == self.ids[1:]
        body = {"date": "2026-03-05", "photos": self.ids[:1]}
        assert self.ok(self.as_alice.post("diaries/", body), 201)["photos"] == []

    def test_one_named_twice_is_there_once(self) -> None:
        first, second, _ = self.ids
        assert ids(self.patch([first, second, first])["photos"]) == [first, second]

    def test_at_most_ten(self) -> None:
        many = [str(photo(self.alice).pk) for _ in range(11)]
        response = self.as_alice.patch(self.path, {"photos": many})
        self.assert_problem(response, 409, "limit")
        assert ids(self.patch(many[:10])["photos"]) == many[:10]

    def test_a_stranger_cannot_attach_to_it(self) -> None:
        row = photo(self.charlie)
        response = self.as_charlie.patch(self.path, {"photos": [str(row.pk)]})
        self.assert_problem(response, 403, "permission_denied")

    def test_a_list_takes_one_query_more_if_a_diary_has_some_however_many(self) -> None:
        for number in range(3, 9):
            diary_of(self.alice, f"2026-03-0{number}")
        path = f"diaries/?owner={self.alice.uuid}"
        self.ok(self.as_bob.get(path))
        with self.assertNumQueries(2):  # session, diaries
            self.ok(self.as_bob.get(path))
        self.patch(self.ids[:1])
        other = Diary.objects.get(date="2026-03-05")
        self.ok(self.as_alice.patch(f"diaries/{other.pk}/", {"photos": self.ids[1:]}))
        self.ok(self.as_bob.get(path))
        with self.assertNumQueries(3):
            self.ok(self.as_bob.get(path))

    def test_the_photos_of_a_deleted_diary_are_deleted(self) -> None:
        self.patch(self.ids[:2])
        self.ok(self.as_alice.delete(self.path), 204)
        assert [str(row.pk) for row in Photo.objects.all()] == self.ids[2:]
        assert set(Trash.objects.values_list("key", flat=True)) == {
            row.key for row in self.photos[:2]
        }
        self.ok(self.as_alice.delete(self.path), 204)

    def test_deleting_a_diary_asks_the_same_for_one_photo_and_ten(self) -> None:
        statements = []
        for count in (1, 10):
            diary = diary_of(self.alice, f"2026-04-{count:02}")
            path = f"diaries/{diary.pk}/"
            rows = [photo(self.alice) for _ in range(count)]
            self.ok(self.as_alice.patch(path, {"photos": [str(row.pk) for row in rows]}))
            with CaptureQueriesContext(connection) as captured:
                self.ok(self.as_alice.delete(path), 204)
            statements.append([query["sql"].split()[0] for query in captured])
            assert Trash.objects.filter(pk__in=[row.key for row in rows]).count() == count
        assert statements[0] == statements[1]
        assert sum(verb == "INSERT" for verb in statements[0]) == 3  # two tombstones, the files

    def test_the_photos_of_a_deleted_account_are_deleted(self) -> None:
        self.patch(self.ids)
        with run_in_transaction():
            self.alice.remove()
        assert Photo.objects.count() == DiaryPhoto.objects.count() == 0
        assert Trash.objects.count() == 3


def run_in_transaction() -> Any:
    from django.db import transaction  # noqa: PLC0415  # as the views do

    return transaction.atomic()


@pytest.mark.races
@needs_row_locks
class AttachPhotosRaceTest(InFolder, RaceTest):
    def test_a_photo_gets_on_one_of_many_diaries_and_todos(self) -> None:
        row = photo_with_files(self.alice)
        with run_in_transaction():
            goal = self.goal()
        diaries = [diary_of(self.alice, f"2026-03-{day:02}") for day in range(1, 9)]
        phones = [self.phone(self.alice) for _ in range(16)]

        def attach(number: int) -> int:
            if number < 8:
                path, body = f"diaries/{diaries[number].pk}/", {"photos": [str(row.pk)]}
                return int(phones[number].patch(path, body).status_code)
            body = {"goal": str(goal.pk), "title": "x", "date": "2026-03-02", "photo": str(row.pk)}
            return int(phones[number].post("todos/", body).status_code)

        answers = self.at_once(attach)
        assert sorted(answers)[1:] == [409] * 15, answers
        assert sorted(answers)[0] in (200, 201)
        row.refresh_from_db()
        assert row.used == 1
        from todos.models import Todo  # noqa: PLC0415

        todos = Todo.objects.filter(photo=row).count()
        assert DiaryPhoto.objects.filter(photo=row).count() + todos == 1

    def test_attaching_and_deleting_and_the_removal_of_what_is_on_nothing(self) -> None:
        """Each photo is on a diary with its files, or gone with them."""
        rows = [photo_with_files(self.alice) for _ in range(8)]
        diaries = [diary_of(self.alice, f"2026-03-{day:02}") for day in range(1, 9)]
        phones = [self.phone(self.alice) for _ in range(8)]

        def work(number: int) -> int:
            row, diary = rows[number // 2], diaries[number // 2]
            if number % 2:
                owner = User.objects.select_related("profile").get(pk=self.alice.pk)
                remove = Photo.objects.filter(pk=row.pk).remove
                run_write(lambda: (owner.lock(), remove(owner)))
                return 0
            path = f"diaries/{diary.pk}/"
            return int(phones[number // 2].patch(path, {"photos": [str(row.pk)]}).status_code)

        answers = self.at_once(work)
        assert set(answers) <= {0, 200}, answers
        for row in rows[:8]:
            exists = Photo.objects.filter(pk=row.pk).exists()
            assert exists or not DiaryPhoto.objects.filter(photo=row.pk).exists()
            if exists:
                assert any(row.key.hex in name for name in self.files())

    def test_changes_of_one_diary_at_once_leave_one_of_their_lists(self) -> None:
        rows = [str(photo_with_files(self.alice).pk) for _ in range(4)]
        diary = diary_of(self.alice)
        phones = [self.phone(self.alice) for _ in range(8)]
        lists = [rows[number % 4 :] + rows[: number % 4] for number in range(8)]

        def change(number: int) -> int:
            body = {"photos": lists[number]}
            return int(phones[number].patch(f"diaries/{diary.pk}/", body).status_code)

        assert self.at_once(change, 8) == [200] * 8
        shown = self.ok(self.as_alice.get(f"diaries/{diary.pk}/"))["photos"]
        assert ids(shown) in lists
        assert Photo.objects.filter(used=1).count() == 4
