"""The tokens in the links of mails that confirm an email. They are signed and valid for a day."""

from typing import Any
from uuid import UUID

from django.conf import settings
from django.core import signing

SIGN_UP = "accounts.links.sign-up"
EMAIL = "accounts.links.email"


def sign_up_token(values: dict[str, Any]) -> str:
    """Return a token for a sign-up that waits for its email to be confirmed.

    `values` are those of the sign-up without its password, which is given on confirmation: who
    signed up with the address of somebody else does not know the password of what comes of it.
    """
    return signing.dumps(values | {"uuid": str(values["uuid"])}, salt=SIGN_UP, compress=True)


def values_of_sign_up(token: str) -> dict[str, Any] | None:
    """Return the values of a sign-up, None if the token is forged or has expired."""
    values: dict[str, Any] | None = _load(token, SIGN_UP)
    return values and values | {"uuid": UUID(values["uuid"])}


def email_token(uuid: UUID, email: str) -> str:
    """Return a token which proves that its holder reads the mail of this address."""
    return signing.dumps([str(uuid), email], salt=EMAIL)


def email_of_token(token: str) -> tuple[UUID, str] | None:
    """Return the id of the account and the address, None if the token is forged or expired."""
    content = _load(token, EMAIL)
    return content and (UUID(content[0]), content[1])


def _load(token: str, salt: str) -> Any:
    try:
        return signing.loads(token, salt=salt, max_age=settings.EMAIL_CONFIRM_TIMEOUT)
    except signing.BadSignature:
        return None
