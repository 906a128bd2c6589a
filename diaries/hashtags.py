"""Hashtags in the body of a diary. Pure functions."""

import re
import unicodedata
from collections.abc import Iterator

from core.model_fields import fold

HASHTAGS = 30  # of one body
HASHTAG_LENGTH = 50  # characters of the folded form

# What NFKC makes a number sign: itself, the small and the full-width one.
SIGNS = re.compile("[#\ufe5f\uff03]")
# A fragment is a part of an address and no hashtag.
ADDRESSES = re.compile(r"(?:[a-z][a-z0-9+.-]{0,20}://|www\.)\S+")
MARKS = {"Mn", "Mc"}


def hashtags(body: str) -> list[str]:
    """Return the hashtags of a text in their folded form, each once, in order.

    A hashtag is a `#` and the letters, digits and `_` after it, if these are not digits or `_`
    alone, and not more than HASHTAG_LENGTH. The `#` is the first character, or follows a hashtag or
    what is no letter, digit or `_`; what follows `/` or `&` is a part of an address or of HTML. The
    marks of a letter belong to it.

    Only the first HASHTAGS are found. More of them, or longer ones, are no error: they may have
    been written offline, and remain what they are, a part of the text.
    """
    if not SIGNS.search(body):
        return []
    found: dict[str, None] = {}
    for name in _names(ADDRESSES.sub(" ", fold(body))):
        found[name] = None
        if len(found) == HASHTAGS:
            break
    return list(found)


def hashtag_named(text: str) -> str | None:
    """Return the folded form of one hashtag, given with or without its `#`, or None."""
    folded = fold(text).removeprefix("#")
    return folded if next(_names(f"#{folded}"), None) == folded else None


def _names(text: str) -> Iterator[str]:
    """Yield the names after each number sign of a folded text."""
    at, end_of_last = text.find("#"), -1
    while at >= 0:
        end = at + 1
        if at in (0, end_of_last) or not (_is_part(text[at - 1]) or text[at - 1] in "/&"):
            while end < len(text) and _is_part(text[end]) and end - at <= HASHTAG_LENGTH + 1:
                end += 1
            name = text[at + 1 : end]
            # Something that is no mark comes first, and not all of it is numbers.
            is_name = name and not _is_mark(name[0]) and any(map(str.isalpha, name))
            if is_name and len(name) <= HASHTAG_LENGTH:
                yield name
                end_of_last = end
        at = text.find("#", end)


def _is_part(character: str) -> bool:
    return character.isalnum() or character == "_" or _is_mark(character)


def _is_mark(character: str) -> bool:
    return not character.isascii() and unicodedata.category(character) in MARKS
