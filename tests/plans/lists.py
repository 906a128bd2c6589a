"""The lists of the schema: what each is asked for, and which rows may be read that are not shown, and why.

Where an index serves all that is asked for, a list reads no more than its page. The filters that none serves stand in
`past`, each with its reason; then what `scope` counts is the bound: the owner's rows of the dates that are asked for.
"""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Q

from accounts.models import Block, Follow, Profile, User
from alarms.models import Alarm
from cheers.models import Cheer
from core import days
from diaries.models import Diary
from goals.models import Goal
from tests.plans.rows import DAY, FIRST, Life
from todos.models import Dismissal, QuickInput, Todo

Asked = Mapping[str, str]
Values = dict[str, list[str]]  # of each parameter: alone with each of these, with others the first

MONTH_AGO = DAY - dt.timedelta(days=30)
DATES = {
    "date": [f"{DAY}"],
    "date_from": [f"{MONTH_AGO}", f"{FIRST}"],
    "date_to": [f"{DAY}", f"{FIRST}"],
}
FLAG = ["false", "true"]


@dataclass(frozen=True)
class List:
    path: str
    table: str
    columns: set[str]  # that an index which is used for `table` may begin with
    values: Callable[[Life], Values] = lambda life: {}
    always: Asked = field(default_factory=dict)
    needs_one: bool = False  # of the parameters
    names_others: bool = False  # a friend's things also without `owner`
    past: Mapping[str, str] = field(
        default_factory=dict
    )  # parameter, "" for always → why rows are read past
    scope: Callable[[User, Asked], int] = lambda owner, asked: 0
    by_parameter: Mapping[str, str] = field(
        default_factory=dict
    )  # → a column whose rows are of one owner, too

    def bound(self, owner: User, asked: Asked) -> int:
        """How many rows may be read that are not shown."""
        return self.scope(owner, asked) if {"", *asked} & set(self.past) else 0

    def begins(self, asked: Asked) -> set[str]:
        return self.columns | {
            column for name, column in self.by_parameter.items() if name in asked
        }

    def combinations(self, life: Life) -> Iterator[dict[str, str]]:
        """None of the parameters, each alone with each of its values, all pairs, and all together."""
        values, always = self.values(life), dict(self.always)
        first = {name: each[0] for name, each in values.items()}
        if not self.needs_one:
            yield always
        yield from (always | {name: value} for name, each in values.items() for value in each)
        yield from (
            always | {name: first[name] for name in pair}
            for pair in itertools.combinations(first, 2)
        )
        yield always | first


# How many rows there are to read past


def dated(model: Any) -> Callable[[User, Asked], int]:
    """The owner's rows of the dates that are asked for."""
    lookups = {"date": "date", "date_from": "date__gte", "date_to": "date__lte"}

    def count(owner: User, asked: Asked) -> int:
        dates = {lookup: asked[name] for name, lookup in lookups.items() if name in asked}
        return int(model.objects.filter(owner=owner, date__isnull=False, **dates).count())

    return count


def all_of(model: Any, column: str = "owner", **values: Any) -> Callable[[User, Asked], int]:
    return lambda owner, asked: int(model.objects.filter(**{column: owner}, **values).count())


def found(owner: User, asked: Asked) -> int:
    begins = (asked["q"], f"{asked['q']}\U0010ffff") if "q" in asked else ("", "")
    return Profile.objects.filter(
        Q(handle__range=begins) | Q(nickname_folded__range=begins)
    ).count()


def on_target(viewer: User, asked: Asked) -> int:
    """All on the one that is named, where that is somebody else's, or is named with another or with an instant."""
    targets = [name for name in ("todo", "diary") if name in asked]
    if not targets:
        return 0
    cheers = Cheer.objects.filter(**{targets[0]: asked[targets[0]]})
    mine_alone = (
        len(targets) == 1
        and "after" not in asked
        and not cheers.exclude(target_owner=viewer).exists()
    )
    return 0 if mine_alone else cheers.count()


def offered(owner: User, asked: Asked) -> int:
    """Quick inputs, each with its goal, and what became of their offers in the range."""
    dates, mine = (asked["date_from"], asked["date_to"]), QuickInput.objects.filter(owner=owner)
    taken = Todo.objects.filter(quick_input__in=mine, offered_on__range=dates).count()
    return (
        2 * mine.count()
        + taken
        + Dismissal.objects.filter(quick_input__in=mine, date__range=dates).count()
    )


# What is asked for


def of_todos(life: Life) -> Values:
    quick_inputs = [f"{life.quick_inputs[at].pk}" for at in (0, -1)]
    return {
        **DATES,
        **of_archive(life),
        "is_done": FLAG,
        "has_time": FLAG,
        "quick_input": quick_inputs,
    }


def of_archive(life: Life) -> Values:
    return {
        "goal": [f"{life.large_goal.pk}", f"{life.small_goal.pk}"],
        "q": ["milk", "nothing of the kind"],
    }


