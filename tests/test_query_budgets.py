"""Every list makes the same number of queries for one row and for a hundred.

A list in the schema without a row here fails a test in tests/test_recipe.py.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable

from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from accounts.models import Block, Follow, Profile, Session, User
from alarms.models import Alarm
from cheers.models import Cheer
from core import clock
from diaries.models import Diary, Label, Labelled
from diaries.models.labels import LabelKind
from goals.models import Goal
from photos.models import Photo
from photos.names import new_key
from tests.base import ApiTest
from todos.models import QuickInput, Todo

DAY = dt.date(2026, 3, 2)  # a Monday
Numbers = Iterable[int]
Maker = Callable[["Rows", Numbers], None]


class Rows:
    """Rows of Alice's, each with everything that an answer shows of it."""

    def __init__(self, alice: User, bob: User) -> None:
        self.alice, self.bob = alice, bob
        self.goal = Goal.add(alice, title="Health")

    def people(self, numbers: Numbers) -> list[User]:
        handles = [f"many{number:03}" for number in numbers]
        User.objects.bulk_create(
            User(email=f"{handle}@example.com", password="!") for handle in handles
        )
        people = list(
            User.objects.filter(email__in=[f"{handle}@example.com" for handle in handles])
        )
        Profile.objects.bulk_create(
            Profile(user=user, handle=handle, nickname=handle, nickname_folded=handle)
            for user, handle in ((user, user.email.partition("@")[0]) for user in people)
        )
        return people

    def users(self, numbers: Numbers) -> None:
        self.people(numbers)

    def follows(self, state: str, people: list[User], *, back: bool = False) -> None:
        Follow.objects.bulk_create(
            Follow(
                state=state,
                follower=self.alice if back else user,
                followee=user if back else self.alice,
            )
            for user in people
        )

    def followers(self, numbers: Numbers) -> None:
        self.follows("accepted", self.people(numbers))

    def following(self, numbers: Numbers) -> None:
        self.follows("accepted", self.people(numbers), back=True)

    def requests(self, numbers: Numbers) -> None:
        self.follows("pending", self.people(numbers))

    def blocks(self, numbers: Numbers) -> None:
        Block.objects.bulk_create(
            Block(blocker=self.alice, blocked=user) for user in self.people(numbers)
        )

    def sessions(self, numbers: Numbers) -> None:
        now = clock.now()
        Session.objects.bulk_create(
            Session(user=self.alice, label=f"{n}", rotated_at=now, ends_at=now + dt.timedelta(1))
            for n in numbers
        )

    def alarms(self, numbers: Numbers) -> None:
        Alarm.objects.bulk_create(
            Alarm(owner=self.alice, time=dt.time(n // 60, n % 60)) for n in numbers
        )

    def photos(self, numbers: Numbers) -> None:
        Photo.objects.bulk_create(
            Photo(owner=self.alice, key=new_key(DAY), width=1, height=1, blurhash="x", bytes=1)
            for _ in numbers
        )

    def goals(self, numbers: Numbers) -> None:
        goals = [
            Goal(owner=self.alice, title="x", visibility="selected", position=n + 1)
            for n in numbers
        ]
        self.shown_to_bob(Goal.objects.bulk_create(goals))

    def diaries(self, numbers: Numbers) -> None:
        day = dt.timedelta(days=1)
        diaries = [
            Diary(owner=self.alice, date=DAY + n * day, visibility="selected") for n in numbers
        ]
        self.shown_to_bob(Diary.objects.bulk_create(diaries))

    def followed_posts(self, numbers: Numbers) -> None:
        """One post of each of these people, whom Alice follows."""
        people = self.people(numbers)
        self.follows("accepted", people, back=True)
        Diary.objects.bulk_create(
            Diary(owner=owner, date=DAY, visibility="public", post=number + 1)
            for number, owner in zip(numbers, people, strict=True)
        )

    def shown_to_bob(self, rows: list[Goal] | list[Diary]) -> None:
        through, follow = type(rows[0]).viewers.through, Follow.objects.get(follower=self.bob)
        column = f"{type(rows[0])._meta.model_name}_id"
        through.objects.bulk_create(through(follow=follow, **{column: row.pk}) for row in rows)

    def goal_of_each(self, numbers: Numbers) -> list[tuple[int, Goal]]:
        goals = Goal.objects.bulk_create(
            Goal(owner=self.alice, title="x", position=n + 1) for n in numbers
        )
        return list(zip(numbers, goals, strict=True))

    def todos(self, numbers: Numbers) -> None:
        rows = self.goal_of_each(numbers)
        Todo.objects.bulk_create(
            Todo(owner=self.alice, goal=g, title="x", date=DAY, position=n) for n, g in rows
        )

    def archived(self, numbers: Numbers) -> None:
        rows = self.goal_of_each(numbers)
        Todo.objects.bulk_create(Todo(owner=self.alice, goal=goal, title="x") for _, goal in rows)

    def quick_inputs(self, numbers: Numbers) -> None:
        QuickInput.objects.bulk_create(
            QuickInput(owner=self.alice, goal=goal, title="x", weekdays=["mon"], starts_on=DAY)
            for _, goal in self.goal_of_each(numbers)
        )

    def cheers(self, numbers: Numbers) -> None:
        """One of each fan: half of them on todos, half on diaries."""
        fans = self.people(numbers)
        half = len(fans) // 2
        todos = [Todo(owner=self.alice, goal=self.goal, title="x", date=DAY) for _ in fans[half:]]
        diaries = [Diary(owner=self.alice, date=DAY + dt.timedelta(days=n)) for n in range(half)]
        targets = [*Diary.objects.bulk_create(diaries), *Todo.objects.bulk_create(todos)]
        Cheer.objects.bulk_create(
            Cheer(owner=fan, target_owner=self.alice, emoji="👍", **{target.kind: target})
            for fan, target in zip(fans, targets, strict=True)
        )

    def posts(self, numbers: Numbers) -> None:
        """Each with a hashtag and a cheer."""
        made = Diary.objects.bulk_create(
            Diary(
                owner=self.alice,
                date=DAY + dt.timedelta(days=n),
                body="#run",
                place="서울숲",
                visibility="selected",
                published_at=clock.now(),
                post=n + 1,
            )
            for n in numbers
        )
        self.shown_to_bob(made)
        label = Label.named(LabelKind.HASHTAG, "run")
        Label.objects.bulk_create([label], ignore_conflicts=True)
        Labelled.objects.bulk_create(Labelled(label=label, post=diary) for diary in made)
        Cheer.objects.bulk_create(
            Cheer(owner=self.bob, target_owner=self.alice, emoji="👍", diary=diary)
            for diary in made
        )


LISTS: dict[str, tuple[str, Maker]] = {
    "list_alarms": ("alarms/", Rows.alarms),
    "list_archive": ("archive/", Rows.archived),
    "list_blocks": ("blocks/", Rows.blocks),
    "list_cheers": ("cheers/?received=true", Rows.cheers),
    "list_diaries": ("diaries/", Rows.diaries),
    "list_follow_requests": ("follow-requests/", Rows.requests),
    "list_followers": ("users/{alice}/followers/", Rows.followers),
    "list_following": ("users/{alice}/following/", Rows.following),
    "list_goals": ("goals/", Rows.goals),
    "list_offers": (f"quick-inputs/offers/?date_from={DAY}&date_to={DAY}", Rows.quick_inputs),
    "list_photos": ("photos/", Rows.photos),
    "list_posts": ("posts/?hashtag=run", Rows.posts),
    "list_quick_inputs": ("quick-inputs/", Rows.quick_inputs),
    "list_sessions": ("auth/sessions/", Rows.sessions),
    "list_timeline": ("timeline/", Rows.followed_posts),
    "list_todos": ("todos/", Rows.todos),
    "list_users": ("users/?q=many", Rows.users),
}
MOST = {"list_alarms": 50}  # more nobody may have
# Bob; the goal that cheered todos have; the session that asks
THERE_BEFORE = {"list_followers": 1, "list_goals": 1, "list_sessions": 1}
NOT_IN_PAGES = {"list_offers"}


class QueryBudgetTest(ApiTest):
    def test_a_hundred_rows_take_as_many_queries_as_one(self) -> None:
        for name, (path, make) in LISTS.items():
            for fast in (True, False):
                with self.subTest(name, fast=fast), self.settings(FAST_LISTS=fast):
                    self.assert_constant(name, path, make)

    def assert_constant(self, name: str, path: str, make: Maker) -> None:
        with transaction.atomic():
            rows, most = Rows(self.alice, self.bob), MOST.get(name, 100)
            make(rows, range(1))
            with CaptureQueriesContext(connection) as queries:
                assert self.listed(name, path) == 1
            make(rows, range(1, most))
            with self.assertNumQueries(len(queries)):
                assert self.listed(name, path) == most
            transaction.set_rollback(True)

    def listed(self, name: str, path: str) -> int:
        """How many of the rows that were made are in the answer."""
        path = path.format(alice=self.alice.uuid)
        if name not in NOT_IN_PAGES:
            path += f"{'&' if '?' in path else '?'}page_size=200"
        return len(self.ok(self.as_alice.get(path))["results"]) - THERE_BEFORE.get(name, 0)
