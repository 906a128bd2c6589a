"""The state of a replica. Rows are written only if there are replicas."""

from django.conf import settings
from django.db import models


class Written(models.Model):
    """The number of writes of a person.

    Incremented in the transaction of each write: a replica that has the number has the write.
    """

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, models.DB_CASCADE, primary_key=True, related_name="+"
    )
    version = models.PositiveBigIntegerField()

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.pk}: {self.version}"


class Heartbeat(models.Model):
    """One row with a time of the primary: a replica that has it has everything committed before."""

    id = models.PositiveSmallIntegerField(primary_key=True)
    beat_at = models.DateTimeField()

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return str(self.beat_at)


def version_of(user: str) -> models.Subquery:
    """Return a subquery for the version of the outer query's field `user`; NULL without writes."""
    return models.Subquery(Written.objects.filter(pk=models.OuterRef(user)).values("version"))
