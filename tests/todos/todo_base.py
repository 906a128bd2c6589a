"""The base classes of the tests of todos."""

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
    """Mixin with `health`, a public goal of Alice, and methods that create todos on DAY."""

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
        """Activate an offer of a new quick input for Mondays and Tuesdays; return the todo."""
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
        """Return the titles of Alice's todos of a day, in order."""
        return list(Todo.objects.of(self.alice).on(day).in_order().values_list("title", flat=True))

    def post(self, **body: Any) -> Any:
        """Create a todo as Alice through the API, by default on DAY."""
        return self.as_alice.post(
            "todos/", {"goal": str(self.health.pk), "title": "Run", "date": str(DAY)} | body
        )

    def patch(self, todo: Any, **body: Any) -> Any:
        return self.as_alice.patch(f"todos/{todo.pk}/", body)


class TodoTest(Todos, ApiTest):
    """Base of tests that need one database connection."""
