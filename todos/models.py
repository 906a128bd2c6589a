"""Todos, and the quick inputs that offer them."""

import datetime as dt  # not its names: `date` and `time` are fields here
import uuid
from typing import Any
from uuid import UUID

from django.db import models
from django.db.models import Count, F, Max, Q
from django.utils.translation import gettext_lazy as _
from multiselectfield import MultiSelectField

from accounts.models import User, Weekday
from core import days
from core.model_fields import FoldedField
from core.models import Stamped
from core.problems import LimitReached, Problem
from core.ready import ready
from goals.models import Goal
from resources.models import Owned, Tombstone
from todos.querysets import DismissalQuerySet, QuickInputQuerySet, TodoQuerySet
from todos.recurrence import falls_on

TODOS_PER_DAY = 200
TODOS_IN_ARCHIVE = 2_000
QUICK_INPUTS_PER_PERSON = 100


class QuickInput(Owned):
    """A repeat template (간편입력): it offers a todo on each date of its range whose weekday it has.

    Offers are computed (todos.offers), they are not rows. The verbs on an offer decide by what they read, so they ask
    for the row to be held: `QuickInput.objects.locked`. What hangs on it is locked after it.
    """

    kind = "quick_input"

    goal = models.ForeignKey(Goal, models.CASCADE, related_name="+", verbose_name=_("goal"))
    title = models.CharField(_("title"), max_length=200)
    weekdays = MultiSelectField(_("weekdays"), choices=Weekday.choices, max_length=27)
    time = models.TimeField(_("time"), null=True)
    starts_on = models.DateField(_("starts on"))
    ends_on = models.DateField(_("ends on"), null=True)

    objects = QuickInputQuerySet.as_manager()

    class Meta:
        verbose_name = _("quick input")
        verbose_name_plural = _("quick inputs")
        permissions = [("read_quickinput", "Can read the titles of quick inputs")]
        constraints = [
            models.CheckConstraint(
                name="quick_input_range", condition=Q(ends_on__isnull=True) | Q(ends_on__gte=F("starts_on"))
            )
        ]
        indexes = [models.Index(name="quick_input_newest", fields=["owner", "created_at", "id"])]

    @classmethod
    def add(cls, owner: User, **values: Any) -> "QuickInput":
        """A new template on one of the owner's goals, from today on if not said otherwise. Raises Problem `limit`.

        The goal need not be active: while it is not, the template offers nothing.
        """
        owner.lock()
        if cls.objects.of(owner).count() >= QUICK_INPUTS_PER_PERSON:
            raise LimitReached(QUICK_INPUTS_PER_PERSON)
        values.setdefault("starts_on", owner.today)
        return cls.objects.create(owner=owner, **values)

    def falls_on(self, day: dt.date) -> bool:
        return falls_on(day, self.weekdays, self.starts_on, self.ends_on)

    def todo_id(self, day: dt.date) -> UUID:
        """The id of the todo that the offer of `day` becomes: a phone knows it without asking."""
        return uuid.uuid5(self.pk, day.isoformat())

    # What becomes of an offer. Each of these changes nothing the second time.

    def activate(self, day: dt.date, **given: Any) -> tuple["Todo", bool]:
        """Make the offer of `day` a todo of that date, once; whether it was made now is the second value.

        The owner must be locked before this row. `given` may carry time, is_done and done_at; they count only when it
        is made. Raises Problem `dismissed`, `not_offered`, `goal_not_active` or `limit`.
        """
        if todo := Todo.objects.offered(self, day):
            return todo, False
        if self.dismissals.filter(date=day).exists():
            raise Problem("dismissed")
        if not self.falls_on(day):
            raise Problem("not_offered")
        values = {"time": self.time, "title": self.title, "quick_input": self, "offered_on": day} | given
        pk = self.todo_id(day)
        # It may have been deleted, and its dismissal undone: then it begins afresh.
        Tombstone.objects.filter(pk=pk, owner_id=self.owner_id).delete()
        return Todo.add(self.owner, id=pk, goal=self.goal, date=day, **values), True

    def put_back(self, day: dt.date) -> None:
        """Make the todo of `day`'s offer an offer again; its row goes with all that hangs on it.

        Raises Problem `done`.
        """
        # Locked, so that it is not checked off between the question and the deletion.
        todo = Todo.objects.select_for_update().offered(self, day)
        if todo is None:
            return
        if todo.is_done:
            raise Problem("done")
        todo.delete()

    def dismiss(self, day: dt.date) -> None:
        """Hide the offer of `day`. Raises Problem `activated` or `not_offered`.

        The state of the goal does not count: it stays hidden when the goal becomes active again.
        """
        if self.dismissals.filter(date=day).exists():
            return
        if Todo.objects.offered(self, day):
            raise Problem("activated")
        if not self.falls_on(day):
            raise Problem("not_offered")
        self.dismissals.create(date=day)

    def undo_dismissal(self, day: dt.date) -> None:
        """Show the offer of `day` again."""
        self.dismissals.filter(date=day).delete()


class Dismissal(Stamped):
    """An offer that is hidden on its one date."""

    quick_input = models.ForeignKey(QuickInput, models.CASCADE, related_name="dismissals")
    date = models.DateField()

    objects = DismissalQuerySet.as_manager()

    class Meta:
        verbose_name = _("dismissal")
        verbose_name_plural = _("dismissals")
        constraints = [models.UniqueConstraint(name="dismissal_once", fields=["quick_input", "date"])]

    def __str__(self) -> str:
        return f"dismissal {self.pk}"


