"""Alarms: daily local times at which the app reminds their owner."""

import datetime as dt  # `time` is the name of a field
from typing import Self, TypedDict, Unpack
from uuid import UUID

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from core.problems import LimitReached, Problem
from resources.models import Owned, OwnedQuerySet

ALARMS_PER_PERSON = 50


class AlarmValues(TypedDict, total=False):
    """The fields of an alarm that its owner can change."""

    time: dt.time
    is_on: bool


class AlarmQuerySet(OwnedQuerySet["Alarm"]):
    def by_time(self) -> Self:
        return self.order_by("time")


class Alarm(Owned):
    """A daily local time (시간 알림) at which the app reminds its owner."""

    kind = "alarm"

    time = models.TimeField(_("time"))
    is_on = models.BooleanField(_("on"), default=True)

    objects = AlarmQuerySet.as_manager()

    class Meta:
        app_label = "accounts"  # whose first migration made the table
        verbose_name = _("alarm")
        verbose_name_plural = _("alarms")
        constraints = [models.UniqueConstraint(name="alarm_owner_time", fields=["owner", "time"])]

    @classmethod
    def add(cls, owner: User, *, time: dt.time, **values: object) -> "Alarm":
        """Create an alarm. Raise Problem `duplicate` if there is one at this time, or `limit`."""
        owner.lock()
        cls.require_free(owner, time)
        if cls.objects.of(owner).count() >= ALARMS_PER_PERSON:
            raise LimitReached(ALARMS_PER_PERSON)
        return cls.insert(owner=owner, time=time, **values)

    def reschedule(self, **values: Unpack[AlarmValues]) -> None:
        """Change the time or turn it on or off. Raise Problem `duplicate`."""
        self.owner.lock()
        if "time" in values:
            self.require_free(self.owner, values["time"], besides=self.pk)
        self.change(**values)

    @classmethod
    def require_free(cls, owner: User, time: dt.time, besides: UUID | None = None) -> None:
        """Raise Problem `duplicate` if another alarm than `besides` is at this time."""
        others = cls.objects.of(owner).filter(time=time).exclude(pk=besides)
        if existing := others.first():
            raise Problem("duplicate", existing=str(existing.pk))
