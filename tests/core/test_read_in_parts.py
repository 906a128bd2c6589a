"""Long lists are read in parts: a page may be short or empty and have a next one."""

from __future__ import annotations

from typing import Any

from accounts.models import Block, Follow, Profile, User
from accounts.people.views import SORTED_AT_MOST
from cheers.models import Cheer
from cheers.views import CHEERS_AT_ONCE
from tests.base import EMPTY_PAGE, ApiTest, ids, todos_of
from todos.models import Todo
from todos.views import TODOS_AT_ONCE


class ReadInPartsTest(ApiTest):
    def walk(self, path: str, direction: str = "next") -> list[Any]:
        """Return the pages from this one on."""
        pages = []
        link: str | None = path
        while link is not None:
            page = self.ok(self.as_alice.get(link))
            pages.append(page)
            link = page[direction]
            assert len(pages) < 100, "it never ends"
        return pages

    def assert_list(self, path: str, wanted: list[str], pages: int) -> list[Any]:
        """Assert that the pages have these rows, forwards and backwards, and more than one."""
        there = self.walk(path)
        assert [pk for page in there for pk in ids(page["results"])] == wanted
        assert len(there) >= pages, len(there)
        back = self.walk(there[-1]["previous"], "previous")
        before = [pk for page in reversed(back) for pk in ids(page["results"])]
        assert before + ids(there[-1]["results"]) == wanted
        return there

    def test_the_todos_that_a_filter_keeps_are_found_part_by_part(self) -> None:
        number = 2 * TODOS_AT_ONCE + 2
        todos = todos_of(self.alice, number)
        kept = [todos[0], todos[TODOS_AT_ONCE - 1], todos[TODOS_AT_ONCE], todos[-1]]
        Todo.objects.filter(pk__in=[todo.pk for todo in kept]).update(
            title="Found", title_folded="found", time="09:00"
        )
        wanted = [f"{todo.pk}" for todo in kept]
        for query in ("q=found", "has_time=true", f"q=found&goal={todos[0].goal_id}"):
            for fast in (True, False):
                with self.subTest(query, fast=fast), self.settings(FAST_LISTS=fast):
                    pages = self.assert_list(f"todos/?{query}", wanted, 3)
                    assert [len(page["results"]) for page in pages] == [2, 1, 1]
        pages = self.assert_list("todos/?q=nowhere", [], 3)
        late = f"{todos[-2].date}"
        (page,) = self.walk(f"todos/?q=found&date_from={late}")
        assert ids(page["results"]) == wanted[-1:]

    def test_a_page_within_a_part_goes_on_in_it(self) -> None:
        todos = todos_of(self.alice, 10, time="09:00")
        pages = self.walk("todos/?has_time=true&page_size=4")
        assert [len(page["results"]) for page in pages] == [4, 4, 2]
        assert [pk for page in pages for pk in ids(page["results"])] == [
            f"{todo.pk}" for todo in todos
        ]

    def test_the_todos_of_others_are_read_by_the_goals_that_are_shown(self) -> None:
        shown = todos_of(self.bob, 3)
        others = todos_of(self.bob, TODOS_AT_ONCE + 1)
        more = todos_of(self.bob, 2)
        for todo in (*shown[:1], *more[:1]):
            todo.goal.change(visibility="public")
        wanted = sorted(
            (todo for todo in (*shown, *more)), key=lambda each: (each.date, each.position, each.pk)
        )
        (page,) = self.walk(f"todos/?owner={self.bob.uuid}&is_done=false")
        assert ids(page["results"]) == [f"{todo.pk}" for todo in wanted]
        assert page["next"] is None, "how many hidden todos there are is nobody's business"
        assert others[0].goal.visibility == "private"

    def test_a_goal_of_somebody_else_or_of_nobody_gives_an_empty_list(self) -> None:
        goal = todos_of(self.bob, TODOS_AT_ONCE + 1)[0].goal
        for query in ("", "&is_done=false", f"&owner={self.alice.uuid}"):
            (page,) = self.walk(f"todos/?goal={goal.pk}{query}")
            assert page == EMPTY_PAGE

    def test_cheers_on_what_is_hidden_now_are_passed_over(self) -> None:
        todos = todos_of(self.bob, CHEERS_AT_ONCE + 1)
        seen = todos_of(self.bob, 1)[0]
        seen.goal.change(visibility="public")
        first = Cheer.objects.create(owner=self.alice, todo=seen, target_owner=self.bob, emoji="👍")
        Cheer.objects.bulk_create(
            Cheer(owner=self.alice, todo=todo, target_owner=self.bob, emoji="👍") for todo in todos
        )
        pages = self.walk("cheers/")
        assert [ids(page["results"]) for page in pages] == [[], [f"{first.pk}"]]
        assert self.walk(f"cheers/?todo={todos[0].pk}")[0]["results"] == []
        assert self.walk(f"cheers/?todo={seen.pk}&received=true")[0]["results"] == []
        assert self.walk(f"cheers/?todo={seen.pk}&diary={seen.pk}")[0]["results"] == []

    def test_many_followers_are_listed_by_handle_like_few(self) -> None:
        number = SORTED_AT_MOST + 1
        User.objects.bulk_create(
            User(email=f"fan{n}@example.com", password="!") for n in range(number)
        )
        fans = list(User.objects.filter(email__startswith="fan").order_by("email"))
        Profile.objects.bulk_create(
            Profile(user=fan, handle=fan.email[:-12], nickname="Fan", nickname_folded="fan")
            for fan in fans
        )
        accepted = Follow.State.ACCEPTED
        rows = [Follow(follower=fan, followee=self.alice, state=accepted) for fan in fans]
        rows += [Follow(follower=self.alice, followee=fan, state=accepted) for fan in fans]
        Follow.objects.bulk_create(rows)
        handles = sorted(fan.profile.handle for fan in fans)
        bob = self.bob.profile.handle
        for list_, wanted in (
            (f"users/{self.alice.uuid}/followers/", sorted([*handles, bob])),
            (f"users/{self.alice.uuid}/following/", handles),
        ):
            pages = self.walk(f"{list_}?page_size=200")
            assert [card["handle"] for page in pages for card in page["results"]] == wanted
        Follow.objects.all().delete()
        Block.objects.bulk_create(Block(blocker=self.alice, blocked=fan) for fan in fans)
        pages = self.walk("blocks/?page_size=200")
        assert [card["handle"] for page in pages for card in page["results"]] == handles
