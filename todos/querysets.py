"""Which todos, quick inputs and dismissals, and how they are fetched."""

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING, Any, Self
from uuid import UUID

from django.db import models
from django.db.models import Q

from accounts.models import User
from accounts.querysets import OwnedQuerySet
from accounts.visibility import visible_to
from goals.models import Goal
from todos.recurrence import WEEKDAYS

if TYPE_CHECKING:
    from todos.models import QuickInput, Todo


class TodoQuerySet(OwnedQuerySet):
    def visible_to(self, viewer: User) -> Self:
        """Mine, the archive included; others' dated ones by the visibility of their goal."""
        return self.filter(Q(owner=viewer) | (Q(date__isnull=False) & visible_to(viewer, Goal, "goal__")))

    def dated(self) -> Self:
        return self.filter(date__isnull=False)

    def archived(self) -> Self:
        return self.filter(date__isnull=True)

    def on(self, day: date) -> Self:
        return self.filter(date=day)

    def in_order(self) -> Self:
        return self.order_by("date", "position", "id")

    def offered(self, quick_input: "QuickInput", day: date) -> "Todo | None":
        """The todo that the offer of `day` became, wherever it was moved to."""
        todo: Todo | None = self.filter(quick_input=quick_input, offered_on=day).first()
        return todo

    def offered_between(self, quick_inputs: Sequence["QuickInput"], first: date, last: date) -> Self:
        """What offers of these dates became, wherever it was moved to."""
        return self.filter(quick_input__in=quick_inputs, offered_on__gte=first, offered_on__lte=last)

    def locked(self, owner: User, ids: Sequence[UUID]) -> list["Todo"]:
        """The owner's todos with these ids, in id order, held until the transaction ends."""
        return list(self.of(owner).filter(pk__in=ids).order_by("pk").select_for_update())


class QuickInputQuerySet(OwnedQuerySet):
    def locked(self, owner: User, pk: UUID) -> "QuickInput":
        """The owner's quick input, held until the transaction ends. Raises QuickInput.DoesNotExist."""
        quick_input: QuickInput = self.of(owner).select_for_update().get(pk=pk)
        quick_input.owner = owner
        return quick_input

    def active_between(self, first: date, last: date) -> Self:
        """Whose goal is active and whose range meets the one from `first` to `last`, both counted."""
        open_end = Q(ends_on__isnull=True) | Q(ends_on__gte=first)
        return self.filter(open_end, starts_on__lte=last, goal__state=Goal.State.ACTIVE)

    def on_weekday(self, weekday: str) -> Self:
        return self.filter(weekdays__contains=weekday)

    def active_on(self, day: date) -> Self:
        """Which have `day` in their range and its weekday."""
        open_end = Q(ends_on__isnull=True) | Q(ends_on__gte=day)
        return self.on_weekday(WEEKDAYS[day.weekday()]).filter(open_end, starts_on__lte=day)


class DismissalQuerySet(models.QuerySet[Any]):
    def between(self, first: date, last: date) -> Self:
        return self.filter(date__gte=first, date__lte=last)
