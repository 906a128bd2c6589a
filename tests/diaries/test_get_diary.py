"""GET diaries/{id}/"""

from typing import Any

from accounts.models import Follow, Profile
from diaries.models import Diary
from tests.base import ApiTest, Client, new_id


class GetDiaryTest(ApiTest):
    def diary(self, **values: Any) -> Diary:
        return Diary.add(self.alice, **{"date": self.today} | values)

    def seen(self, diary: Diary) -> list[bool]:
        """Return whether Alice, her follower Bob, and Charlie get the diary."""
        return [
            self.sees(client, diary) for client in (self.as_alice, self.as_bob, self.as_charlie)
        ]

    def sees(self, client: Client, diary: Diary) -> bool:
        answer = client.get(f"diaries/{diary.pk}/")
        if answer.status_code != 200:
            self.assert_problem(answer, 404, "not_found")
        return bool(answer.status_code == 200)

    def test_a_diary_is_visible_according_to_its_visibility(self) -> None:
        for place, (visibility, seen) in enumerate(
            (
                ("private", [True, False, False]),
                ("selected", [True, False, False]),
                ("followers", [True, True, False]),
                ("public", [True, True, True]),
            )
        ):
            with self.subTest(visibility):
                assert self.seen(self.diary(date=self.day(place), visibility=visibility)) == seen

    def test_a_selected_diary_is_visible_to_its_viewers_while_they_follow(self) -> None:
        diary = self.diary(visibility="selected")
        diary.viewers.set(Follow.objects.of(self.bob, self.alice))
        assert self.seen(diary) == [True, True, False]
        self.bob.unfollow(self.alice)
        assert self.seen(diary) == [True, False, False]

    def test_viewers_matter_for_selected_diaries_only(self) -> None:
        diary = self.diary(visibility="private")
        diary.viewers.set(Follow.objects.of(self.bob, self.alice))
        assert self.seen(diary) == [True, False, False]

    def test_a_draft_is_visible_to_its_owner_only(self) -> None:
        for place, visibility in enumerate(("private", "followers", "public")):
            assert self.seen(
                self.diary(date=self.day(place), visibility=visibility, is_draft=True)
            ) == [
                True,
                False,
                False,
            ]

    def test_a_public_diary_of_a_private_account_is_visible_to_followers(self) -> None:
        Profile.objects.filter(pk=self.alice.pk).update(is_private=True)
        assert self.seen(self.diary(visibility="public")) == [True, True, False]

    def test_a_block_in_either_direction_hides_a_diary(self) -> None:
        diary = self.diary(visibility="public")
        self.alice.block(self.bob)
        self.charlie.block(self.alice)
        assert self.seen(diary) == [True, False, False]

    def test_private_fields_of_a_diary_are_null_for_others(self) -> None:
        diary = self.diary(visibility="public", body="Good", emoji="🍣", temperature=3)
        mine, theirs = (
            self.ok(client.get(f"diaries/{diary.pk}/"))
            for client in (self.as_alice, self.as_charlie)
        )
        assert theirs == mine | {"viewers": None}
        assert (theirs["body"], theirs["photos"], theirs["is_draft"]) == ("Good", [], False)

    def test_a_hidden_diary_answers_like_a_random_id(self) -> None:
        hidden = self.as_bob.get(f"diaries/{self.diary().pk}/")
        assert hidden.json() == self.as_bob.get(f"diaries/{new_id()}/").json()
