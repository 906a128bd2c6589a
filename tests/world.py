"""One row of each resource, owned by Alice, and a viewer for each relation to her.

The access matrix and the retries send their requests in such a world. To add a resource, create a
row of it in `make_rows`; tests/operations.py then names it in paths and bodies ("{goal}").
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db import transaction

from accounts.credentials.links import email_token, sign_up_token
from accounts.credentials.passwords import reset_token
from accounts.models import Block, Follow, SecondFactor, Session, User
from accounts.models.second_factors import _totp
from accounts.visibility import Visibility
from alarms.models import Alarm
from cheers.models import Cheer
from core import clock
from core.pictures import quarter_of_end
from diaries.models import Diary, DiaryPhoto
from goals.models import Goal
from photos.avatars import set_avatar
from photos.links import make
from tests.base import Client, new_id, person
from tests.photos.base import photo
from todos.models import QuickInput, Todo
from todos.offers import Offer

VISIBILITIES = tuple(Visibility.values)
VIEWERS = (
    "anonymous",
    "owner",
    "follower",
    "chosen",
    "pending",
    "stranger",
    "blocked",
    "blocker",
    "staff",
)

# The viewers who get Alice's profile. For all others, ids of hers answer like random ids.
ACCOUNT_VISIBLE_TO = frozenset(VIEWERS) - {"anonymous", "blocked", "blocker"}
# Those who follow her.
FOLLOWERS = frozenset({"follower", "chosen"})
# The viewers who get a row of Alice's, by its visibility.
VISIBLE_TO = {
    "private": frozenset({"owner"}),
    "selected": frozenset({"owner", "chosen"}),
    "followers": frozenset({"owner", "follower", "chosen"}),
    "public": ACCOUNT_VISIBLE_TO,
}


def visible_to(visibility: str, *, is_open: bool) -> frozenset[str]:
    """Return the viewers who get a row of this visibility, where it can be read without signing in.

    It is `anonymous` who also gets what is public, if the owner is open.
    """
    shown = VISIBLE_TO[visibility]
    return shown | {"anonymous"} if is_open and visibility == "public" else shown


DAY = dt.date(2026, 3, 2)  # a Monday
NEXT_DAY = dt.date(2026, 3, 3)
# The photos that are on something, and on what.
PICTURES = {
    "diary_photo": "diaries",
    "draft_photo": "diaries",
    "todo_photo": "todos",
    "archived_photo": "todos",
}
DRAFT_DAY = dt.date(2026, 3, 4)


@dataclass
class World:
    """The viewers by name, with a client each, and the values for placeholders by name."""

    visibility: str
    people: dict[str, User | None]
    phones: dict[str, Client]
    names: dict[str, Any] = field(default_factory=dict)
    # Names of which each viewer has a value of their own.
    names_of: dict[str, dict[str, str]] = field(default_factory=dict)

    def fill(self, template: Any) -> Any:
        """Return the template with its placeholders ("{goal}") replaced, at any depth."""
        if isinstance(template, str):
            return self.fill_text(template)
        if isinstance(template, dict):
            return {key: self.fill(value) for key, value in template.items()}
        if isinstance(template, list):
            return [self.fill(value) for value in template]
        return template

    def fill_text(self, template: str) -> str:
        """Replace the placeholders of one string; fail with the name of an unknown one."""
        try:
            return template.format(**self.names)
        except KeyError as error:
            raise AssertionError(
                f'tests/world.py knows no "{error.args[0]}", which tests/operations.py uses in'
                f' "{template}": create such a row in make_rows() and add it to `rows`.'
            ) from None


def make_world(visibility: str, *, is_open: bool = False) -> World:
    """Create the viewers and Alice's rows, the rows having this visibility."""
    people: dict[str, User | None] = {"anonymous": None}
    people |= {name: person(name.capitalize(), is_staff=name == "staff") for name in VIEWERS[1:]}
    alice = people["owner"]
    assert alice is not None
    alice.profile.change(is_open=is_open)
    for name in ("follower", "chosen"):
        people[name].follow(alice)
    Follow.objects.create(follower=people["pending"], followee=alice, state=Follow.State.PENDING)
    Block.objects.create(blocker=alice, blocked=people["blocked"])
    Block.objects.create(blocker=people["blocker"], blocked=alice)
    world = World(visibility, people, {name: Client(user) for name, user in people.items()})
    world.names = make_rows(alice, people, visibility)
    world.names_of = {name: links_of(user, world.names) for name, user in people.items()}
    world.names |= world.names_of["owner"] | {
        "refresh": world.phones["owner"].tokens["refresh"],
        "session": str(Session.start(alice, "tablet").pk),
        "reset_token": reset_token(alice),
        "first_code": first_code(alice),
        "email_token": email_token(alice.uuid, alice.email),
        "sign_up_token": sign_up_token(
            {"uuid": new_id(), "email": "waiting@example.com", "nickname": "Waiting"}
        ),
    }
    return world


