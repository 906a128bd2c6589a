"""Photos: pictures of one person, each on one diary or todo, or an avatar."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from functools import partial
from itertools import takewhile
from typing import Any, Self
from uuid import UUID

from django.conf import settings
from django.db import models, transaction
from django.db.models import Count, Exists, OuterRef, Q, Sum
from django.db.models.signals import post_delete
from django.dispatch import receiver
from django.utils.translation import gettext_lazy as _

from accounts.models import Profile, User
from core import clock
from core.model_fields import BinaryUUIDField, ExactCharField
from core.problems import LimitReached, Problem
from photos.names import Names, names_of
from photos.store import remove_quietly, store
from resources.models import Owned, OwnedQuerySet, Tombstone

UNATTACHED_FOR = timedelta(hours=24)
# In S3 each is two requests, for which a client waits. A diary has as many photos.
DISCARDED_AT_ONCE = 10


class PhotoQuerySet(OwnedQuerySet["Photo"]):
    def unattached(self) -> Self:
        return self.filter(used=0)

    def forgotten(self, now: datetime) -> Self:
        """Return the photos that have been on nothing for so long that they are deleted."""
        return self.unattached().filter(updated_at__lt=now - UNATTACHED_FOR)

    # Set on the rows whose deletion has recorded already that their files are to be removed.
    are_in_trash = False

    def remove(self, owner: User) -> None:
        """Delete these photos of `owner`, attached or not, and record their tombstones.

        An avatar is taken from the profile. It takes the same number of statements for one photo
        and for many. The files are removed after the commit; what fails then, and in S3 all but
        the first DISCARDED_AT_ONCE, is left to `manage.py tidy`.
        """
        photos = list(self.of(owner).only("key", "used"))
        if not photos:
            return
        if any(photo.used for photo in photos):
            keys = [photo.key for photo in photos]
            Profile.objects.filter(pk=owner.pk, avatar__in=keys).update(avatar=None)
        Tombstone.objects.record(owner, Photo.kind, [photo.pk for photo in photos])
        self._delete(photos)

    def remove_orphans(self) -> int:
        """Delete those of these photos whose owner's row is gone, and return their number."""
        orphans = self.exclude(Exists(User.objects.filter(pk=OuterRef("owner_id"))))
        photos = list(orphans.only("key"))
        self._delete(photos)
        return len(photos)

    def _delete(self, photos: "list[Photo]") -> None:
        keys = [photo.key for photo in photos]
        Trash.record(keys)
        at_once = keys if store().folder is not None else keys[:DISCARDED_AT_ONCE]
        transaction.on_commit(partial(discard, at_once), robust=True)
        rows = Photo.objects.filter(pk__in=[photo.pk for photo in photos])
        rows.are_in_trash = True
        rows.delete()


class Photo(Owned):
    """A picture of one person, in two sizes. It is on one diary or todo, an avatar, or unattached.

    The picture itself never changes: an avatar or a diary gets another one by another photo.
    """

    kind = "photo"

    # Without a constraint in the database: a release that does not know this table deletes people.
    # `manage.py tidy` deletes what is left of them. `photo_of_owner` is the index.
    owner = models.ForeignKey(
        User,
        models.CASCADE,
        related_name="+",
        db_constraint=False,
        db_index=False,
        verbose_name=_("owner"),
    )
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
            # For the list, and with its last two fields for the sums of `require_room`. Of two
            # indexes MariaDB took the wrong one for the list.
            models.Index(name="photo_of_owner", fields=["owner", "id", "used", "bytes"]),
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

    # What refers to a photo calls this verb, in the transaction that writes the reference.

    @classmethod
    def attach(cls, owner: User, ids: Iterable[UUID]) -> list["Photo"]:
        """Note that one row has each of these photos of the owner, and return them.

        Those that are deleted are left out. Raise Problem `photo_in_use` if a row has one already.
        """
        owner.lock()
        rows = cls.objects.of(owner).filter(pk__in=list(ids)).order_by("pk")
        photos = list(rows.select_for_update())
        if any(photo.used for photo in photos):
            raise Problem("photo_in_use")
        attached = cls.objects.filter(pk__in=[photo.pk for photo in photos])
        attached.update(used=1, updated_at=clock.now())
        return photos

    def remove(self) -> None:
        """Delete the photo and record its tombstone, as `PhotoQuerySet.remove` does."""
        Photo.objects.filter(pk=self.pk).remove(self.owner)


class Trash(models.Model):
    """The key of a deleted photo whose files are still to be removed."""

    key = BinaryUUIDField(primary_key=True, editable=False)
    since = models.DateTimeField(db_index=True)

    class Meta:
        verbose_name = _("deleted photo")
        verbose_name_plural = _("deleted photos")

    def __str__(self) -> str:
        return f"{self._meta.verbose_name} {self.key}"

    @classmethod
    def record(cls, keys: Iterable[UUID]) -> None:
        """Record that the files of these photos are to be removed. Idempotent."""
        rows = [Trash(key=key, since=clock.now()) for key in keys]
        Trash.objects.bulk_create(rows, ignore_conflicts=True)


@receiver(post_delete, sender=Photo)
def trash(sender: type[Photo], instance: Photo, origin: object = None, **_: object) -> None:
    """Record that the files are to be removed, in the transaction that deletes the photo.

    A signal, since photos are deleted by cascades too and in batches of an account that is erased,
    and none of these may leave files behind. `PhotoQuerySet.remove` records many at once.
    """
    if isinstance(origin, PhotoQuerySet) and origin.are_in_trash:
        return
    if store().folder is not None:
        # So quick that it is worth it. In S3 it is a request for each, which `tidy` makes.
        transaction.on_commit(partial(discard, [instance.key]), robust=True)
    Trash.record([instance.key])


def discard(keys: Sequence[UUID]) -> None:
    """Remove the files of deleted photos, as long as the store works at the moment."""
    removed = list(takewhile(remove_quietly, keys))
    if removed:
        Trash.objects.filter(pk__in=removed).delete()
