"""Links to pictures: where these are, and until when the links are valid.

A link ends at the second full quarter of a day from now, so it lives for 6 to 12 hours and is the
same to the letter for 6: caches and clients that compare URLs need not fetch the picture again.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

from django.http import HttpRequest

from core import clock

ROOT = "/api/v1/pictures/"
QUARTER = 6 * 3_600  # seconds


class _Answering(threading.local):
    """The request that this thread answers, and the URL below which its pictures are."""

    request: HttpRequest | None = None
    root: str | None = None


_here = _Answering()


@contextmanager
def answering(request: HttpRequest) -> Iterator[None]:
    """Make links with the host of this request, in this thread."""
    before = _here.request, _here.root
    _here.request, _here.root = request, None
    try:
        yield
    finally:
        _here.request, _here.root = before


def root() -> str:
    """Return the URL below which pictures are: absolute in an answer, else without a host."""
    if _here.root is None:
        if _here.request is None:
            return ROOT
        _here.root = _here.request.build_absolute_uri(ROOT)
    return _here.root


def quarter_of_end() -> int:
    """Return the quarter of a day, counted from 1970, at whose beginning links of now end."""
    return int(clock.now().timestamp()) // QUARTER + 2


@lru_cache(maxsize=8)
def instant_of(quarter: int) -> str:
    """Return the beginning of a quarter of a day as answers show it."""
    begin = datetime.fromtimestamp(quarter * QUARTER, UTC).replace(tzinfo=None)
    return f"{begin.isoformat(timespec='microseconds')}Z"


def avatar(key: UUID | None) -> dict[str, Any] | None:
    """Return the picture of a person as answers show it, or None if they have none.

    Its name cannot be guessed and changes with the picture, so its URL is not signed and does not
    end: `expires_at` says when to ask for a new picture.
    """
    if key is None:
        return None
    name = str(key)
    return {
        "id": name,
        "url": f"{root()}avatars/{name}.webp",
        "expires_at": instant_of(quarter_of_end()),
    }
