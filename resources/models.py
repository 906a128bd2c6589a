"""The base of every model that belongs to one person, and the record of deleted rows."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import ClassVar, Self, TypeVar
from uuid import UUID

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from core import clock
from core.model_fields import BinaryUUIDField
from core.models import Resource

M_co = TypeVar("M_co", bound="Owned", covariant=True)


class TombstoneQuerySet(models.QuerySet["Tombstone"]):
    def record(
        self, owner: User, kind: str, ids: Iterable[UUID], also_of: User | None = None
    ) -> None:
        """Record tombstones for these rows of `owner`. Idempotent."""
        now = clock.now()
        rows = [
            Tombstone(id=pk, owner=owner, also_of=also_of, kind=kind, deleted_at=now) for pk in ids
        ]
        Tombstone.objects.bulk_create(rows, ignore_conflicts=True)

    def known_to(self, person: User, kind: str, pk: UUID) -> Self:
        """Return the tombstone of this id, for each person who could have deleted the row."""
        return self.filter(Q(owner=person) | Q(also_of=person), pk=pk, kind=kind)

    def expired(self, now: datetime) -> Self:
        """Return the tombstones older than TOMBSTONE_DAYS."""
        return self.filter(deleted_at__lt=now - timedelta(days=settings.TOMBSTONE_DAYS))


class Tombstone(models.Model):
    """The record of a deleted row, kept for TOMBSTONE_DAYS.

    A client that repeats a create gets 410 `deleted`, and one that repeats a delete gets 204.
    """

    id = BinaryUUIDField(primary_key=True, editable=False)
    owner = models.ForeignKey(User, models.CASCADE, related_name="tombstones")
    # A second person who could delete the row and may repeat that: the owner of the cheered row.
    also_of = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    kind = models.CharField(max_length=20)
    deleted_at = models.DateTimeField(db_index=True)

    owner_column: ClassVar[str] = "owner_id"

    objects = TombstoneQuerySet.as_manager()

    class Meta:
        app_label = "accounts"  # whose first migration made the table
        verbose_name = _("tombstone")
        verbose_name_plural = _("tombstones")

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"


class OwnedQuerySet(models.QuerySet[M_co]):
    """A QuerySet of a model with an `owner`."""

    def of(self, owner: User) -> Self:
        return self.filter(owner=owner)

    def visible_to(self, viewer: User | None) -> Self:
        """Return the rows that the viewer can read: their own, unless a model shows more.

        None is a reader without an account, who has no rows.
        """
        return self.none() if viewer is None else self.of(viewer)

    def present(self) -> Self:
        """Return the rows without those that were deleted by a mark and are still to be erased."""
        return self

    def with_cards(self) -> Self:
        """Join the owners' profiles, which their cards show."""
        return self.select_related("owner__profile")

    def being_erased(self, owner: User, ids: Iterable[UUID]) -> list[UUID]:
        """Return those of the ids whose rows the owner has deleted, but which are still stored."""
        return []

    def hide(self, owner: User) -> None:
        """Do what has to be done at once when these rows of `owner` are deleted by a mark."""

    def record_deletion(self, owner: User) -> None:
        """Record the tombstones of these rows of `owner`, which the caller deletes next."""
        ids = self.values_list("pk", flat=True)
        Tombstone.objects.record(owner, self.model.kind, ids)


class Owned(Resource):
    """A row that belongs to one person.

    `kind` names the model in tombstones and on cheers.
    """

    owner = models.ForeignKey(User, models.CASCADE, related_name="+", verbose_name=_("owner"))

    kind: ClassVar[str]

    class Meta:
        abstract = True

    def remove(self) -> None:
        """Delete the row and record its tombstone."""
        Tombstone.objects.record(self.owner, self.kind, [self.pk])
        self.delete()
