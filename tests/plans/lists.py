"""The lists of the schema, with the filters to try and the rows each may read without showing them.

Where an index serves the query, a list reads no more rows than its page shows. A filter that no
index serves stands in `reasons`, with the reason; the bound is then `extra_rows`: the owner's rows
of the requested dates. To add a list, add a row to LISTS:

    "list_goals": List("goals/", "goals_goal", {"owner_id"}, goal_filters, …),
"""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Q

from accounts.models import Block, Follow, Profile, Session, User
from alarms.models import Alarm
from cheers.models import Cheer
from core import clock
from diaries.models import Diary
from diaries.models.labels import LabelKind, label_id
from diaries.post_views import POSTS_AT_ONCE
from goals.models import Goal
from tests.plans.rows import DAY, FIRST, Life
from todos.models import Dismissal, QuickInput, Todo

Query = Mapping[str, str]
# The values to try per parameter: each of them alone, the first one in combinations.
Values = dict[str, list[str]]

MONTH_AGO = DAY - dt.timedelta(days=30)
DATES = {
    "date": [f"{DAY}"],
    "date_from": [f"{MONTH_AGO}", f"{FIRST}"],
    "date_to": [f"{DAY}", f"{FIRST}"],
}
FLAG = ["false", "true"]
PLACE = label_id(LabelKind.PLACE, "서울숲")


@dataclass(frozen=True)
class List:
    """A list, its filters and what reading it may cost."""

    path: str
    table: str
    # The columns with which an index that reads `table` may begin.
    index_columns: set[str]
    filters: Callable[[Life], Values] = lambda life: {}
    # Parameters without which the list answers 400.
    required: Query = field(default_factory=dict)
    # Whether the list answers 400 without any filter.
    needs_filter: bool = False
    # Whether the list shows a friend's rows without `owner` being sent.
    shows_others: bool = False
    # Parameter ("" for every request) → why rows are read that are not shown.
    reasons: Mapping[str, str] = field(default_factory=dict)
    # The number of rows that may be read without being shown, where there is a reason.
    extra_rows: Callable[[User, Query], int] = lambda owner, query: 0
    # Parameter → a column that has the rows of one owner per value, and so may begin an index.
    filter_columns: Mapping[str, str] = field(default_factory=dict)

    def allowed_extra_rows(self, owner: User, query: Query) -> int:
        """Return how many rows this query may read without showing them."""
        return self.extra_rows(owner, query) if {"", *query} & set(self.reasons) else 0

    def allowed_columns(self, query: Query) -> set[str]:
        """Return the columns with which an index used for this query may begin."""
        by_filter = {column for name, column in self.filter_columns.items() if name in query}
        return self.index_columns | by_filter

    def combinations(self, life: Life) -> Iterator[dict[str, str]]:
        """Yield no filters, each one alone with each of its values, all pairs, and all together."""
        values, required = self.filters(life), dict(self.required)
        first = {name: each[0] for name, each in values.items()}
        if not self.needs_filter:
            yield required
        yield from (required | {name: value} for name, each in values.items() for value in each)
        yield from (
            required | {name: first[name] for name in pair}
            for pair in itertools.combinations(first, 2)
        )
        yield required | first


# Numbers of rows that may be read without being shown


def dated(model: Any) -> Callable[[User, Query], int]:
    """Count the owner's rows of the requested dates."""
    lookups = {"date": "date", "date_from": "date__gte", "date_to": "date__lte"}

    def count(owner: User, query: Query) -> int:
        dates = {lookup: query[name] for name, lookup in lookups.items() if name in query}
        return int(model.objects.filter(owner=owner, date__isnull=False, **dates).count())

    return count


def all_of(model: Any, column: str = "owner", **values: Any) -> Callable[[User, Query], int]:
    """Count all rows that name the owner in `column`."""
    return lambda owner, query: int(model.objects.filter(**{column: owner}, **values).count())


