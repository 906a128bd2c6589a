"""POST todos/"""

from datetime import UTC, datetime, timedelta

from core import clock
from tests.base import new_id
from tests.todos.todo_base import DAY, NEXT_DAY, TodoTest
from todos.models import Todo


def instant(offset: timedelta = timedelta(0)) -> str:
    return (datetime.now(UTC) + offset).isoformat()


class CreateTodoTest(TodoTest):
    def test_a_new_todo_is_last_in_its_day(self) -> None:
        self.todo("First")
        self.todo("Elsewhere", NEXT_DAY)
        todo = self.ok(
            self.post(title="  물 마시기 💧 ", time="09:30", memo="  two glasses\n"), 201
        )
        assert todo["title"] == "물 마시기 💧"
        assert todo["memo"] == "  two glasses\n"
        assert (todo["date"], todo["time"], todo["goal"]) == (
            str(DAY),
            "09:30",
            str(self.health.pk),
        )
        assert todo["position"] == 1
        assert (todo["is_done"], todo["done_at"]) == (False, None)
        assert (todo["quick_input"], todo["offered_on"]) == (None, None)
        assert todo["owner"]["id"] == str(self.alice.uuid)
        assert todo == self.ok(self.as_alice.get(f"todos/{todo['id']}/"))

    def test_a_repeated_create_gives_the_present_todo_whatever_the_body(self) -> None:
        pk = new_id()
        self.ok(self.post(id=pk), 201)
        self.ok(self.as_alice.patch(f"todos/{pk}/", {"title": "Walk", "date": None}))
        again = self.ok(self.post(id=pk, title="", date="never"), 200)
        assert (again["title"], again["date"]) == ("Walk", None)
        assert Todo.objects.count() == 1

    def test_a_repeated_create_succeeds_though_the_day_is_full_or_the_goal_ended(self) -> None:
        pk = new_id()
        self.ok(self.post(id=pk), 201)
        self.fill(DAY, 199)
        self.end(self.health)
        self.ok(self.post(id=pk), 200)

    def test_the_id_of_a_deleted_todo_is_gone(self) -> None:
        pk = new_id()
        self.ok(self.post(id=pk), 201)
        self.ok(self.as_alice.delete(f"todos/{pk}/"), 204)
        self.assert_problem(self.post(id=pk), 410, "deleted")

    def test_the_id_of_another_row_is_taken(self) -> None:
        theirs = self.todo(goal=self.goal(self.bob))
        for pk in (theirs.pk, self.health.pk, self.alice.uuid):
            self.assert_problem(self.post(id=str(pk)), 409, "id_taken")

    def test_date_goal_and_title_are_required(self) -> None:
        for name in ("date", "goal", "title"):
            body = {"goal": str(self.health.pk), "title": "Run", "date": str(DAY)}
            self.assert_field_error(self.as_alice.post("todos/", body | {name: None}), name, "null")
            del body[name]
            self.assert_field_error(self.as_alice.post("todos/", body), name, "required")
        for title in ("", "  "):
            self.assert_field_error(self.post(title=title), "title", "blank")

    def test_malformed_dates_and_times_are_refused(self) -> None:
        for day in ("2026-02-29", "2026-3-2", "20260302", "2026-03-02T00:00:00Z", 20260302):
            self.assert_field_error(self.post(date=day), "date", "invalid")
        for day in ("1899-12-31", "2200-01-01"):
            self.assert_field_error(self.post(date=day), "date", "out_of_range")
        for time in ("9:30", "24:00", "09:30:00", 930):
            self.assert_field_error(self.post(time=time), "time", "invalid")
        for day in ("1900-01-01", "2199-12-31"):
            self.ok(self.post(date=day, time="00:00"), 201)

    def test_the_goal_must_be_an_own_one(self) -> None:
        theirs = self.goal(self.bob, visibility="public")
        for pk in (str(theirs.pk), new_id()):
            self.assert_field_error(self.post(goal=pk), "goal", "does_not_exist")
        for pk in ("x", 5, True, [], {"id": str(self.health.pk)}):
            self.assert_field_error(self.post(goal=pk), "goal", "invalid")
        assert not Todo.objects.exists()

    def test_an_inactive_goal_accepts_no_new_todos(self) -> None:
        for state in ("done", "ended", "stopped"):
            self.health.change(state=state)
            self.assert_problem(self.post(), 409, "goal_not_active")
        self.health.change(state="active")
        self.ok(self.post(), 201)

    def test_a_day_has_at_most_200_todos(self) -> None:
        self.fill(DAY, 200)
        assert self.assert_problem(self.post(), 409, "limit")["limit"] == 200
        self.ok(self.post(date=str(NEXT_DAY)), 201)

    def test_a_todo_can_be_created_done_with_the_clients_done_at(self) -> None:
        before = clock.now()
        done_at = self.ok(self.post(is_done=True), 201)["done_at"]
        assert before <= datetime.fromisoformat(done_at) <= clock.now()
        for given in ("2026-03-01T23:30:00.5+09:00", "2026-03-01T14:30:00.500Z"):
            assert (
                self.ok(self.post(is_done=True, done_at=given), 201)["done_at"]
                == "2026-03-01T14:30:00.500000Z"
            )
        assert self.ok(self.post(is_done=False, done_at=None), 201)["done_at"] is None

    def test_the_id_of_an_own_todo_answers_with_it_whatever_else_is_wrong(self) -> None:
        mine, theirs = new_id(), self.todo(goal=self.goal(self.bob)).pk
        self.ok(self.post(id=mine), 201)
        ended = self.goal(title="Over", state="ended")
        for body in (
            {"title": ""},
            {"goal": new_id()},
            {"titel": "x"},
            {"goal": str(ended.pk)},
        ):
            assert self.ok(self.post(id=mine, **body), 200)["id"] == mine
            self.assert_problem(self.post(id=str(theirs), **body), 409, "id_taken")

    def test_a_done_at_in_the_future_counts_as_now(self) -> None:
        for ahead in (timedelta(seconds=45), timedelta(days=400)):
            before = datetime.now(UTC)
            todo = self.ok(self.post(is_done=True, done_at=instant(ahead)), 201)
            assert before <= datetime.fromisoformat(todo["done_at"]) <= datetime.now(UTC)

    def test_done_at_requires_is_done(self) -> None:
        self.assert_field_error(self.post(done_at=instant()), "done_at", "not_done")

    def test_done_at_is_ignored_if_is_done_is_false(self) -> None:
        todo = self.ok(self.post(done_at=instant(), is_done=False), 201)
        assert (todo["is_done"], todo["done_at"]) == (False, None)

    def test_an_unknown_field_is_refused_and_a_read_only_one_is_ignored(self) -> None:
        self.assert_field_error(self.post(titel="x"), "titel", "unknown_field")
        todo = self.ok(
            self.post(position=9, quick_input=new_id(), offered_on=str(DAY), owner=None), 201
        )
        assert (todo["position"], todo["quick_input"], todo["offered_on"]) == (0, None, None)

    def test_texts_have_a_maximum_length(self) -> None:
        self.ok(self.post(title="가" * 200, memo="나" * 2_000), 201)
        self.assert_field_error(self.post(title="가" * 201), "title", "max_length")
        self.assert_field_error(self.post(memo="나" * 2_001), "memo", "max_length")

    def test_creating_takes_eight_queries(self) -> None:
        pk = new_id()
        # savepoint, session, id check, goal, owner locked, limit, insert, savepoint's end
        with self.assertNumQueries(8):
            self.ok(self.post(id=pk), 201)
