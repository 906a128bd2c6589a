"""A list reads a bounded number of rows, however many a filter or the visibility leaves out."""

from __future__ import annotations

import datetime as dt

from accounts.models import Profile
from accounts.people.views import HANDLES_AT_ONCE
from cheers.models import Cheer
from cheers.views import CHEERS_AT_ONCE
from goals.models import Goal
from tests.plans.base import PlansTest
from tests.plans.rows import FIRST, MANY, analyze, crowd, follows
from todos.models import Todo
from todos.views import TODOS_AT_ONCE

PEOPLE = 8_000
TODOS = 3 * TODOS_AT_ONCE


class BoundedListsTest(PlansTest):
    """Alice and Bob have many todos, Alice has many followers, and has cheered what is hidden."""

    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        cls.goals = {}
        for owner in (cls.alice, cls.bob):
            cls.goals[owner] = [
                Goal.add(owner, title="x", visibility=seen) for seen in ("public", "private") * 3
            ]
            Todo.objects.bulk_create(
                (
                    Todo(
                        owner=owner,
                        goal=cls.goals[owner][n % 6],
                        title="x",
                        title_folded="x",
                        date=FIRST + dt.timedelta(days=n // 100),
                        position=n % 100,
                    )
                    for n in range(TODOS)
                ),
                **MANY,
            )
        people = crowd(PEOPLE)
        follows((person, cls.alice) for person in people)
        follows((cls.alice, person) for person in people)
        hidden = Todo.objects.filter(goal=cls.goals[cls.bob][1])
        cls.hidden = hidden[0]
        cheers = [(cls.alice, todo) for todo in hidden] + [(fan, cls.hidden) for fan in people]
        Cheer.objects.bulk_create(
            (Cheer(owner=fan, todo=todo, target_owner=cls.bob, emoji="👍") for fan, todo in cheers),
            **MANY,
        )
        analyze()

    def read(self, path: str) -> int:
        return sum(statement.read for statement in self.statements_of(path)[1])

    def test_filters_of_todos_that_find_nothing(self) -> None:
        theirs = self.goals[self.bob]
        for query in (
            "q=nowhere",
            "is_done=true",
            "has_time=true",
            "has_time=true&q=x",
            f"is_done=true&goal={self.goals[self.alice][0].pk}",
            f"date_from={FIRST}&q=nowhere",
            f"owner={self.bob.uuid}",
            f"owner={self.bob.uuid}&is_done=true",
            f"owner={self.bob.uuid}&goal={theirs[0].pk}&q=nowhere",
            f"goal={theirs[0].pk}&is_done=true",
            f"goal={theirs[1].pk}",
        ):
            with self.subTest(query):
                assert self.read(f"todos/?{query}") <= 3 * TODOS_AT_ONCE

    def test_cheers_on_hidden_targets(self) -> None:
        assert self.read("cheers/") <= 20 * CHEERS_AT_ONCE
        assert self.read(f"cheers/?todo={self.hidden.pk}") < 50

    def test_followers_and_following_of_many(self) -> None:
        for which in ("followers", "following"):
            assert self.read(f"users/{self.alice.uuid}/{which}/") <= 8 * HANDLES_AT_ONCE

    def test_a_search_for_a_beginning_that_many_share(self) -> None:
        assert Profile.objects.filter(handle__startswith="many").count() > PEOPLE / 3
        for query in ("q=many", "q=ma", "q=far"):
            assert self.read(f"users/?{query}") <= 10_000
