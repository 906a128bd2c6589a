"""Model fields that behave the same on SQLite, PostgreSQL, MariaDB and MySQL."""

import re
import unicodedata
import uuid
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import uuid_utils.compat
from django.core import exceptions
from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models.expressions import Expression


def new_id() -> uuid.UUID:
    """Return a new UUIDv7."""
    return uuid_utils.compat.uuid7()


def casefold(text: str) -> str:
    """Return the form in which names are compared, regardless of case and Unicode form (NFKC).

    The text must be short, or `without_heaps`.
    """
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())


def fold(text: str) -> str:
    """Return the form in which texts are searched, regardless of case and Unicode form.

    It is NFKC and casefolded, without characters that show nothing, such as the one that makes ❤ a
    red ❤️, and apart from two kinds of letters. Korean letters that stand alone stay
    alone: NFKC would make one syllable of the last two letters of ㅋㅠ, and one letter of a
    syllable and the letter after it. And all i are one letter: casefolded, the İ of Turkish is an i
    and a dot, and its ı another letter than the i that its capital I becomes.

    Of more than MARKS marks on one letter only the first are left, see `without_heaps`.

    Stored texts are folded again if FOLDING changes.
    """
    if text.isascii():
        return text.lower()
    if not _DIFFERENT.search(text):
        return without_heaps(casefold(without_heaps(text)))
    # Marks with unseen characters between them become one heap.
    folded = _normalised(without_heaps(_UNSEEN.sub("", text))).casefold()
    folded = _normalised(_LETTERS_I.sub("i", folded)).translate(_STANDING_FORM)
    return without_heaps(folded)  # a letter and its mark, or one mark, may have become two marks


# The number of changes of `fold`, by which stored texts are known to be in its form.
FOLDING = 3
# The most that any language needs, by the Stream-Safe Text Format of Unicode (UAX #15).
MARKS = 30
# What has a place in the order of the marks of a letter. None has a code of 0x1f000 or more.
_MARKS = frozenset(
    chr(code)
    for code in range(0x300, 0x1F000)
    if unicodedata.combining(unicodedata.normalize("NFKD", chr(code))[0])
)
_MARK = f"[{''.join(sorted(_MARKS))}]"
_HEAP = re.compile(f"({_MARK}{{{MARKS}}}){_MARK}+")


def without_heaps(text: str) -> str:
    """Return the text with at most MARKS combining marks in a row.

    Normalising sorts the marks of a letter by insertion: 20,000 of them stop a process for a
    second. Anyone may send such a text, so whatever is long is normalised after this only.
    """
    return _HEAP.sub(r"\1", text) if _has_heap(text) else text


def _has_heap(text: str) -> bool:
    """Return whether a row of marks is too long, by a look at few characters of a usual text."""
    return any(
        text[at] in _MARKS and _HEAP.search(text, max(0, at - MARKS), at + MARKS + 1)
        for at in range(0, len(text), MARKS + 1)
    )


# Soft hyphens, joiners, marks of direction, variation selectors and the like.
_UNSEEN = re.compile(
    "[\u00ad\u034f\u061c\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff"
    "\U000e0100-\U000e01ef]"
)
# What may be folded differently from `casefold`: the dot, ı and İ, Korean letters that are no
# syllables, in whatever form, and what is left out.
_DIFFERENT = re.compile(
    _UNSEEN.pattern[:-1]
    + "\u0307\u0130\u0131\U0001d6a4\u1100-\u11ff\u3131-\u318e\u3200-\u321e\u3260-\u327e"
    "\ua960-\ua97c\ud7b0-\ud7fb\uffa0-\uffdc]"
)
# The letters with a dot above them are casefolded to two characters.
_LETTERS_I = re.compile("[iı]\u0307*")
# Korean letters that stand alone.
_STANDING = re.compile("([\u3131-\u318e]+)")
# The half as wide forms of these letters, which NFKC would join to syllables as well.
_FULL_WIDTH = {
    code: int(unicodedata.decomposition(chr(code)).split()[1], 16)
    for code in range(0xFFA0, 0xFFDD)
    if unicodedata.decomposition(chr(code))
}
# The letters of syllables, where there is no syllable: some keyboards write ㅋㅋ with these.
_STANDING_FORM = {ord(unicodedata.normalize("NFKC", chr(c))): c for c in range(0x3131, 0x318F)}


