"""Create enough rows for a planner's choice to be meaningful.

Two people have years of everything, and thousands of others surround them. The rows are inserted in
bulk, without the models' verbs and their limits.
"""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Iterable, Iterator, Sequence
from typing import Any
from uuid import UUID

from django.db import connection

from accounts.models import Block, Follow, Profile, User
from alarms.models import Alarm
from cheers.models import Cheer
from core import clock
from diaries.models import Diary, Label, Labelled
from diaries.models.diaries import RANDOM_BITS, publication
from diaries.models.labels import LabelKind
from goals.models import Goal
from photos.models import Photo
from photos.names import new_key
from resources.models import Tombstone
from tests.packages import own_apps
from todos.models import Dismissal, QuickInput, Todo

FIRST = dt.date(2023, 7, 3)  # a Monday
DAY = dt.date(2026, 3, 2)  # a Monday
PEOPLE = 4_000  # half of their names begin with "far", half with "many"
FOLLOWS = 1_000  # each way
REQUESTS = BLOCKS = 100  # the last ones of the other people
DAYS, TODOS_PER_DAY, ARCHIVED, DIARIES = 1_000, 4, 2_000, 1_000
GOALS, QUICK_INPUTS, ALARMS, PHOTOS = 200, 100, 50, 200
CHEERS = 3_000
MANY = {"batch_size": 2_000}

VISIBILITIES = ("private", "selected", "followers", "public")
STATES = ("active", "active", "done", "ended", "stopped")
TITLES = ("Run", "Read a book", "Milk and bread", "Water the plants", "Call home")
MOODS = ("😀", "😢", None)
_numbers = itertools.count()
INSTANT = dt.datetime(2024, 1, 1, tzinfo=dt.UTC)


def crowd(number: int) -> list[User]:
    """Create people whose names begin with "far" or "many"."""
    emails = [f"{'many' if n % 2 else 'far'}{n // 2:05}@example.com" for n in range(number)]
    User.objects.bulk_create((User(email=email, password="!") for email in emails), **MANY)
    people = list(User.objects.filter(email__in=emails).order_by("pk"))
    names = [user.email.partition("@")[0] for user in people]
    Profile.objects.bulk_create(
        (
            Profile(user=user, handle=name, nickname=name, is_private=n % 3 == 0)
            for n, (user, name) in enumerate(zip(people, names, strict=True))
        ),
        **MANY,
    )
    return people


def follows(pairs: Iterable[tuple[User, User]], state: str = "accepted") -> None:
    Follow.objects.bulk_create(
        (Follow(follower=a, followee=b, state=state) for a, b in pairs), **MANY
    )


def create_few_rows(people: Sequence[User]) -> None:
    """Create the few rows that most people have."""
    for model, values in (
        (Goal, [{"title": "x"}] * 5),
        (Alarm, [{"time": dt.time(n)} for n in (7, 12, 22)]),
    ):
        rows = (model(owner=person, **each) for person in people for each in values)
        model._default_manager.bulk_create(rows, **MANY)


def add_photos(people: Sequence[User], number: int) -> None:
    """Create this number of photos of each person, by turns."""
    Photo.objects.bulk_create(
        (
            Photo(
                owner=person,
                key=new_key(FIRST + dt.timedelta(n)),
                width=1600,
                height=1200,
                blurhash="LEHV6nWB2yk8pyo0adR*.7kCMdnj",
                bytes=200_000,
                used=1,
            )
            for n in range(number)
            for person in people
        ),
        **MANY,
    )


