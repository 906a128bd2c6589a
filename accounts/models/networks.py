"""Networks from which people have signed in, which the guesses of others do not lock out."""

from datetime import datetime, timedelta
from typing import Self

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.db import models
from django.utils.translation import gettext_lazy as _

from core.model_fields import ExactCharField

KEPT = timedelta(days=90)
FRESH = timedelta(days=1)
NETWORKS_PER_PERSON = 50


class KnownNetworkQuerySet(models.QuerySet["KnownNetwork"]):
    def of(self, user: AbstractBaseUser) -> Self:
        return self.filter(user=user)

    def expired(self, now: datetime) -> Self:
        return self.filter(seen_at__lte=now - KEPT)

    def is_known(self, email: str, network: str, now: datetime) -> bool:
        """Return whether the account with this email has signed in from this network."""
        rows = self.filter(user__email=email, network=network, seen_at__gt=now - KEPT)
        return rows.exists()

    def is_fresh(self, user: AbstractBaseUser, network: str, now: datetime) -> bool:
        """Return whether the network was remembered less than a day ago."""
        return self.of(user).filter(network=network, seen_at__gt=now - FRESH).exists()


class KnownNetwork(models.Model):
    """A network from which a person has signed in. The address is stored as a keyed hash only."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="networks")
    network = ExactCharField(max_length=48)
    seen_at = models.DateTimeField(db_index=True)

    objects = KnownNetworkQuerySet.as_manager()

    class Meta:
        verbose_name = _("known network")
        verbose_name_plural = _("known networks")
        constraints = [
            models.UniqueConstraint(name="network_of_user", fields=["user", "network"]),
        ]

    def __str__(self) -> str:
        return f"{self._meta.verbose_name} {self.pk}"

    @classmethod
    def remember(cls, user: AbstractBaseUser, network: str, now: datetime) -> None:
        """Record a sign-in from a network. The oldest networks beyond the limit are forgotten."""
        rows = cls.objects.of(user)
        if rows.filter(network=network).update(seen_at=now):
            return
        kept = rows.order_by("-seen_at", "-pk").values_list("pk", flat=True)
        oldest = list(kept[NETWORKS_PER_PERSON - 1 :])
        rows.filter(pk__in=oldest).delete()
        cls.objects.create(user_id=user.pk, network=network, seen_at=now)