def _normalised(text: str) -> str:
    """Return the text in NFKC, except for Korean letters that stand alone."""
    parts = _STANDING.split(text.translate(_FULL_WIDTH))
    # Every second part is such letters.
    parts[::2] = [unicodedata.normalize("NFKC", part) for part in parts[::2]]
    return "".join(parts)


def forms(text: str) -> tuple[str, ...]:
    """Return the forms of a searched text: folded, and as it was stored until FOLDING was 2.

    The second is left out where it could be found in a text that is stored as it is now: ㅋㅠ was
    folded to 큐.
    """
    before = casefold(text)
    return (fold(text),) if fold(before) == before else (fold(text), before)


# The types of columns by vendor.
UUID_TYPES = {"mysql": "binary(16)", "postgresql": "uuid"}
# The collations by vendor that compare bytes.
BINARY_COLLATIONS = {"mysql": "utf8mb4_bin", "postgresql": "C"}

if TYPE_CHECKING:
    UUIDField = models.Field[uuid.UUID | str, uuid.UUID]
else:
    UUIDField = models.Field  # generic in the stubs only


class BinaryUUIDField(UUIDField):
    """A UUID in 16 bytes, where Django's own field is a char(32) on MySQL and MariaDB.

    MariaDB's UUID type is not used: it does not sort a version 5 UUID by its bytes, and rows with
    equal positions must be in the same order on every database. PostgreSQL's does.
    """

    description = "A UUID in 16 bytes"
    empty_strings_allowed = False

    def db_type(self, connection: BaseDatabaseWrapper) -> str:
        return UUID_TYPES.get(connection.vendor, "char(32)")

    def get_db_prep_value(
        self, value: object, connection: BaseDatabaseWrapper, prepared: bool = False
    ) -> bytes | str | uuid.UUID | None:
        value = self.to_python(value)
        if value is None or connection.vendor == "postgresql":
            return value
        return value.bytes if connection.vendor == "mysql" else value.hex

    def from_db_value(
        self,
        value: uuid.UUID | bytes | str | None,
        expression: Expression,
        connection: BaseDatabaseWrapper,
    ) -> uuid.UUID | None:
        if value is None or isinstance(value, uuid.UUID):
            return value
        return uuid.UUID(bytes=value) if isinstance(value, bytes) else uuid.UUID(value)

    def to_python(self, value: Any) -> uuid.UUID | None:
        """Return the UUID of any value that a caller may pass. Raise ValidationError."""
        if value is None or isinstance(value, uuid.UUID):
            return value
        try:
            return uuid.UUID(bytes=value) if isinstance(value, bytes) else uuid.UUID(value)
        except (AttributeError, ValueError, TypeError) as error:
            raise exceptions.ValidationError(
                "“%(value)s” is not a UUID.", "invalid", {"value": value}
            ) from error

    def value_to_string(self, obj: models.Model) -> str:
        value = self.value_from_object(obj)
        return "" if value is None else str(value)


class ExactCharField(models.CharField):
    """A text that is compared byte by byte.

    MySQL's default collations treat 🍣 = 🍺 and ❤ = ❤️ as equal, and those of PostgreSQL have the
    order of a language. SQLite compares bytes anyway.
    """

    def db_parameters(self, connection: BaseDatabaseWrapper) -> Any:
        parameters: dict[str, Any] = dict(super().db_parameters(connection))
        if collation := BINARY_COLLATIONS.get(connection.vendor):
            parameters["collation"] = collation
        return parameters


class FoldedField(ExactCharField):
    """The folded copy of another text field of the row, updated on every save, for searches.

    `form` returns it. If that may be longer than the column, searches must read a beginning only.
    """

    def __init__(
        self,
        *args: Any,
        source: str = "",
        form: Callable[[str], str] = fold,
        **kwargs: Any,
    ) -> None:
        self.source = source
        self.form = form  # not a part of the column, so not of migrations
        kwargs["editable"] = False
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> tuple[str, str, Sequence[Any], dict[str, Any]]:
        name, path, args, kwargs = super().deconstruct()
        del kwargs["editable"]
        return name, path, args, kwargs | {"source": self.source}

    def folded(self, text: str) -> str:
        """Return the value of the column for this text."""
        return self.form(text)[: self.max_length]

    def pre_save(self, model_instance: models.Model, add: bool) -> str:
        value = self.folded(getattr(model_instance, self.source))
        setattr(model_instance, self.attname, value)
        return value