def found(owner: User, query: Query) -> int:
    """Count the people whose handle or nickname begins with the search term."""
    begins = (query["q"], f"{query['q']}\U0010ffff") if "q" in query else ("", "")
    return Profile.objects.filter(
        Q(handle__range=begins) | Q(nickname_folded__range=begins)
    ).count()


def on_target(viewer: User, query: Query) -> int:
    """Count the cheers on the requested target, unless an index answers the query.

    An index does where the target is the viewer's own and the only filter.
    """
    targets = [name for name in ("todo", "diary") if name in query]
    if not targets:
        return 0
    cheers = Cheer.objects.filter(**{targets[0]: query[targets[0]]})
    mine_alone = (
        len(targets) == 1
        and "after" not in query
        and not cheers.exclude(target_owner=viewer).exists()
    )
    return 0 if mine_alone else cheers.count()


def offered(owner: User, query: Query) -> int:
    """Count the quick inputs, their goals, and the todos and dismissals of offers in the range."""
    dates, mine = (query["date_from"], query["date_to"]), QuickInput.objects.filter(owner=owner)
    taken = Todo.objects.filter(quick_input__in=mine, offered_on__range=dates).count()
    return (
        2 * mine.count()
        + taken
        + Dismissal.objects.filter(quick_input__in=mine, date__range=dates).count()
    )


# Filters and their values


def todo_filters(life: Life) -> Values:
    quick_inputs = [f"{life.quick_inputs[at].pk}" for at in (0, -1)]
    return {
        **DATES,
        **archive_filters(life),
        "is_done": FLAG,
        "has_time": FLAG,
        "quick_input": quick_inputs,
    }


def archive_filters(life: Life) -> Values:
    return {
        "goal": [f"{life.large_goal.pk}", f"{life.small_goal.pk}"],
        "q": ["milk", "no such todo"],
    }


def diary_filters(life: Life) -> Values:
    return {**DATES, "emoji": ["😀"], "visibility": ["followers", "private"], "is_draft": FLAG}


def post_filters(life: Life) -> Values:
    return {"hashtag": ["nowhere"], "place": [f"{PLACE}"], "has_photos": FLAG}


def goal_filters(life: Life) -> Values:
    return {"state": ["active", "stopped"], "visibility": ["followers", "private"]}


def quick_input_filters(life: Life) -> Values:
    return {
        "goal": [f"{life.small_goal.pk}"],
        "weekday": ["mon", "sun"],
        "active_on": [f"{DAY}", f"{FIRST}"],
    }


def cheer_filters(life: Life) -> Values:
    targets = {"todo": [f"{life.cheered(Todo).pk}"], "diary": [f"{life.cheered(Diary).pk}"]}
    yesterday = clock.now() - dt.timedelta(days=1)
    return {**targets, "received": ["true", "false"], "after": [f"{yesterday:%Y-%m-%dT%H:%M:%SZ}"]}


def people_filters(life: Life) -> Values:
    # A more frequent beginning is searched by reading all names, which is faster then.
    return {"q": ["many005", "nobody"], "handle": ["many00500"]}


NO_INDEX = "an index would cost each write of a todo, and dates or a goal narrow the list"
FEW = "a person has at most 200 goals, 100 quick inputs and 50 alarms, which are filtered"
ONE_A_DAY = "there is at most one per day"
BY_HANDLE = "the order is by handle, a column of the profile: each follow or block is read"
HIDDEN = "cheers on a target hidden from the viewer are read and none is shown"
FOLLOWED = {"": BY_HANDLE}

