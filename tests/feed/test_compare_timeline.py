"""Every page of the timeline has what the whole rule finds among all posts.

TIMELINE_PAGES=2000 compares more pages than CI, in worlds of other seeds: TIMELINE_SEED=1000.
"""

from __future__ import annotations

import itertools
import os
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef

from accounts.models import Follow, User
from diaries.models import Diary
from tests.base import ApiTest, Client, ids
from tests.feed.worlds import World

PAGES = int(os.environ.get("TIMELINE_PAGES", "150"))
SEED = int(os.environ.get("TIMELINE_SEED", "1"))
SIZES = (1, 2, 3, 7, 50)


def everything(viewer: User) -> list[str]:
    """Return the ids of the timeline by the whole rule over all diaries."""
    follows = Follow.objects.accepted().filter(follower=viewer, followee=OuterRef("owner"))
    posts = Diary.objects.visible_to(viewer).filter(Exists(follows), post__isnull=False)
    return [str(pk) for pk in posts.order_by("-post").values_list("pk", flat=True)]


class CompareTimelineTest(ApiTest):
    @classmethod
    def setUpTestData(cls) -> None:
        pass

    def setUp(self) -> None:
        pass

    def test_every_page_of_random_worlds_equals_the_whole_rule_over_all_posts(self) -> None:
        pages, rows = 0, 0
        for seed in itertools.count(SEED):
            with transaction.atomic(), self.subTest(seed=seed):
                world = World(seed)
                active = [each for each in world.people if each.pk in world.active]
                for viewer in active[:3]:
                    wanted = world.timeline(viewer.pk)
                    assert everything(viewer) == wanted
                    size = world.random.choice(SIZES)
                    pages += self.compare(Client(viewer), wanted, size)
                    rows += len(wanted)
                transaction.set_rollback(True)
            if pages >= PAGES:
                break
        assert rows > pages / 2  # the worlds were not empty

    def compare(self, client: Client, wanted: list[str], size: int) -> int:
        """Read to the end and back again; return the number of pages."""
        path, pages = f"timeline/?page_size={size}", 0
        page: Any = None
        for at in range(0, max(len(wanted), 1), size):
            page = self.ok(client.get(path))
            assert ids(page["results"]) == wanted[at : at + size]
            assert (page["next"] is None) == (at + size >= len(wanted))
            path, pages = page["next"], pages + 1
        while page["previous"]:
            at -= size
            page = self.ok(client.get(page["previous"]))
            assert ids(page["results"]) == wanted[max(at, 0) : at + size]
            pages += 1
        assert at <= 0
        return pages
