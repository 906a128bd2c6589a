"""The keys that sign tokens: each token names its key, so that keys can be exchanged."""

from datetime import timedelta
from functools import lru_cache
from typing import Any

import jwt
from django.conf import settings
from django.utils.crypto import salted_hmac
from rest_framework_simplejwt.backends import TokenBackend
from rest_framework_simplejwt.exceptions import TokenBackendError
from rest_framework_simplejwt.tokens import Token

ALGORITHM = "HS256"


def key_id(key: str) -> str:
    """Return the name of a key in the header `kid`. It tells nothing about the key."""
    return salted_hmac("accounts.credentials.keys", "kid", key, algorithm="sha256").hexdigest()[:16]


@lru_cache(maxsize=8)
def _by_id(*keys: str) -> dict[str, bytes]:
    return {key_id(key): key.encode() for key in keys}


def verifying_keys() -> dict[str, bytes]:
    """Return the keys whose tokens are accepted, by their ids; the one that signs comes first."""
    return _by_id(settings.SIMPLE_JWT["SIGNING_KEY"], *settings.JWT_VERIFYING_KEYS)


class KeyRing(TokenBackend):
    """Sign with the current key, and verify with the one that the token names.

    A token of release 0.1.0 names no key: any of them may have signed it.
    """

    def __init__(self, leeway: timedelta) -> None:
        super().__init__(ALGORITHM, leeway=leeway)

    def encode(self, payload: dict[str, Any]) -> str:
        kid, key = next(iter(verifying_keys().items()))
        claims = payload | {"aud": settings.JWT_AUDIENCE}
        return jwt.encode(claims, key, algorithm=ALGORITHM, headers={"kid": kid})

    def get_verifying_key(self, token: Token) -> bytes:
        """Return the key of an encoded token. Raise TokenBackendError if it is unknown."""
        keys = verifying_keys()
        header = jwt.get_unverified_header(token)  # type: ignore[arg-type]  # it is encoded
        if "kid" in header:
            key = keys.get(header["kid"])
        else:
            key = next((key for key in keys.values() if _has_signed(key, token)), None)
        if key is None:
            raise TokenBackendError("The key is unknown.")
        return key


def _has_signed(key: bytes, token: Token) -> bool:
    try:
        jwt.PyJWS().decode(token, key, [ALGORITHM])  # type: ignore[arg-type]  # as above
    except jwt.InvalidTokenError:
        return False
    return True


def is_for_us(token: Token) -> bool:
    """Return whether a verified token is for this server; one of release 0.1.0 does not say."""
    audience = token.get("aud")
    return audience is None or audience == settings.JWT_AUDIENCE
