"""Sixteen clients cheer and follow while the cheered todos are ordered and moved."""

import random
from collections import Counter
from typing import Any

import pytest
from django.db import transaction

from accounts.models import Follow, User
from cheers.models import Cheer
from tests.base import Client, RaceTest, needs_row_locks, person
from tests.todos.todo_base import DAY, NEXT_DAY, Todos
from todos.models import Todo

THREADS = 16
ROUNDS = 100
# 400 and 404: the row was moved or hidden meanwhile. Never 500.
EXPECTED = {200, 201, 204, 400, 404}


@needs_row_locks
@pytest.mark.races
class CheerAndFollowRaceTest(Todos, RaceTest):
    def test_concurrent_orders_moves_cheers_and_follows_return_no_deadlock(self) -> None:
        todos = [
            str(self.todo(str(number), DAY if number % 2 else NEXT_DAY).pk) for number in range(12)
        ]
        with transaction.atomic():
            people = [self.alice, self.bob, self.charlie, person("Dana")]
        friends = [Friend(people[number % 4], people, todos, number) for number in range(THREADS)]
        counts = self.at_once(lambda number: friends[number].run())
        statuses = Counter(status for some in counts for status in some)
        assert set(statuses) <= EXPECTED, statuses
        assert statuses[200] + statuses[201] + statuses[204] > ROUNDS * THREADS / 2, statuses
        self.assert_consistent(todos)

    def assert_consistent(self, todos: list[str]) -> None:
        """Assert that no row is lost, duplicated or inconsistent."""
        assert {str(pk) for pk in Todo.objects.values_list("pk", flat=True)} == set(todos)
        given = Cheer.objects.values_list("owner", "todo")
        assert len(given) == len(set(given)) > 0
        for cheer in Cheer.objects.select_related("owner"):
            assert cheer.pk == Cheer.id_of(cheer.owner, "todo", cheer.todo_id)
        assert set(Follow.objects.values_list("state", flat=True)) <= {"accepted"}


class Friend:
    """A client that sends random requests; Alice's also order and move her todos."""

    def __init__(self, user: User, people: list[User], todos: list[str], seed: int) -> None:
        self.phone, self.randomness, self.todos = Client(user), random.Random(seed), todos  # noqa: S311  # no secret
        self.others = [str(other.uuid) for other in people if other != user]
        self.actions = [self.cheer, self.cheer, self.withdraw, self.follow, self.unfollow]
        if seed % 4 == 0:
            self.actions += [self.order, self.order, self.move, self.move]

    def run(self) -> list[int]:
        return [self.randomness.choice(self.actions)().status_code for _ in range(ROUNDS)]

    def day(self) -> str:
        return str(self.randomness.choice((DAY, NEXT_DAY)))

    def todo(self) -> str:
        return f"cheers/todos/{self.randomness.choice(self.todos)}/"

    def other(self) -> str:
        return f"users/{self.randomness.choice(self.others)}/follow/"

    def cheer(self) -> Any:
        return self.phone.put(self.todo(), {"emoji": self.randomness.choice("🍣🍺🎉💪")})

    def withdraw(self) -> Any:
        return self.phone.delete(self.todo())

    def follow(self) -> Any:
        return self.phone.put(self.other())

    def unfollow(self) -> Any:
        return self.phone.delete(self.other())

    def order(self) -> Any:
        return self.phone.put(
            "todos/order/", {"date": self.day(), "ids": self.randomness.sample(self.todos, 8)}
        )

    def move(self) -> Any:
        return self.phone.post(
            "todos/move/", {"ids": self.randomness.sample(self.todos, 4), "date": self.day()}
        )
