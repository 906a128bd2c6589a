"""Remove files that no photo has, and photos that nothing has had for a day.

Every step can be interrupted, and several of these may run at once.
"""

import datetime as dt
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from itertools import batched
from uuid import UUID

from core import clock
from core.transactions import run_write
from photos.leftovers import remove_leftovers
from photos.models import Photo, Trash
from photos.names import keys_of
from photos.store import StoreError, store

BATCH = 500
# A day is compared when it has ended for so long that no upload of it is going on.
LATEST_UPLOAD = dt.timedelta(hours=1)
# Days that are compared each time. Of the older ones one has its turn.
RECENT_DAYS = 2
# A day with more keys than these that no photo has, which are most of its keys, is not touched.
MOST_UNKNOWN = 20
# After so many photos whose files cannot be removed a step ends: each may take seconds.
MOST_FAILURES = 20

Say = Callable[[str], None]


class ForeignFilesError(Exception):
    """Files were left, as they may be photos of another database. Its text says which."""


def tidy(now: dt.datetime, say: Say, *, force: bool = False) -> None:
    """Remove what is left over, and tell the numbers.

    Raise StoreError if the store fails, and ForeignFilesError if files of past days may be photos
    of another database, which `force` removes. Both are raised after all that can be done.
    """
    errors: list[StoreError] = []
    foreign: list[str] = []
    forgotten = sum(remove_forgotten(pk, now) for pk in forgotten_photos(now))
    say(f"{forgotten} photos deleted that were on nothing")
    if leftovers := remove_leftovers(now):
        say(f"{leftovers} photos deleted whose diary, todo or owner was deleted without them")
    say(f"{empty_trash(errors)} deleted photos' files removed")
    for day in days_to_compare(now):
        try:
            removed = compare(day, errors, force=force)
        except StoreError as error:
            errors.append(error)
        except ForeignFilesError as error:
            foreign.append(str(error))
        else:
            if removed:
                say(f"{day}: the files of {removed} photos removed that do not exist")
    if errors:
        raise StoreError(f"{errors[0]} ({len(errors)} errors)") from errors[0]
    if foreign:
        raise ForeignFilesError("; ".join(foreign))


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


def empty_trash(errors: list[StoreError]) -> int:
    """Remove the files of deleted photos, and return their number."""
    count = 0
    failed: list[UUID] = []
    rows = Trash.objects.order_by("since")
    while len(failed) < MOST_FAILURES:
        keys = list(rows.exclude(pk__in=failed).values_list("pk", flat=True)[:BATCH])
        if not keys:
            break
        removed, stuck = remove_files(keys, errors, MOST_FAILURES - len(failed))
        run_write(partial(Trash.objects.filter(pk__in=removed).delete))
        # Behind the others, which have their turn next time however many are stuck.
        run_write(partial(Trash.objects.filter(pk__in=stuck).update, since=clock.now()))
        failed += stuck
        count += len(removed)
    return count


def remove_files(
    keys: Iterable[UUID], errors: list[StoreError], most: int
) -> tuple[list[UUID], list[UUID]]:
    """Remove the files of these photos, and return the keys that are gone and those that failed.

    End when so many have failed as `most` says.
    """
    removed: list[UUID] = []
    failed: list[UUID] = []
    for key in keys:
        try:
            store().remove(key)
        except StoreError as error:
            errors.append(error)
            failed.append(key)
            if len(failed) >= most:
                break
        else:
            removed.append(key)
    return removed, failed


def days_to_compare(now: dt.datetime) -> list[dt.date]:
    """Return the past days whose files are compared this time."""
    past = [day for day in store().days() if ended_at(day) <= now - LATEST_UPLOAD]
    recent, older = past[-RECENT_DAYS:], past[:-RECENT_DAYS]
    turn = int(now.timestamp()) // 3600
    return [*([older[turn % len(older)]] if older else []), *recent]


def ended_at(day: dt.date) -> dt.datetime:
    return dt.datetime.combine(day + dt.timedelta(days=1), dt.time(), dt.UTC)


def compare(day: dt.date, errors: list[StoreError], *, force: bool = False) -> int:
    """Remove the files of a past day that belong to no photo, and return the number of keys.

    Raise ForeignFilesError, and remove nothing, if they may be photos of another database.
    """
    unknown: set[UUID] = set()
    known = 0
    for found in store().keys(day):
        strangers = unknown_of(day, found)
        unknown |= strangers
        known += len(set(found) - strangers)
    if not force and are_foreign(len(unknown), known):
        raise ForeignFilesError(f"{day}: {len(unknown)} of {len(unknown) + known}")
    removed, _ = remove_files(unknown, errors, MOST_FAILURES)
    store().close_day(day)
    return len(removed)


def unknown_of(day: dt.date, found: list[UUID]) -> set[UUID]:
    """Return those of the day's keys that no photo has and that are not in the trash."""
    first, last = keys_of(day)
    unknown: set[UUID] = set()
    for keys in batched(sorted(set(found)), BATCH):
        photos = Photo.objects.filter(key__range=(first, last), key__in=keys)
        strangers = set(keys) - set(photos.values_list("key", flat=True))
        # Asked second: a photo that is deleted in between is in the trash by then, or gone.
        trash = Trash.objects.filter(pk__in=strangers).values_list("pk", flat=True)
        unknown |= strangers - set(trash)
    return unknown


def are_foreign(unknown: int, known: int) -> bool:
    """Return whether so many keys of a day without a photo may be those of another database.

    An empty database, one of another server or an older one must not empty the store: what uploads
    leave that were interrupted is little beside the photos of the day.
    """
    if unknown == 0:
        return False
    if known == 0 and not Photo.objects.exists():
        return True
    return unknown > MOST_UNKNOWN and unknown > known
