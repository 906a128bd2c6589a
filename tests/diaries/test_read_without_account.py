"""GET diaries/ and GET diaries/{id}/ without an account"""

from typing import Any

from django.conf import settings
from django.test import override_settings

from accounts.credentials.tokens import AccessToken
from accounts.models import Block, Follow, Profile, User
from accounts.visibility import Visibility
from cheers.models import Cheer
from core import quotas
from diaries.models import Diary
from tests.base import EMPTY_PAGE, ApiTest, ids, new_id, person

OPEN_READS = "open_reads"


class ReadWithoutAccountTest(ApiTest):
    def setUp(self) -> None:
        super().setUp()
        quotas.buckets.clear()
        self.addCleanup(quotas.buckets.clear)
        self.set_profile(is_open=True)

    def set_profile(self, **values: Any) -> None:
        Profile.objects.filter(pk=self.alice.pk).update(**values)

    def diary(self, **values: Any) -> Diary:
        return Diary.add(self.alice, **{"date": self.today, "visibility": "public"} | values)

    @property
    def list_path(self) -> str:
        return f"diaries/?owner={self.alice.uuid}"

    def seen(self, diary: Diary) -> bool:
        """Return whether an anonymous reader gets the diary, which the list must agree with."""
        answer = self.anonymous.get(f"diaries/{diary.pk}/")
        is_shown = answer.status_code == 200
        if not is_shown:
            self.assert_problem(answer, 404, "not_found")
        listed = ids(self.ok(self.anonymous.get(self.list_path))["results"])
        assert (str(diary.pk) in listed) == is_shown
        return is_shown

    # What is shown

    def test_public_diaries_of_an_open_person_are_shown_and_no_others(self) -> None:
        for place, visibility in enumerate(Visibility.values):
            for is_draft in (False, True):
                day = self.day(2 * place + is_draft)
                diary = self.diary(date=day, visibility=visibility, is_draft=is_draft)
                diary.viewers.set(Follow.objects.of(self.bob, self.alice))
                with self.subTest(visibility=visibility, is_draft=is_draft):
                    assert self.seen(diary) == (visibility == "public" and not is_draft)

    def test_nothing_of_whoever_is_not_open_private_deactivated_or_deleted(self) -> None:
        diary = self.diary()
        assert self.seen(diary)
        self.set_profile(is_open=False)
        assert not self.seen(diary)
        self.set_profile(is_open=True, is_private=True)
        assert not self.seen(diary)
        self.set_profile(is_private=False)
        User.objects.filter(pk=self.alice.pk).update(is_active=False)
        assert not self.seen(diary)
        User.objects.filter(pk=self.alice.pk).update(is_active=True)
        assert self.seen(diary)
        diary.change(visibility="followers")
        assert not self.seen(diary)

    def test_a_person_is_open_by_their_own_wish_alone(self) -> None:
        me = self.as_bob
        assert self.ok(me.get("me/"))["is_open"] is False
        assert self.ok(me.patch("me/", {"is_open": True}))["is_open"] is True
        diary = Diary.add(self.bob, date=self.today, visibility="public")
        self.ok(self.anonymous.get(f"diaries/{diary.pk}/"))
        assert self.ok(me.patch("me/", {"is_open": False}))["is_open"] is False
        self.assert_problem(self.anonymous.get(f"diaries/{diary.pk}/"), 404, "not_found")

    def test_a_block_hides_nothing_from_who_is_not_signed_in(self) -> None:
        diary = self.diary()
        Block.objects.create(blocker=self.alice, blocked=self.charlie)
        self.assert_problem(self.as_charlie.get(f"diaries/{diary.pk}/"), 404, "not_found")
        assert self.seen(diary)

    def test_it_has_the_owners_card_and_no_private_field(self) -> None:
        diary = self.diary(body="Good")
        diary.viewers.set(Follow.objects.of(self.bob, self.alice))
        shown = self.ok(self.anonymous.get(f"diaries/{diary.pk}/"))
        assert shown["viewers"] is None
        assert shown["owner"] == {
            "id": str(self.alice.uuid),
            "handle": self.alice.profile.handle,
            "nickname": "Alice",
            "avatar": None,
        }
        assert self.ok(self.anonymous.get(self.list_path))["results"] == [shown | {"cheers": None}]
        assert self.ok(self.as_charlie.get(f"diaries/{diary.pk}/")) == shown

    def test_each_reader_has_a_query_of_their_own(self) -> None:
        """In turn and twice, as the queries are kept: with FAST_LISTS and without."""
        public = self.diary()
        followed = self.diary(date=self.day(1), visibility="followers")
        private = self.diary(date=self.day(2), visibility="private")
        expected = [
            (self.anonymous, [public]),
            (self.as_charlie, [public]),
            (self.as_bob, [followed, public]),
            (self.as_alice, [private, followed, public]),
        ]
        for fast in (True, False):
            with override_settings(FAST_LISTS=fast):
                for client, rows in [*expected, *reversed(expected)]:
                    listed = ids(self.ok(client.get(self.list_path))["results"])
                    assert listed == [str(row.pk) for row in rows]

    def test_pages_are_read_to_the_end_and_belong_to_their_reader(self) -> None:
        diaries = [self.diary(date=self.day(-offset)) for offset in range(3)]
        first = self.ok(self.anonymous.get(f"{self.list_path}&page_size=2"))
        second = self.ok(self.anonymous.get(first["next"]))
        listed = ids(first["results"] + second["results"])
        assert listed == [str(diary.pk) for diary in diaries]
        self.assert_field_error(self.as_charlie.get(first["next"]), "cursor", "invalid")

    def test_filters_are_those_of_everyone(self) -> None:
        self.diary(emoji="😊")
        empty = self.anonymous.get(f"{self.list_path}&is_draft=true")
        assert self.ok(empty) == EMPTY_PAGE
        assert len(self.ok(self.anonymous.get(f"{self.list_path}&emoji=😊"))["results"]) == 1
        self.assert_field_error(
            self.anonymous.get(f"{self.list_path}&x=1"), "x", "unknown_parameter"
        )

    def test_one_diary_and_many_cost_one_query(self) -> None:
        self.diary()
        self.ok(self.anonymous.get(self.list_path))
        for offset in range(1, 4):
            with self.assertNumQueries(1):
                self.ok(self.anonymous.get(self.list_path))
            self.diary(date=self.day(offset))
        with self.assertNumQueries(1):
            assert self.anonymous.head(self.list_path).status_code == 200

    def test_posts_are_listed_by_hashtag_place_and_person_by_the_same_rule(self) -> None:
        shared = {"body": "Up #달리기", "place": "서울숲"}
        diary = self.diary(**shared)
        self.diary(date=self.day(1), visibility="followers", **shared)
        self.diary(date=self.day(2), is_draft=True, **shared)
        Diary.add(self.bob, date=self.today, visibility="public", **shared)
        place = self.ok(self.anonymous.get(f"diaries/{diary.pk}/"))["place"]["id"]
        filters = ("hashtag=달리기", f"place={place}", f"owner={self.alice.uuid}")
        for query in (*filters, "&".join(filters), f"{filters[0]}&has_photos=false"):
            with self.subTest(query=query):
                answer = self.anonymous.get(f"posts/?{query}")
                assert ids(self.ok(answer)["results"]) == [str(diary.pk)]
                assert '"open_reads"' in answer["RateLimit"]
                assert answer["Cache-Control"] == "no-store"
        answer = self.anonymous.get(f"posts/?owner={self.bob.uuid}")
        assert self.ok(answer) == EMPTY_PAGE
        self.assert_problem(self.anonymous.get("posts/"), 400, "invalid")
        bad = {"HTTP_AUTHORIZATION": "Bearer x"}
        self.assert_problem(self.anonymous.get(f"posts/?{query}", **bad), 401, "token_not_valid")
        with override_settings(ANONYMOUS_READING=False):
            self.assert_problem(self.anonymous.get("posts/?hashtag=x"), 401, "not_authenticated")
        diary.edit(visibility="followers")
        for query in filters:
            assert self.ok(self.anonymous.get(f"posts/?{query}")) == EMPTY_PAGE
        self.assert_problem(self.anonymous.get("timeline/"), 401, "not_authenticated")

    def test_cheers_of_a_post_are_those_of_open_people(self) -> None:
        diary = self.diary()
        self.set_profile(is_open=True)
        dora = person("Dora")
        dora.profile.change(is_open=True)
        for giver, emoji in ((dora, "🎉"), (self.bob, "🎉"), (self.charlie, "👏")):
            Cheer.give(giver, diary, emoji)
        expected = [{"emoji": "🎉", "count": 1, "mine": False}]
        (listed,) = self.ok(self.anonymous.get(f"posts/?owner={self.alice.uuid}"))["results"]
        assert listed["cheers"] == expected
        assert self.ok(self.anonymous.get(f"diaries/{diary.pk}/"))["cheers"] == expected
        assert self.ok(self.anonymous.get(self.list_path))["results"][0]["cheers"] is None

    # Who is refused

    def test_without_an_owner_the_list_would_be_the_callers_own(self) -> None:
        for path in ("diaries/", "diaries/?date=2026-03-02", "diaries/?x=1"):
            self.assert_problem(self.anonymous.get(path), 401, "not_authenticated")

    def test_a_token_that_is_not_valid_reads_nothing(self) -> None:
        diary = self.diary()
        expired = AccessToken.for_user(self.bob)
        expired.set_exp(lifetime=-settings.SIMPLE_JWT["ACCESS_TOKEN_LIFETIME"])
        ended = self.phone(self.bob)
        ended.session_row.delete()
        tokens = (str(expired), ended.tokens["access"], ended.tokens["refresh"], "x")
        for path in (f"diaries/{diary.pk}/", self.list_path):
            for token in tokens:
                header = f"Bearer {token}"
                answer = self.anonymous.get(path, HTTP_AUTHORIZATION=header)
                self.assert_problem(answer, 401, "token_not_valid")
            # No token, but somebody meant to be signed in.
            for header in ("", "Basic YTpi", "Token x"):
                answer = self.anonymous.get(path, HTTP_AUTHORIZATION=header)
                self.assert_problem(answer, 401, "not_authenticated")
            for header in ("Bearer", "Bearer a b"):
                answer = self.anonymous.get(path, HTTP_AUTHORIZATION=header)
                assert answer.status_code == 401, header

    def test_nobody_writes_without_an_account(self) -> None:
        diary = self.diary()
        path = f"diaries/{diary.pk}/"
        for answer in (
            self.anonymous.post("diaries/", {"date": str(self.day(1))}),
            self.anonymous.patch(path, {"body": "x"}),
            self.anonymous.delete(path),
            self.anonymous.put(f"cheers/diaries/{diary.pk}/", {"emoji": "🎉"}),
        ):
            self.assert_problem(answer, 401, "not_authenticated")
        self.assert_problem(self.anonymous.put(path, {}), 405, "method_not_allowed")

    def test_a_server_can_refuse_reading_without_an_account(self) -> None:
        diary = self.diary()
        assert "anonymous_reading" in self.ok(self.anonymous.get(""))["features"]
        with override_settings(ANONYMOUS_READING=False):
            assert "anonymous_reading" not in self.ok(self.anonymous.get(""))["features"]
            for path in (f"diaries/{diary.pk}/", f"diaries/{new_id()}/", self.list_path):
                answer = self.anonymous.get(path)
                self.assert_problem(answer, 401, "not_authenticated")
                assert '"anonymous"' in answer["RateLimit"]
            self.ok(self.as_charlie.get(f"diaries/{diary.pk}/"))

    # Limits and headers

    def test_a_network_reads_120_times_a_minute(self) -> None:
        assert settings.QUOTAS[OPEN_READS] == (120, 60)
        diary = self.diary()
        path = f"diaries/{diary.pk}/"
        first = self.anonymous.get(path)
        assert first["RateLimit-Policy"] == '"open_reads";q=120;w=60'
        assert first["RateLimit"].startswith('"open_reads";r=119;')
        with override_settings(QUOTAS=settings.QUOTAS | {OPEN_READS: (2, 3_600)}):
            quotas.buckets.clear()
            self.ok(self.anonymous.get(path, REMOTE_ADDR="2001:db8::1"))
            self.ok(self.anonymous.get(self.list_path, REMOTE_ADDR="2001:db8::2"))
            answer = self.anonymous.get(path, REMOTE_ADDR="2001:db8::3")
            self.assert_problem(answer, 429, "throttled")
            assert int(answer["Retry-After"]) >= 1
            assert answer["RateLimit"].startswith('"open_reads";r=0;')
            self.ok(self.anonymous.get(path, REMOTE_ADDR="2001:db8:0:1::1"))
            # Others of that network, and what it asks without reading, are not counted with it.
            self.ok(self.as_charlie.get(path, REMOTE_ADDR="2001:db8::1"))
            self.ok(self.anonymous.get("", REMOTE_ADDR="2001:db8::1"))
            bad = {"HTTP_AUTHORIZATION": "Bearer x", "REMOTE_ADDR": "2001:db8::1"}
            self.assert_problem(self.anonymous.get(path, **bad), 401, "token_not_valid")

    def test_no_cache_keeps_what_may_be_hidden_a_moment_later(self) -> None:
        diary = self.diary()
        for path in (f"diaries/{diary.pk}/", self.list_path, f"diaries/{new_id()}/", "diaries/"):
            answer = self.anonymous.get(path)
            assert answer["Cache-Control"] == "no-store"
            assert "ETag" not in answer
        assert self.as_charlie.get(f"diaries/{diary.pk}/")["Cache-Control"] == "private"

    @override_settings(CORS_ALLOWED_ORIGINS=["https://app.example.org"])
    def test_pages_of_allowed_origins_read_too(self) -> None:
        answer = self.anonymous.get(self.list_path, HTTP_ORIGIN="https://app.example.org")
        assert answer["Access-Control-Allow-Origin"] == "https://app.example.org"
        assert "RateLimit" in answer["Access-Control-Expose-Headers"]


