"""Models beside accounts.models: how people stay signed in, and how often a password was tried."""

from datetime import datetime
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.querysets import AttemptQuerySet, SessionQuerySet
from core import days
from core.model_fields import ExactCharField
from core.models import Resource

if TYPE_CHECKING:
    from accounts.models import User


class Session(Resource):
    """One signed-in device. Deleting the row signs it out, its access tokens included."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="sessions")
    # The client's own name of the device; signing in on it again takes the session over. Null: not named.
    device = ExactCharField(_("device"), max_length=100, null=True)
    # The generation of the refresh token that may be exchanged next, and when it was made.
    generation = models.PositiveIntegerField(default=0)
    rotated_at = models.DateTimeField(_("last refreshed"))
    ends_at = models.DateTimeField(_("ends at"))

    objects = SessionQuerySet.as_manager()

    class Meta:
        verbose_name = _("session")
        verbose_name_plural = _("sessions")
        constraints = [models.UniqueConstraint(name="session_user_device", fields=["user", "device"])]

    @classmethod
    def start(cls, user: "User", device: str | None) -> "Session":
        """A session, or this device's own one begun afresh.

        A token of the one before stays good for the grace, so that of two replies to the same sign-in either may be the
        one that arrives.
        """
        now = days.now()
        fresh = {"rotated_at": now, "ends_at": now + settings.SESSION_LIFETIME}
        if device is None:
            return cls.objects.create(user=user, device=None, **fresh)
        session, created = cls.objects.select_for_update().get_or_create(user=user, device=device, defaults=fresh)
        if not created:
            session.change(generation=session.generation + 1, **fresh)
        return session

    def rotate(self, generation: int, now: datetime) -> bool:
        """Exchange the refresh token of `generation`; the row must be locked.

        False when it may not be: too old a token is a stolen one, or its thief's, and the caller ends the session.
        """
        if generation == self.generation:
            self.change(generation=generation + 1, rotated_at=now)
            return True
        return generation == self.generation - 1 and now - self.rotated_at <= settings.REFRESH_GRACE


class Attempt(models.Model):
    """How often something that could be guessed was tried in the window that ends at `ends_at`."""

    key = ExactCharField(max_length=80, unique=True)
    count = models.PositiveIntegerField(default=0)
    ends_at = models.DateTimeField(db_index=True)

    objects = AttemptQuerySet.as_manager()

    class Meta:
        verbose_name = _("attempt")
        verbose_name_plural = _("attempts")

    def __str__(self) -> str:
        return self.key
