"""A todo has one photo or none, which goes with it."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import transaction

from photos.models import Photo, Trash
from tests.base import MONDAY, ApiTest, new_id
from tests.photos.base import photo
from todos.models import QuickInput, Todo
from todos.offers import Offer


class PhotoOfTodoTest(ApiTest):
    def setUp(self) -> None:
        super().setUp()
        with transaction.atomic():
            self.health = self.goal(visibility="public")
            self.todo = Todo.add(self.alice, goal=self.health, date=MONDAY, title="Run")
        self.path = f"todos/{self.todo.pk}/"
        self.row = photo(self.alice)
        self.pk = str(self.row.pk)

    def patch(self, photo: Any, **more: Any) -> Any:
        return self.ok(self.as_alice.patch(self.path, {"photo": photo} | more))

    def used(self) -> int:
        self.row.refresh_from_db()
        return int(self.row.used)

    def test_every_answer_has_it(self) -> None:
        shown = self.patch(self.pk)["photo"]
        assert shown.keys() == {
            "id",
            "url",
            "small_url",
            "width",
            "height",
            "blurhash",
            "expires_at",
        }
        assert shown["id"] == self.pk
        assert f"/api/v1/pictures/todos/{self.pk}/large.webp?link=" in shown["url"]
        assert self.used() == 1
        assert self.ok(self.as_alice.get(self.path))["photo"] == shown
        (listed,) = self.ok(self.as_alice.get(f"todos/?date={MONDAY}"))["results"]
        assert listed["photo"] == shown
        (goal,) = self.ok(self.as_alice.get(f"days/{MONDAY}/"))["goals"]
        assert goal["todos"][0]["photo"] == shown
        others = self.ok(self.as_charlie.get(self.path))["photo"]
        assert others["id"] == self.pk
        assert others["url"] != shown["url"]

    def test_what_was_read_may_be_sent_back_and_once_more_is_the_same(self) -> None:
        shown = self.patch(self.pk)
        before = Todo.objects.get().updated_at
        for again in (self.pk, shown["photo"]):
            assert self.patch(again) == shown
        assert self.ok(self.as_alice.patch(self.path, shown)) == shown
        assert Todo.objects.get().updated_at == before

    def test_null_and_another_one_delete_it(self) -> None:
        self.patch(self.pk)
        other = photo(self.alice)
        assert self.patch(str(other.pk))["photo"]["id"] == str(other.pk)
        assert list(Photo.objects.all()) == [other]
        assert Trash.objects.filter(pk=self.row.key).exists()
        for _ in range(2):
            assert self.patch(None)["photo"] is None
        assert not Photo.objects.exists()

    def test_clients_without_null_clear_it(self) -> None:
        self.patch(self.pk)
        cleared = self.ok(self.as_alice.patch(self.path, {"clear": ["photo"]}))
        assert cleared["photo"] is None
        assert not Photo.objects.exists()

    def test_a_new_one_has_it(self) -> None:
        for path, date in (("todos/", {"date": str(MONDAY)}), ("archive/", {})):
            row = photo(self.alice)
            body = {"id": new_id(), "goal": str(self.health.pk), "title": "x", "photo": str(row.pk)}
            created = self.ok(self.as_alice.post(path, body | date), 201)
            assert created["photo"]["id"] == str(row.pk)
            assert self.ok(self.as_alice.post(path, body | date)) == created

    def test_one_that_is_elsewhere_and_nobody_s_are_refused(self) -> None:
        body = {"date": "2026-03-02", "photos": [self.pk]}
        self.ok(self.as_alice.post("diaries/", body), 201)
        response = self.as_alice.patch(self.path, {"photo": self.pk, "title": "changed"})
        self.assert_problem(response, 409, "photo_in_use")
        assert Todo.objects.get().title == "Run"
        for wrong in (new_id(), str(photo(self.bob).pk)):
            response = self.as_alice.patch(self.path, {"photo": wrong})
            self.assert_field_error(response, "photo", "does_not_exist")

    def test_one_that_another_device_has_deleted_is_left_out(self) -> None:
        with transaction.atomic():
            self.row.remove()
        assert self.patch(self.pk, title="Walk")["title"] == "Walk"
        body = {"goal": str(self.health.pk), "title": "x", "date": str(MONDAY), "photo": self.pk}
        assert self.ok(self.as_alice.post("todos/", body), 201)["photo"] is None

    def test_it_goes_with_the_todo_however_that_is_deleted(self) -> None:
        ways = (
            lambda: self.as_alice.delete(self.path),
            lambda: self.as_alice.post("todos/delete/", {"ids": [str(self.todo.pk)]}),
            lambda: self.as_alice.delete(f"goals/{self.health.pk}/?cascade=true"),
        )
        self.patch(self.pk)
        for number, way in enumerate(ways):
            with self.subTest(way=number), transaction.atomic():
                assert way().status_code in (200, 204)
                assert not Photo.objects.filter(pk=self.row.pk).exists()
                assert Trash.objects.filter(pk=self.row.key).exists()
                transaction.set_rollback(True)

    def test_it_goes_when_the_todo_is_put_back(self) -> None:
        with transaction.atomic():
            quick_input = QuickInput.add(
                self.alice, goal=self.health, title="Water", weekdays=["mon"], starts_on=MONDAY
            )
            todo, _created = Offer(quick_input, MONDAY).activate()
        self.ok(self.as_alice.patch(f"todos/{todo.pk}/", {"photo": self.pk}))
        path = f"quick-inputs/{quick_input.pk}/offers/{MONDAY}/todo/"
        for _ in range(2):
            self.ok(self.as_alice.delete(path), 204)
        assert not Photo.objects.exists()
        assert Trash.objects.filter(pk=self.row.key).exists()

    def test_a_list_takes_one_query_more_if_a_todo_has_one_however_many(self) -> None:
        with transaction.atomic():
            others = [
                Todo.add(self.alice, goal=self.health, date=MONDAY, title="x") for _ in range(4)
            ]
        path = f"todos/?date={MONDAY}"
        self.ok(self.as_alice.get(path))
        with self.assertNumQueries(2):  # session, todos
            self.ok(self.as_alice.get(path))
        self.patch(self.pk)
        for todo in others[:3]:
            body = {"photo": str(photo(self.alice).pk)}
            self.ok(self.as_alice.patch(f"todos/{todo.pk}/", body))
        self.ok(self.as_alice.get(path))
        with self.assertNumQueries(3):
            self.ok(self.as_alice.get(path))

    def test_it_moves_with_the_todo_and_stays_the_owner_s_in_the_archive(self) -> None:
        self.patch(self.pk)
        moved = self.ok(self.as_alice.patch(self.path, {"date": str(MONDAY + dt.timedelta(1))}))
        assert moved["photo"]["id"] == self.pk
        archived = self.ok(self.as_alice.put(f"archive/{self.todo.pk}/"))
        assert archived["photo"]["id"] == self.pk
        (row,) = self.ok(self.as_alice.get("archive/"))["results"]
        assert row["photo"]["id"] == self.pk