LISTS = {
    "list_alarms": List(
        "alarms/", "accounts_alarm", {"owner_id"}, reasons={"": FEW}, extra_rows=all_of(Alarm)
    ),
    "list_archive": List(
        "archive/",
        "todos_todo",
        {"owner_id"},
        archive_filters,
        reasons={
            "goal": "the archive holds at most 2,000 todos of all goals",
            "q": "no index finds a substring of a title",
        },
        extra_rows=all_of(Todo, date=None),
        filter_columns={"goal": "goal_id"},
    ),
    "list_blocks": List(
        "blocks/",
        "accounts_block",
        {"blocker_id"},
        reasons=FOLLOWED,
        extra_rows=all_of(Block, "blocker"),
    ),
    "list_cheers": List(
        "cheers/",
        "cheers_cheer",
        {"owner_id", "target_owner_id"},
        cheer_filters,
        shows_others=True,
        reasons={
            "todo": HIDDEN,
            "diary": f"{HIDDEN}; together with a todo there are none, as a cheer has one target",
            "after": "MariaDB also reads the older cheers of a target",
        },
        extra_rows=on_target,
        filter_columns={"todo": "todo_id", "diary": "diary_id"},
    ),
    "list_diaries": List(
        "diaries/",
        "diaries_diary",
        {"owner_id"},
        diary_filters,
        reasons=dict.fromkeys(("emoji", "visibility", "is_draft"), ONE_A_DAY),
        extra_rows=dated(Diary),
    ),
    "list_follow_requests": List("follow-requests/", "accounts_follow", {"followee_id"}),
    "list_followers": List(
        "users/{owner}/followers/",
        "accounts_follow",
        {"followee_id", "follower_id"},
        reasons=FOLLOWED,
        extra_rows=all_of(Follow, "followee"),
    ),
    "list_following": List(
        "users/{owner}/following/",
        "accounts_follow",
        {"followee_id", "follower_id"},
        reasons=FOLLOWED,
        extra_rows=all_of(Follow, "follower"),
    ),
    "list_goals": List(
        "goals/",
        "goals_goal",
        {"owner_id"},
        goal_filters,
        reasons={"state": FEW, "visibility": FEW},
        extra_rows=all_of(Goal),
    ),
    "list_offers": List(
        "quick-inputs/offers/",
        "todos_quickinput",
        {"owner_id"},
        required={"date_from": f"{MONTH_AGO}", "date_to": f"{DAY + dt.timedelta(days=30)}"},
        reasons={
            "": "offers are computed from all quick inputs, without those activated or dismissed"
        },
        extra_rows=offered,
    ),
    "list_photos": List("photos/", "photos_photo", {"owner_id"}),
    "list_posts": List(
        "posts/",
        "diaries_diary",
        {"owner_id", "post"},
        post_filters,
        required={"hashtag": "run"},
        shows_others=True,
        reasons={"": "posts hidden from the viewer are passed over, POSTS_AT_ONCE at most"},
        extra_rows=lambda owner, query: POSTS_AT_ONCE,
    ),
    "list_quick_inputs": List(
        "quick-inputs/",
        "todos_quickinput",
        {"owner_id"},
        quick_input_filters,
        reasons=dict.fromkeys(("goal", "weekday", "active_on"), FEW),
        extra_rows=all_of(QuickInput),
        filter_columns={"goal": "goal_id"},
    ),
    "list_sessions": List(
        "auth/sessions/",
        "accounts_session",
        {"user_id"},
        reasons={"": "a person has at most 100 sessions; those that have ended are left out"},
        extra_rows=all_of(Session, "user"),
    ),
    "list_timeline": List(
        "timeline/",
        "diaries_diary",
        {"owner_id", "post"},
        reasons={"": "the next post of each person whom the viewer follows is found"},
        extra_rows=all_of(Follow, "follower"),
    ),
    "list_todos": List(
        "todos/",
        "todos_todo",
        {"owner_id"},
        todo_filters,
        reasons={
            "is_done": NO_INDEX,
            "has_time": NO_INDEX,
            "quick_input": "there is one todo per date of the offer, sorted by its present date",
            "q": "no index finds a substring of a title",
        },
        extra_rows=dated(Todo),
        filter_columns={
            "goal": "goal_id",
            "quick_input": "quick_input_id",
            "owner": "goal_id",  # those of their goals that the viewer can see
        },
    ),
    "list_users": List(
        "users/",
        "accounts_profile",
        {"user_id", "handle", "is_searchable"},
        people_filters,
        needs_filter=True,
        reasons={"q": "people match by handle or nickname (500 of each at most) and are sorted"},
        extra_rows=found,
    ),
}
