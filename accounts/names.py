"""The forms in which emails and handles are stored and compared."""

import re

from django.utils.translation import gettext_lazy as _

from core.model_fields import fold
from core.problems import Problem

LAST_CHARACTER = "\U0010ffff"
TAKEN = {"email": _("This email is already in use."), "handle": _("This handle is already in use.")}


class Taken(Problem):
    """409 `duplicate`, saying which of email and handle somebody else has."""

    def __init__(self, *fields: str) -> None:
        super().__init__(
            "duplicate",
            errors=[
                {"field": field, "code": "duplicate", "detail": str(TAKEN[field])}
                for field in fields
            ],
        )


def normalise_email(text: str) -> str:
    """One spelling for one mailbox: Unicode form and case make no difference."""
    return fold(text.strip())


def handle_from(nickname: str) -> str:
    """What of a nickname can be a handle: a–z, 0–9, dot and underscore; empty when that is fewer than 4 characters."""
    handle = re.sub(r"[^a-z0-9._]", "", fold(nickname))[:30]
    return handle if len(handle) >= 4 else ""


def search_form(text: str) -> str:
    """How a handle or the beginning of a name is looked up, with or without the @ before it."""
    return fold(text).strip().removeprefix("@")


def range_of_prefix(text: str) -> tuple[str, str]:
    """Return the first and the last of the texts that begin with `text`."""
    return text, text + LAST_CHARACTER