def of_diaries(life: Life) -> Values:
    return {**DATES, "emoji": ["😀"], "visibility": ["followers", "private"], "is_draft": FLAG}


def of_goals(life: Life) -> Values:
    return {"state": ["active", "stopped"], "visibility": ["followers", "private"]}


def of_quick_inputs(life: Life) -> Values:
    return {
        "goal": [f"{life.small_goal.pk}"],
        "weekday": ["mon", "sun"],
        "active_on": [f"{DAY}", f"{FIRST}"],
    }


def of_cheers(life: Life) -> Values:
    targets = {"todo": [f"{life.cheered(Todo).pk}"], "diary": [f"{life.cheered(Diary).pk}"]}
    yesterday = days.now() - dt.timedelta(days=1)
    return {**targets, "received": ["true", "false"], "after": [f"{yesterday:%Y-%m-%dT%H:%M:%SZ}"]}


def of_people(life: Life) -> Values:
    # What is more frequent than this is found by reading all the names, which is faster then.
    return {"q": ["many005", "nobody"], "handle": ["many00500"]}


NO_INDEX = (
    "an index for it would be one more to write for every todo, and dates or a goal narrow the list"
)
FEW = "a person has 200 goals, 100 quick inputs, 50 alarms at most: they are read and sieved"
ONE_A_DAY = "there is one a day at most"
BY_HANDLE = (
    "they are in the order of handles, which stand with the people: each follow or block is read"
)
HIDDEN = "those on what is hidden from the viewer are read, and none is shown"
FOLLOWED = {"": BY_HANDLE}

LISTS = {
    "list_alarms": List(
        "alarms/", "accounts_alarm", {"owner_id"}, past={"": FEW}, scope=all_of(Alarm)
    ),
    "list_archive": List(
        "archive/",
        "todos_todo",
        {"owner_id"},
        of_archive,
        past={
            "goal": "the archive holds 2,000 todos at most, of all goals",
            "q": "no index finds a part of a title",
        },
        scope=all_of(Todo, date=None),
        by_parameter={"goal": "goal_id"},
    ),
    "list_blocks": List(
        "blocks/",
        "accounts_block",
        {"blocker_id"},
        past=FOLLOWED,
        scope=all_of(Block, "blocker"),
    ),
    "list_cheers": List(
        "cheers/",
        "cheers_cheer",
        {"owner_id", "target_owner_id"},
        of_cheers,
        names_others=True,
        past={
            "todo": HIDDEN,
            "diary": f"{HIDDEN}; with a todo, too, there are none: a cheer is on one of the two",
            "after": "of one target's cheers MariaDB reads also those given before",
        },
        scope=on_target,
        by_parameter={"todo": "todo_id", "diary": "diary_id"},
    ),
    "list_diaries": List(
        "diaries/",
        "diaries_diary",
        {"owner_id"},
        of_diaries,
        past=dict.fromkeys(("emoji", "visibility", "is_draft"), ONE_A_DAY),
        scope=dated(Diary),
    ),
    "list_follow_requests": List("follow-requests/", "accounts_follow", {"followee_id"}),
    "list_followers": List(
        "users/{owner}/followers/",
        "accounts_follow",
        {"followee_id", "follower_id"},
        past=FOLLOWED,
        scope=all_of(Follow, "followee"),
    ),
    "list_following": List(
        "users/{owner}/following/",
        "accounts_follow",
        {"followee_id", "follower_id"},
        past=FOLLOWED,
        scope=all_of(Follow, "follower"),
    ),
    "list_goals": List(
        "goals/",
        "goals_goal",
        {"owner_id"},
        of_goals,
        past={"state": FEW, "visibility": FEW},
        scope=all_of(Goal),
    ),
    "list_offers": List(
        "quick-inputs/offers/",
        "todos_quickinput",
        {"owner_id"},
        always={"date_from": f"{MONTH_AGO}", "date_to": f"{DAY + dt.timedelta(days=30)}"},
        past={"": "offers are made of all quick inputs, and what became of them is left out"},
        scope=offered,
    ),
    "list_quick_inputs": List(
        "quick-inputs/",
        "todos_quickinput",
        {"owner_id"},
        of_quick_inputs,
        past=dict.fromkeys(("goal", "weekday", "active_on"), FEW),
        scope=all_of(QuickInput),
        by_parameter={"goal": "goal_id"},
    ),
    "list_todos": List(
        "todos/",
        "todos_todo",
        {"owner_id"},
        of_todos,
        past={
            "is_done": NO_INDEX,
            "has_time": NO_INDEX,
            "quick_input": "one of each date that it was offered for, put into the order of their dates now",
            "q": "no index finds a part of a title",
        },
        scope=dated(Todo),
        by_parameter={"goal": "goal_id", "quick_input": "quick_input_id"},
    ),
    "list_users": List(
        "users/",
        "accounts_profile",
        {"user_id", "handle", "nickname_folded"},
        of_people,
        needs_one=True,
        past={"q": "found by two names and in the order of one: all whose names begin so are read"},
        scope=found,
    ),
}
