"""The forms in which emails and handles are stored and compared."""

import re
import secrets

from django.utils.translation import gettext_lazy as _

from core.model_fields import fold
from core.problems import Problem

# Of random handles: without vowels they spell no words.
LETTERS = "bcdfghjkmnpqrstvwxz"
LAST_CHARACTER = "\U0010ffff"
TAKEN_MESSAGES = {
    "email": _("This email is already in use."),
    "handle": _("This handle is already in use."),
}


class Taken(Problem):
    """409 `duplicate`: another account has this email or handle."""

    def __init__(self, *fields: str) -> None:
        errors = [
            {"field": field, "code": "duplicate", "detail": str(TAKEN_MESSAGES[field])}
            for field in fields
        ]
        super().__init__("duplicate", errors=errors)


def normalise_email(text: str) -> str:
    """Return an email as it is stored and compared, without regard to case and Unicode form."""
    return fold(text.strip())


def handle_from(nickname: str) -> str:
    """Return a handle made of the a–z, 0–9, dots and underscores of a nickname.

    Return an empty string if these are fewer than 4 characters.
    """
    handle = re.sub(r"[^a-z0-9._]", "", fold(nickname))[:30]
    return handle if len(handle) >= 4 else ""


def random_handle() -> str:
    """Return a handle of twelve random letters, with no beginning in common with others."""
    return "".join(secrets.choice(LETTERS) for _ in range(12))


def search_form(text: str) -> str:
    """Return a handle, or the start of a name, as it is looked up: folded, without a leading @."""
    return fold(text).strip().removeprefix("@")


def range_of_prefix(text: str) -> tuple[str, str]:
    """Return the first and the last of all texts that begin with `text`."""
    return text, text + LAST_CHARACTER
