"""archive/, PUT archive/{id}/, and PATCH todos/{id}/ that archives a todo or dates it again."""

import datetime as dt
from typing import Any

from cheers.models import Cheer
from tests.base import ids, new_id
from tests.todos.todo_base import DAY, NEXT_DAY, TodoTest
from todos.models import QuickInput, Todo


class ArchiveTodoTest(TodoTest):
    def archive(self, todo: Any, **body: Any) -> Any:
        return self.patch(todo, date=None, **body)

    def test_archiving_a_todo_clears_its_time_position_and_done(self) -> None:
        self.todo("First")
        todo = self.todo(time=dt.time(9), is_done=True, memo="kept")
        Cheer.give(self.bob, todo, "👍")
        first = self.ok(self.archive(todo))
        assert [first[name] for name in ("date", "time", "position", "is_done", "done_at")] == [
            None,
            None,
            0,
            False,
            None,
        ]
        assert (first["memo"], first["goal"]) == ("kept", str(self.health.pk))
        assert self.ok(self.archive(todo)) == first
        assert self.titles() == ["First"]
        assert Cheer.objects.exists()

    def test_an_archived_todo_given_a_date_is_last_in_that_day(self) -> None:
        todo = self.todo(day=None)
        self.todo("There", NEXT_DAY)
        for _ in range(2):
            back = self.ok(self.patch(todo, date=str(NEXT_DAY), time="10:00"))
            assert (back["date"], back["time"], back["position"]) == (str(NEXT_DAY), "10:00", 1)

    def test_an_archived_todo_of_an_inactive_goal_gets_no_date(self) -> None:
        todo, work = self.todo(day=None), self.goal(title="Work")
        self.end(self.health)
        self.assert_problem(self.patch(todo, date=str(DAY)), 409, "goal_not_active")
        self.assert_problem(
            self.patch(todo, date=str(DAY), goal=str(self.health.pk)), 409, "goal_not_active"
        )
        back = self.ok(self.patch(todo, date=str(DAY), goal=str(work.pk)))
        assert (back["date"], back["goal"]) == (str(DAY), str(work.pk))

    def test_a_todo_of_an_inactive_goal_can_be_archived(self) -> None:
        todo = self.todo()
        self.end(self.health)
        self.ok(self.archive(todo))

    def test_an_activated_todo_cannot_be_archived(self) -> None:
        todo = self.activated()
        self.assert_problem(self.archive(todo, title="x"), 409, "put_back_instead")
        todo.refresh_from_db()
        assert (todo.date, todo.title) == (DAY, "Water")
        QuickInput.objects.get().delete()
        archived = self.ok(self.archive(todo))
        assert (archived["quick_input"], archived["offered_on"]) == (None, str(DAY))

    def test_an_archived_todo_has_no_time(self) -> None:
        archived, dated = self.todo(day=None), self.todo()
        self.assert_field_error(self.patch(archived, time="10:00"), "time", "archived")
        self.assert_field_error(self.archive(dated, time="10:00"), "time", "archived")
        self.ok(self.patch(archived, time=None, title="Walk", memo="m"))
        self.ok(self.archive(dated, time=None, is_done=False, done_at=None))

    def test_the_archive_has_at_most_2000_todos(self) -> None:
        self.fill(None, 1_999)
        todo, other = self.todo(), self.todo()
        for _ in range(2):
            self.ok(self.archive(todo))
        assert self.assert_problem(self.archive(other), 409, "limit")["limit"] == 2_000
        response = self.as_alice.post("archive/", {"goal": str(self.health.pk), "title": "x"})
        self.assert_problem(response, 409, "limit")
        self.ok(self.patch(todo, date=str(DAY)))
        self.ok(self.archive(other))


class ArchiveByClearTest(ArchiveTodoTest):
    """The same by `clear`, for clients that cannot send null."""

    def archive(self, todo: Any, **body: Any) -> Any:
        return self.patch(todo, clear=["date"], **body)


class PutIntoArchiveTest(TodoTest):
    def put(self, todo: Any, body: Any = None) -> Any:
        return self.as_alice.put(f"archive/{todo.pk}/", body)

    def test_a_todo_put_into_the_archive_loses_its_date_and_what_belongs_to_it(self) -> None:
        self.todo("First")
        todo = self.todo(time=dt.time(9), is_done=True, memo="kept")
        Cheer.give(self.bob, todo, "👍")
        first = self.ok(self.put(todo))
        names = ("date", "time", "position", "is_done", "done_at", "memo")
        assert [first[name] for name in names] == [None, None, 0, False, None, "kept"]
        for body in (None, {}):
            assert self.ok(self.put(todo, body)) == first
        assert self.ok(self.as_alice.get(f"todos/{todo.pk}/")) == first
        assert ids(self.ok(self.as_alice.get("archive/"))["results"]) == [str(todo.pk)]
        assert self.titles() == ["First"]
        assert Cheer.objects.exists()

    def test_it_takes_no_fields(self) -> None:
        todo = self.todo()
        self.assert_field_error(self.put(todo, {"title": "x"}), "title", "unknown_field")
        todo.refresh_from_db()
        assert todo.date == DAY

    def test_an_activated_todo_is_put_back_instead(self) -> None:
        todo = self.activated()
        self.assert_problem(self.put(todo), 409, "put_back_instead")
        todo.refresh_from_db()
        assert todo.date == DAY

    def test_the_archive_has_at_most_2000_todos(self) -> None:
        self.fill(None, 1_999)
        todo, other = self.todo(), self.todo()
        for _ in range(2):
            self.ok(self.put(todo))
        assert self.assert_problem(self.put(other), 409, "limit")["limit"] == 2_000

    def test_what_is_deleted_or_not_the_callers_is_not_archived(self) -> None:
        todo, theirs = self.todo(), self.todo(goal=self.goal(self.bob, visibility="public"))
        self.ok(self.as_alice.delete(f"todos/{todo.pk}/"), 204)
        self.assert_problem(self.put(todo), 404, "not_found")
        self.assert_problem(self.put(theirs), 403, "permission_denied")
        theirs.refresh_from_db()
        assert theirs.date == DAY


