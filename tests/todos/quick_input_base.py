"""The base classes of the tests of quick inputs."""

from datetime import date, timedelta
from typing import Any

from django.db import transaction

from accounts.models import User
from tests.base import ApiTest, Cast, Client
from todos.models import QuickInput, Todo

MONDAY = date(2026, 3, 2)
TUESDAY, WEDNESDAY, THURSDAY = (MONDAY + timedelta(days=number) for number in (1, 2, 3))
SUNDAY, NEXT_MONDAY = MONDAY + timedelta(days=6), MONDAY + timedelta(days=7)


def todo_path(quick_input: QuickInput, day: date | str) -> str:
    return f"quick-inputs/{quick_input.pk}/offers/{day}/todo/"


def dismissal_path(quick_input: QuickInput, day: date | str) -> str:
    return f"quick-inputs/{quick_input.pk}/offers/{day}/dismissal/"


class QuickInputs(Cast):
    """Mixin with `water`, Alice's quick input for Mondays and Wednesdays from MONDAY on."""

    def setUp(self) -> None:
        super().setUp()
        with transaction.atomic():
            self.health = self.goal()
            self.water = self.quick_input()

    def quick_input(self, owner: User | None = None, **values: Any) -> QuickInput:
        goal = self.health if owner is None else self.goal(owner)
        fields = {"goal": goal, "title": "Water", "weekdays": ["mon", "wed"], "starts_on": MONDAY}
        return QuickInput.add(owner or self.alice, **fields | values)

    def activate(
        self, day: date = MONDAY, quick_input: QuickInput | None = None, **body: Any
    ) -> Any:
        return self.ok(self.as_alice.put(todo_path(quick_input or self.water, day), body), 201)

    def put_back(self, day: date = MONDAY) -> None:
        self.ok(self.as_alice.delete(todo_path(self.water, day)), 204)

    def dismiss(self, day: date = MONDAY) -> None:
        self.ok(self.as_alice.put(dismissal_path(self.water, day)), 204)

    def offers(
        self, first: date = MONDAY, last: date = SUNDAY, phone: Client | None = None
    ) -> list[dict[str, Any]]:
        answer = self.ok(
            (phone or self.as_alice).get(f"quick-inputs/offers/?date_from={first}&date_to={last}")
        )
        return list(answer["results"])

    def offered(self, first: date = MONDAY, last: date = SUNDAY) -> list[str]:
        """Return the dates of the offers."""
        return [offer["date"] for offer in self.offers(first, last)]

    def todo(self, **values: Any) -> Todo:
        """Return the only todo in the database that has these values."""
        return Todo.objects.get(**values)


class QuickInputTest(QuickInputs, ApiTest):
    """Base of tests that need one database connection."""
