"""Emoji in bodies, in the database and in filters: on MySQL's own collations 🍣 = 🍺 and ❤ = ❤️"""

from datetime import date, timedelta

from cheers.models import Cheer
from core.emojis import one_emoji
from diaries.models import Diary
from tests.base import ApiTest, ids

APART = [
    "🍣",
    "🍺",
    "👍",
    "👍🏽",
    "👎",
    "❤️",
    "🩷",
    "🇰🇷",
    "🇯🇵",
    "👨‍👩‍👧‍👦",
    "👨‍👩‍👧",
    "🏴󠁧󠁢󠁳󠁣󠁴󠁿",
    "1️⃣",
    "2️⃣",
    "🧑🏽‍🚀",
    "☺️",
]
SPELLINGS = {"❤": "❤️", "☺": "☺️", "1⃣": "1️⃣", "❤\ufe0f": "❤️", "👁‍🗨": "👁️‍🗨️", "🏳‍🌈": "🏳️‍🌈"}
NOT_ONE = [
    "",
    " ",
    "ab",
    "a",
    "1",
    "#",
    "🍣🍺",
    "🍣🍣",
    "🍣a",
    "🇰",
    "🇰🇷🇯🇵",
    "\ufe0f",
    "\u200d",
    "🏽🏽",
    "👍🏽🏽",
    "🍣" * 33,
]


class EmojiStorageTest(ApiTest):
    def mood(self, emoji: str, day: int) -> Diary:
        return Diary.add(self.alice, date=date(2026, 3, 1) + timedelta(days=day), emoji=emoji)

    def test_flags_skin_tones_families_and_keycaps_are_one_emoji_and_come_back_as_sent(
        self,
    ) -> None:
        for day, emoji in enumerate(APART):
            with self.subTest(emoji):
                sent = {"date": str(date(2026, 3, 1) + timedelta(days=day)), "emoji": emoji}
                diary = self.ok(self.as_alice.post("diaries/", sent), 201)
                assert self.ok(self.as_alice.get(f"diaries/{diary['id']}/"))["emoji"] == emoji

    def test_other_spellings_are_kept_fully_qualified(self) -> None:
        for spelling, kept in SPELLINGS.items():
            with self.subTest(spelling):
                assert one_emoji(spelling) == kept
                diary = self.mood("🍣", 0)
                answer = self.ok(self.as_alice.patch(f"diaries/{diary.pk}/", {"emoji": spelling}))
                assert answer["emoji"] == kept
                diary.delete()

    def test_anything_that_is_not_exactly_one_emoji_is_refused(self) -> None:
        diary = self.mood("🍣", 0)
        for text in NOT_ONE:
            with self.subTest(text):
                answer = self.as_alice.patch(f"diaries/{diary.pk}/", {"emoji": text})
                assert answer.status_code == 400
                assert [error["field"] for error in answer.json()["errors"]] == ["emoji"]
        diary.refresh_from_db()
        assert diary.emoji == "🍣"

    def test_a_filter_finds_exactly_its_emoji(self) -> None:
        made = {emoji: str(self.mood(emoji, day).pk) for day, emoji in enumerate(APART)}
        for emoji, pk in made.items():
            with self.subTest(emoji):
                assert ids(self.ok(self.as_alice.get("diaries/", {"emoji": emoji}))["results"]) == [
                    pk
                ]
        assert ids(self.ok(self.as_alice.get("diaries/", {"emoji": "❤"}))["results"]) == [made["❤️"]]

    def test_cheers_are_counted_apart(self) -> None:
        diary = self.mood("🍣", 0)
        for giver, emoji in ((self.alice, "🍣"), (self.bob, "🍺"), (self.charlie, "🍺")):
            Cheer.give(giver, diary, emoji)
        counts = {
            row["emoji"]: row["count"]
            for row in Cheer.objects.counted(self.alice, diaries=[diary.pk])
        }
        assert counts == {"🍣": 1, "🍺": 2}

    def test_one_emoji_can_be_replaced_by_another_that_mysql_would_call_the_same(self) -> None:
        diary = self.mood("👍", 0)
        for emoji in ("👍", "👎", "👍🏽"):
            self.as_alice.put(f"cheers/diaries/{diary.pk}/", {"emoji": emoji})
            assert Cheer.objects.get().emoji == emoji
