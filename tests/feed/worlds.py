"""Random worlds of people who follow and block each other and publish, and who may see what.

What a person may see is told in plain Python from the rows, without a query: see `World.sees`.
"""

from __future__ import annotations

import datetime as dt
import random
from collections import defaultdict
from typing import Any

from accounts.models import Block, Follow, Profile, User
from core import clock
from diaries.models import Diary
from tests.base import MONDAY, person

PUBLISHED = 1_772_000_000_000  # milliseconds
MILLISECONDS = 40  # in which most posts are published, so that many are of the same one
Pair = tuple[int, int]


class World:
    """People, follows, blocks and diaries, all made by one seed."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)  # noqa: S311  # not for secrets
        self.people = [self.make_person() for _ in range(self.random.randint(4, 12))]
        self.make_relations()
        self.make_diaries()
        self.read()

    def chance(self, share: float) -> bool:
        return self.random.random() < share

    def make_person(self) -> User:
        made = person("Any", is_private=self.chance(0.3), is_active=not self.chance(0.1))
        if self.chance(0.05):  # deleted, and not yet erased
            User.objects.filter(pk=made.pk).update(is_active=False)
            Profile.objects.filter(pk=made.pk).update(deleted_at=clock.now())
        return made

    def make_relations(self) -> None:
        for one in self.people:
            for other in self.people:
                if one == other:
                    continue
                if self.chance(0.7):
                    state = "pending" if self.chance(0.2) else "accepted"
                    Follow.objects.create(follower=one, followee=other, state=state)
                # Also of people who follow, as it must not depend on that a block ends a follow.
                if self.chance(0.08):
                    Block.objects.create(blocker=one, blocked=other)

    def make_diaries(self) -> None:
        """Give some people many posts, some few and some none, in a few milliseconds."""
        numbers = iter(self.random.sample(range(1 << 20), 2_000))
        diaries = []
        for owner in self.people:
            # Those who publish much did it lately, or all the time.
            begin = self.random.choice([0, 0, MILLISECONDS - 5])
            for day in range(self.random.choice([0, 1, 3, 8, 25])):
                at = PUBLISHED + self.random.randint(begin, MILLISECONDS)
                visibility = self.random.choice(["private", "selected", "followers", "public"])
                is_draft = self.chance(0.1)
                is_post = not is_draft and visibility != "private"
                diaries.append(
                    Diary(
                        owner=owner,
                        date=MONDAY + dt.timedelta(days=day),
                        visibility=visibility,
                        is_draft=is_draft,
                        # What was hidden keeps its time of publication.
                        published_at=dt.datetime.fromtimestamp(at / 1000, dt.UTC)
                        if is_post or self.chance(0.5)
                        else None,
                        post=(at << 20) + next(numbers) if is_post else None,
                    )
                )
        Diary.objects.bulk_create(diaries)
        entries: Any = Diary.viewers.through
        follows = list(Follow.objects.all())
        entries.objects.bulk_create(
            entries(diary=diary, follow=follow)
            for diary in diaries
            for follow in follows
            if follow.followee_id == diary.owner_id and self.chance(0.4)
        )

    def read(self) -> None:
        """Read all rows."""
        follows = list(Follow.objects.all())
        accepted = {row.pk: row for row in follows if row.state == "accepted"}
        self.follows = {(row.follower_id, row.followee_id) for row in accepted.values()}
        self.blocks: set[Pair] = set(Block.objects.values_list("blocker", "blocked"))
        self.active = set(User.objects.filter(is_active=True).values_list("pk", flat=True))
        self.private = set(Profile.objects.filter(is_private=True).values_list("pk", flat=True))
        self.chosen: dict[Any, set[int]] = defaultdict(set)
        entries: Any = Diary.viewers.through
        for diary, follow in entries.objects.values_list("diary", "follow"):
            if follow in accepted:
                self.chosen[diary].add(accepted[follow].follower_id)
        self.diaries = list(Diary.objects.all())

    def exists_for(self, viewer: int, other: int) -> bool:
        return other in self.active and not {(viewer, other), (other, viewer)} & self.blocks

    def sees(self, viewer: int, diary: Diary) -> bool:
        """Return whether this person, who is not the owner, may see the diary."""
        owner = diary.owner_id
        if diary.is_draft or not self.exists_for(viewer, owner):
            return False
        follows = (viewer, owner) in self.follows
        return {
            "private": False,
            "selected": viewer in self.chosen[diary.pk],
            "followers": follows,
            "public": follows or owner not in self.private,
        }[diary.visibility]

    def timeline(self, viewer: int) -> list[str]:
        """Return the ids of all posts of those whom the person follows, the latest first."""
        posts = [
            diary
            for diary in self.diaries
            if (viewer, diary.owner_id) in self.follows
            and diary.post is not None
            and self.sees(viewer, diary)
        ]
        return [str(row.pk) for row in sorted(posts, key=lambda row: row.post or 0, reverse=True)]
