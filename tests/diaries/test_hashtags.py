"""Hashtags are read from the body: where they begin, what they are made of, where they end."""

from __future__ import annotations

import time
import unicodedata

import pytest

from diaries.hashtags import HASHTAG_LENGTH, HASHTAGS, hashtag_named, hashtags

BODIES = {
    # Where one begins
    "": [],
    "#": [],
    "# ": [],
    "nothing": [],
    "#run": ["run"],
    "a #run.": ["run"],
    "(#run)": ["run"],
    "“#run”": ["run"],
    "…#run": ["run"],
    "첫 줄\n#달리기": ["달리기"],
    "오늘😀#달리기": ["달리기"],
    "❤️#달리기": ["달리기"],
    "a#run": [],
    "오늘#run": [],
    "1#run": [],
    "_#run": [],
    "e\u0301#run": [],
    "C# and F#": [],
    "##run": ["run"],
    "#run#swim": ["run", "swim"],
    "a#run#swim": [],
    "#1#run": [],
    # What it is made of
    "#달리기": ["달리기"],
    "#오운완_2026": ["오운완_2026"],
    "#2026년": ["2026년"],
    "#2026": [],
    "#٢٠٢٦": [],
    "#²": [],
    "#___": [],
    "#2026_1": [],
    "#_a": ["_a"],
    "#run-fast": ["run"],
    "#don't": ["don"],
    "#日記": ["日記"],
    "#ねこ": ["ねこ"],
    "#ﾈｺ": ["ネコ"],
    "#café": ["café"],
    "#cafe\u0301": ["café"],
    "#हिन्दी": ["हिन्दी"],
    "#ไทยแลนด์": ["ไทยแลนด์"],
    "#\u0301a": [],
    "#𐐀": ["𐐨"],
    # Its form
    "#Run #RUN #run": ["run"],
    "#ＲＵＮ": ["run"],
    "＃달리기": ["달리기"],
    "﹟달리기": ["달리기"],
    "#Straße": ["strasse"],
    "#İstanbul": ["istanbul"],
    "#ㅋㅋ": ["ㅋㅋ"],
    "#ㅋㅋㅋ #ㅠㅠ": ["ㅋㅋㅋ", "ㅠㅠ"],
    # Emoji
    "#🍣": [],
    "#초밥🍣": ["초밥"],
    "#️⃣run": [],
    "#️⃣ #run": ["run"],
    "#run👨‍👩‍👧#swim": ["run", "swim"],
    # Directions of writing, and characters that show nothing
    "#مرحبا": ["مرحبا"],
    "\u200f#שלום\u200f": ["שלום"],
    "#می\u200cخواهم": ["میخواهم"],
    # Addresses and HTML
    "https://example.com/page#section": [],
    "https://example.com/#section #run": ["run"],
    "https://example.com/?q=(#section)": [],
    "HTTPS://EXAMPLE.COM/#Section": [],
    "www.example.com/#section": [],
    "example.com/#section": [],
    "app://open/(#section)": [],
    "&#x27;": [],
}


@pytest.mark.parametrize("body", BODIES, ids=ascii)
def test_hashtags_are_found_in_whatever_unicode_form(body: str) -> None:
    assert hashtags(body) == BODIES[body]
    # Devices disagree on the form: letters of Korean syllables and marks may stand alone.
    assert hashtags(unicodedata.normalize("NFD", body)) == BODIES[body]


def test_a_hashtag_that_is_too_long_is_only_text() -> None:
    longest = "가" * HASHTAG_LENGTH
    assert hashtags(f"#{longest}") == [longest]
    assert hashtags(f"#{longest}나 #{'x' * 5_000} #run") == ["run"]
    assert hashtags(f"#{longest}나#run") == []


def test_the_first_thirty_different_ones_count() -> None:
    names = [f"tag{number}" for number in range(HASHTAGS + 5)]
    assert hashtags(" ".join(f"#{name} #{name.upper()}" for name in names)) == names[:HASHTAGS]


def test_the_worst_body_takes_no_time() -> None:
    """20,000 characters in well under a second, whatever they are."""
    for part in (
        "#",
        "#a",
        "#" + "a" * 49,
        "#a" * 10,
        "h://",
        "www.",
        "#\u0301",
        "#️⃣",
        "é#가 ",
        "a",
    ):
        started = time.process_time()
        hashtags(part * (19_999 // len(part)) + "#")
        assert time.process_time() - started < 0.5, part


def test_one_hashtag_may_be_named_with_its_sign_and_without() -> None:
    assert hashtag_named("#Run") == hashtag_named("ｒｕｎ") == "run"
    assert hashtag_named("＃달리기") == "달리기"
    for text in ("", "#", "##run", "run fast", "run!", "2026", "x" * 51, "#run#swim", "🍣"):
        assert hashtag_named(text) is None, text
