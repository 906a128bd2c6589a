"""Delete the photos of rows that a release without photos has deleted.

While such a release runs on the new schema, during a deploy or after a rollback, it deletes
diaries, todos and people and does not know that they have photos.
"""

import datetime as dt
from collections.abc import Iterator
from functools import partial
from itertools import batched
from uuid import UUID

from accounts.models import User
from core.transactions import run_write
from photos.models import UNATTACHED_FOR, Photo, PhotoQuerySet
from photos.references import named

BATCH = 500
# Photos that are looked at each time. Where there are more, these parts have their turns.
AT_ONCE = 50_000


def remove_leftovers(now: dt.datetime) -> int:
    """Delete attached photos that no row has, and photos of people who are gone.

    Return their number. What has changed in the last day is left.
    """
    removed = 0
    for ids in batched(photos_in_turn(now), BATCH):
        rows = list(Photo.objects.filter(pk__in=ids).values_list("pk", "used", "owner"))
        owners = {owner for _, _, owner in rows}
        present = set(User.objects.filter(pk__in=owners).values_list("pk", flat=True))
        if orphans := [pk for pk, _, owner in rows if owner not in present]:
            removed += run_write(Photo.objects.filter(pk__in=orphans).remove_orphans)
        attached = [pk for pk, used, owner in rows if used and owner in present]
        for pk in sorted(set(attached) - named(attached)):
            removed += run_write(partial(remove_unnamed, pk, now))
    return removed


def photos_in_turn(now: dt.datetime) -> Iterator[UUID]:
    """Yield the ids of the photos that are looked at in this hour."""
    rows = old(now).order_by("used", "updated_at", "pk")  # an index has all of it
    parts = -(-rows.count() // AT_ONCE)
    start = int(now.timestamp()) // 3600 % max(parts, 1) * AT_ONCE
    yield from list(rows.values_list("pk", flat=True)[start : start + AT_ONCE])


def old(now: dt.datetime) -> PhotoQuerySet:
    return Photo.objects.filter(updated_at__lt=now - UNATTACHED_FOR)


def remove_unnamed(pk: UUID, now: dt.datetime) -> bool:
    """Delete an attached photo, unless a row has it by now."""
    photo = old(now).select_related("owner__profile").filter(pk=pk).first()
    if photo is None or photo.owner.profile.deleted_at is not None:
        return False  # whose account is erased anyway
    owner = photo.owner
    owner.lock()  # rows get photos under this lock only
    again = old(now).filter(pk=pk, used=1)
    if not again.exists() or named([pk]):
        return False
    again.remove(owner)
    return True
