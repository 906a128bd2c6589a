"""posts/ lists what the viewer may see of posts with a hashtag, at a place or of a person."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from accounts.models import Follow
from cheers.models import Cheer
from core import clock
from diaries.models import Diary, Label, Labelled
from diaries.models.labels import LabelKind, label_id
from diaries.post_views import POSTS_AT_ONCE
from tests.base import ApiTest, Client, ids

PLACE = label_id(LabelKind.PLACE, "서울숲")


class ListPostsTest(ApiTest):
    def setUp(self) -> None:
        super().setUp()
        self.number = 0

    def post(self, visibility: str = "public", owner: Any = None, **values: Any) -> str:
        self.number += 1
        values = {"body": "#Run today", "place": "서울숲"} | values
        owner = owner or self.alice
        values |= {"date": self.day(-self.number), "visibility": visibility}
        # A second apart, as the order within a millisecond is random.
        values["published_at"] = clock.now() - timedelta(hours=1, seconds=-self.number)
        return str(Diary.add(owner, **values).pk)

    def listed(self, query: str, client: Client | None = None) -> list[str]:
        return ids(self.ok((client or self.as_alice).get(f"posts/?{query}"))["results"])

    def test_posts_are_found_by_hashtag_place_and_person_latest_first(self) -> None:
        first = self.post()
        other = self.post(owner=self.bob, body="#swim #run")
        nowhere = self.post(place=None, body="#swim")
        self.post("private")
        self.post(is_draft=True)
        for query, wanted in (
            ("hashtag=run", [other, first]),
            ("hashtag=%23RUN", [other, first]),
            ("hashtag=%EF%BC%83ｒｕｎ", [other, first]),
            ("hashtag=swim", [nowhere, other]),
            (f"place={PLACE}", [other, first]),
            (f"owner={self.alice.uuid}", [nowhere, first]),
            (f"owner={self.alice.uuid}&hashtag=swim", [nowhere]),
            (f"hashtag=swim&place={PLACE}", [other]),
            (f"hashtag=swim&place={PLACE}&owner={self.alice.uuid}", []),
            ("hashtag=nowhere", []),
            (f"place={self.alice.uuid}", []),
            (f"owner={PLACE}", []),
        ):
            with self.subTest(query):
                for client in (self.as_alice, self.as_charlie):
                    assert self.listed(query, client) == wanted

    def test_one_of_hashtag_place_and_owner_is_required(self) -> None:
        for client in (self.as_alice, self.anonymous):
            for query in ("", "?has_photos=true"):
                self.assert_field_error(client.get(f"posts/{query}"), "owner", "required")
        for query, field, code in (
            ("hashtag=", "hashtag", "blank"),
            ("hashtag=two%20words", "hashtag", "invalid"),
            ("hashtag=2026", "hashtag", "invalid"),
            (f"hashtag={'x' * 101}", "hashtag", "max_length"),
            ("place=서울숲", "place", "invalid"),
            ("owner=me", "owner", "invalid"),
            (f"owner={self.alice.uuid}&has_photos=1", "has_photos", "invalid"),
        ):
            with self.subTest(query):
                self.assert_field_error(self.as_alice.get(f"posts/?{query}"), field, code)

    def test_only_what_the_viewer_may_see_is_there(self) -> None:
        public, followers = self.post(), self.post("followers")
        selected = self.post("selected")
        Diary.objects.get(pk=selected).viewers.add(Follow.objects.get(follower=self.bob))
        own = [selected, followers, public]
        for client, wanted in (
            (self.as_alice, own),
            (self.as_bob, own),
            (self.as_charlie, [public]),
            (self.anonymous, []),
        ):
            for query in ("hashtag=run", f"place={PLACE}", f"owner={self.alice.uuid}"):
                assert self.listed(query, client) == wanted
        self.alice.profile.change(is_open=True)
        assert self.listed("hashtag=run", self.anonymous) == [public]
        self.ok(self.as_bob.delete(f"users/{self.alice.uuid}/follow/"), 204)
        assert self.listed("hashtag=run", self.as_bob) == [public]
        self.ok(self.as_alice.put(f"users/{self.charlie.uuid}/block/"), 204)
        assert self.listed("hashtag=run", self.as_charlie) == []
        self.ok(self.as_alice.patch("me/", {"is_private": True}))
        assert self.listed("hashtag=run", self.as_bob) == []
        assert self.listed("hashtag=run", self.anonymous) == []
        assert self.listed("hashtag=run") == own

    def test_a_hidden_post_is_gone_and_returns_to_its_place(self) -> None:
        first, second, third = self.post(), self.post(), self.post()
        path = f"diaries/{second}/"
        for hide, show in (
            ({"visibility": "private"}, {"visibility": "public"}),
            ({"is_draft": True}, {"is_draft": False}),
        ):
            self.ok(self.as_alice.patch(path, hide))
            for client in (self.as_alice, self.as_bob):
                assert self.listed("hashtag=run", client) == [third, first]
                assert self.listed(f"owner={self.alice.uuid}", client) == [third, first]
            self.ok(self.as_alice.patch(path, show))
            assert self.listed("hashtag=run", self.as_bob) == [third, second, first]
        self.ok(self.as_alice.patch(path, {"date": "2030-01-01", "body": "#run again"}))
        assert self.listed("hashtag=run", self.as_bob) == [third, second, first]
        self.ok(self.as_alice.delete(path), 204)
        assert self.listed("hashtag=run") == [third, first]

    def test_a_profile_counts_the_posts_that_its_reader_may_see(self) -> None:
        self.post()
        self.post("followers")
        self.post("selected")
        self.post("private")
        self.post(is_draft=True)
        for client, number in ((self.as_alice, 3), (self.as_bob, 2), (self.as_charlie, 1)):
            profile = self.ok(client.get(f"users/{self.alice.uuid}/"))
            assert profile["posts_count"] == number
        followed = self.ok(self.as_charlie.put(f"users/{self.alice.uuid}/follow/"))
        assert followed["posts_count"] == 2
        Diary.objects.bulk_create(
            Diary(owner=self.bob, date=self.day(-n), visibility="public", post=n + 1)
            for n in range(1_001)
        )
        with self.assertNumQueries(3):
            profile = self.ok(self.as_alice.get(f"users/{self.bob.uuid}/"))
        assert profile["posts_count"] == 1_000

    def test_posts_with_photos(self) -> None:
        without, with_photos = self.post(), self.post()
        Diary.objects.filter(pk=with_photos).update(photos_count=2)
        assert self.listed("hashtag=run&has_photos=true") == [with_photos]
        assert self.listed("hashtag=run&has_photos=false") == [without]

    def test_posts_and_a_single_diary_have_their_cheers_and_nothing_else_has(self) -> None:
        diary = self.post()
        row = Diary.objects.get(pk=diary)
        for user, emoji in ((self.alice, "👍"), (self.bob, "🔥"), (self.charlie, "🔥")):
            Cheer.give(user, row, emoji)
        cheers = [
            {"emoji": "🔥", "count": 2, "mine": True},
            {"emoji": "👍", "count": 1, "mine": False},
        ]
        self.post()
        none, listed = self.ok(self.as_bob.get("posts/?hashtag=run"))["results"]
        assert (listed["cheers"], none["cheers"]) == (cheers, [])
        assert self.ok(self.as_bob.get(f"diaries/{diary}/")) == listed
        (_, in_list) = self.ok(self.as_bob.get(f"diaries/?owner={self.alice.uuid}"))["results"]
        day = self.ok(self.as_bob.get(f"days/{row.date}/?owner={self.alice.uuid}"))["diary"]
        changed = self.ok(self.as_alice.patch(f"diaries/{diary}/", {"emoji": "🍣"}))
        for shown in (in_list, day, changed):
            assert shown["cheers"] is None
        self.ok(self.as_bob.put(f"users/{self.charlie.uuid}/block/"), 204)
        listed = self.ok(self.as_bob.get("posts/?hashtag=run"))["results"][1]
        assert [cheer["count"] for cheer in listed["cheers"]] == [1, 1]

    def test_pages_follow_each_other_both_ways(self) -> None:
        wanted = [self.post() for _ in range(7)][::-1]
        for query in ("hashtag=run", f"owner={self.alice.uuid}"):
            page = self.ok(self.as_bob.get(f"posts/?{query}&page_size=3"))
            there = [page]
            while page["next"]:
                page = self.ok(self.as_bob.get(page["next"]))
                there.append(page)
            assert [pk for each in there for pk in ids(each["results"])] == wanted
            back = self.ok(self.as_bob.get(there[-1]["previous"]))
            assert ids(back["results"]) == wanted[3:6]
            assert back["previous"] is not None

    def test_few_visible_ones_of_many_are_found_part_by_part(self) -> None:
        shown = {0, POSTS_AT_ONCE - 1, POSTS_AT_ONCE, 2 * POSTS_AT_ONCE}
        diaries = Diary.objects.bulk_create(
            Diary(
                owner=self.alice,
                date=self.day(-n),
                visibility="public" if n in shown else "followers",
                published_at=clock.now(),
                post=n + 1,
            )
            for n in range(2 * POSTS_AT_ONCE + 1)
        )
        for kind, name in ((LabelKind.HASHTAG, "run"), (LabelKind.PLACE, "서울숲")):
            label = Label.named(kind, name)
            label.save()
            Labelled.objects.bulk_create(Labelled(label=label, post=each) for each in diaries)
        wanted = [str(diaries[n].pk) for n in sorted(shown, reverse=True)]
        for query in ("hashtag=run", f"hashtag=run&place={PLACE}"):
            for fast in (True, False):
                with self.subTest(query, fast=fast), self.settings(FAST_LISTS=fast):
                    found, last = self.walk(f"posts/?{query}", "next")
                    assert [pk for page in found for pk in page] == wanted
                    assert [len(page) for page in found] == [1, 2, 1]
                    back, _ = self.walk(last["previous"], "previous")
                    assert [pk for page in back[::-1] for pk in page] == wanted[:3]

    def walk(self, link: str | None, direction: str) -> tuple[list[list[str]], Any]:
        """Return the ids of each page from this one on, and the last page."""
        pages: list[list[str]] = []
        page: Any = None
        while link is not None:
            page = self.ok(self.as_charlie.get(link))
            pages.append(ids(page["results"]))
            link = page[direction]
            assert len(pages) < 10, "it never ends"
        return pages, page
