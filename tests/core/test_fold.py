"""The form in which texts are searched."""

import random
import sys
import time
import unicodedata
from collections.abc import Callable

import pytest

from accounts.names import (
    forms_of_password,
    normalise_email,
    normalise_password,
    search_form,
    squeeze,
)
from core.model_fields import (
    _DIFFERENT,
    _LETTERS_I,
    _MARKS,
    _STANDING_FORM,
    _normalised,
    casefold,
    fold,
    forms,
)
from diaries.hashtags import hashtags
from diaries.models.labels import folded_name

EVERYTHING = [chr(code) for code in range(sys.maxunicode + 1) if not 0xD800 <= code < 0xE000]

# Texts that are one and the same for a search.
SAME = [
    ("망함ㅋㅋㅠㅠ", unicodedata.normalize("NFD", "망함ㅋㅋㅠㅠ")),
    ("장보기 추가ㄳ", unicodedata.normalize("NFD", "장보기 추가ㄳ")),
    ("ㅋㅋ", "ﾻﾻ", "\u110f\u110f"),  # half as wide; letters of syllables, without one
    ("İstanbul", "istanbul", "ISTANBUL", "ıstanbul", "i\u0307stanbul", "I\u0307STANBUL"),
    ("Straße", "STRASSE", "strasse"),
    ("ΣΊΣΥΦΟΣ", "Σίσυφος", "σίσυφοσ"),
    ("ＡＢＣ", "abc", "ABC"),
    ("Åse", "A\u030ase", "åse"),
    ("ﬁnal", "final"),
    ("❤️ 운동", "❤ 운동", "❤\ufe0e 운동"),
    ("장\u200b보기", "장보기", "\ufeff장보기\u2060"),
    ("co\u00adop", "coop"),
]
# A text, what a search for a part of it begins with, and whether it is found.
PARTS = [
    ("망함ㅋㅋㅠㅠ", "망함ㅋㅋ", True),
    ("망함ㅋㅋㅠㅠ", "ㅋㅠ", True),
    ("망함ㅋㅋㅠㅠ", "ㅠ", True),
    ("망함ㅋㅋㅠㅠ", "망하", False),
    ("장보기 추가ㄳ", "추가", True),
    ("장보기 추가ㄳ", "ㄳ", True),
    ("ㄱㅏ", "가", False),
    ("가", "ㄱ", False),
    ("ㅏ가ㄱ", "가", True),
    ("İstanbul'a git", "istan", True),
    ("DIŞARI", "dışarı", True),
]


@pytest.mark.parametrize("texts", SAME)
def test_texts_that_are_read_alike_are_folded_alike(texts: tuple[str, ...]) -> None:
    assert len({fold(text) for text in texts}) == 1


@pytest.mark.parametrize(("text", "part", "is_found"), PARTS)
def test_parts_of_texts_are_parts_of_what_is_folded(text: str, part: str, is_found: bool) -> None:
    assert (fold(part) in fold(text)) is is_found


def test_korean_letters_that_stand_alone_stay_as_they_are() -> None:
    letters = "".join(map(chr, range(0x3131, 0x318F)))
    assert fold(letters) == letters


def test_no_other_character_is_folded_differently_from_names() -> None:
    usual = [text for text in EVERYTHING if not _DIFFERENT.search(text)]
    assert len(usual) > 1_100_000
    for text in usual:
        folded = _LETTERS_I.sub("i", _normalised(text).casefold())
        assert _normalised(folded).translate(_STANDING_FORM) == casefold(text), ascii(text)


def test_a_folded_text_is_folded_already() -> None:
    assert [text for text in EVERYTHING if fold(fold(text)) != fold(text)] == []
    some = random.Random(1)  # noqa: S311  # not for secrets
    codes = [*range(0x1100, 0x1200), *range(0x3131, 0x318F), *range(0xFFA0, 0xFFDD)]
    codes += [*range(0x300, 0x340), *range(0xAC00, 0xAC20), *b"iIa ", 0x130, 0x131, 0x3260]
    for _ in range(20_000):
        text = "".join(map(chr, some.choices(codes, k=4)))
        assert fold(fold(text)) == fold(text), ascii(text)


