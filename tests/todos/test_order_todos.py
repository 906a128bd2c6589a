"""PUT todos/order/"""

import random
from typing import Any

from tests.base import ids, new_id
from tests.todos.todo_base import DAY, NEXT_DAY, TodoTest
from todos.models import Todo


class OrderTodosTest(TodoTest):
    def put(self, *todos: Any, day: Any = DAY, phone: Any = None) -> Any:
        body = {"date": str(day), "ids": [str(getattr(todo, "pk", todo)) for todo in todos]}
        return (phone or self.as_alice).put("todos/order/", body)

    def order(self, *todos: Any, **where: Any) -> str:
        """Order the todos and return the titles in the answer."""
        return "".join(todo["title"] for todo in self.ok(self.put(*todos, **where)))

    def test_the_sent_todos_share_their_positions_in_the_order_given_and_others_keep_theirs(
        self,
    ) -> None:
        a, b, c, d, e = (self.todo(title) for title in "abcde")
        for _ in range(2):
            assert self.order(e, c, a) == "ebcda"
        assert self.order(b, e) == "becda"
        assert self.order(d) == "becda"
        assert self.titles() == list("becda")

    def test_the_answer_has_the_whole_day_as_in_the_list(self) -> None:
        a, b, _c = (self.todo(title) for title in "abc")
        answer = self.ok(self.put(b, a))
        assert answer == self.ok(self.as_alice.get(f"todos/?date={DAY}"))["results"]
        assert self.order() == "bac"
        assert self.order(day=NEXT_DAY) == ""

    def test_a_repeated_order_changes_nothing(self) -> None:
        a, b, c = (self.todo(title) for title in "abc")
        self.ok(self.put(c, b, a))
        before = list(Todo.objects.order_by("pk").values())
        self.ok(self.put(c, b, a))
        self.ok(self.put(c, a))
        assert list(Todo.objects.order_by("pk").values()) == before

    def test_only_todos_with_a_new_position_get_a_new_updated_at(self) -> None:
        a, b, c = (self.todo(title) for title in "abc")
        self.ok(self.put(c, a))
        stamps = dict(Todo.objects.values_list("title", "updated_at"))
        assert stamps["b"] == b.updated_at
        assert stamps["a"] > a.updated_at
        assert stamps["c"] > c.updated_at

    def test_ids_of_other_days_other_people_and_deleted_todos_are_skipped(self) -> None:
        a, b, gone = (self.todo(title) for title in "abc")
        elsewhere, archived = self.todo("x", NEXT_DAY), self.todo("y", None)
        theirs = self.todo("z", goal=self.goal(self.bob, visibility="public"))
        self.ok(self.as_alice.delete(f"todos/{gone.pk}/"), 204)
        for _ in range(2):
            assert self.order(b, elsewhere, theirs, archived, gone, new_id(), a) == "ba"
        for todo in (elsewhere, archived, theirs):
            before = (todo.date, todo.position)
            todo.refresh_from_db()
            assert (todo.date, todo.position) == before

    def test_todos_with_equal_positions_can_be_put_in_any_order(self) -> None:
        a, b, c, d = (self.todo(title) for title in "abcd")
        Todo.objects.update(position=4)
        for _ in range(2):
            assert self.order(d, b, c, a) == "dbca"

    def test_random_orders_of_random_positions_result_in_the_order_given(self) -> None:
        dice = random.Random(5)  # noqa: S311  # the same numbers in each run
        todos = [self.todo(title) for title in "abcdefgh"]
        for _ in range(25):
            for todo in todos:
                Todo.objects.filter(pk=todo.pk).update(position=dice.randrange(5))
            some = dice.sample(todos, dice.randrange(2, 9))
            answer = self.ok(self.put(*some))
            wanted = [str(todo.pk) for todo in some]
            assert [pk for pk in ids(answer) if pk in wanted] == wanted
            assert self.ok(self.put(*some)) == answer

    def test_a_repeated_id_counts_at_its_first_place(self) -> None:
        a, _b, c = (self.todo(title) for title in "abc")
        assert self.order(c, a, c, a) == "cba"

    def test_the_day_of_another_person_cannot_be_ordered(self) -> None:
        a, b = (self.todo(title) for title in "ab")
        assert self.order(b, a, phone=self.as_bob) == ""
        assert self.titles() == ["a", "b"]

    def test_a_date_and_at_most_200_ids_are_required(self) -> None:
        self.assert_field_error(self.as_alice.put("todos/order/", {"ids": []}), "date", "required")
        self.assert_field_error(self.put(day="x"), "date", "invalid")
        self.assert_field_error(
            self.as_alice.put("todos/order/", {"date": str(DAY), "ids": None}), "ids", "required"
        )
        self.assert_field_error(
            self.as_alice.put("todos/order/", {"date": str(DAY), "ids": "x"}), "ids", "not_a_list"
        )
        self.assert_field_error(self.put(5), "ids.0", "invalid")
        many = [new_id() for _ in range(201)]
        self.assert_field_error(self.put(*many), "ids", "max_length")
        self.ok(self.put(*many[:200]))

    def test_two_todos_and_a_full_day_cost_the_same_queries(self) -> None:
        for count in (2, 200):
            Todo.objects.all().delete()
            self.fill(DAY, count)
            todos = list(Todo.objects.order_by("-position"))
            with self.assertNumQueries(
                6
            ):  # savepoint, session, owner, rows, change, savepoint's end
                assert len(self.ok(self.put(*todos))) == count
