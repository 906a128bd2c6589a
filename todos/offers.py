"""Offers of quick inputs, computed from the templates, and the operations on a single offer."""

import datetime as dt  # `date` and `time` are names of fields
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from accounts.models import User
from core.problems import Problem
from core.quotas import require_room
from fastlists import compiled
from photos.models import Photo
from resources.models import Tombstone
from todos.models import Dismissal, QuickInput, Todo
from todos.recurrence import dates_between


@dataclass(frozen=True)
class Offer:
    """The todo that a quick input offers on one date.

    The row of the quick input must be locked (`QuickInput.objects.locked`) for all operations,
    which are idempotent.
    """

    quick_input: QuickInput
    date: dt.date

    @property
    def quick_input_id(self) -> UUID:
        return self.quick_input.pk

    @property
    def todo_id(self) -> UUID:
        """The id that the todo gets when the offer is activated."""
        return self.quick_input.todo_id(self.date)

    @property
    def goal_id(self) -> UUID:
        return self.quick_input.goal_id

    @property
    def title(self) -> str:
        return self.quick_input.title

    @property
    def time(self) -> dt.time | None:
        return self.quick_input.time

    def activate(self, **values: object) -> tuple[Todo, bool]:
        """Turn the offer into a todo on its date. Return the todo and whether it is new.

        `values` may have time, is_done and done_at. Of a todo that exists already, all that
        changes is that it is checked if `is_done` is true: whoever activated the offer on another
        device first had not done it. The owner must be locked before the quick input. Raise
        Problem `dismissed`, `not_offered`, `goal_not_active` or `limit`.
        """
        if todo := self._todo():
            return (self._check(todo, **values) if values.get("is_done") else todo), False
        if self._is_dismissed():
            raise Problem("dismissed")
        self._require_offered()
        # The todo may have been deleted before, and its dismissal undone.
        owner = self.quick_input.owner
        Tombstone.objects.filter(pk=self.todo_id, owner=owner).delete()
        values = {"time": self.time, "title": self.title} | values
        todo = Todo.add(
            owner,
            id=self.todo_id,
            goal=self.quick_input.goal,
            date=self.date,
            quick_input=self.quick_input,
            offered_on=self.date,
            **values,
        )
        return todo, True

    def put_back(self) -> None:
        """Turn the todo back into an offer: delete its row with all that refers to it.

        Raise Problem `done`.
        """
        # Locked, so that no other request checks it off before it is deleted.
        rows = Todo.objects.of(self.quick_input.owner).select_for_update()
        todo = rows.first_offered(self.quick_input, self.date)
        if todo is None:
            return
        if todo.is_done:
            raise Problem("done")
        photo = todo.photo_id
        todo.delete()
        if photo is not None:
            Photo.objects.filter(pk=photo).remove(self.quick_input.owner)

    def dismiss(self) -> None:
        """Hide the offer. Raise Problem `activated` or `not_offered`.

        The state of the goal does not matter: the offer stays hidden when the goal becomes active.
        """
        if self._is_dismissed():
            return
        if self._todo():
            raise Problem("activated")
        self._require_offered()
        owner_id = self.quick_input.owner_id
        require_room(
            "dismissals", owner_id, lambda: Dismissal.objects.filter(quick_input__owner=owner_id)
        )
        self.quick_input.dismissals.create(date=self.date)

    def undo_dismissal(self) -> None:
        """Show the offer again."""
        self.quick_input.dismissals.filter(date=self.date).delete()
        if todo := self._deleted_todo():
            todo.delete()  # it would stand in the way until it is erased

    def _check(self, todo: Todo, **values: Any) -> Todo:
        """Check the todo, and return it as it is then."""
        if not todo.is_done:
            todo = Todo.objects.locked(self.quick_input.owner, [todo.pk])[todo.pk]
            todo.edit(is_done=True, done_at=values.get("done_at"))
        return todo

    def _todo(self) -> Todo | None:
        rows = Todo.objects.of(self.quick_input.owner)
        return rows.first_offered(self.quick_input, self.date)

    def _deleted_todo(self) -> Todo | None:
        """Return the todo that the offer became, if it was deleted with its goal but not erased."""
        if not self.quick_input.owner.has_deleted_goals:
            return None
        rows = Todo.objects.filter(goal__deleted_at__isnull=False)
        return rows.first_offered(self.quick_input, self.date)

    def _is_dismissed(self) -> bool:
        dismissals = self.quick_input.dismissals.filter(date=self.date)
        return dismissals.exists() or self._deleted_todo() is not None

    def _require_offered(self) -> None:
        if not self.quick_input.falls_on(self.date):
            raise Problem("not_offered")


def offers_between(owner: User, first: dt.date, last: dt.date) -> list[Offer]:
    """Return the owner's offers from `first` to `last` (inclusive), in at most two queries.

    They are sorted by date, time (those without a time last) and quick input.
    """
    templates = templates_between(owner, first, last)
    if not templates:
        return []
    taken = set(taken_between([template.pk for template in templates], first, last))
    offers = [offer for template in templates for offer in _offers_of(template, first, last)]
    free = [offer for offer in offers if (offer.quick_input_id, offer.date) not in taken]
    return sorted(free, key=_sort_key)


def _sort_key(offer: Offer) -> tuple[Any, ...]:
    return offer.date, offer.time is None, offer.time, offer.quick_input_id


def _offers_of(template: QuickInput, first: dt.date, last: dt.date) -> Iterator[Offer]:
    """Yield the offers of one template by its dates, activated and dismissed ones included."""
    dates = dates_between(first, last, template.weekdays, template.starts_on, template.ends_on)
    return (Offer(template, day) for day in dates)


@compiled(QuickInput)
def templates_between(owner: User, first: dt.date, last: dt.date) -> QuerySet[QuickInput]:
    return QuickInput.objects.of(owner).active_between(first, last)


@compiled(Todo)
def taken_between(templates: list[UUID], first: dt.date, last: dt.date) -> QuerySet[Todo, Any]:
    """Select the quick input and date of each offer that was activated or dismissed.

    One query, so that an offer that changes from one to the other meanwhile is not missed.
    """
    todos = Todo.objects.offered_between(templates, first, last)
    dismissals = Dismissal.objects.of(templates).between(first, last)
    return todos.values_list("quick_input", "offered_on").union(
        dismissals.values_list("quick_input", "date"), all=True
    )
