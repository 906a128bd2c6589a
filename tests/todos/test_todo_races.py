"""Concurrent requests of sixteen devices of one person."""

import random
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from resources.models import Tombstone
from tests.base import Client, RaceTest, needs_row_locks, new_id
from tests.todos.todo_base import DAY, NEXT_DAY, Todos
from todos.models import Todo

THREADS = 16
ROUNDS = 100


@needs_row_locks
@pytest.mark.races
class TodoRaceTest(Todos, RaceTest):
    def setUp(self) -> None:
        super().setUp()
        self.phones = [Client(self.alice) for _ in range(THREADS)]

    def create(self, number: int, **body: Any) -> Any:
        body = {"goal": str(self.health.pk), "title": "x", "date": str(DAY)} | body
        return self.phones[number].post("todos/", body)

    def patch_at_once(self, todos: list[Todo], **body: Any) -> Counter[int]:
        return Counter(
            self.at_once(
                lambda n: self.phones[n].patch(f"todos/{todos[n].pk}/", body).status_code,
                len(todos),
            )
        )

    def test_concurrent_creates_with_one_id_make_one_todo(self) -> None:
        for _ in range(5):
            pk = new_id()
            responses = self.at_once(lambda n, pk=pk: self.create(n, id=pk))
            assert Counter(r.status_code for r in responses) == {201: 1, 200: THREADS - 1}
            assert {r.json()["id"] for r in responses} == {pk}

    def test_concurrent_creates_and_deletes_of_one_id_leave_a_todo_or_a_tombstone(self) -> None:
        for _ in range(5):
            pk = new_id()

            def write(number: int, pk: str = pk) -> int:
                phone = self.phones[number]
                response = (
                    self.create(number, id=pk) if number % 2 else phone.delete(f"todos/{pk}/")
                )
                return int(response.status_code)

            assert set(self.at_once(write)) <= {200, 201, 204, 404, 410}
            assert Todo.objects.filter(pk=pk).exists() != Tombstone.objects.filter(pk=pk).exists()

    def test_concurrent_creates_respect_the_limit_of_a_day_and_get_different_positions(
        self,
    ) -> None:
        self.fill(DAY, 190)
        statuses = Counter(self.at_once(lambda n: self.create(n).status_code))
        assert statuses == {201: 10, 409: 6}
        assert sorted(Todo.objects.on(DAY).values_list("position", flat=True)) == list(range(200))

    def test_concurrent_moves_respect_the_limit_of_a_day(self) -> None:
        self.fill(NEXT_DAY, 190)
        todos = [self.todo(str(number), None if number % 2 else DAY) for number in range(THREADS)]
        assert self.patch_at_once(todos, date=str(NEXT_DAY)) == {200: 10, 409: 6}
        Todo.objects.exclude(date=NEXT_DAY).delete()
        Todo.objects.filter(
            pk__in=list(Todo.objects.on(NEXT_DAY).values_list("pk", flat=True)[:20])
        ).delete()
        groups = [[str(self.todo().pk) for _ in range(3)] for _ in range(THREADS)]
        move = lambda n: self.phones[n].post(
            "todos/move/", {"ids": groups[n], "date": str(NEXT_DAY)}
        )
        assert Counter(r.status_code for r in self.at_once(move)) == {200: 6, 409: 10}
        assert Todo.objects.on(NEXT_DAY).count() == 198

    def test_concurrent_archiving_respects_the_limit_of_the_archive(self) -> None:
        self.fill(None, 1_995)
        todos = [self.todo() for _ in range(THREADS)]
        ways: list[Callable[[Client, Todo], Any]] = [
            lambda phone, todo: phone.patch(f"todos/{todo.pk}/", {"date": None}),
            lambda phone, todo: phone.patch(f"todos/{todo.pk}/", {"clear": ["date"]}),
            lambda phone, todo: phone.put(f"archive/{todo.pk}/"),
        ]
        answers = self.at_once(lambda n: ways[n % len(ways)](self.phones[n], todos[n]).status_code)
        assert Counter(answers) == {200: 5, 409: 11}
        assert Todo.objects.archived().count() == 2_000

    def test_a_todo_that_is_archived_and_checked_at_once_ends_as_one_of_the_two(self) -> None:
        for _ in range(5):
            todo = self.todo()

            def write(number: int, todo: Todo = todo) -> int:
                phone = self.phones[number]
                if number % 2:
                    return int(phone.put(f"archive/{todo.pk}/").status_code)
                return int(phone.patch(f"todos/{todo.pk}/", {"is_done": True}).status_code)

            # An archived todo cannot be done (400); nothing brings it back.
            assert set(self.at_once(write)) <= {200, 400}
            todo.refresh_from_db()
            assert (todo.date, todo.is_done, todo.done_at) == (None, False, None)

    def test_concurrent_requests_for_done_get_one_done_at(self) -> None:
        for second in range(5):
            path = f"todos/{self.todo().pk}/"
            times = [f"2026-03-02T10:0{second}:{number:02}.000000Z" for number in range(THREADS)]
            responses = self.at_once(
                lambda n, path=path, times=times: self.phones[n].patch(
                    path, {"is_done": True, "done_at": times[n]}
                )
            )
            told = {r.json()["done_at"] for r in responses}
            assert len(told) == 1
            assert told <= set(times)

    def test_concurrent_opposite_orders_leave_one_of_the_two(self) -> None:
        todos = [str(self.todo(str(number)).pk) for number in range(20)]

        def order(number: int) -> set[int]:
            body = {"date": str(DAY), "ids": todos if number % 2 else todos[::-1]}
            return {self.phones[number].put("todos/order/", body).status_code for _ in range(10)}

        assert self.at_once(order) == [{200}] * THREADS
        left = [str(pk) for pk in Todo.objects.on(DAY).in_order().values_list("pk", flat=True)]
        assert left in (todos, todos[::-1])

    def test_random_concurrent_requests_return_no_deadlock(self) -> None:
        for number in range(20):
            self.todo(str(number), DAY if number % 2 else NEXT_DAY)
        activated = self.activated()
        counts = self.at_once(
            lambda n: RandomDevice(self.phones[n], n, self.health, activated).run()
        )
        statuses = Counter(status for some in counts for status in some)
        # 400: the todo to be done was archived meanwhile
        assert set(statuses) <= {200, 201, 204, 400, 404, 409}, statuses
        assert statuses[200] > ROUNDS * THREADS / 2
        for todo in Todo.objects.all():
            assert (todo.done_at is not None) is todo.is_done


