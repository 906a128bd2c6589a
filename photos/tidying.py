"""Remove files that no photo has, and photos that nothing has had for a day.

Every step can be interrupted, and several of these may run at once.
"""

import datetime as dt
from collections.abc import Callable, Iterator
from functools import partial
from itertools import batched
from uuid import UUID

from core.transactions import run_write
from photos.models import Photo, Trash
from photos.names import keys_of
from photos.store import store

BATCH = 500
# A day is compared when it has ended for so long that no upload of it is going on.
LATEST_UPLOAD = dt.timedelta(hours=1)
# Days that are compared each time. Of the older ones one has its turn.
RECENT_DAYS = 2

Say = Callable[[str], None]


def tidy(now: dt.datetime, say: Say) -> None:
    """Remove what is left over, and tell the numbers. Raise StoreError if the store fails."""
    forgotten = sum(remove_forgotten(pk, now) for pk in forgotten_photos(now))
    say(f"{forgotten} photos deleted that were on nothing")
    say(f"{empty_trash()} deleted photos' files removed")
    for day in days_to_compare(now):
        removed = compare(day)
        if removed:
            say(f"{day}: the files of {removed} photos removed that do not exist")


def forgotten_photos(now: dt.datetime) -> Iterator[UUID]:
    """Yield the ids of the photos that may be deleted."""
    rows = Photo.objects.forgotten(now).order_by("pk").values_list("pk", flat=True)
    last: list[UUID] = []
    while last := list((rows.filter(pk__gt=last[-1]) if last else rows)[:BATCH]):
        yield from last


def remove_forgotten(pk: UUID, now: dt.datetime) -> bool:
    """Delete a photo, unless something has it by now."""

    def remove() -> bool:
        photo = Photo.objects.select_related("owner__profile").filter(pk=pk).first()
        if photo is None or photo.owner.profile.deleted_at is not None:
            return False  # whose account is erased anyway
        photo.owner.lock()
        again = Photo.objects.forgotten(now).filter(pk=pk).first()
        if again is None:
            return False
        again.owner = photo.owner
        again.remove()
        return True

    return run_write(remove)


def empty_trash() -> int:
    """Remove the files of deleted photos, and return their number."""
    count = 0
    while keys := list(Trash.objects.order_by("since").values_list("pk", flat=True)[:BATCH]):
        for key in keys:
            store().remove(key)
        run_write(partial(Trash.objects.filter(pk__in=keys).delete))
        count += len(keys)
    return count


def days_to_compare(now: dt.datetime) -> list[dt.date]:
    """Return the past days whose files are compared this time."""
    past = [day for day in store().days() if ended_at(day) <= now - LATEST_UPLOAD]
    recent, older = past[-RECENT_DAYS:], past[:-RECENT_DAYS]
    turn = int(now.timestamp()) // 3600
    return [*([older[turn % len(older)]] if older else []), *recent]


def ended_at(day: dt.date) -> dt.datetime:
    return dt.datetime.combine(day + dt.timedelta(days=1), dt.time(), dt.UTC)


def compare(day: dt.date) -> int:
    """Remove the files of a past day that belong to no photo, and return the number of keys."""
    first, last = keys_of(day)
    removed = 0
    for found in store().keys(day):
        for keys in batched(sorted(set(found)), BATCH):
            known = Photo.objects.filter(key__range=(first, last), key__in=keys)
            for key in set(keys) - set(known.values_list("key", flat=True)):
                store().remove(key)
                removed += 1
    store().close_day(day)
    return removed
