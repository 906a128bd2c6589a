"""Cursors that only this server can make and read, each for one list and one viewer.

A cursor holds the values by which rows are ordered. The position of another person's todo is
private, since it tells how many hidden todos come before it, so the values are encrypted
(AES-256-GCM). The list and the viewer are authenticated with them: a cursor of one's own day is
refused on a friend's.
"""

import base64
import hashlib
import secrets
from functools import cache
from typing import Any

import orjson
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

NONCE = 12  # bytes, as NIST SP 800-38D recommends


def seal(values: list[Any], place: str) -> str:
    """Return a URL-safe cursor that holds `values` and is valid for `place`.

    The values are of JSON's types, or are written as texts.
    """
    nonce = secrets.token_bytes(NONCE)
    sealed = _cipher(settings.SECRET_KEY).encrypt(
        nonce, orjson.dumps(values, default=str), place.encode()
    )
    return base64.urlsafe_b64encode(nonce + sealed).rstrip(b"=").decode()


def unseal(cursor: str, place: str) -> list[Any]:
    """Return the values of a cursor made for `place`. Raise ValueError for anything else."""
    raw = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
    try:
        opened = _cipher(settings.SECRET_KEY).decrypt(raw[:NONCE], raw[NONCE:], place.encode())
    except InvalidTag as error:
        raise ValueError(cursor) from error
    values: list[Any] = orjson.loads(opened)
    return values


@cache
def _cipher(secret_key: str) -> AESGCM:
    return AESGCM(hashlib.sha256(b"cursor " + secret_key.encode()).digest())
