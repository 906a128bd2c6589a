"""Pagination cursors that only this server can create and read, each for one list and one viewer.

A cursor holds the values by which rows are ordered. The position of another person's todo is
private, since it tells how many hidden todos come before it, so the values are encrypted
(AES-256-GCM). The list and the viewer are authenticated with them: a cursor of one's own day is
refused on a friend's. Texts are padded before they are encrypted, because the length of a cursor
would tell how many digits a position has.
"""

import base64
import hashlib
import secrets
from collections.abc import Sequence
from functools import cache
from typing import Any

import orjson
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

NONCE_SIZE = 12  # bytes, as NIST SP 800-38D recommends
# Bytes. The values of every list of this project fit into one step: all cursors are equally long.
STEP = 128


def seal(values: Sequence[object], scope: str) -> str:
    """Return a URL-safe cursor that holds `values` and is valid for `scope` only.

    Values that JSON has no type for are stored as strings.
    """
    nonce = secrets.token_bytes(NONCE_SIZE)
    plaintext = orjson.dumps(values, default=str)
    plaintext += b" " * (-len(plaintext) % STEP)  # white space, which JSON ignores
    ciphertext = _cipher(settings.SECRET_KEY).encrypt(nonce, plaintext, scope.encode())
    return base64.urlsafe_b64encode(nonce + ciphertext).rstrip(b"=").decode()


def unseal(cursor: str, scope: str) -> list[Any]:
    """Return the values of a cursor created for `scope`. Raise ValueError for anything else."""
    raw = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
    nonce = raw[:NONCE_SIZE]
    ciphertext = raw[NONCE_SIZE:]
    try:
        plaintext = _cipher(settings.SECRET_KEY).decrypt(nonce, ciphertext, scope.encode())
    except InvalidTag as error:
        raise ValueError(cursor) from error
    values: list[Any] = orjson.loads(plaintext)
    return values


@cache
def _cipher(secret_key: str) -> AESGCM:
    return AESGCM(hashlib.sha256(b"cursor " + secret_key.encode()).digest())
