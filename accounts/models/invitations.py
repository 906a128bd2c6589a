"""Invitations to a server whose sign-ups are not open to everyone."""

import hashlib
import secrets
from datetime import datetime, timedelta
from typing import Self

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from core import clock
from core.model_fields import ExactCharField
from core.models import Stamped
from core.problems import Problem

CODE_BYTES = 16  # 128 bits, which nobody guesses
MAX_USES = 10_000
MAX_DAYS = 365


def digest(code: str) -> str:
    """Return what is stored of a code. It is random, so it needs no salt and no slow hash."""
    return hashlib.sha256(code.encode()).hexdigest()


class InvitationQuerySet(models.QuerySet["Invitation"]):
    def expired(self, now: datetime) -> Self:
        """Return those that ended, for `manage.py purge`."""
        return self.filter(ends_at__lte=now)

    def usable(self, code: str) -> Self:
        """Return the invitation with this code, if it can be used once more."""
        left = self.filter(used__lt=models.F("uses"), ends_at__gt=clock.now())
        return left.filter(digest=digest(code))

    def require_admission(self, code: str | None) -> None:
        """Raise a Problem unless this server takes a sign-up with this code. Use nothing."""
        if settings.SIGN_UP == "open":
            return
        if settings.SIGN_UP == "closed":
            raise Problem("sign_up_closed")
        if not code:
            raise Problem("invitation_required")
        if not self.usable(code).exists():
            raise Problem("invitation_not_valid")

    def use(self, code: str | None) -> None:
        """Count a sign-up with this code in the caller's transaction. Raise a Problem likewise.

        One statement checks and counts, so of many at once only as many succeed as there are uses.
        """
        if settings.SIGN_UP != "invitation":
            self.require_admission(code)
        elif not code:
            raise Problem("invitation_required")
        elif not self.usable(code).update(used=models.F("used") + 1):
            raise Problem("invitation_not_valid")


class Invitation(Stamped):
    """The right to sign up, for whoever has its code. The code itself is not stored."""

    digest = ExactCharField(max_length=64, unique=True, editable=False)
    note = models.CharField(
        _("note"), max_length=100, blank=True, help_text=_("For whom it is. Only operators see it.")
    )
    uses = models.PositiveIntegerField(
        _("uses"),
        default=1,
        validators=[MinValueValidator(1), MaxValueValidator(MAX_USES)],
        help_text=_("How many people may sign up with it."),
    )
    used = models.PositiveIntegerField(_("used"), default=0, editable=False)
    ends_at = models.DateTimeField(_("ends at"), db_index=True)

    objects = InvitationQuerySet.as_manager()

    class Meta:
        verbose_name = _("invitation")
        verbose_name_plural = _("invitations")

    def __str__(self) -> str:
        return self.note or f"{self._meta.verbose_name} {self.pk}"

    def clean(self) -> None:
        super().clean()
        now = clock.now()
        if self.ends_at and not now < self.ends_at <= now + timedelta(days=MAX_DAYS):
            message = _("Choose a time within the next %(days)d days.")
            raise ValidationError({"ends_at": ValidationError(message, params={"days": MAX_DAYS})})

    @staticmethod
    def new_code() -> str:
        """Return a new code, 22 characters that need no escaping in a URL."""
        return secrets.token_urlsafe(CODE_BYTES)

    @classmethod
    def make(cls, *, uses: int, lasts: timedelta, note: str = "") -> tuple["Invitation", str]:
        """Create an invitation; return it with its code, which nobody can read again."""
        code = cls.new_code()
        ends_at = clock.now() + lasts
        return cls.objects.create(digest=digest(code), uses=uses, ends_at=ends_at, note=note), code

    @staticmethod
    def link(code: str) -> str:
        """Return the link of the app for a code."""
        return str(settings.INVITATION_URL.replace("{token}", code))