class RandomDevice:
    """A device that sends random requests about two days."""

    def __init__(self, phone: Client, seed: int, goal: Any, activated: Todo) -> None:
        self.phone, self.randomness, self.goal = phone, random.Random(seed), str(goal.pk)  # noqa: S311  # no secret
        self.offer = f"quick-inputs/{activated.quick_input_id}/offers/{DAY}/todo/"
        self.activated = str(activated.pk)

    def run(self) -> list[int]:
        work = [
            self.order,
            self.order,
            self.move,
            self.move,
            self.check,
            self.check,
            self.create,
            self.date,
            self.rare,
        ]
        return [self.randomness.choice(work)().status_code for _ in range(ROUNDS)]

    def day(self) -> str:
        return str(self.randomness.choice((DAY, NEXT_DAY)))

    def some(self, count: int) -> list[str]:
        ids = [str(pk) for pk in Todo.objects.values_list("pk", flat=True)[:60]]
        return self.randomness.sample(ids, min(count, len(ids)))

    def order(self) -> Any:
        return self.phone.put("todos/order/", {"date": self.day(), "ids": self.some(10)})

    def move(self) -> Any:
        return self.phone.post("todos/move/", {"ids": self.some(5), "date": self.day()})

    def patch(self, **body: Any) -> Any:
        return self.phone.patch(f"todos/{self.some(1)[0]}/", body)

    def check(self) -> Any:
        return self.patch(is_done=self.randomness.random() < 0.5)

    def date(self) -> Any:
        if self.randomness.random() < 0.25:
            return self.phone.put(f"archive/{self.some(1)[0]}/")
        return self.patch(date=self.randomness.choice((None, self.day())), is_done=False)

    def create(self) -> Any:
        return self.phone.post("todos/", {"goal": self.goal, "title": "x", "date": self.day()})

    def rare(self) -> Any:
        kind = self.randomness.randrange(4)
        if kind == 0:
            return self.phone.post("todos/delete/", {"ids": [*self.some(2), self.activated]})
        if kind == 1:
            return self.phone.delete(
                f"todos/{self.randomness.choice((self.activated, *self.some(1)))}/"
            )
        return self.phone.put(self.offer) if kind == 2 else self.phone.delete(self.offer)
