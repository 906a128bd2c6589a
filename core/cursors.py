"""Cursors that only this server can make and read, each good for the one list and viewer that it was made for.

They hold the values that rows are ordered by, and of other people's todos the position is nobody's to know: it tells
how many hidden ones stand before. So they are hidden (a key stream of SHAKE-256) and bound by a MAC to their place: a
cursor of my own day cannot be held against a friend's.
"""

import base64
import hashlib
import hmac
import secrets
from typing import Any

import orjson
from django.conf import settings

NONCE, MAC = 8, 12  # bytes


def seal(values: list[Any], place: str) -> str:
    """The values, in JSON's types or what has a text, as letters that fit into a URL, good for `place`."""
    plain, nonce = orjson.dumps(values, default=str), secrets.token_bytes(NONCE)
    hidden = _masked(plain, nonce)
    return base64.urlsafe_b64encode(nonce + _mac(nonce + hidden, place) + hidden).rstrip(b"=").decode()


def unseal(cursor: str, place: str) -> list[Any]:
    """What was sealed for the same place. Raises ValueError for anything else."""
    raw = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
    nonce, mac, hidden = raw[:NONCE], raw[NONCE : NONCE + MAC], raw[NONCE + MAC :]
    if not hmac.compare_digest(mac, _mac(nonce + hidden, place)):
        raise ValueError(cursor)
    values: list[Any] = orjson.loads(_masked(hidden, nonce))
    return values


def _key(purpose: bytes) -> bytes:
    return hashlib.sha256(b"cursor " + purpose + settings.SECRET_KEY.encode()).digest()


def _mac(text: bytes, place: str) -> bytes:
    return hashlib.blake2b(place.encode() + b"\0" + text, key=_key(b"mac"), digest_size=MAC).digest()


def _masked(text: bytes, nonce: bytes) -> bytes:
    stream = hashlib.shake_256(_key(b"mask") + nonce).digest(len(text))
    return bytes(a ^ b for a, b in zip(text, stream, strict=True))
