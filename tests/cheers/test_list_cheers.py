"""GET cheers/: given cheers, and the cheers on a target."""

from urllib.parse import quote

from cheers.models import Cheer
from diaries.models import Diary
from goals.models import Goal
from tests.base import ids, new_id, person
from tests.cheers.base import CheerTest
from todos.models import Todo


class ListCheersTest(CheerTest):
    def test_the_list_without_a_filter_has_given_cheers_newest_first(self) -> None:
        todo, diary = self.todo(title="Run"), self.diary()
        self.cheer(self.as_alice, todo)
        mine = [self.cheer(self.as_bob, todo), self.cheer(self.as_bob, diary)]
        assert self.cheers(self.as_bob) == mine[::-1]
        assert self.cheers(self.as_bob, "?received=false") == mine[::-1]

    def test_everyone_who_sees_a_target_sees_its_cheers(self) -> None:
        for target in (self.todo(visibility="public"), self.diary(visibility="public")):
            for client, emoji in ((self.as_alice, "💪"), (self.as_bob, "🎉")):
                self.cheer(client, target, emoji)
            for client in (self.as_alice, self.as_bob, self.as_charlie):
                assert self.emoji_on(client, target) == ["🎉", "💪"]

    def test_the_list_of_a_hidden_or_random_target_is_empty(self) -> None:
        todo, diary = self.todo(visibility="private"), self.diary(visibility="private")
        for target in (todo, diary):
            self.cheer(self.as_alice, target)
        for query in (
            f"?todo={todo.pk}",
            f"?diary={diary.pk}",
            f"?todo={new_id()}",
            f"?diary={todo.pk}",
        ):
            assert self.cheers(self.as_bob, query) == []

    def test_the_list_by_a_todo_and_a_diary_is_empty(self) -> None:
        todo, diary = self.todo(), self.diary()
        for target in (todo, diary):
            self.cheer(self.as_bob, target)
        assert self.cheers(self.as_bob, f"?todo={todo.pk}&diary={diary.pk}") == []

    def test_cheers_are_hidden_with_their_target_and_shown_again_with_it(self) -> None:
        todo, diary = self.todo(), self.diary()
        given = [self.cheer(self.as_bob, todo), self.cheer(self.as_bob, diary)]
        for visibility, seen in (("private", []), ("followers", given[::-1])):
            Goal.objects.update(visibility=visibility)
            Diary.objects.update(visibility=visibility)
            assert self.cheers(self.as_bob) == seen
            assert len(self.cheers(self.as_bob, f"?todo={todo.pk}")) == len(seen) / 2
            assert len(self.cheers(self.as_alice, f"?todo={todo.pk}")) == 1

    def test_cheers_survive_archiving_and_undoing_their_todo(self) -> None:
        todo = self.todo(is_done=True)
        self.cheer(self.as_bob, todo)
        todo.edit(is_done=False)
        assert self.emoji_on(self.as_bob, todo) == ["👍"]
        todo.edit(date=None)
        assert self.emoji_on(self.as_bob, todo) == []
        assert self.emoji_on(self.as_alice, todo) == ["👍"]
        todo.edit(date=self.day(3))
        assert self.emoji_on(self.as_bob, todo) == ["👍"]

    def test_cheers_are_deleted_with_their_target(self) -> None:
        for target in (self.todo(), self.diary()):
            self.cheer(self.as_bob, target)
            target.remove()
            assert self.cheers(self.as_bob) == []
        assert not Cheer.objects.exists()

    def test_cheers_of_blocked_people_are_hidden_from_each_other_only(self) -> None:
        todo = self.todo(visibility="public")
        self.cheer(self.as_bob, todo, "🎉")
        self.cheer(self.as_charlie, todo, "🍺")
        self.bob.block(self.charlie)
        assert self.emoji_on(self.as_bob, todo) == ["🎉"]
        assert self.emoji_on(self.as_charlie, todo) == ["🍺"]
        assert self.emoji_on(self.as_alice, todo) == ["🍺", "🎉"]

    def test_cheers_of_an_inactive_person_are_hidden(self) -> None:
        todo = self.todo()
        Cheer.give(person("Gone", is_active=False), todo, "🎉")
        assert self.emoji_on(self.as_alice, todo) == []

    def test_after_filters_by_the_instant_of_the_cheer(self) -> None:
        first, second = self.cheer(self.as_bob, self.todo()), self.cheer(self.as_bob, self.diary())
        assert ids(self.cheers(self.as_bob, f"?after={first['created_at']}")) == [second["id"]]
        assert self.cheers(self.as_bob, f"?after={second['created_at']}") == []
        in_seoul = quote("2020-01-01T00:00:00+09:00")
        assert len(self.cheers(self.as_bob, f"?after={in_seoul}")) == 2

    def test_an_unknown_repeated_or_invalid_parameter_is_refused(self) -> None:
        for query, field, code in (
            ("?emoji=🍣", "emoji", "unknown_parameter"),
            (f"?todo={new_id()}&todo={new_id()}", "todo", "repeated"),
            ("?todo=5", "todo", "invalid"),
            ("?diary=", "diary", "invalid"),
            ("?received=yes", "received", "invalid"),
            ("?after=2026-03-01", "after", "invalid"),
        ):
            with self.subTest(query):
                self.assert_field_error(self.as_alice.get(f"cheers/{query}"), field, code)

    def test_one_cheer_and_many_cost_the_same_queries(self) -> None:
        goal = self.goal(visibility="followers")
        self.cheer(self.as_bob, self.todo(goal=goal))
        # 1 the session, its user and profile  2 the end of what is looked at, or the target
        # 3 cheers with their givers, todos and diaries
        with self.assertNumQueries(3):
            assert len(self.cheers(self.as_bob)) == 1
        targets = [self.todo(goal=goal) for _ in range(10)] + [
            self.diary(date=self.day(n)) for n in range(10)
        ]
        for target in targets:
            Cheer.give(self.bob, target, "🎉")
            Cheer.give(self.alice, targets[0], "🎉")
        for query, count in (
            ("", 21),
            (f"?todo={targets[0].pk}", 2),
            (f"?diary={targets[-1].pk}", 1),
        ):
            with self.assertNumQueries(3):
                assert len(self.cheers(self.as_bob, query)) == count

    def test_the_next_page_continues_after_the_last_cheer_also_within_one_instant(self) -> None:
        goal = self.goal(visibility="followers")
        for _ in range(7):
            Cheer.give(self.bob, self.todo(goal=goal), "🎉")
        Cheer.objects.update(created_at=Todo.objects.latest("created_at").created_at)
        seen, url = [], "cheers/?page_size=2"
        while url:
            page = self.ok(self.as_bob.get(url))
            seen += ids(page["results"])
            url = page["next"]
        assert seen == sorted(seen, reverse=True)
        assert len(set(seen)) == 7