def test_no_character_becomes_more_than_eighteen() -> None:
    lengths = {len(fold(text)) for text in EVERYTHING}
    assert max(lengths) == 18  # by which the column of folded titles is as long as it is


def test_a_search_has_the_form_of_before_only_where_it_differs() -> None:
    for text in ("run", "Åse", "추가", "🍣", "ㅋㅠ"):
        assert forms(text) == (fold(text),)
    assert forms("ㅋㅋ") == ("ㅋㅋ", "\u110f\u110f")


def test_an_at_sign_before_a_name_makes_no_difference() -> None:
    for text in ("@bob", "bob", " @Bob ", "＠bob", "@@bob", "@ bob"):
        assert search_form(text) == "bob"


def test_emails_are_compared_as_before() -> None:
    assert normalise_email(" Alice@Example.com ") == "alice@example.com"
    dotless = "alıce@example.com"
    assert normalise_email(dotless) == casefold(dotless) != "alice@example.com"


def _marks() -> dict[int, str]:
    """Return a mark of each place in the order of marks."""
    return {unicodedata.combining(text): text for text in EVERYTHING if unicodedata.combining(text)}


def _worst(length: int) -> str:
    """Return marks in the order that takes the longest to sort."""
    marks = [text for _place, text in sorted(_marks().items(), reverse=True)]
    return "".join(mark * (length // len(marks)) for mark in marks)


def _seconds(take: Callable[[str], object], text: str) -> float:
    """Return the least time of the process in three tries."""
    times = []
    for _ in range(3):
        started = time.process_time()
        take(text)
        times.append(time.process_time() - started)
    return min(times)


def test_every_mark_is_known() -> None:
    for text in EVERYTHING:
        is_mark = unicodedata.combining(unicodedata.normalize("NFKD", text)[0]) != 0
        assert (text in _MARKS) == is_mark, ascii(text)


@pytest.mark.parametrize("take", [fold, hashtags, folded_name, search_form, squeeze])
def test_heaps_of_marks_take_no_longer_than_other_texts(take: Callable[[str], object]) -> None:
    """Sorted by insertion, 20,000 marks would take hundreds of times as long."""
    worst = _worst(19_990)
    usual = _seconds(take, "#é물각\u0301" * 4_000)
    for text in (
        worst,
        "\u200d".join(worst),
        "\u034f".join(worst),
        "İ" + worst,
        "\uff9e\u0f73" * 9_990,
        ("a" + _worst(60)[:31]) * 620,
    ):
        assert _seconds(take, f"#a{text}") < 40 * usual, ascii(text[:9])


def test_a_password_too_long_to_be_one_is_not_normalised() -> None:
    worst = "a" + _worst(19_990)
    usual = _seconds(lambda text: unicodedata.normalize("NFD", text), "물é" * 9_990)
    assert _seconds(forms_of_password, worst) < 40 * usual
    assert forms_of_password(worst) == [normalise_password(worst)] == [worst]


def test_a_letter_keeps_thirty_marks() -> None:
    assert fold("q" + "\u0301" * 30) == "q" + "\u0301" * 30
    assert fold("Q" + "\u0301" * 31 + "\u0301Q\u0301") == "q" + "\u0301" * 30 + "q\u0301"
    assert fold("Q" + "\u0301\u200d" * 40) == "q" + "\u0301" * 30


def test_a_folded_heap_is_folded_already() -> None:
    some = random.Random(2)  # noqa: S311  # not for secrets
    marks = [*_marks().values(), "\u0344", "\u0345", "\u0f73", "\uff9e", "\u0307", "\u200d"]
    for _ in range(5_000):
        letters = some.choices("iİéaΐ각ㄱǰ", k=2)
        text = "".join(
            each + "".join(some.choices(marks, k=some.randint(25, 70))) for each in letters
        )
        assert fold(fold(text)) == fold(text), ascii(text)
