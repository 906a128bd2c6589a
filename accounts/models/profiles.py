"""Profiles: how others see a person, and the person's own time zone, week and language."""

import secrets
from datetime import date
from functools import cache
from typing import Self

from django.conf import settings
from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.names import FOLDED_LENGTH, Taken, handle_from, random_handle, search_form
from core import clock
from core.fields import timezones
from core.model_fields import BinaryUUIDField, ExactCharField, FoldedField
from core.models import Stamped


@cache
def _known_zones() -> frozenset[str]:
    return frozenset(timezones())


class Weekday(models.TextChoices):
    """The days of the week, in the order of `date.weekday()`."""

    MON = "mon", _("Monday")
    TUE = "tue", _("Tuesday")
    WED = "wed", _("Wednesday")
    THU = "thu", _("Thursday")
    FRI = "fri", _("Friday")
    SAT = "sat", _("Saturday")
    SUN = "sun", _("Sunday")


class ProfileQuerySet(models.QuerySet["Profile"]):
    def deleted(self) -> Self:
        """Return the profiles of accounts that were deleted and are still to be erased."""
        return self.filter(deleted_at__isnull=False)


class Profile(Stamped):
    """The public side of an account, and the settings of its owner's days."""

    class Locale(models.TextChoices):
        KO = "ko", "한국어"
        EN = "en", "English"

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.CASCADE, primary_key=True, related_name="profile"
    )
    handle = ExactCharField(_("handle"), max_length=30, unique=True)
    nickname = models.CharField(_("nickname"), max_length=30)
    nickname_folded = FoldedField(
        source="nickname", form=search_form, max_length=FOLDED_LENGTH, db_index=True
    )
    bio = models.CharField(_("bio"), max_length=300, blank=True, default="")
    timezone = models.CharField(_("time zone"), max_length=64, default="Asia/Seoul")
    day_starts_at = models.PositiveSmallIntegerField(
        _("hour at which the day starts"), default=0, validators=[MaxValueValidator(6)]
    )
    week_starts_on = models.CharField(
        _("week starts on"), max_length=3, choices=Weekday, default=Weekday.MON
    )
    locale = models.CharField(_("language"), max_length=2, choices=Locale, default=Locale.KO)
    is_private = models.BooleanField(_("private"), default=False)
    is_searchable = models.BooleanField(_("searchable"), default=True)
    # The key of the photo that is this person's picture (photos.avatars), which names its file.
    avatar = BinaryUUIDField(  # type: ignore[misc]  # null, which its type does not tell
        _("avatar"), null=True, unique=True, editable=False
    )
    # Whether public diaries may be read without an account. Of no effect while private.
    is_open = models.BooleanField(_("open"), default=False, db_default=False)
    # When the account was deleted, if its rows are still to be erased (`User.remove`).
    deleted_at = models.DateTimeField(null=True, editable=False)

    objects = ProfileQuerySet.as_manager()

    class Meta:
        verbose_name = _("profile")
        verbose_name_plural = _("profiles")
        constraints = [
            models.CheckConstraint(name="profile_day_starts_at", condition=Q(day_starts_at__lte=6))
        ]
        indexes = [
            models.Index(name="profile_deleted", fields=["deleted_at"]),
            # For the search, which reads no people who do not want to be found.
            models.Index(name="profile_handles", fields=["is_searchable", "handle"]),
            models.Index(name="profile_nicknames", fields=["is_searchable", "nickname_folded"]),
        ]

    def __str__(self) -> str:
        return f"@{self.handle}"

    @property
    def today(self) -> date:
        """The current date in the person's time zone, with their own start of the day."""
        zone = self.timezone if self.timezone in _known_zones() else "UTC"
        return clock.today_in(zone, self.day_starts_at, clock.now())

    def change_handle(self, handle: str) -> None:
        """Set a handle in its stored (folded) form. Raise Problem `duplicate` if it is taken."""
        if Profile.objects.filter(handle=handle).exclude(pk=self.pk).exists():
            raise Taken("handle")
        self.change(handle=handle)

    @classmethod
    def free_handle(cls, nickname: str) -> str:
        """Return an unused handle made from the nickname, with a random suffix if it is taken.

        A nickname that gives none, as a Korean one, gets random letters: a beginning that all of
        these handles shared would make every search for it read all of them.
        """
        wanted = handle_from(nickname)
        if not wanted:
            return random_handle()
        if not cls.objects.filter(handle=wanted).exists():
            return wanted
        return f"{wanted[:21]}.{secrets.token_hex(4)}"
