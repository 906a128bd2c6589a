"""The counts of cheers that days/ and calendar/ show."""

from collections import Counter
from typing import Any

from cheers.models import Cheer
from tests.base import person
from tests.cheers.base import CheerTest


class CountCheersTest(CheerTest):
    def counted(self, viewer: Any, **targets: Any) -> set[tuple[Any, ...]]:
        with self.assertNumQueries(1):
            rows = list(Cheer.objects.counted(viewer, **targets))
        return {
            (row["todo_id"] or row["diary_id"], row["emoji"], row["count"], row["mine"])
            for row in rows
        }

    def test_cheers_are_counted_by_target_and_emoji_and_the_viewers_own_is_marked(self) -> None:
        todo, other, diary = self.todo(), self.todo(), self.diary()
        for giver, target, emoji in (
            (self.alice, todo, "🍣"),
            (self.bob, todo, "🍣"),
            (self.charlie, todo, "🍺"),
            (self.bob, diary, "🍣"),
            (self.bob, other, "🍺"),
        ):
            Cheer.give(giver, target, emoji)
        counts = self.counted(self.alice, todos=[todo.pk], diaries=[diary.pk])
        assert counts == {
            (todo.pk, "🍣", 2, True),
            (todo.pk, "🍺", 1, False),
            (diary.pk, "🍣", 1, False),
        }
        assert self.counted(self.charlie, todos=[todo.pk]) == {
            (todo.pk, "🍣", 2, False),
            (todo.pk, "🍺", 1, True),
        }

    def test_the_most_frequent_emoji_comes_first(self) -> None:
        todo = self.todo()
        for giver, emoji in ((self.alice, "🍣"), (self.bob, "🍺"), (self.charlie, "🍺")):
            Cheer.give(giver, todo, emoji)
        assert [row["emoji"] for row in Cheer.objects.counted(self.alice, todos=[todo.pk])] == [
            "🍺",
            "🍣",
        ]

    def test_cheers_of_people_hidden_from_the_viewer_are_not_counted(self) -> None:
        todo = self.todo()
        for giver in (self.alice, self.bob, self.charlie, person("Gone", is_active=False)):
            Cheer.give(giver, todo, "🍣")
        self.bob.block(self.alice)
        assert self.counted(self.alice, todos=[todo.pk]) == {(todo.pk, "🍣", 2, True)}
        assert self.counted(self.bob, todos=[todo.pk]) == {(todo.pk, "🍣", 2, True)}
        assert self.counted(self.charlie, todos=[todo.pk]) == {(todo.pk, "🍣", 3, True)}

    def test_no_targets_have_no_counts(self) -> None:
        with self.assertNumQueries(0):
            assert list(Cheer.objects.counted(self.alice)) == []


class CountReceivedCheersTest(CheerTest):
    def received(self, viewer: Any, first: int = 0, last: int = 9) -> dict[int, int]:
        """Return the counts of received cheers by offset from today."""
        with self.assertNumQueries(1):
            rows = list(
                Cheer.objects.received_by_date(
                    viewer, self.alice, self.day(first), self.day(last), mine=viewer == self.alice
                )
            )
        counts = Counter({day: 0 for day, _ in rows})
        for day, count in rows:
            counts[day] += count
        return {(day - self.today).days: count for day, count in counts.items()}

    def test_received_cheers_count_on_the_date_of_their_target(self) -> None:
        for offset in (-1, 0, 5, 9, 10):
            Cheer.give(self.bob, self.todo(date=self.day(offset)), "🍣")
        for offset in (5, 6, 10):
            diary = self.diary(date=self.day(offset))
            Cheer.give(self.bob, diary, "🍣")
            Cheer.give(self.alice, diary, "🍺")
        assert self.received(self.alice) == {0: 1, 5: 3, 6: 2, 9: 1}
        assert self.received(self.alice, 6, 6) == {6: 2}

    def test_cheers_on_archived_todos_and_given_cheers_do_not_count(self) -> None:
        todo = self.todo()
        Cheer.give(self.bob, todo, "🍣")
        todo.edit(date=None)
        Cheer.give(self.alice, self.todo(owner=self.bob, visibility="public"), "🍣")
        assert self.received(self.alice) == {}

    def test_others_count_cheers_on_visible_targets_only(self) -> None:
        for offset, visibility in enumerate(("private", "followers", "public")):
            for target in (
                self.todo(date=self.day(offset), visibility=visibility),
                self.diary(date=self.day(offset), visibility=visibility),
            ):
                Cheer.give(self.alice, target, "🍣")
        Cheer.give(
            self.alice, self.diary(date=self.day(4), visibility="public", is_draft=True), "🍣"
        )
        assert self.received(self.alice) == {0: 2, 1: 2, 2: 2, 4: 1}
        assert self.received(self.bob) == {1: 2, 2: 2}
        assert self.received(self.charlie) == {2: 2}

    def test_received_cheers_of_people_hidden_from_the_viewer_are_not_counted(self) -> None:
        todo = self.todo()
        for giver in (self.alice, self.bob, self.charlie):
            Cheer.give(giver, todo, "🍣")
        self.charlie.block(self.alice)
        assert self.received(self.alice) == {0: 2}
        assert self.received(self.bob) == {0: 3}
        assert self.received(self.charlie) == {}
