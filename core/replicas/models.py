"""What shows on a replica how far it has come. Written only where there are replicas."""

from django.conf import settings
from django.db import models


class Written(models.Model):
    """How often a person has written. Counted within each write: a replica that holds the count holds the write."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.DB_CASCADE, primary_key=True, related_name="+"
    )
    version = models.PositiveBigIntegerField()

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.pk}: {self.version}"


class Heartbeat(models.Model):
    """One row, by the primary's clock: a replica that holds it holds all that was committed before it."""

    id = models.PositiveSmallIntegerField(primary_key=True)
    beat_at = models.DateTimeField()

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return str(self.beat_at)


def version_of(user: str) -> models.Subquery:
    """How often the person has written to whom the outer query's field `user` points: null where never."""
    return models.Subquery(Written.objects.filter(pk=models.OuterRef(user)).values("version"))
