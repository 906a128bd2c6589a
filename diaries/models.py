"""Diaries: one entry per person and date."""

import datetime as dt  # not its names: `date` is a field here
from typing import Any, Self
from uuid import UUID

from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Follow, User
from accounts.visibility import Visibility, visible_to
from core.model_fields import ExactCharField
from core.problems import Problem
from resources.models import Owned, OwnedQuerySet

BODY_LENGTH = 20_000
HOTTEST = 100  # degrees of the temperature


class DiaryQuerySet(OwnedQuerySet["Diary"]):
    def visible_to(self, viewer: User) -> Self:
        """Mine; others' by their visibility, never their drafts."""
        return self.filter(Q(owner=viewer) | (Q(is_draft=False) & visible_to(viewer, Diary)))


class Diary(Owned):
    """A diary entry (일기) with its mood."""

    kind = "diary"

    date = models.DateField(_("date"))
    body = models.TextField(_("body"), blank=True, default="", max_length=BODY_LENGTH)
    emoji = ExactCharField(_("mood"), max_length=32, null=True)
    temperature = models.PositiveSmallIntegerField(
        _("temperature"), null=True, validators=[MaxValueValidator(HOTTEST)]
    )
    color = ExactCharField(_("colour"), max_length=7, null=True)
    visibility = models.CharField(
        _("visibility"), max_length=9, choices=Visibility, default=Visibility.PRIVATE
    )
    # On follows, as a goal's.
    viewers = models.ManyToManyField(Follow, related_name="+", verbose_name=_("viewers"))
    is_draft = models.BooleanField(_("draft"), default=False)

    objects = DiaryQuerySet.as_manager()

    class Meta:
        verbose_name = _("diary")
        verbose_name_plural = _("diaries")
        permissions = [("read_diary", "Can read diaries")]
        constraints = [
            models.UniqueConstraint(name="diary_of_day", fields=["owner", "date"]),
            models.CheckConstraint(
                name="diary_temperature",
                condition=Q(temperature__isnull=True) | Q(temperature__lte=HOTTEST),
            ),
        ]

    @classmethod
    def add(cls, owner: User, *, date: dt.date, **values: Any) -> "Diary":
        """The owner's diary of that date. Raises Problem `duplicate` when there is one."""
        cls.refuse_second(owner, date)
        return cls.insert(owner=owner, date=date, **values)

    def edit(self, **values: Any) -> None:
        """Change what is given. Raises Problem `duplicate` for a date that has another one."""
        if values.get("date", self.date) != self.date:
            self.refuse_second(self.owner, values["date"])
        self.change(**values)

    @classmethod
    def refuse_second(cls, owner: User, day: dt.date) -> None:
        if there := cls.of_day(owner, day):
            raise Problem("duplicate", existing=str(there))

    @classmethod
    def of_day(cls, owner: User, day: dt.date) -> UUID | None:
        """The id of the owner's diary of that date."""
        return cls.objects.of(owner).filter(date=day).values_list("pk", flat=True).first()
