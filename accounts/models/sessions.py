"""Sessions of signed-in devices, and counters of attempts to guess a password or a token."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Self
from uuid import UUID

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.db import models
from django.utils.translation import gettext_lazy as _

from core import clock
from core.model_fields import ExactCharField
from core.models import Resource


class SessionQuerySet(models.QuerySet["Session"]):
    def of(self, user: AbstractBaseUser) -> Self:
        return self.filter(user=user)

    def of_all(self, people: Iterable[AbstractBaseUser]) -> Self:
        return self.filter(user__in=people)

    def alive(self, now: datetime) -> Self:
        return self.filter(ends_at__gt=now, user__is_active=True)

    def expired(self, now: datetime) -> Self:
        return self.filter(ends_at__lte=now)

    def end(self, pk: UUID) -> None:
        """Sign out this session. Idempotent."""
        self.filter(pk=pk).delete()


class Session(Resource):
    """One signed-in device. Deleting the row signs it out, its access tokens included."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="sessions")
    # The client's own name of the device; signing in on it again takes over its session.
    # Null if the client did not name one.
    device = ExactCharField(_("device"), max_length=100, null=True)
    # The generation of the refresh token that may be exchanged next, and when it was issued.
    generation = models.PositiveIntegerField(default=0)
    rotated_at = models.DateTimeField(_("last refreshed"))
    ends_at = models.DateTimeField(_("ends at"))

    owner_column = "user_id"

    objects = SessionQuerySet.as_manager()

    class Meta:
        verbose_name = _("session")
        verbose_name_plural = _("sessions")
        constraints = [
            models.UniqueConstraint(name="session_user_device", fields=["user", "device"])
        ]

    @classmethod
    def start(cls, user: AbstractBaseUser, device: str | None) -> "Session":
        """Start a session, or restart the one of this device.

        After a restart, the previous refresh token stays valid for REFRESH_GRACE: of two replies
        to the same sign-in, either may be the one that reaches the client.
        """
        now = clock.now()
        fresh = {"rotated_at": now, "ends_at": now + settings.SESSION_LIFETIME}
        if device is None:
            return cls.objects.create(user=user, device=None, **fresh)
        session, created = cls.objects.select_for_update().get_or_create(
            user=user, device=device, defaults=fresh
        )
        if not created:
            session.user = user  # type: ignore[assignment]  # an accounts.User, which imports this
            session.change(generation=session.generation + 1, **fresh)
        return session

    def rotate(self, generation: int, now: datetime) -> bool:
        """Exchange the refresh token of `generation`. The row must be locked.

        Return False if the token is too old. The token may be stolen, so the caller must end the
        session.
        """
        if generation == self.generation:
            self.change(generation=generation + 1, rotated_at=now)
            return True
        in_grace = now - self.rotated_at <= settings.REFRESH_GRACE
        return generation == self.generation - 1 and in_grace


class AttemptQuerySet(models.QuerySet["Attempt"]):
    def expired(self, now: datetime) -> Self:
        return self.filter(ends_at__lte=now)


class Attempt(models.Model):
    """The number of attempts under one key in the time window that ends at `ends_at`."""

    key = ExactCharField(max_length=80, unique=True)
    count = models.PositiveIntegerField(default=0)
    ends_at = models.DateTimeField(db_index=True)

    objects = AttemptQuerySet.as_manager()

    class Meta:
        verbose_name = _("attempt")
        verbose_name_plural = _("attempts")

    def __str__(self) -> str:
        return self.key

    def runs_at(self, now: datetime, longest: timedelta) -> bool:
        """Return whether the window has neither ended nor ends later than it can."""
        return now < self.ends_at <= now + longest
