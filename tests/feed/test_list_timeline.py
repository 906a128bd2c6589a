"""GET timeline/"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from accounts.models import Follow, User
from diaries.models import Diary
from tests.base import ApiTest, Client, ids, person


class TimelineTest(ApiTest):
    def publish(self, owner: User, **values: Any) -> str:
        """Publish a diary of the next date; return its id."""
        day = self.day(Diary.objects.filter(owner=owner).count())
        values = {"visibility": "followers", "date": f"{day}"} | values
        diary: str = self.ok(Client(owner).post("diaries/", values), 201)["id"]
        return diary

    def timeline(self, client: Client, query: str = "") -> list[str]:
        return ids(self.ok(client.get(f"timeline/{query}"))["results"])

    def test_posts_of_those_whom_i_follow_the_last_published_first(self) -> None:
        dora = person("Dora")
        self.bob.follow(dora)
        first = self.publish(self.alice, date="2030-01-01", visibility="public")
        second = self.publish(dora, date="2020-01-01", visibility="followers")
        third = self.publish(self.alice, date="2010-01-01")
        self.publish(self.charlie, visibility="public")  # whom nobody follows
        self.publish(self.bob)  # my own
        self.publish(self.alice, visibility="private")
        self.publish(self.alice, is_draft=True)
        assert self.timeline(self.as_bob) == [third, second, first]
        assert self.timeline(self.as_charlie) == self.timeline(self.as_alice) == []

    def test_a_row_is_the_diary_as_its_reader_gets_it(self) -> None:
        pk = self.publish(self.alice, body="좋은 날 #산책", emoji="🙂")
        [row] = self.ok(self.as_bob.get("timeline/"))["results"]
        assert row == self.ok(self.as_bob.get(f"diaries/{pk}/"))

    def test_what_was_published_before_i_followed_is_there_at_once(self) -> None:
        pk = self.publish(self.alice)
        self.ok(self.as_charlie.put(f"users/{self.alice.uuid}/follow/"))
        assert self.timeline(self.as_charlie) == [pk]

    def test_a_request_to_follow_shows_nothing(self) -> None:
        self.ok(self.as_alice.patch("me/", {"is_private": True}))
        self.publish(self.alice)
        self.publish(self.alice, visibility="public")
        self.ok(self.as_charlie.put(f"users/{self.alice.uuid}/follow/"))
        assert self.timeline(self.as_charlie) == []
        self.ok(self.as_alice.put(f"follow-requests/{self.charlie.uuid}/"), 204)
        assert len(self.timeline(self.as_charlie)) == 2

    def test_what_is_hidden_is_gone_at_the_next_request(self) -> None:
        """Each event on a post for followers and one for selected people, Bob among them."""
        alice, bob = self.alice.uuid, self.bob.uuid
        password = {"password": "correct horse battery"}

        def change(**values: Any) -> Callable[[list[str]], Any]:
            return lambda posts: [
                self.ok(self.as_alice.patch(f"diaries/{pk}/", values)) for pk in posts
            ]

        events: dict[str, Callable[[list[str]], Any]] = {
            "unfollowed": lambda _: self.ok(self.as_bob.delete(f"users/{alice}/follow/"), 204),
            "removed": lambda _: self.ok(self.as_alice.delete(f"users/{bob}/follower/"), 204),
            "blocked by the owner": lambda _: self.ok(
                self.as_alice.put(f"users/{bob}/block/"), 204
            ),
            "blocked by the reader": lambda _: self.ok(
                self.as_bob.put(f"users/{alice}/block/"), 204
            ),
            "narrowed": change(visibility="selected", viewers=[]),
            "private": change(visibility="private"),
            "draft": change(is_draft=True),
            "deleted": lambda posts: [
                self.ok(self.as_alice.delete(f"diaries/{pk}/"), 204) for pk in posts
            ],
            "deactivated": lambda _: User.objects.filter(pk=self.alice.pk).update(is_active=False),
            "account deleted": lambda _: self.ok(self.as_alice.post("me/delete/", password), 204),
        }
        for event, happens in events.items():
            with self.subTest(event), transaction.atomic():
                posts = [
                    self.publish(self.alice),
                    self.publish(self.alice, visibility="selected", viewers=[f"{bob}"]),
                ]
                assert self.timeline(self.as_bob) == posts[::-1]
                happens(posts)
                assert self.timeline(self.as_bob) == []
                transaction.set_rollback(True)

    def test_followers_keep_the_posts_of_an_account_that_becomes_private(self) -> None:
        posts = [self.publish(self.alice), self.publish(self.alice, visibility="public")]
        self.ok(self.as_alice.patch("me/", {"is_private": True}))
        assert self.timeline(self.as_bob) == posts[::-1]

    def test_what_is_shown_again_is_at_its_old_place(self) -> None:
        posts = [self.publish(self.alice) for _ in range(3)]
        for hidden, shown in (
            ({"visibility": "private"}, {"visibility": "public"}),
            ({"is_draft": True}, {"is_draft": False}),
        ):
            self.ok(self.as_alice.patch(f"diaries/{posts[1]}/", hidden))
            assert self.timeline(self.as_bob) == [posts[2], posts[0]]
            self.ok(self.as_alice.patch(f"diaries/{posts[1]}/", shown))
            assert self.timeline(self.as_bob) == posts[::-1]

    def test_a_change_of_text_or_date_moves_no_post(self) -> None:
        posts = [self.publish(self.alice) for _ in range(2)]
        self.ok(self.as_alice.patch(f"diaries/{posts[0]}/", {"body": "x", "date": "2031-01-01"}))
        assert self.timeline(self.as_bob) == posts[::-1]

    def read_while(self, event: Callable[[], object], query: str = "") -> Any:
        """Return a page of Bob's during which something happens, before its rows are read."""
        happened = False

        def watch(execute: Callable[..., Any], sql: str, *args: Any) -> Any:
            nonlocal happened
            if "EXISTS" in sql and "body" in sql and not happened:
                happened = True
                event()
            return execute(sql, *args)

        with connection.execute_wrapper(watch):
            page = self.ok(self.as_bob.get(f"timeline/{query}"))
        assert happened
        return page

    def test_a_page_is_short_and_goes_on_if_a_post_is_hidden_while_it_is_read(self) -> None:
        posts = [self.publish(self.alice) for _ in range(8)][::-1]
        hidden = Diary.objects.filter(pk__in=posts[1:4])
        page = self.read_while(
            lambda: hidden.update(visibility="private", post=None), "?page_size=4"
        )
        assert ids(page["results"]) == [posts[0], posts[4]]
        assert ids(self.ok(self.as_bob.get(page["next"]))["results"]) == posts[5:]

    def test_whoever_is_unfollowed_while_a_page_is_read_is_not_on_it(self) -> None:
        self.publish(self.alice, visibility="public")
        assert self.read_while(lambda: self.bob.unfollow(self.alice))["results"] == []

    def test_long_posts_make_short_pages(self) -> None:
        body = "\x01" * 20_000  # six bytes each in JSON
        posts = [self.publish(self.alice, body=body) for _ in range(7)][::-1]
        page = self.ok(self.as_bob.get("timeline/"))
        assert ids(page["results"]) == posts[:4]
        assert self.timeline(self.as_bob, "?" + page["next"].partition("?")[2]) == posts[4:]

    def test_a_cursor_is_of_one_person(self) -> None:
        for _ in range(2):
            self.publish(self.alice)
        cursor = self.ok(self.as_bob.get("timeline/?page_size=1"))["next_cursor"]
        answer = self.as_charlie.get(f"timeline/?page_size=1&cursor={cursor}")
        self.assert_field_error(answer, "cursor", "invalid")
        self.assert_field_error(self.as_bob.get("timeline/?owner=x"), "owner", "unknown_parameter")

    def test_reading_writes_nothing_and_takes_three_statements(self) -> None:
        self.publish(self.alice)
        self.timeline(self.as_bob)
        with CaptureQueriesContext(connection) as queries:
            self.timeline(self.as_bob)
        seen = [each["sql"] for each in queries]
        assert all(sql.startswith("SELECT") for sql in seen), seen
        assert sum("diaries_diary" in sql for sql in seen) == 3

    def test_followers_of_nobody_have_an_empty_page(self) -> None:
        Follow.objects.all().delete()
        page = self.ok(self.as_bob.get("timeline/"))
        assert page["results"] == []
        assert page["next"] is page["previous"] is None
