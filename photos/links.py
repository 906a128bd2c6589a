"""Links to pictures, which name photo, size, viewer and end, and which only this server can make.

A link is the value of `link` in a picture's URL: three bytes of its end, then the viewer's key in
AES-SIV (RFC 5297), which encrypts, authenticates and needs no nonce. So nobody can tell whom a link
was made for, and it is the same to the letter until its end changes (core/pictures.py). All else
that it names is authenticated with it: a link to one picture is refused for any other.

A link grants nothing by itself: whoever fetches the picture sees what the viewer may see at that
moment (photos/pictures.py).
"""

import base64
import binascii
import hashlib
from functools import cache
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV
from django.conf import settings

from core.pictures import quarter_of_end

SIZES = ("large", "small")
_END = 3  # bytes
_VIEWER = 8  # bytes; 0 for a viewer who is not signed in
LENGTH = 36  # characters, of 27 bytes: base64 without a rest


class BadLink(Exception):  # noqa: N818  # no error of this server's
    """Raised for a link that has ended, is forged, or is for something else."""


def make(kind: str, photo: UUID, size: str, viewer: int | None, quarter: int) -> str:
    """Return the link for a viewer, by key, that ends with `quarter`.

    `kind` is what the photo is on: "diaries" or "todos".
    """
    end = quarter.to_bytes(_END)
    named = f"{kind} {size} ".encode() + photo.bytes + end
    sealed = _cipher(settings.SECRET_KEY).encrypt((viewer or 0).to_bytes(_VIEWER), [named])
    return base64.urlsafe_b64encode(end + sealed).decode()


def viewer_of(link: str, kind: str, photo: UUID, size: str) -> int | None:
    """Return the key of the viewer whom a link to this picture was made for, None for nobody.

    Raise BadLink.
    """
    raw = _decoded(link)
    end, sealed = raw[:_END], raw[_END:]
    last = quarter_of_end()  # of a link that is made now; the one before it is valid, too
    if int.from_bytes(end) not in (last - 1, last):
        raise BadLink
    named = f"{kind} {size} ".encode() + photo.bytes + end
    for key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS):
        try:
            return int.from_bytes(_cipher(key).decrypt(sealed, [named])) or None
        except InvalidTag:
            continue
    raise BadLink


def _decoded(link: str) -> bytes:
    """Return the bytes of a link. Raise BadLink for any text but the one that `make` returned."""
    try:
        raw = base64.urlsafe_b64decode(link.encode()) if len(link) == LENGTH else b""
    except (binascii.Error, ValueError) as error:
        raise BadLink from error
    # The decoder takes other letters for the same bytes, and skips what it does not know.
    if not raw or base64.urlsafe_b64encode(raw).decode() != link:
        raise BadLink
    return raw


@cache
def _cipher(secret_key: str) -> AESSIV:
    return AESSIV(hashlib.sha512(b"picture links " + secret_key.encode()).digest())
