"""What quick inputs offer: computed when asked for, from the templates and what became of their offers."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, time
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from accounts.models import User
from core.ready import padded, ready
from todos.models import Dismissal, QuickInput, Todo
from todos.recurrence import dates_between


@dataclass(frozen=True)
class Offer:
    """A todo that a quick input offers on one date; `todo_id` is the id it gets when it is activated."""

    quick_input: UUID
    date: date
    todo_id: UUID
    goal: UUID
    title: str
    time: time | None


def offers_between(owner: User, first: date, last: date) -> list[Offer]:
    """The owner's offers from `first` to `last`, both counted, by date, time (without one last) and quick input.

    Two queries at most, however many there are.
    """
    templates = templates_between(owner, first, last)
    taken = set(taken_between(padded([template.pk for template in templates]), first, last)) if templates else set()
    offers = [offer for template in templates for offer in _offers_of(template, first, last)]
    free = [offer for offer in offers if (offer.quick_input, offer.date) not in taken]
    return sorted(free, key=lambda offer: (offer.date, offer.time is None, offer.time, offer.quick_input))


def _offers_of(template: QuickInput, first: date, last: date) -> Iterator[Offer]:
    """What one template offers by its own dates, whatever became of it."""
    for day in dates_between(first, last, template.weekdays, template.starts_on, template.ends_on):
        yield Offer(
            quick_input=template.pk,
            date=day,
            todo_id=template.todo_id(day),
            goal=template.goal_id,
            title=template.title,
            time=template.time,
        )


@ready(QuickInput)
def templates_between(owner: User, first: date, last: date) -> QuerySet[QuickInput]:
    templates: QuerySet[QuickInput] = QuickInput.objects.of(owner).active_between(first, last)
    return templates


@ready(Todo)
def taken_between(templates: list[UUID], first: date, last: date) -> QuerySet[Todo, Any]:
    """Of which template the offer of which date became a todo or was dismissed.

    One query, so that an offer that changes from one to the other meanwhile is never seen as neither.
    """
    todos = Todo.objects.offered_between(templates, first, last).values_list("quick_input", "offered_on")
    dismissals = Dismissal.objects.of(templates).between(first, last).values_list("quick_input", "date")
    rows: QuerySet[Todo, Any] = todos.union(dismissals, all=True)
    return rows
