"""Reads over several apps: one day, and a range of days, each in a fixed number of queries.

All queries are compiled, and return rows as the serializers show them. `mine` is true if the viewer
is the owner, who can see all of their own rows; without the other conditions of the visibility rule
these queries take a third less time.
"""

import datetime as dt  # `date` is the name of a field
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db.models import Count, Q, QuerySet

from accounts.cards import CardSerializer
from accounts.models import User
from alarms.models import Alarm
from alarms.serializers import AlarmSerializer
from cheers.models import Cheer
from diaries.models import Diary, DiaryQuerySet
from diaries.serializers import DiarySerializer
from fastlists import ProjectedQuery, compiled
from goals.models import Goal, GoalQuerySet
from goals.serializers import GoalSerializer
from resources.models import OwnedQuerySet
from todos.models import Todo, TodoQuerySet
from todos.offers import Offer, offers_between
from todos.serializers import TodoSerializer

# Emojis on targets that a day shows, those of most people first.
CHEERS = 2_000


@dataclass(frozen=True)
class Day:
    """One date of the owner, as the viewer sees it. Everything but the offers is as it is shown."""

    owner: dict[str, Any]
    date: dt.date
    today: dt.date
    goals: Sequence[dict[str, Any]]  # each with its `todos`
    offers: Sequence[Offer]
    diary: dict[str, Any] | None
    alarms: Sequence[dict[str, Any]]
    cheers: Sequence[dict[str, Any]]


@dataclass
class Marks:
    """The summary of one date in a calendar."""

    date: dt.date
    goals: list[dict[str, Any]] = field(default_factory=list)
    diary: dict[str, Any] | None = None
    cheers: int = 0

    def add(self, row: dict[str, Any]) -> None:
        """Add the counts of the todos of one goal."""
        self.goals.append({name: row[name] for name in ("goal", "done", "total")})


@dataclass(frozen=True)
class Calendar:
    """A range of days, without those that are empty."""

    owner: User
    date_from: dt.date
    date_to: dt.date
    days: Sequence[Marks]


def _visible[Q: OwnedQuerySet](rows: Q, viewer: User, owner: User, *, mine: bool) -> Q:
    """Return the owner's rows that the viewer can see."""
    rows = rows.of(owner)
    return rows if mine else rows.visible_to(viewer)


# One day


def _todos_of(viewer: User, owner: User, day: dt.date, *, mine: bool) -> TodoQuerySet:
    return _visible(Todo.objects.all(), viewer, owner, mine=mine).on(day).in_order()


def _goals_of(viewer: User, owner: User, day: dt.date, *, mine: bool) -> GoalQuerySet:
    """Return the active goals, and others that have a todo of the day."""
    goals = _visible(Goal.objects.all(), viewer, owner, mine=mine)
    with_todos = Todo.objects.of(owner).on(day).values("goal")
    return goals.filter(Q(state=Goal.State.ACTIVE) | Q(pk__in=with_todos)).in_order()


def _diary_of(viewer: User, owner: User, day: dt.date, *, mine: bool) -> DiaryQuerySet:
    return _visible(Diary.objects.all(), viewer, owner, mine=mine).filter(date=day)


todos_of_day = ProjectedQuery(TodoSerializer, _todos_of, known=["owner"])
goals_of_day = ProjectedQuery(GoalSerializer, _goals_of, known=["owner"])
diary_of_day = ProjectedQuery(DiarySerializer, _diary_of, known=["owner"])
alarms_by_time = ProjectedQuery(AlarmSerializer, lambda viewer: Alarm.objects.of(viewer).by_time())


@compiled(Cheer)
def count_cheers(viewer: User, todos: list[UUID], diaries: list[UUID]) -> QuerySet[Cheer, Any]:
    return Cheer.objects.counted(viewer, todos=todos, diaries=diaries)[:CHEERS]


