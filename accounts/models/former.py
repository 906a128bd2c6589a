"""Ids of accounts that were deleted."""

from collections.abc import Iterable
from typing import ClassVar
from uuid import UUID

from django.db import models
from django.utils.translation import gettext_lazy as _

from core import clock
from core.model_fields import BinaryUUIDField


class FormerAccountQuerySet(models.QuerySet["FormerAccount"]):
    def record(self, accounts: Iterable[tuple[int, UUID]]) -> None:
        """Record the keys and ids of accounts that are deleted. Idempotent."""
        now = clock.now()
        rows = [FormerAccount(id=uuid, user_key=key, deleted_at=now) for key, uuid in accounts]
        FormerAccount.objects.bulk_create(rows, ignore_conflicts=True)


class FormerAccount(models.Model):
    """The id of a deleted account, which nobody can use again.

    Otherwise somebody could become the person whom others, and old copies of their data, know by
    this id. Unlike other tombstones it refers to no account, and is kept for good. It says nothing
    about the person.
    """

    id = BinaryUUIDField(primary_key=True, editable=False)
    user_key = models.BigIntegerField()
    deleted_at = models.DateTimeField()

    # For `core.ids`.
    owner_column: ClassVar[str] = "user_key"

    objects = FormerAccountQuerySet.as_manager()

    class Meta:
        verbose_name = _("former account")
        verbose_name_plural = _("former accounts")

    def __str__(self) -> str:
        return f"{self._meta.verbose_name} {self.pk}"
