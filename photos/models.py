"""Photos: pictures of one person, each on one diary or todo, or an avatar."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Self
from uuid import UUID

from django.conf import settings
from django.db import models, transaction
from django.db.models import Count, Q, Sum
from django.db.models.signals import post_delete
from django.dispatch import receiver
from django.utils.translation import gettext_lazy as _

from accounts.models import Profile, User
from core import clock
from core.model_fields import BinaryUUIDField, ExactCharField
from core.problems import LimitReached, Problem
from photos.names import Names, names_of
from photos.store import remove_quietly, store
from resources.models import Owned, OwnedQuerySet

UNATTACHED_FOR = timedelta(hours=24)


class PhotoQuerySet(OwnedQuerySet["Photo"]):
    def unattached(self) -> Self:
        return self.filter(used=0)

    def forgotten(self, now: datetime) -> Self:
        """Return the photos that have been on nothing for so long that they are deleted."""
        return self.unattached().filter(updated_at__lt=now - UNATTACHED_FOR)

    def remove(self, owner: User) -> None:
        """Delete these photos of `owner` with their files, and record their tombstones."""
        for photo in self.of(owner):
            photo.owner = owner
            photo.remove()


class Photo(Owned):
    """A picture of one person, in two sizes. It is on one diary or todo, an avatar, or unattached.

    The picture itself never changes: an avatar or a diary gets another one by another photo.
    """

    kind = "photo"

    # Names the files (photos/names.py), and cannot be guessed.
    key = BinaryUUIDField(_("key"), unique=True, editable=False)
    # Of the large size, in pixels.
    width = models.PositiveSmallIntegerField(_("width"))
    height = models.PositiveSmallIntegerField(_("height"))
    blurhash = ExactCharField(_("blurhash"), max_length=40)
    # Of both files.
    bytes = models.PositiveIntegerField(_("bytes"))
    # How many rows have it: 0 or 1. Changed under the owner's lock only.
    used = models.PositiveSmallIntegerField(_("in use"), default=0, db_default=0)

    objects = PhotoQuerySet.as_manager()

    class Meta:
        verbose_name = _("photo")
        verbose_name_plural = _("photos")
        permissions = [("read_photo", "Can look at photos")]
        constraints = [
            models.CheckConstraint(name="photo_used_once", condition=Q(used__in=[0, 1])),
        ]
        indexes = [
            models.Index(name="photo_of_owner", fields=["owner", "id"]),
            models.Index(name="photo_room", fields=["owner", "used", "bytes"]),
            models.Index(name="photo_forgotten", fields=["used", "updated_at"]),
        ]

    @classmethod
    def add(cls, owner: User, **values: Any) -> "Photo":
        """Create a photo whose files are in the store. Raise Problem `limit`."""
        owner.lock()
        cls.require_room(owner, values["bytes"])
        return cls.insert(owner=owner, **values)

    @classmethod
    def require_room(cls, owner: User, size: int = 0) -> None:
        """Raise Problem `limit` if the owner has no room for one more photo of `size` bytes."""
        limits = settings.PHOTO_LIMITS
        mine = cls.objects.of(owner)
        has = mine.aggregate(
            photos=Count("pk"), unattached=Count("pk", filter=Q(used=0)), bytes=Sum("bytes")
        )
        for name in ("unattached", "photos"):
            if limits[name] and has[name] >= limits[name]:
                raise LimitReached(limits[name], name)
        most = limits["megabytes"] << 20
        if most and (has["bytes"] or 0) + size > most:
            raise LimitReached(limits["megabytes"], "megabytes")

    @property
    def names(self) -> Names:
        """The names of the files, `large` and `small`."""
        return names_of(self.key)

    # What refers to a photo calls these verbs, in the transaction that writes the reference and
    # after the owner's lock.

    @classmethod
    def attach_all(cls, owner: User, ids: Iterable[UUID]) -> list["Photo"]:
        """Attach these photos of the owner, and return them in the order of their ids here.

        Raise Problem `photo_in_use` if one is attached already, and `DoesNotExist` if one is not
        the owner's (any more).
        """
        wanted = list(ids)
        attached = {photo.pk: photo for photo in cls.attach_present(owner, wanted)}
        if len(attached) < len(set(wanted)):
            raise cls.DoesNotExist
        return [attached[pk] for pk in wanted]

    @classmethod
    def attach_present(cls, owner: User, ids: Iterable[UUID]) -> list["Photo"]:
        """Attach those of these photos of the owner that are not deleted, and return them.

        Raise Problem `photo_in_use` if one is attached already.
        """
        owner.lock()
        rows = cls.objects.of(owner).filter(pk__in=list(ids)).order_by("pk")
        photos = list(rows.select_for_update())
        for photo in photos:
            photo.owner = owner
            photo.attach()
        return photos

    def attach(self) -> None:
        """Note that one row has this photo now. Raise Problem `photo_in_use` if one has already.

        The photo must have been read after the owner's lock.
        """
        if self.used:
            raise Problem("photo_in_use")
        self.change(used=1)

    def detach(self) -> None:
        """Note that no row has this photo any more. It is deleted a day later. Idempotent."""
        self.change(used=0)

    def remove(self) -> None:
        """Delete the photo, attached or not, with its files, and record its tombstone.

        As an avatar, it is taken from the profile.

        The files are removed after the commit; where that fails, `manage.py tidy` removes them.
        """
        if self.used:
            Profile.objects.filter(pk=self.owner_id, avatar=self.key).update(avatar=None)
        super().remove()
        if store().folder is None:  # see `trash`
            transaction.on_commit(partial(discard, self.key), robust=True)


class Trash(models.Model):
    """The key of a deleted photo whose files are still to be removed."""

    key = BinaryUUIDField(primary_key=True, editable=False)
    since = models.DateTimeField(db_index=True)

    class Meta:
        verbose_name = _("deleted photo")
        verbose_name_plural = _("deleted photos")

    def __str__(self) -> str:
        return f"{self._meta.verbose_name} {self.key}"


@receiver(post_delete, sender=Photo)
def trash(sender: type[Photo], instance: Photo, **_: object) -> None:
    """Record that the files are to be removed, in the transaction that deletes the photo.

    A signal, since photos are deleted by their owner, by cascades and in batches of an account that
    is erased, and none of these may leave files behind.
    """
    if store().folder is not None:
        # So quick that it is worth it. In S3 it is a request for each, which `tidy` makes.
        transaction.on_commit(partial(discard, instance.key), robust=True)
    Trash.objects.bulk_create([Trash(key=instance.key, since=clock.now())], ignore_conflicts=True)


def discard(key: UUID) -> None:
    """Remove the files of a deleted photo, if the store works at the moment."""
    if remove_quietly(key):
        Trash.objects.filter(pk=key).delete()
