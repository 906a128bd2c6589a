"""The photos of the demo: pictures that were made for it, in the two sizes of the store."""

import logging
from collections.abc import Sequence
from contextlib import suppress
from datetime import date
from functools import cache, partial
from pathlib import Path
from typing import NamedTuple
from uuid import UUID

import obstore
from django.db import transaction
from obstore.exceptions import BaseError

from accounts.models import Profile, User
from accounts.visibility import Visibility
from diaries.models import Diary, DiaryPhoto
from photos.models import Photo, Trash
from photos.names import EPOCH, names_of
from photos.store import StoreError, store

logger = logging.getLogger(__name__)

FOLDER = Path(__file__).parent / "pictures"
DAY = date(2026, 1, 1)  # of the upload


class Picture(NamedTuple):
    """A picture of the folder, as the converter would have described it."""

    name: str
    width: int
    height: int
    blurhash: str
    alt: str = ""


# The picture of each person, and what they show in their last diaries, the last one first.
AVATARS = (
    Picture("mina", 800, 800, "LmQIGKt7~7%1=.j?Nhj]Rsa#oZfP"),
    Picture("june", 800, 800, "LdK.kgt7?^x]-;j[Rjj[K4a|wIjZ"),
    Picture("noah", 800, 800, "L$NdB@t7lCtRTLbHwHj@spjtadjZ"),
)
SHOWN = (
    (
        Picture("river", 1200, 900, "L~Nk;axYjuof~8oLayoLRjR+fjjZ", "해 뜰 무렵의 강가"),
        Picture("night", 1200, 900, "L342SoM}j[%M%iIUj@xuM@Rjj]of", "달이 지기 전, 집을 나설 때"),
    ),
    (Picture("morning", 1200, 900, "L~EhCXkBjvkD%jofj[a~M}j]aeay", "해가 떠 있는 퇴근길의 언덕"),),
    (Picture("sea", 900, 1200, "LxJSz.xuxZg3%%WYR+of$yf5aea}", "The river behind the garden"),),
)


def key_of(person: int, number: int) -> UUID:
    """Return the key of a photo, which is the same in every demo: the schema's example names one.

    Others' keys are random. The demo is for one's own machine only.
    """
    days = (DAY - EPOCH).days
    return UUID(f"{days:04x}0000-0000-4000-8000-{person:04}{number:08}")


def write_photos(user: User, person: int, ids: Sequence[UUID], diaries: Sequence[Diary]) -> None:
    """Give the person their picture, and photos to their last diaries that others may see.

    `ids` are for the photos. Nothing happens if the store cannot be written. The files are written
    after the commit.
    """
    try:
        store().probe(DAY)
    except StoreError:
        return
    pictures = [AVATARS[person - 1], *SHOWN[person - 1]]
    rows = [
        Photo(
            id=pk,
            owner=user,
            key=key_of(person, number),
            width=picture.width,
            height=picture.height,
            blurhash=picture.blurhash,
            bytes=sum(map(len, files_of(picture.name))),
            used=1,
        )
        for number, (pk, picture) in enumerate(zip(ids, pictures, strict=True), start=1)
    ]
    # The keys of an earlier demo are the same. What its deletion in this transaction has registered
    # removes the files after the commit, so they are written after that, even if they are there.
    transaction.on_commit(partial(write_files, [row.key for row in rows], pictures))
    Trash.objects.filter(pk__in=[row.key for row in rows]).delete()
    Photo.objects.bulk_create(rows)
    Profile.objects.filter(pk=user.pk).update(avatar=rows[0].key)
    with suppress(IndexError):
        seen = [d for d in diaries if not d.is_draft and d.visibility != Visibility.PRIVATE]
        last = sorted(seen, key=lambda diary: diary.date)[-1]
        DiaryPhoto.show(
            last, {row.pk: each.alt for row, each in zip(rows[1:], pictures[1:], strict=True)}
        )
        Diary.objects.filter(pk=last.pk).update(photos_count=len(rows) - 1)


def write_files(keys: Sequence[UUID], pictures: Sequence[Picture]) -> None:
    """Write the files of the photos with these keys, over those that are there."""
    try:
        for key, picture in zip(keys, pictures, strict=True):
            for name, data in zip(names_of(key), files_of(picture.name), strict=True):
                obstore.put(store().objects, name, data)
    except (StoreError, BaseError, OSError) as error:
        logger.warning("The pictures of the demo could not be written: %s", error)


@cache
def files_of(name: str) -> tuple[bytes, bytes]:
    large, small = ((FOLDER / f"{name}-{size}.webp").read_bytes() for size in ("large", "small"))
    return large, small