class CreateArchivedTodoTest(TodoTest):
    def test_the_id_of_another_row_is_taken(self) -> None:
        answer = self.post(id=str(self.health.pk))
        self.assert_problem(answer, 409, "id_taken")

    def post(self, **body: Any) -> Any:
        return self.as_alice.post(
            "archive/", {"goal": str(self.health.pk), "title": "Some day"} | body
        )

    def test_a_todo_can_be_created_in_the_archive(self) -> None:
        todo = self.ok(self.post(memo="m"), 201)
        assert [todo[name] for name in ("date", "time", "is_done", "done_at", "position")] == [
            None,
            None,
            False,
            None,
            0,
        ]
        assert todo == self.ok(self.as_alice.get(f"todos/{todo['id']}/"))

    def test_a_repeated_create_gives_the_present_todo_even_with_a_date(self) -> None:
        pk = new_id()
        self.ok(self.post(id=pk), 201)
        self.ok(self.as_alice.patch(f"todos/{pk}/", {"date": str(DAY), "is_done": True}))
        for response in (self.post(id=pk), super().post(id=pk)):
            again = self.ok(response, 200)
            assert (again["title"], again["date"], again["is_done"]) == ("Some day", str(DAY), True)

    def test_date_time_and_done_are_refused(self) -> None:
        for name, value in (
            ("date", str(DAY)),
            ("time", "10:00"),
            ("is_done", True),
            ("done_at", "2026-03-01T10:00:00Z"),
        ):
            self.assert_field_error(self.post(**{name: value}), name, "archived")
        for done_at in (None, "2026-03-01T10:00:00Z"):  # ignored with `is_done: false`
            self.ok(
                self.post(date=None, time=None, is_done=False, done_at=done_at, position=3), 201
            )
        self.assert_field_error(self.post(titel="x"), "titel", "unknown_field")

    def test_the_goal_must_be_an_own_active_one(self) -> None:
        for goal in (self.goal(self.bob, visibility="public").pk, new_id()):
            self.assert_field_error(self.post(goal=str(goal)), "goal", "does_not_exist")
        self.end(self.health)
        self.assert_problem(self.post(), 409, "goal_not_active")


class ListArchiveTest(TodoTest):
    def listed(self, query: str = "", phone: Any = None) -> list[str]:
        return [
            todo["title"]
            for todo in self.ok((phone or self.as_alice).get(f"archive/?{query}"))["results"]
        ]

    def test_own_archived_todos_are_listed_newest_first_without_dated_ones(self) -> None:
        for title in "abc":
            self.todo(title, None)
        self.todo("dated")
        self.todo("his", None, goal=self.goal(self.bob))
        assert self.listed() == ["c", "b", "a"]
        assert self.listed(phone=self.as_bob) == ["his"]
        assert self.listed(phone=self.as_charlie) == []

    def test_pages_have_each_todo_once_even_if_created_at_one_instant(self) -> None:
        self.fill(None, 5)
        Todo.objects.update(created_at=dt.datetime(2026, 3, 2, tzinfo=dt.UTC))
        rows, url = [], "archive/?page_size=2"
        while url:
            page = self.ok(self.as_alice.get(url))
            rows += ids(page["results"])
            url = page["next"]
        assert rows == sorted(rows, reverse=True)
        assert len(set(rows)) == 5

    def test_the_archive_is_filtered_by_goal_and_q(self) -> None:
        work = self.goal(title="Work")
        self.todo("Buy MILK", None)
        self.todo("Sell milk", None, goal=work)
        assert self.listed("q=milk") == ["Sell milk", "Buy MILK"]
        assert self.listed(f"q=Milk&goal={work.pk}") == ["Sell milk"]
        assert self.listed(f"goal={new_id()}") == []

    def test_the_archive_shows_own_todos_only(self) -> None:
        self.todo(day=None)
        response = self.as_bob.get(f"archive/?owner={self.alice.uuid}")
        self.assert_field_error(response, "owner", "unknown_parameter")
        assert self.listed(f"goal={self.health.pk}", self.as_bob) == []

    def test_the_list_takes_two_queries_for_one_todo_and_for_many(self) -> None:
        for count in (1, 100):
            self.fill(None, count)
            with self.assertNumQueries(2):  # session, todos with their owner
                assert self.listed("page_size=200")
