"""Diaries: one entry per person and date."""

import datetime as dt  # `date` is the name of a field
from typing import Self
from uuid import UUID

from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Follow, User
from accounts.visibility import Visibility, visible_to
from core.model_fields import ExactCharField
from core.problems import Problem
from core.quotas import require_room
from resources.models import Owned, OwnedQuerySet

BODY_LENGTH = 20_000
HOTTEST = 100  # degrees of the temperature


class DiaryQuerySet(OwnedQuerySet["Diary"]):
    def visible_to(self, viewer: User) -> Self:
        """Return the viewer's own diaries, and others' by their visibility, except drafts."""
        return self.filter(Q(owner=viewer) | (Q(is_draft=False) & visible_to(viewer, Diary)))


class Diary(Owned):
    """A diary entry (일기) for one date, with the mood."""

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
    # Follows, not people, as for goals.
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
    def add(cls, owner: User, *, date: dt.date, **values: object) -> "Diary":
        """Create the owner's diary of a date.

        Raise Problem `duplicate` if there is one, or `limit`.
        """
        cls.require_free(owner, date)
        require_room("diaries", owner.pk, lambda: cls.objects.of(owner))
        return cls.insert(owner=owner, date=date, **values)

    def edit(self, *, date: dt.date | None = None, **values: object) -> None:
        """Change the given fields. Raise Problem `duplicate` if the new date has a diary."""
        if date is not None and date != self.date:
            self.require_free(self.owner, date)
            values["date"] = date
        self.change(**values)

    @classmethod
    def require_free(cls, owner: User, day: dt.date) -> None:
        """Raise Problem `duplicate` if the owner has a diary of the date."""
        if existing := cls.of_day(owner, day):
            raise Problem("duplicate", existing=str(existing))

    @classmethod
    def of_day(cls, owner: User, day: dt.date) -> UUID | None:
        """Return the id of the owner's diary of the date, if there is one."""
        return cls.objects.of(owner).filter(date=day).values_list("pk", flat=True).first()