class Todo(Owned):
    """One thing to do on one date (할 일); without a date it is in the archive (보관함)."""

    kind = "todo"

    goal = models.ForeignKey(Goal, models.CASCADE, related_name="+", verbose_name=_("goal"))
    title = models.CharField(_("title"), max_length=200)
    title_folded = FoldedField(source="title", max_length=600)
    memo = models.TextField(_("memo"), blank=True, default="", max_length=2_000)
    date = models.DateField(_("date"), null=True)
    time = models.TimeField(_("time"), null=True)
    position = models.PositiveIntegerField(_("position"), default=0)
    is_done = models.BooleanField(_("done"), default=False)
    done_at = models.DateTimeField(_("done at"), null=True)
    quick_input = models.ForeignKey(
        QuickInput, models.SET_NULL, null=True, related_name="+", verbose_name=_("quick input")
    )
    offered_on = models.DateField(_("offered on"), null=True)

    objects = TodoQuerySet.as_manager()

    class Meta:
        verbose_name = _("todo")
        verbose_name_plural = _("todos")
        permissions = [("read_todo", "Can read titles and memos of todos")]
        constraints = [
            # NULLs are many in a unique index: only todos from quick inputs are held to it.
            models.UniqueConstraint(name="todo_offer_once", fields=["quick_input", "offered_on"]),
            models.CheckConstraint(
                name="todo_done_at",
                condition=Q(is_done=True, done_at__isnull=False) | Q(is_done=False, done_at__isnull=True),
            ),
            models.CheckConstraint(
                name="todo_archived", condition=Q(date__isnull=False) | Q(time__isnull=True, is_done=False, position=0)
            ),
        ]
        indexes = [
            models.Index(name="todo_of_day", fields=["owner", "date", "position", "id"]),
            models.Index(name="todo_archive", fields=["owner", "date", "created_at", "id"]),
            # Of one owner, too. MySQL and MariaDB drop the one on `goal` alone, which they make for the foreign key.
            models.Index(name="todo_of_goal", fields=["goal", "date", "position", "id"]),
            models.Index(name="todo_of_all", fields=["created_at", "-id"]),  # the admin's; for why -id, see Cheer
        ]

    # Making

    @classmethod
    def add(cls, owner: User, *, goal: Goal, date: dt.date | None, **values: Any) -> "Todo":
        """A new todo, the last of its day or in the archive. Raises Problem `goal_not_active` or `limit`."""
        goal.require_active()
        owner.lock()
        if values.get("is_done"):
            values["done_at"] = values.get("done_at") or days.now()
        position = cls.room(owner, date)
        return cls.objects.create(owner=owner, goal=goal, date=date, position=position, **values)

    @classmethod
    def room(cls, owner: User, day: dt.date | None, wanted: int = 1) -> int:
        """The position after the last todo of the day (0 in the archive). The owner must be locked.

        Raises Problem `limit` when `wanted` more do not fit.
        """
        count, last = _taken.first(owner, day) or (0, -1)
        limit = TODOS_IN_ARCHIVE if day is None else TODOS_PER_DAY
        if count + wanted > limit:
            raise LimitReached(limit)
        return 0 if day is None else last + 1

    # Changing. `edit` is what PATCH does; each part of it changes nothing the second time.

    def edit(self, **values: Any) -> None:
        """Change what is given: title, memo, time, is_done with done_at, goal, date (None archives).

        The row must be locked, and before it the owner where goal or date is given. Raises Problem `goal_not_active`,
        `put_back_instead` or `limit`.
        """
        goal: Goal | None = values.pop("goal", None)
        done = {name: values.pop(name) for name in ("is_done", "done_at") if name in values}
        if goal is not None and goal.pk != self.goal_id:
            goal.require_active()
            values["goal_id"] = goal.pk
        if "date" in values:
            values |= self.moved_to(values["date"], goal)
        if "is_done" in done:
            values |= self.set_done(**done)
        if changes := {name: value for name, value in values.items() if value != getattr(self, name)}:
            self.change(**changes)

    def moved_to(self, day: dt.date | None, goal: Goal | None = None) -> dict[str, Any]:
        """The changes that put it last on another day, or into the archive; `goal` is the one it will have."""
        if day == self.date:
            return {}
        if day is None:
            if self.quick_input_id:
                raise Problem("put_back_instead")
            self.room(self.owner, None)
            return {"date": None, "time": None, "position": 0, "is_done": False, "done_at": None}
        if self.date is None:
            (goal or self.goal).require_active()
        return {"date": day, "position": self.room(self.owner, day)}

    def set_done(self, is_done: bool, done_at: dt.datetime | None = None) -> dict[str, Any]:
        """The changes that check it or uncheck it; checking twice keeps the first time."""
        if is_done == self.is_done:
            return {}
        return {"is_done": is_done, "done_at": (done_at or days.now()) if is_done else None}

    def remove(self) -> None:
        """Delete it; the offer that it came from is dismissed, so that it does not come back by itself."""
        Todo.objects.erase(self.owner, [self])


@ready(Todo)
def _taken(owner: User, day: dt.date | None) -> models.QuerySet[Todo, Any]:
    """How many todos there are on the day, and the last position; no row where there are none."""
    todos = Todo.objects.of(owner).filter(date=day).values("owner").annotate(count=Count("pk"), last=Max("position"))
    rows: models.QuerySet[Todo, Any] = todos.values_list("count", "last")
    return rows
