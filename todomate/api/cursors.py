"""Cursors that only this server can read.

They hold the values that rows are ordered by, and of other people's todos the position is nobody's to know: it tells
how many hidden ones stand before. A key stream of SHAKE-256 over the secret key and a nonce hides them; nothing rests
on a cursor being genuine, as it is checked like any other input.
"""

import base64
import hashlib
import secrets
from typing import Any

import orjson
from django.conf import settings

NONCE = 8  # bytes


def seal(values: list[Any]) -> str:
    """The values, in JSON's types or what has a text, as letters that fit into a URL."""
    plain, nonce = orjson.dumps(values, default=str), secrets.token_bytes(NONCE)
    return base64.urlsafe_b64encode(nonce + _masked(plain, nonce)).rstrip(b"=").decode()


def unseal(cursor: str) -> list[Any]:
    """What was sealed. Raises ValueError for anything else."""
    raw = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
    values = orjson.loads(_masked(raw[NONCE:], raw[:NONCE]))
    if not isinstance(values, list):
        raise ValueError(cursor)
    return values


def _masked(text: bytes, nonce: bytes) -> bytes:
    stream = hashlib.shake_256(b"cursor" + settings.SECRET_KEY.encode() + nonce).digest(len(text))
    return bytes(a ^ b for a, b in zip(text, stream, strict=True))