def links_of(viewer: User | None, names: dict[str, Any]) -> dict[str, str]:
    """Return the links to the pictures of Alice's rows that this viewer would get."""
    key, quarter = viewer and viewer.pk, quarter_of_end()
    return {
        f"{photo}_link": make(kind, UUID(names[photo]), "small", key, quarter)
        for photo, kind in PICTURES.items()
    }


def first_code(user: User) -> str:
    """Return a code for a second factor that waits to be confirmed."""
    key = SecondFactor.start(user).key or b""
    return _totp(key).generate(clock.now().timestamp()).decode()


@transaction.atomic
def make_rows(alice: User, people: dict[str, User | None], visibility: str) -> dict[str, Any]:
    """Create one row of each resource; return the ids and other values by placeholder name."""
    chosen = Follow.objects.filter(follower=people["chosen"], followee=alice)
    goal = Goal.add(alice, title="Health", visibility=visibility)
    goal.viewers.set(chosen)
    todo = Todo.add(alice, goal=goal, date=DAY, title="Run")
    archived = Todo.add(alice, goal=goal, date=None, title="Some day")
    quick_input = QuickInput.add(
        alice, goal=goal, title="Water", weekdays=["mon", "tue"], starts_on=DAY
    )
    activated, _created = Offer(quick_input, DAY).activate()
    diary = Diary.add(alice, date=DAY, body="#Good", visibility=visibility)
    diary.viewers.set(chosen)
    draft = Diary.objects.create(
        owner=alice, date=DRAFT_DAY, body="Not yet", visibility=visibility, is_draft=True
    )
    draft.viewers.set(chosen)
    photos = {name: photo(alice) for name in PICTURES}
    DiaryPhoto.set(diary, {photos["diary_photo"].pk: "A river"})
    DiaryPhoto.set(draft, {photos["draft_photo"].pk: ""})
    todo.edit(photo=photos["todo_photo"].pk)
    archived.edit(photo=photos["archived_photo"].pk)
    face, spare = photo(alice), photo(alice)
    set_avatar(alice, face)
    alarm = Alarm.objects.create(owner=alice, time=dt.time(9))
    rows = {
        "goal": goal,
        "todo": todo,
        "archived": archived,
        "quick_input": quick_input,
        "activated": activated,
        "diary": diary,
        "draft": draft,
        "alarm": alarm,
        "photo": photo(alice),
        "cheer": Cheer.give(alice, todo, "👍")[0],
        "spare_goal": Goal.add(alice, title="Empty", visibility=visibility),
    }
    rows["spare_goal"].viewers.set(chosen)
    rows |= {**photos, "spare_photo": spare}
    names: dict[str, Any] = {name: str(row.pk) for name, row in rows.items()}
    names["avatar"] = str(face.key)
    names |= {name: str(user.uuid) for name, user in people.items() if user is not None}
    return names | {"day": DAY.isoformat(), "next_day": NEXT_DAY.isoformat(), "email": alice.email}
