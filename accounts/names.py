"""The forms in which emails and handles are stored and compared."""

import re
import secrets
import unicodedata

from django.utils.translation import gettext_lazy as _

from core.model_fields import casefold, fold
from core.problems import Problem

# Of random handles: without vowels they spell no words.
LETTERS = "bcdfghjkmnpqrstvwxz"
LAST_CHARACTER = "\U0010ffff"
# The length of the column of folded nicknames. They may be longer; searches read only so much.
FOLDED_LENGTH = 90
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
        self.fields = fields
        super().__init__("duplicate", errors=errors)


def normalise_email(text: str) -> str:
    """Return an email as it is stored and compared, without regard to case and Unicode form."""
    return casefold(text.strip())


def handle_from(nickname: str) -> str:
    """Return a handle made of the a–z, 0–9, dots and underscores of a nickname.

    Return an empty string if these are fewer than 4 characters, or are refused as a handle.
    """
    handle = re.sub(r"[^a-z0-9._]", "", fold(nickname))[:30]
    return handle if len(handle) >= 4 and not refused_handle(handle) else ""


# Names that seem to speak for the server, as a whole handle or between dots and underscores.
AUTHORITIES = frozenset(
    re.findall(
        r"\w+",
        "admin admins administrator administrators moderator moderators official operator operators"
        " security staff support sysadmin system todomate",
    )
)
# Names that are taken for something else than a person, as a whole handle.
RESERVED = AUTHORITIES | frozenset(
    re.findall(
        r"\w+",
        "abuse account accounts anonymous anyone billing contact deleted everyone feedback guest"
        " help helpcenter helpdesk hostmaster info mailerdaemon master mods myself nobody none"
        " noreply null postmaster privacy root server service settings somebody someone superuser"
        " team todomateapp todomateteam undefined unknown user users webmaster",
    )
)
# The l is one of them: in many fonts 1, l and I are the same.
_LOOKALIKES = str.maketrans("013457l", "oieasti")
_SERVICE = "todomate"


def refused_handle(handle: str) -> str | None:
    """Return why nobody may have this folded handle: `shows_nothing`, `reserved`, or None.

    Dots, underscores, digits at the end, characters that look like letters, and the name of the
    service before or after it do not make another name of a reserved one.
    """
    if not handle.strip("._"):
        return "shows_nothing"
    parts = [part for part in re.split(r"[._]+", handle) if part]
    whole = "".join(parts)
    alone = {part for form in _shapes(whole) for part in (form, *_without_service(form))}
    if alone & _RESERVED_SHAPES or any(_shapes(part) & _AUTHORITY_SHAPES for part in parts):
        return "reserved"
    return None


def _shapes(word: str) -> set[str]:
    """Return how a word looks, with and without the digits at its end."""
    return {form.translate(_LOOKALIKES) for form in (word, word.rstrip("0123456789"))}


def _without_service(word: str) -> tuple[str, str]:
    return word.removeprefix(_SERVICE), word.removesuffix(_SERVICE)


_AUTHORITY_SHAPES = {name.translate(_LOOKALIKES) for name in AUTHORITIES}
_RESERVED_SHAPES = {name.translate(_LOOKALIKES) for name in RESERVED}


# Passwords

SERVICE_NAMES = ("todomate", "투두메이트")
# Characters of a password as it is typed: four times those that it may have in NFC, for a syllable
# has up to three letters in NFD, and a letter few marks.
TYPED_LENGTH = 4 * 128


def normalise_password(password: str) -> str:
    """Return a password as it is hashed: in NFC, for keyboards differ in how they compose.

    What is too long for a password stays as it is: a form of the admin takes 64 KiB from anyone,
    and to sort that many marks would stop the process.
    """
    return password if len(password) > TYPED_LENGTH else unicodedata.normalize("NFC", password)


def forms_of_password(password: str) -> list[str]:
    """Return the forms in which a hash may have been made of what was typed, the usual one first.

    Passwords have been hashed as they were typed, before they were normalised.
    """
    if len(password) > TYPED_LENGTH:
        return [password]
    forms = (normalise_password(password), password, unicodedata.normalize("NFD", password))
    return list(dict.fromkeys(forms))


def has_context_word(password: str, *names: str) -> bool:
    """Return whether a password contains a word of the service or of these names.

    Words that are short enough to be in a password by chance count only if they are at least half
    of it: up to three letters of ASCII, or one of another script.
    """
    words = set(SERVICE_NAMES)
    for name in names:
        words |= {squeeze(name), *map(squeeze, re.split(r"[\W_]+", name))}
    squeezed = squeeze(password)
    return any(
        len(word.encode()) > 3 or 2 * len(word) * squeezed.count(word) >= len(squeezed)
        for word in words
        if word and word in squeezed and not word.isdigit()
    )


def squeeze(text: str) -> str:
    """Return the letters and digits of a text, folded."""
    return re.sub(r"[\W_]+", "", fold(text))


def random_handle() -> str:
    """Return a handle of twelve random letters, with no beginning in common with others."""
    return "".join(secrets.choice(LETTERS) for _ in range(12))


def search_form(text: str) -> str:
    """Return a name, or the start of one, as it is looked up: folded, without an @ before it."""
    return _bare(fold(text))


def search_ranges(text: str) -> tuple[tuple[str, str], ...]:
    """Return the ranges of names that begin with the text.

    The first is of names as they are stored. The others are of names as they were stored before
    `core.model_fields.FOLDING` was 2, where no name is stored like that now.
    """
    before = casefold(text)
    old_starts = {_bare(before): None, before.strip(): None}  # a set in order
    starts = [search_form(text), *(start for start in old_starts if start != search_form(start))]
    return tuple(range_of_prefix(start) for start in starts)


def _bare(folded: str) -> str:
    return folded.strip().lstrip("@").strip()


def range_of_prefix(text: str) -> tuple[str, str]:
    """Return the first and the last of all texts that begin with `text`."""
    text = text[:FOLDED_LENGTH]
    return text, text + LAST_CHARACTER
