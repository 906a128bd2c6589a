"""Quick inputs, which are repeat templates, and the dismissals of their offers."""

import datetime as dt  # `date` and `time` are names of fields
import uuid
from collections.abc import Sequence
from typing import Self
from uuid import UUID

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from multiselectfield import MultiSelectField

from accounts.models import User, Weekday
from core import clock
from core.erasing import dependents_of, is_cleared
from core.models import Stamped
from core.problems import LimitReached
from goals.models import Goal, InGoalQuerySet
from resources.models import Owned
from todos.recurrence import falls_on

QUICK_INPUTS_PER_PERSON = 100
FREED_AT_ONCE = 2_000


class QuickInputQuerySet(InGoalQuerySet["QuickInput"]):
    def locked(self, owner: User, pk: UUID) -> "QuickInput":
        """Return the owner's quick input, locked until the transaction ends.

        Raise QuickInput.DoesNotExist.
        """
        quick_input = self.of(owner).select_for_update().get(pk=pk)
        quick_input.owner = owner
        return quick_input

    def hide(self, owner: User) -> None:
        """Record the tombstones, and take these quick inputs from todos of other goals.

        Beyond FREED_AT_ONCE todos that is left to the job that erases the quick inputs.
        """
        self.record_deletion(owner)
        keys = list(self.values_list("pk", flat=True))
        goals = list(self.values_list("goal", flat=True))
        for todos, field in dependents_of(QuickInput, keys):
            if is_cleared(field):
                elsewhere = todos.exclude(goal__in=goals).values_list("pk", flat=True)
                freed = list(elsewhere[:FREED_AT_ONCE])
                todos.filter(pk__in=freed).update(**{field.name: None, "updated_at": clock.now()})

    def active_between(self, first: dt.date, last: dt.date) -> Self:
        """Return those with an active goal whose range overlaps `first` to `last` (inclusive)."""
        not_ended = Q(ends_on__isnull=True) | Q(ends_on__gte=first)
        return self.filter(not_ended, starts_on__lte=last, goal__state=Goal.State.ACTIVE)

    def on_weekday(self, weekday: str) -> Self:
        return self.filter(weekdays__contains=weekday)

    def active_on(self, day: dt.date, weekday: str) -> Self:
        """Return those whose range includes `day` and that have its weekday."""
        not_ended = Q(ends_on__isnull=True) | Q(ends_on__gte=day)
        return self.on_weekday(weekday).filter(not_ended, starts_on__lte=day)


class QuickInput(Owned):
    """A repeat template (간편입력), which offers a todo on its weekdays within a range of dates.

    Offers are not rows. They are computed by `todos.offers`.
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
                name="quick_input_range",
                condition=Q(ends_on__isnull=True) | Q(ends_on__gte=F("starts_on")),
            )
        ]
        indexes = [models.Index(name="quick_input_newest", fields=["owner", "created_at", "id"])]

    @classmethod
    def add(cls, owner: User, **values: object) -> "QuickInput":
        """Create a template for one of the owner's goals, by default from today on.

        The goal need not be active, but the template offers nothing until it is. Raise Problem
        `limit`.
        """
        owner.lock()
        if cls.objects.of(owner).count() >= QUICK_INPUTS_PER_PERSON:
            raise LimitReached(QUICK_INPUTS_PER_PERSON)
        values.setdefault("starts_on", owner.today)
        return cls.insert(owner=owner, **values)

    def falls_on(self, day: dt.date) -> bool:
        """Return whether the template offers a todo on `day`, by its range and weekdays."""
        return falls_on(day, self.weekdays, self.starts_on, self.ends_on)

    def todo_id(self, day: dt.date) -> UUID:
        """Return the id of the todo that the offer of `day` becomes.

        Clients compute it too: it is UUIDv5 of the quick input's id and the date.
        """
        return uuid.uuid5(self.pk, day.isoformat())


class DismissalQuerySet(models.QuerySet["Dismissal"]):
    def of(self, quick_inputs: Sequence[UUID]) -> Self:
        return self.filter(quick_input__in=quick_inputs)

    def between(self, first: dt.date, last: dt.date) -> Self:
        return self.filter(date__gte=first, date__lte=last)


class Dismissal(Stamped):
    """An offer that is hidden on its date."""

    quick_input = models.ForeignKey(QuickInput, models.CASCADE, related_name="dismissals")
    date = models.DateField()

    objects = DismissalQuerySet.as_manager()

    class Meta:
        verbose_name = _("dismissal")
        verbose_name_plural = _("dismissals")
        constraints = [
            models.UniqueConstraint(name="dismissal_once", fields=["quick_input", "date"])
        ]

    def __str__(self) -> str:
        return f"dismissal {self.pk}"
