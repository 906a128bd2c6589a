"""Titles and nicknames: one line that shows something, and what was read may be sent back"""

from typing import Any

from core.lines import shows_something
from goals.models import Goal
from tests.base import ApiTest
from todos.models import QuickInput, Todo

NEVER = {"a\nb": "not_one_line", "a\u202eb": "not_one_line", "\u3164\u200b": "shows_nothing"}


class LinesTest(ApiTest):
    def rows(self) -> list[tuple[str, str, Any]]:
        """Return the path, the field and the row of everything that has a title or a nickname."""
        goal = self.goal()
        todo = Todo.objects.create(owner=self.alice, goal=goal, title="x", date=self.today)
        quick = QuickInput.objects.create(
            owner=self.alice, goal=goal, title="x", weekdays=["mon"], starts_on=self.today
        )
        return [
            (f"goals/{goal.pk}/", "title", goal),
            (f"todos/{todo.pk}/", "title", todo),
            (f"quick-inputs/{quick.pk}/", "title", quick),
            ("me/", "nickname", self.alice.profile),
        ]

    def test_no_title_and_no_nickname_breaks_its_line_or_shows_nothing(self) -> None:
        for path, field, _row in self.rows():
            for text, code in NEVER.items():
                with self.subTest(path, text=text):
                    self.assert_field_error(self.as_alice.patch(path, {field: text}), field, code)
        for text, code in NEVER.items():
            self.assert_field_error(self.as_alice.post("goals/", {"title": text}), "title", code)
            body = {"email": "d@example.com", "password": "correct horse battery"}
            signed_up = self.anonymous.post("auth/signup/", body | {"nickname": text})
            self.assert_field_error(signed_up, "nickname", code)
        assert Goal.objects.count() == 1

    def test_no_character_that_is_blank_is_a_title(self) -> None:
        blank = (
            "\u00ad\u034f\u115f\u17b4\u180e\u200b\u2065\u2800\u3164\ufdd0\ufe0f\ufeff\uffa0\ufffc"
        )
        for character in blank + "\U0001d159\U0001d173\U0001fffe\U000e0020\U0010ffff":
            assert not shows_something(character * 2), ascii(character)
        for text in ("a\u200b", "가", "ㅋ", "🍣", "☺", "\u0e33", "\U0001d158"):
            assert shows_something(text), ascii(text)

    def test_what_was_stored_before_may_be_sent_back_unchanged(self) -> None:
        for path, field, row in self.rows():
            for text in NEVER:
                with self.subTest(path, text=text):
                    row.change(**{field: text})
                    read = self.ok(self.as_alice.get(path))
                    assert read[field] == text
                    assert self.ok(self.as_alice.patch(path, read))[field] == text

    def test_a_memo_and_a_bio_may_have_many_lines(self) -> None:
        todo = self.rows()[1][2]
        self.ok(self.as_alice.patch(f"todos/{todo.pk}/", {"memo": "a\nb"}))
        assert self.ok(self.as_alice.patch("me/", {"bio": "a\nb"}))["bio"] == "a\nb"
