"""archive/, and PATCH todos/{id}/ with date null and back"""

import datetime as dt
from typing import Any

from cheers.models import Cheer
from tests.base import ids, new_id
from tests.todos.todo_base import DAY, NEXT_DAY, TodoTest
from todos.models import QuickInput, Todo


class ArchiveTodoTest(TodoTest):
    def archive(self, todo: Any, **body: Any) -> Any:
        return self.patch(todo, date=None, **body)

    def test_by_losing_its_date_it_loses_time_position_and_done(self) -> None:
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

    def test_it_comes_back_last_in_the_day_that_it_gets(self) -> None:
        todo = self.todo(day=None)
        self.todo("There", NEXT_DAY)
        for _ in range(2):
            back = self.ok(self.patch(todo, date=str(NEXT_DAY), time="10:00"))
            assert (back["date"], back["time"], back["position"]) == (str(NEXT_DAY), "10:00", 1)

    def test_it_does_not_come_back_into_a_goal_that_is_not_active(self) -> None:
        todo, work = self.todo(day=None), self.goal(title="Work")
        self.end(self.health)
        self.assert_problem(self.patch(todo, date=str(DAY)), 409, "goal_not_active")
        self.assert_problem(
            self.patch(todo, date=str(DAY), goal=str(self.health.pk)), 409, "goal_not_active"
        )
        back = self.ok(self.patch(todo, date=str(DAY), goal=str(work.pk)))
        assert (back["date"], back["goal"]) == (str(DAY), str(work.pk))

    def test_it_may_be_put_aside_in_a_goal_that_is_not_active(self) -> None:
        todo = self.todo()
        self.end(self.health)
        self.ok(self.archive(todo))

    def test_an_activated_one_is_put_back_instead(self) -> None:
        todo = self.activated()
        self.assert_problem(self.archive(todo, title="x"), 409, "put_back_instead")
        todo.refresh_from_db()
        assert (todo.date, todo.title) == (DAY, "Water")
        QuickInput.objects.get().delete()
        archived = self.ok(self.archive(todo))
        assert (archived["quick_input"], archived["offered_on"]) == (None, str(DAY))

    def test_what_is_in_the_archive_has_no_time(self) -> None:
        archived, dated = self.todo(day=None), self.todo()
        self.assert_field_error(self.patch(archived, time="10:00"), "time", "archived")
        self.assert_field_error(self.archive(dated, time="10:00"), "time", "archived")
        self.ok(self.patch(archived, time=None, title="Walk", memo="m"))
        self.ok(self.archive(dated, time=None, is_done=False, done_at=None))

    def test_the_archive_holds_2000(self) -> None:
        self.fill(None, 1_999)
        todo, other = self.todo(), self.todo()
        for _ in range(2):
            self.ok(self.archive(todo))
        assert self.assert_problem(self.archive(other), 409, "limit")["limit"] == 2_000
        response = self.as_alice.post("archive/", {"goal": str(self.health.pk), "title": "x"})
        self.assert_problem(response, 409, "limit")
        self.ok(self.patch(todo, date=str(DAY)))
        self.ok(self.archive(other))


class CreateArchivedTodoTest(TodoTest):
    def post(self, **body: Any) -> Any:
        return self.as_alice.post(
            "archive/", {"goal": str(self.health.pk), "title": "Some day"} | body
        )

    def test_todos_can_be_made_in_the_archive(self) -> None:
        todo = self.ok(self.post(memo="m"), 201)
        assert [todo[name] for name in ("date", "time", "is_done", "done_at", "position")] == [
            None,
            None,
            False,
            None,
            0,
        ]
        assert todo == self.ok(self.as_alice.get(f"todos/{todo['id']}/"))

    def test_the_same_id_again_gives_the_todo_as_it_is_now_also_when_it_has_a_date(self) -> None:
        pk = new_id()
        self.ok(self.post(id=pk), 201)
        self.ok(self.as_alice.patch(f"todos/{pk}/", {"date": str(DAY), "is_done": True}))
        for response in (self.post(id=pk), super().post(id=pk)):
            again = self.ok(response, 200)
            assert (again["title"], again["date"], again["is_done"]) == ("Some day", str(DAY), True)

    def test_it_takes_no_date_time_or_done(self) -> None:
        for name, value in (
            ("date", str(DAY)),
            ("time", "10:00"),
            ("is_done", True),
            ("done_at", "2026-03-01T10:00:00Z"),
        ):
            self.assert_field_error(self.post(**{name: value}), name, "archived")
        self.ok(self.post(date=None, time=None, is_done=False, done_at=None, position=3), 201)
        self.assert_field_error(self.post(titel="x"), "titel", "unknown_field")

    def test_the_goal_is_an_active_one_of_mine(self) -> None:
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

    def test_mine_come_newest_first_and_dated_ones_not_at_all(self) -> None:
        for title in "abc":
            self.todo(title, None)
        self.todo("dated")
        self.todo("his", None, goal=self.goal(self.bob))
        assert self.listed() == ["c", "b", "a"]
        assert self.listed(phone=self.as_bob) == ["his"]
        assert self.listed(phone=self.as_charlie) == []

    def test_pages_meet_every_row_once_also_where_all_were_made_at_once(self) -> None:
        self.fill(None, 5)
        Todo.objects.update(created_at=dt.datetime(2026, 3, 2, tzinfo=dt.UTC))
        rows, url = [], "archive/?page_size=2"
        while url:
            page = self.ok(self.as_alice.get(url))
            rows += ids(page["results"])
            url = page["next"]
        assert rows == sorted(rows, reverse=True)
        assert len(set(rows)) == 5

    def test_goal_and_q_narrow_it(self) -> None:
        work = self.goal(title="Work")
        self.todo("Buy MILK", None)
        self.todo("Sell milk", None, goal=work)
        assert self.listed("q=milk") == ["Sell milk", "Buy MILK"]
        assert self.listed(f"q=Milk&goal={work.pk}") == ["Sell milk"]
        assert self.listed(f"goal={new_id()}") == []

    def test_it_is_nobody_elses(self) -> None:
        self.todo(day=None)
        response = self.as_bob.get(f"archive/?owner={self.alice.uuid}")
        self.assert_field_error(response, "owner", "unknown_parameter")
        assert self.listed(f"goal={self.health.pk}", self.as_bob) == []

    def test_two_queries_however_many_there_are(self) -> None:
        for count in (1, 100):
            self.fill(None, count)
            with self.assertNumQueries(2):  # session, todos with their owner
                assert self.listed("page_size=200")
