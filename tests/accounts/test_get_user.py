"""GET users/{id}/"""

from datetime import UTC, datetime, timedelta

from accounts.models import Profile
from tests.base import ApiTest, new_id, person


class GetUserTest(ApiTest):
    def test_everyone_signed_in_sees_the_public_fields_of_a_profile(self) -> None:
        Profile.objects.filter(pk=self.alice.pk).update(bio="천천히", is_private=True)
        assert self.ok(self.as_charlie.get(f"users/{self.alice.uuid}/")) == {
            "id": str(self.alice.uuid),
            "handle": self.alice.profile.handle,
            "nickname": "Alice",
            "avatar": None,
            "bio": "천천히",
            "is_private": True,
            "followers_count": 1,
            "following_count": 0,
            "posts_count": 0,
            "today": self.alice.today.isoformat(),
            "follow_state": "none",
            "is_following": False,
            "follows_me": False,
        }
        self.assert_problem(
            self.anonymous.get(f"users/{self.alice.uuid}/"), 401, "not_authenticated"
        )

    def test_today_is_the_date_in_the_timezone_of_that_person(self) -> None:
        now = datetime.now(UTC)
        for zone, hours in (("Pacific/Kiritimati", 14), ("Pacific/Pago_Pago", -11)):
            with self.subTest(zone=zone):
                there = person("Far", timezone=zone)
                today = self.ok(self.as_alice.get(f"users/{there.uuid}/"))["today"]
                assert today in {
                    (now + timedelta(hours=hours, seconds=late)).date().isoformat()
                    for late in (0, 30)
                }

    def test_the_relation_is_shown_from_the_viewers_side(self) -> None:
        private = person("Priya", is_private=True)
        private.follow(self.alice)
        self.alice.follow(private)
        expected = [
            (self.as_bob, self.alice, "accepted", True, False),
            (self.as_alice, self.bob, "none", False, True),
            (self.as_alice, private, "pending", False, True),
            (self.phone(private), self.alice, "accepted", True, False),  # a request is not a follow
            (self.as_alice, self.alice, "none", False, False),
        ]
        for client, other, state, is_following, follows_me in expected:
            profile = self.ok(client.get(f"users/{other.uuid}/"))
            answer = (profile["follow_state"], profile["is_following"], profile["follows_me"])
            assert answer == (state, is_following, follows_me)

    def test_counts_leave_out_requests_and_people_hidden_from_the_viewer(self) -> None:
        blocked, blocker, gone = person("Blocked"), person("Blocker"), person("Gone")
        Profile.objects.filter(pk=self.charlie.pk).update(is_private=True)
        for other in (blocked, blocker, gone, self.charlie):
            other.follow(self.bob)
            self.bob.follow(other)  # to Charlie it is a request
        self.alice.block(blocked)
        blocker.block(self.alice)
        gone.is_active = False
        gone.save()
        for client, followers, following in ((self.as_alice, 1, 1), (self.as_charlie, 3, 3)):
            profile = self.ok(client.get(f"users/{self.bob.uuid}/"))
            assert (profile["followers_count"], profile["following_count"]) == (
                followers,
                following,
            )

    def test_a_hidden_person_is_a_404_like_a_random_id(self) -> None:
        self.alice.block(self.charlie)
        gone = person("Gone", is_active=False)
        answers = [
            self.as_charlie.get(f"users/{pk}/") for pk in (self.alice.uuid, gone.uuid, new_id())
        ]
        for response in answers:
            assert self.assert_problem(response, 404, "not_found") == answers[0].json()

    def test_few_followers_and_many_cost_the_same_queries(self) -> None:
        for count in (0, 5):
            for _ in range(count):
                person("Fan").follow(self.alice)
            # 1 the session, its user and profile  2 the person with counts and relations  3 posts
            with self.assertNumQueries(3):
                self.ok(self.as_charlie.get(f"users/{self.alice.uuid}/"))
