"""What the tests of todos share: a goal of Alice's, a Monday, and short ways to todos on it."""

from datetime import date, timedelta
from typing import Any

from django.db import transaction

from goals.models import Goal
from tests.base import ApiTest, Cast
from todos.models import QuickInput, Todo
from todos.offers import Offer

DAY = date(2026, 3, 2)  # a Monday
NEXT_DAY, THIRD_DAY = DAY + timedelta(days=1), DAY + timedelta(days=2)


class Todos(Cast):
    """Mixed into tests: `health` is a goal of Alice's that everyone may see."""

    def setUp(self) -> None:
        super().setUp()
        with transaction.atomic():
            self.health = self.goal(visibility="public")

    @transaction.atomic
    def todo(self, title: str = "Run", day: date | None = DAY, **values: Any) -> Todo:
        goal = values.pop("goal", self.health)
        return Todo.add(goal.owner, goal=goal, date=day, title=title, **values)

    @transaction.atomic
    def activated(self, day: date = DAY, goal: Goal | None = None) -> Todo:
        """A todo that came from a quick input of every Monday and Tuesday."""
        quick_input = QuickInput.add(
            self.alice,
            goal=goal or self.health,
            title="Water",
            weekdays=["mon", "tue"],
            starts_on=DAY,
        )
        return Offer(quick_input, day).activate()[0]

    def end(self, goal: Goal) -> None:
        goal.change(state=Goal.State.ENDED)

    def fill(self, day: date | None, count: int) -> None:
        Todo.objects.bulk_create(
            Todo(
                owner=self.alice,
                goal=self.health,
                date=day,
                title="x",
                position=0 if day is None else number,
            )
            for number in range(count)
        )

    def titles(self, day: date = DAY) -> list[str]:
        """The titles of Alice's day, in order."""
        return list(Todo.objects.of(self.alice).on(day).in_order().values_list("title", flat=True))

    def post(self, **body: Any) -> Any:
        """Alice's phone makes a todo, on DAY if nothing else is said."""
        return self.as_alice.post(
            "todos/", {"goal": str(self.health.pk), "title": "Run", "date": str(DAY)} | body
        )

    def patch(self, todo: Any, **body: Any) -> Any:
        return self.as_alice.patch(f"todos/{todo.pk}/", body)


class TodoTest(Todos, ApiTest):
    """For everything that one connection can show."""
