"""Concurrent follows, blocks and answers to follow requests."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import transaction

from accounts.models import Block, Follow, Profile, User
from core.transactions import run_write
from goals.models import Goal
from tests.base import Client, RaceTest, needs_row_locks, person

THREADS = 16
ROUNDS = 3

Request = Callable[[], Any]


@needs_row_locks
@pytest.mark.races
class FollowRaceTest(RaceTest):
    def race(self, *requests: Request) -> set[int]:
        """Send these requests at the same time, spread over all threads; return the statuses."""
        responses = self.at_once(lambda number: requests[number % len(requests)](), threads=THREADS)
        return {response.status_code for response in responses}

    def request(self, user: User, method: str, path: str) -> Request:
        """Return a function that sends this request from a new session of the user."""
        tokens = Client(user)
        return lambda: getattr(self.same_phone(tokens), method)(path)

    def same_phone(self, phone: Client) -> Client:
        """Return another client with the same token, as clients are not thread-safe."""
        copy = Client()
        copy.credentials(HTTP_AUTHORIZATION=f"Bearer {phone.tokens['access']}")
        return copy

    def test_concurrent_follows_and_unfollows_of_two_people_get_no_error(self) -> None:
        """Call the verbs in a view's transaction; a deadlock it cannot retry would be raised."""
        pairs = ((self.alice, self.charlie), (self.charlie, self.alice))

        def often(number: int) -> None:
            one, other = pairs[number % 2]
            verb = one.follow if number % 4 < 2 else one.unfollow
            for _ in range(100):
                run_write(lambda: verb(other))

        self.at_once(often, threads=THREADS)
        follows = [self.request(one, "put", f"users/{other.uuid}/follow/") for one, other in pairs]
        assert self.race(*follows) == {200}
        assert Follow.objects.between(self.alice, self.charlie).accepted().count() == 2

    def test_a_ring_of_people_who_follow_each_other_gets_no_error(self) -> None:
        with transaction.atomic():
            ring = [person("Ring") for _ in range(4)]
        requests = [
            self.request(one, "put", f"users/{other.uuid}/follow/")
            for one in ring
            for other in ring
            if one != other
        ]
        for _ in range(ROUNDS):
            assert self.race(*requests) == {200}
            assert Follow.objects.filter(follower__in=ring).count() == len(requests)
            Follow.objects.filter(follower__in=ring).delete()

    def test_no_follow_is_left_beside_a_block(self) -> None:
        goal = Goal.objects.create(owner=self.alice, title="x", visibility="selected")
        block = self.request(self.alice, "put", f"users/{self.bob.uuid}/block/")
        unblock = self.request(self.alice, "delete", f"users/{self.bob.uuid}/block/")
        follow = self.request(self.bob, "put", f"users/{self.alice.uuid}/follow/")
        back = self.request(self.alice, "put", f"users/{self.bob.uuid}/follow/")
        for _ in range(ROUNDS):
            unblock()
            follow()
            goal.viewers.set(Follow.objects.of(self.bob, self.alice))
            assert goal.viewers.count() == 1
            assert self.race(follow, block, back) <= {200, 204, 404}
            assert Block.objects.count() == 1
            assert not Follow.objects.between(self.alice, self.bob).exists()
            assert not goal.viewers.exists()

    def test_two_who_block_each_other_at_once_get_no_error(self) -> None:
        one = self.request(self.alice, "put", f"users/{self.bob.uuid}/block/")
        other = self.request(self.bob, "put", f"users/{self.alice.uuid}/block/")
        for _ in range(ROUNDS):
            assert self.race(one, other) <= {204, 404}
            assert Block.objects.count() in {1, 2}
            assert not Follow.objects.between(self.alice, self.bob).exists()
            Block.objects.all().delete()

    def test_concurrent_answers_to_a_request_leave_one_state(self) -> None:
        Profile.objects.filter(pk=self.alice.pk).update(is_private=True)
        ask = self.request(self.charlie, "put", f"users/{self.alice.uuid}/follow/")
        take_back = self.request(self.charlie, "delete", f"users/{self.alice.uuid}/follow/")
        accept = self.request(self.alice, "put", f"follow-requests/{self.charlie.uuid}/")
        decline = self.request(self.alice, "delete", f"follow-requests/{self.charlie.uuid}/")
        for _ in range(ROUNDS):
            assert ask().json()["follow_state"] == "pending"
            assert self.race(accept, decline) <= {204, 404}
            # Declined first: no follow. Accepted first: they follow. Never still pending.
            assert not Follow.objects.of(self.charlie, self.alice).pending().exists()
            assert self.race(ask, accept, decline, take_back) <= {200, 204, 404}
            assert Follow.objects.of(self.charlie, self.alice).count() <= 1
            take_back()

    def test_no_request_stays_pending_when_an_account_goes_public(self) -> None:
        with transaction.atomic():
            fans = [person("Fan") for _ in range(THREADS - 1)]
        asking = [self.request(fan, "put", f"users/{self.alice.uuid}/follow/") for fan in fans]
        go_public = Client(self.alice)
        for _ in range(ROUNDS):
            Profile.objects.filter(pk=self.alice.pk).update(is_private=True)
            open_up = lambda: self.same_phone(go_public).patch(
                "me/", {"is_private": False}
            )  # kept beside the other requests
            assert self.race(*asking[:7], open_up, *asking[7:]) == {200}
            followers = Follow.objects.filter(followee=self.alice, follower__in=fans)
            assert {follow.state for follow in followers} == {"accepted"}
            followers.delete()
