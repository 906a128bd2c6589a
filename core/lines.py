"""Texts of one line, such as titles and nicknames: what they may hold, and what shows nothing."""

import re
import unicodedata

# Control characters, which include line breaks and tabs; separators of lines and paragraphs; and
# the characters that embed, override or isolate a direction: these can turn around the text next
# to the title, too. Marks of direction (U+200E, U+200F, U+061C) act on nothing but themselves.
FORBIDDEN = re.compile("[\0-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")

# Blank in every font, although Unicode has them as letters or symbols: fillers, the empty pattern
# of Braille, a note without a head, and the place of an object.
_BLANK = frozenset("\u115f\u1160\u2800\u3164\uffa0\ufffc\U0001d159")
# Reserved by Unicode for characters that show nothing.
_IGNORED = re.compile("[\u2065\ufff0-\ufff8\U000e0000-\U000e0fff]")
# Other, spaces, and marks, which show only on another character. Not Cn and Co: a character that
# is newer than this Python's Unicode, such as an emoji, is one that its writer sees.
_SHOWS_NOTHING = {"Cc", "Cf", "Cs", "Zs", "Zl", "Zp", "Mn", "Me"}


def shows_something(text: str) -> bool:
    """Return whether a reader sees at least one character of the text."""
    return any(
        unicodedata.category(character) not in _SHOWS_NOTHING
        and character not in _BLANK
        and not _IGNORED.match(character)
        and not is_no_character(character)
        for character in text
    )


def is_no_character(character: str) -> bool:
    """Return whether Unicode will never have a character here."""
    code = ord(character)
    return code & 0xFFFE == 0xFFFE or 0xFDD0 <= code <= 0xFDEF