class Life:
    """The rows of one person."""

    def __init__(self, owner: User) -> None:
        self.owner = owner
        self.goals: list[Goal] = []
        self.quick_inputs: list[QuickInput] = []

    def create_all(self, share: int = 1) -> None:
        """Create all rows, or one `share`th of them."""
        self.write_goals(GOALS // share)
        self.write_quick_inputs(max(QUICK_INPUTS // share, 20), weeks=30 // share)
        self.write_todos(DAYS // share, ARCHIVED // share)
        self.write_diaries(DIARIES // share)
        Alarm.objects.bulk_create(
            Alarm(owner=self.owner, time=dt.time(n // 4, n % 4)) for n in range(ALARMS // share)
        )
        add_photos([self.owner], PHOTOS // share)
        dead = [
            Tombstone(id=pk, owner=self.owner, kind="todo", deleted_at=clock.now())
            for pk in ids(500 // share)
        ]
        Tombstone.objects.bulk_create(dead, **MANY)

    def write_goals(self, number: int) -> None:
        self.goals = Goal.objects.bulk_create(
            Goal(
                owner=self.owner,
                title=f"{n}",
                position=n,
                visibility=cycle(VISIBILITIES, n),
                state=cycle(STATES, n),
            )
            for n in range(number)
        )
        self.choose_viewers(self.goals)

    def choose_viewers(self, rows: Sequence[Any]) -> None:
        """Make twenty followers, if there are any yet, the viewers of the `selected` rows."""
        model = type(rows[0])
        through, followers = (
            model.viewers.through,
            list(Follow.objects.filter(followee=self.owner).order_by("pk")[:20]),
        )
        selected = [row for row in rows if row.visibility == "selected"]
        entries = (
            through(follow=follow, **{f"{model.kind}_id": row.pk})
            for row in selected[:100]
            for follow in followers
        )
        through.objects.bulk_create(entries, **MANY)

    def write_quick_inputs(self, number: int, weeks: int) -> None:
        self.quick_inputs = QuickInput.objects.bulk_create(
            QuickInput(
                owner=self.owner,
                goal=cycle(self.goals, 5 * n),
                title=cycle(TITLES, n),
                weekdays=[cycle(("mon", "tue", "wed"), n)],
                starts_on=FIRST,
                ends_on=DAY if n % 3 else None,
            )
            for n in range(number)
        )
        dates = [FIRST + dt.timedelta(weeks=n) for n in range(weeks)]
        dismissed = (
            Dismissal(quick_input=row, date=day) for row in self.quick_inputs for day in dates
        )
        Dismissal.objects.bulk_create(dismissed, **MANY)

    def write_todos(self, number: int, archived: int) -> None:
        Todo.objects.bulk_create(
            [
                *(self.todo(n) for n in range(number * TODOS_PER_DAY)),
                *(self.archived(n) for n in range(archived)),
            ],
            **MANY,
        )

    def todo(self, number: int) -> Todo:
        day, position = divmod(number, TODOS_PER_DAY)
        date = FIRST + dt.timedelta(days=day)
        done, offered = number % 4 < 3, number % 7 == 0 and bool(self.quick_inputs)
        return Todo(
            owner=self.owner,
            goal=self.goal_of(number),
            title=cycle(TITLES, number),
            date=date,
            position=position,
            time=dt.time(8) if number % 10 == 0 else None,
            is_done=done,
            done_at=INSTANT if done else None,
            quick_input=cycle(self.quick_inputs[: 1 if number % 2 else None], number // 7)
            if offered
            else None,
            offered_on=date if offered else None,
        )

    def archived(self, number: int) -> Todo:
        return Todo(owner=self.owner, goal=self.goal_of(number), title=cycle(TITLES, number))

    def goal_of(self, number: int) -> Goal:
        """Return the goal of the todo with this number.

        Half of the todos belong to the first four goals, in the last quarter to the large one.
        """
        if number % 2 and number >= DAYS * TODOS_PER_DAY * 3 // 4:
            return self.large_goal
        goal: Goal = cycle(self.goals[:4] if number % 2 else self.goals, number // 2)
        return goal

    # Rows to filter lists by

    @property
    def large_goal(self) -> Goal:
        """A goal that followers see and that only late todos belong to."""
        return self.goals[6]

    @property
    def small_goal(self) -> Goal:
        return self.goals[10]

    def cheered(self, model: type[Todo | Diary]) -> Any:
        """Return the row with many cheers."""
        return model.objects.filter(
            owner=self.owner, date=DAY
        ).last()  # ids are in the order of creation

    def write_diaries(self, number: int) -> None:
        diaries = [
            Diary(
                owner=self.owner,
                date=FIRST + dt.timedelta(days=n),
                body="A day. " * 20,
                emoji=cycle(MOODS, n),
                visibility=cycle(VISIBILITIES, n),
                is_draft=n % 10 == 0,
            )
            for n in range(number)
        ]
        posts = [diary for diary in diaries if publish(diary)]
        self.choose_viewers(Diary.objects.bulk_create(diaries, **MANY))
        label(posts, LabelKind.HASHTAG, "run")
        label(posts[::20], LabelKind.PLACE, "서울숲")


def publish(diary: Diary) -> bool:
    """Make a post of a diary that is to be one."""
    values = publication(
        is_draft=diary.is_draft,
        visibility=diary.visibility,
        published_at=INSTANT + (diary.date - FIRST),
    )
    if values:  # a number of its own, as many have the same time and nothing is tried again
        values["post"] += next(_numbers) - values["post"] % (1 << RANDOM_BITS)
    for name, value in values.items():
        setattr(diary, name, value)
    return bool(values)


def label(posts: Sequence[Diary], kind: LabelKind, name: str) -> None:
    """Give a label to all of these posts."""
    row = Label.named(kind, name)
    Label.objects.bulk_create([row], ignore_conflicts=True)
    Labelled.objects.bulk_create((Labelled(label=row, post=post) for post in posts), **MANY)


def cycle(values: Sequence[Any], number: int) -> Any:
    """Return the value at this number, starting again after the last."""
    return values[number % len(values)]


def ids(number: int) -> Iterator[UUID]:
    return (Todo().pk for _ in range(number))


def cheer(givers: Sequence[User], owner: User, number: int, *, newest: bool = True) -> None:
    """Create cheers on the owner's newest or oldest todos and diaries.

    The last todo and the diary of DAY get many.
    """
    order = "-date" if newest else "date"
    targets: list[Any] = [
        *Todo.objects.filter(owner=owner, date__isnull=False).order_by(order, "position")[:2_000]
    ]
    targets += Diary.objects.filter(owner=owner).order_by(order)[: 1_000 if newest else 500]
    popular = [target for target in targets if target.date == DAY][TODOS_PER_DAY - 1 :]
    pairs = [(target, giver) for target in popular for giver in givers[: number // 10]]
    pairs += [
        (cycle(targets, n), cycle(givers, n // len(targets) + n))
        for n in range(1, number - len(pairs))
    ]
    Cheer.objects.bulk_create(
        (
            Cheer(owner=giver, target_owner=owner, emoji=cycle("👍🎉", n), **{target.kind: target})
            for n, (target, giver) in enumerate(dict.fromkeys(pairs))
        ),
        **MANY,
    )


def fill(alice: User, bob: User) -> tuple[Life, Life]:
    """Create all rows of Alice and Bob, the other people and some rows of theirs."""
    people = crowd(PEOPLE)
    asking, blocked = people[-REQUESTS:], people[-BLOCKS - REQUESTS : -REQUESTS]
    for person in (alice, bob):
        follows((other, person) for other in people[:FOLLOWS])
        follows((person, other) for other in people[:FOLLOWS])
        follows(((other, person) for other in asking), "pending")
        Block.objects.bulk_create(Block(blocker=person, blocked=other) for other in blocked)
    follows(itertools.pairwise(people))
    create_few_rows(people[:400])
    lives = Life(alice), Life(bob)
    for life in lives:
        life.create_all()
    for person in people[:20]:
        Life(person).create_all(share=20)
        cheer(people[:FOLLOWS], person, CHEERS // 10)
    cheer(people[:FOLLOWS], alice, CHEERS)
    cheer(people[:FOLLOWS], bob, CHEERS)
    cheer([alice], bob, CHEERS // 3)
    # If others had few photos, MySQL would rather read all than one person's.
    add_photos(people[:400], 25)
    spread(Cheer)
    spread(Todo)
    return lives


def spread(model: type[Todo | Cheer]) -> None:
    """Spread `created_at` over a thousand hours.

    Otherwise the rows of each person would be adjacent in an index of it.
    """
    table = connection.ops.quote_name(model._meta.db_table)
    # A number up to a thousand that is made of the row's id.
    earlier = "INTERVAL (CONV(SUBSTR(SHA2(id, 224), 1, 4), 16, 10) % 1000) HOUR"
    if connection.vendor == "postgresql":
        earlier = "MAKE_INTERVAL(hours => ABS(HASHTEXT(id::text)) % 1000)"
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE {table} SET created_at = created_at - {earlier}")  # noqa: S608  # constant names


def tables() -> list[str]:
    """Return the tables of our apps."""
    prefixes = tuple(f"{app}_" for app in own_apps())
    return [name for name in connection.introspection.table_names() if name.startswith(prefixes)]


def analyze() -> None:
    """Update the planner's statistics, on another connection, as that commits a transaction.

    On PostgreSQL it does not, and another connection would not see the rows of the test.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(f"ANALYZE {', '.join(map(connection.ops.quote_name, tables()))}")
        return
    other = connection.copy()
    try:
        with other.cursor() as cursor:
            cursor.execute(f"ANALYZE TABLE {', '.join(map(connection.ops.quote_name, tables()))}")
            cursor.fetchall()
    finally:
        other.close()
