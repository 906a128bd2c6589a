"""Keys of photos, and the names of their files.

A key begins with the day of the upload, so that the files of one day are beside each other, and
the rows of one day are a range of keys. The other 14 bytes are random.
"""

import datetime as dt
import re
import secrets
from typing import NamedTuple
from uuid import UUID

_DAY = 2  # bytes
_FILE = re.compile(r"([0-9a-f]{32})-(?:large|small)\.webp")
EPOCH = dt.date(1970, 1, 1)


class Names(NamedTuple):
    """The names of a photo's two files in the store, as 2026-03-02/0a…-large.webp."""

    large: str
    small: str


def new_key(day: dt.date) -> UUID:
    """Return a new key of a photo that is uploaded on this day (UTC)."""
    number = (day - EPOCH).days
    return UUID(bytes=number.to_bytes(_DAY) + secrets.token_bytes(16 - _DAY))


def day_of(key: UUID) -> dt.date:
    """Return the day on which the photo with this key was uploaded."""
    return EPOCH + dt.timedelta(days=int.from_bytes(key.bytes[:_DAY]))


def keys_of(day: dt.date) -> tuple[UUID, UUID]:
    """Return the first and the last key that a photo of this day can have."""
    first = (day - EPOCH).days.to_bytes(_DAY)
    return UUID(bytes=first.ljust(16, b"\0")), UUID(bytes=first.ljust(16, b"\xff"))


def names_of(key: UUID) -> Names:
    """Return the names of the files of the photo with this key."""
    begin = f"{day_of(key).isoformat()}/{key.hex}"
    return Names(f"{begin}-large.webp", f"{begin}-small.webp")


def parse_name(name: str) -> UUID | None:
    """Return the key in the name of a file without its folder, None if it is no photo's."""
    match = _FILE.fullmatch(name)
    return UUID(match[1]) if match else None