def read_day(viewer: User, owner: User, day: dt.date | None = None) -> Day:
    """Return the owner's `day`, by default their current date, as the viewer sees it.

    The owner must exist for the viewer. Only the owner sees offers and alarms.
    """
    today = owner.today
    day = day or today
    mine = viewer == owner
    known = {"owner": owner}
    todos = todos_of_day(viewer, owner, day, mine=mine, known=known)
    diary = next(iter(diary_of_day(viewer, owner, day, mine=mine, known=known)), None)
    goals = goals_of_day(viewer, owner, day, mine=mine, known=known)
    return Day(
        owner=CardSerializer().to_representation(owner),
        date=day,
        today=today,
        goals=_with_todos(goals, todos),
        offers=offers_between(owner, day, day) if mine else [],
        diary=diary,
        alarms=alarms_by_time(viewer) if mine else [],
        cheers=list(_cheers(viewer, todos, diary)),
    )


def _with_todos(goals: list[dict[str, Any]], todos: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Add to each goal its todos, in order."""
    todos_by_goal: dict[str, list[dict[str, Any]]] = {goal["id"]: [] for goal in goals}
    for todo in todos:
        # A goal may have been hidden or deleted between the two queries.
        if todo["goal"] in todos_by_goal:
            todos_by_goal[todo["goal"]].append(todo)
    for goal in goals:
        goal["todos"] = todos_by_goal[goal["id"]]
    return goals


def _cheers(
    viewer: User, todos: list[dict[str, Any]], diary: dict[str, Any] | None
) -> Iterator[dict[str, Any]]:
    """Yield the counts of each emoji on each target, without those hidden from the viewer."""
    if not todos and diary is None:
        return
    todo_ids = [UUID(todo["id"]) for todo in todos]
    diary_ids = [UUID(diary["id"])] if diary else []
    for row in count_cheers(viewer, todo_ids, diary_ids):
        todo_id = row.pop("todo_id")
        diary_id = row.pop("diary_id")
        yield {"kind": Todo.kind if todo_id else Diary.kind, "id": todo_id or diary_id, **row}


# A range of days


@compiled(Todo)
def count_todos(
    viewer: User, owner: User, first: dt.date, last: dt.date, *, mine: bool
) -> QuerySet[Todo, Any]:
    """Select the numbers of all todos and of those done, by date and goal."""
    todos = _visible(Todo.objects.all(), viewer, owner, mine=mine)
    return (
        todos.filter(date__gte=first, date__lte=last)
        .order_by("date", "goal__position", "goal_id")
        .values("date", "goal")
        .annotate(total=Count("pk"), done=Count("pk", filter=Q(is_done=True)))
    )


@compiled(Diary)
def moods(
    viewer: User, owner: User, first: dt.date, last: dt.date, *, mine: bool
) -> QuerySet[Diary, Any]:
    diaries = _visible(Diary.objects.all(), viewer, owner, mine=mine)
    return diaries.filter(date__gte=first, date__lte=last).values("date", "id", "emoji")


@compiled(Cheer)
def count_cheers_by_date(
    viewer: User, owner: User, first: dt.date, last: dt.date, *, mine: bool
) -> QuerySet[Cheer, Any]:
    return Cheer.objects.received_by_date(viewer, owner, first, last, mine=mine)


def read_calendar(viewer: User, owner: User, first: dt.date, last: dt.date) -> Calendar:
    """Return the owner's days from `first` to `last` (inclusive), as the viewer sees them.

    The owner must exist for the viewer. Offers are not counted.
    """
    mine = viewer == owner
    days: dict[dt.date, Marks] = {}

    def marks_of(day: dt.date) -> Marks:
        return days.setdefault(day, Marks(day))

    for row in count_todos(viewer, owner, first, last, mine=mine):
        marks_of(row["date"]).add(row)
    for row in moods(viewer, owner, first, last, mine=mine):
        marks_of(row.pop("date")).diary = row
    for day, number in count_cheers_by_date(viewer, owner, first, last, mine=mine):
        marks_of(day).cheers += number
    return Calendar(owner, first, last, [days[day] for day in sorted(days)])
