"""Sessions of signed-in devices, and counters of attempts to guess a password or a token."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Self
from uuid import UUID

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.db import connection, models
from django.utils.translation import gettext_lazy as _

from core import clock
from core.model_fields import ExactCharField
from core.models import Resource

# A person's newest sessions; starting one more ends the one that was used longest ago.
SESSIONS_PER_PERSON = 100


@dataclass(frozen=True)
class Device:
    """A device that signs in, as it describes itself.

    `id` is its own id, by which it takes over its session when it signs in again; None if it has
    none. `label` is a name for people, `client` the program, and `network` its address without the
    last part, empty unless SESSION_NETWORKS is on.
    """

    id: str | None = None
    label: str = ""
    client: str = ""
    network: str = ""

    @property
    def seen(self) -> dict[str, str]:
        """The values that each refresh updates."""
        return {"client": self.client, "network": self.network}


def name_of(label: str | None, device: str | None) -> str:
    """Return the name of a session's device. Release 0.1.0 has it in `device` alone."""
    return (device if label is None else label) or ""


class SessionQuerySet(models.QuerySet["Session"]):
    def of(self, user: AbstractBaseUser) -> Self:
        return self.filter(user=user)

    def of_all(self, people: Iterable[AbstractBaseUser]) -> Self:
        return self.filter(user__in=people)

    def alive(self, now: datetime) -> Self:
        return self.filter(ends_at__gt=now, user__is_active=True)

    def expired(self, now: datetime) -> Self:
        return self.filter(ends_at__lte=now)

    def end(self, pk: UUID) -> bool:
        """Sign out this session; return whether there was one. Idempotent."""
        return self.filter(pk=pk).delete()[0] > 0

    def end_others(self, pk: UUID) -> None:
        """Sign out all of these sessions but one. Idempotent."""
        self.exclude(pk=pk).delete()

    def end_surplus(self, user: AbstractBaseUser) -> None:
        """Sign out the sessions above SESSIONS_PER_PERSON, those used longest ago first."""
        newest = self.of(user).order_by("-rotated_at", "-pk")
        if surplus := list(newest.values_list("pk", flat=True)[SESSIONS_PER_PERSON:]):
            self.filter(pk__in=surplus).delete()

    def mark_used(self, pk: UUID, generation: int) -> None:
        """Note that the tokens of this generation have reached their client.

        A session that another request has locked is left alone: a read must not wait for it.
        """
        unused = self.filter(pk=pk, used_generation__lt=generation)
        if connection.features.has_select_for_update_skip_locked:
            found = unused.select_for_update(skip_locked=True).values_list("pk", flat=True)
            unused = self.filter(pk__in=list(found))
        unused.update(used_generation=generation)


class Session(Resource):
    """One signed-in device. Deleting the row signs it out, its access tokens included."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="sessions")
    # The id of the device; signing in on it again takes over its session. Null if it has none.
    device = ExactCharField(_("device"), max_length=100, null=True)
    # Null in rows of release 0.1.0.
    label = models.CharField(_("label"), max_length=100, null=True)
    client = models.CharField(_("client"), max_length=200, default="", db_default="")
    network = models.CharField(_("network"), max_length=43, default="", db_default="")
    # The generation of the refresh token that may be exchanged next, and when it was issued.
    generation = models.PositiveIntegerField(default=0)
    rotated_at = models.DateTimeField(_("last refreshed"))
    # The newest generation whose access token was used.
    used_generation = models.PositiveIntegerField(default=0, db_default=0)
    ends_at = models.DateTimeField(_("ends at"))

    owner_column = "user_id"

    objects = SessionQuerySet.as_manager()

    class Meta:
        verbose_name = _("session")
        verbose_name_plural = _("sessions")
        constraints = [
            models.UniqueConstraint(name="session_user_device", fields=["user", "device"])
        ]

    @property
    def name(self) -> str:
        """The name of the device, or an empty text."""
        return name_of(self.label, self.device)

    @classmethod
    def start(cls, user: AbstractBaseUser, device: Device | str | None = None) -> "Session":
        """Start a session, or restart the one of the device with this id.

        Devices of the same name are different ones; `device` may be the name alone.
        After a restart, the previous refresh token stays valid until the new tokens are used: of
        two replies to the same sign-in, either may be the one that reaches the client.
        """
        if not isinstance(device, Device):
            device = Device(label=device or "")
        now = clock.now()
        fresh: dict[str, Any] = {
            "rotated_at": now,
            "ends_at": now + settings.SESSION_LIFETIME,
            "label": device.label,
            **device.seen,
        }
        if device.id is None:
            session = cls.objects.create(user=user, device=None, **fresh)
            cls.objects.end_surplus(user)
            return session
        session, created = cls.objects.select_for_update().get_or_create(
            user=user, device=device.id, defaults=fresh
        )
        if created:
            cls.objects.end_surplus(user)
        else:
            session.user = user  # type: ignore[assignment]  # an accounts.User, which imports this
            session.change(generation=session.generation + 1, **fresh)
        return session

    def rotate(self, generation: int, now: datetime, device: Device) -> bool:
        """Exchange the refresh token of `generation`. The row must be locked.

        The token before it may be exchanged again as long as nobody used its successor, since the
        reply may have been lost, and for REFRESH_GRACE in any case, since a client may have sent
        two requests at once. Return False if the token is older. The token may be stolen, so the
        caller must end the session.
        """
        if generation == self.generation:
            self.change(generation=generation + 1, rotated_at=now, **device.seen)
            return True
        is_unused = self.used_generation < self.generation
        # A clock that was ahead does not prolong it.
        in_grace = abs(now - self.rotated_at) <= settings.REFRESH_GRACE
        return generation == self.generation - 1 and (is_unused or in_grace)


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