class WhoExistsTest(ApiTest):
    """Who exists for a reader without an account, and whose cheers are shown and counted."""

    def test_open_people_alone_exist(self) -> None:
        kinds = {
            "open": {"is_open": True},
            "closed": {},
            "private": {"is_open": True, "is_private": True},
            "inactive": {"is_open": True},
        }
        for name, values in kinds.items():
            user = person(name)
            user.profile.change(**values)
            user.change(is_active=name != "inactive")
        found = User.objects.seen_by(None).values_list("profile__nickname", flat=True)
        assert list(found) == ["open"]

    def test_cheers_of_open_people_alone_are_shown_and_counted(self) -> None:
        """On what is shown, and without those whom its owner blocks."""
        self.alice.profile.change(is_open=True)
        todo_goal = self.goal(visibility="public")
        diary = Diary.add(self.alice, date=self.today, visibility="public")
        hidden = Diary.add(self.alice, date=self.day(1), visibility="followers")
        givers = {name: person(name) for name in ("open", "closed", "blocked")}
        for name, giver in givers.items():
            giver.profile.change(is_open=name != "closed")
            Cheer.give(giver, diary, "🎉")
            Cheer.give(giver, hidden, "🎉")
        self.alice.block(givers["blocked"])
        seen = Cheer.objects.visible_to(None)
        assert [(cheer.owner_id, cheer.diary_id) for cheer in seen] == [
            (givers["open"].pk, diary.pk)
        ]
        (counted,) = Cheer.objects.counted(None, diaries=[diary.pk])
        assert counted["count"] == 1
        assert counted["mine"] is False
        assert todo_goal in type(todo_goal).objects.visible_to(None)
