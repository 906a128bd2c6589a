"""Validation of a single emoji"""

from unittest import TestCase

import pytest
from rest_framework.exceptions import ValidationError

from core.emojis import MAX_LENGTH, _fully_qualified, one_emoji
from core.fields import EmojiField

ONE = {
    "simple": "🍣",
    "other simple": "🍺",
    "skin tone": "👍🏽",
    "flag": "🇰🇷",
    "flag of a part": "🏴\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f",
    "family": "👨‍👩‍👧‍👦",
    "two people, two skin tones": "👩🏻‍❤️‍💋‍👨🏿",
    "profession": "🧑‍🚀",
    "keycap": "1️⃣",
    "with a selector": "❤️",
    "rainbow": "🏳️‍🌈",
}
NOT_ONE = [
    "",
    " ",
    "a",
    "ab",
    "1",
    "#",
    "🍣🍺",
    "🍣 ",
    " 🍣",
    "🇰",
    "🏽",
    "👍🏽👍",
    "👨‍",
    "\ufe0f",
    "‍",
    "🍣\0",
    "©©",
    "😀" * 20,
]


class EmojisTest(TestCase):
    def test_flags_skin_tones_and_families_are_one_emoji(self) -> None:
        for name, text in ONE.items():
            with self.subTest(name):
                assert one_emoji(text) == text

    def test_texts_two_emoji_and_none_are_refused(self) -> None:
        for text in NOT_ONE:
            with self.subTest(text=text):
                assert one_emoji(text) is None
                with pytest.raises(ValidationError):
                    EmojiField(trim_whitespace=False).run_validation(text)

    def test_an_emoji_is_returned_fully_qualified(self) -> None:
        for text, full in (
            ("❤", "❤️"),
            ("☺", "☺️"),
            ("1⃣", "1️⃣"),
            ("🏳‍🌈", "🏳️‍🌈"),
            ("👩‍❤‍👨", "👩‍❤️‍👨"),
            ("🕵‍♂", "🕵️‍♂️"),
        ):
            with self.subTest(text=text):
                assert one_emoji(text) == one_emoji(full) == full

    def test_different_emoji_stay_different(self) -> None:
        assert len({one_emoji(text) for text in ONE.values()}) == len(ONE)
        assert one_emoji("👍🏽") != one_emoji("👍🏿") != one_emoji("👍")

    def test_every_emoji_of_unicode_is_accepted_unchanged_and_fits_the_column(self) -> None:
        every = _fully_qualified().values()
        assert len(every) > 3600
        for text in every:
            assert EmojiField().run_validation(text) == text
            assert len(text) <= MAX_LENGTH
