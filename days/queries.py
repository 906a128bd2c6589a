"""Reads over several apps: one day, and a stretch of days. Each is a fixed number of queries, however much there is.

Every query is kept, and its rows come as the serializers show them. `mine` is part of a query's form: one's own rows
are all of them by the first clause of the rule, and to leave the others out of the statements saves a third of their
time.
"""

import datetime as dt  # not its names: `date` is a field here
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
from diaries.models import Diary
from diaries.serializers import DiarySerializer
from fastlists import ProjectedQuery, compiled
from goals.models import Goal
from goals.serializers import GoalSerializer
from todos.models import Todo
from todos.offers import Offer, offers_between
from todos.serializers import TodoSerializer


@dataclass(frozen=True)
class Day:
    """One screen: what the viewer may see of a date of the owner's. All but the offers is as it is shown."""

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
    """What a calendar shows of one date."""

    date: dt.date
    goals: list[dict[str, Any]] = field(default_factory=list)
    diary: dict[str, Any] | None = None
    cheers: int = 0

    def add(self, row: dict[str, Any]) -> None:
        """What was counted of one goal's todos."""
        self.goals.append({name: row[name] for name in ("goal", "done", "total")})


@dataclass(frozen=True)
class Calendar:
    """A stretch of days; those with nothing on them are left out."""

    owner: User
    date_from: dt.date
    date_to: dt.date
    days: Sequence[Marks]


def _rows(model: type[Goal | Todo | Diary], viewer: User, owner: User, *, mine: bool) -> Any:
    """The owner's rows that the viewer may see."""
    rows = model.objects.of(owner)
    return rows if mine else rows.visible_to(viewer)


# One day


def _todos_of(viewer: User, owner: User, day: dt.date, *, mine: bool) -> Any:
    return _rows(Todo, viewer, owner, mine=mine).on(day).in_order()


def _goals_of(viewer: User, owner: User, day: dt.date, *, mine: bool) -> Any:
    """The active ones, and those that hold a todo of the day."""
    held = Todo.objects.of(owner).on(day).values("goal")
    return (
        _rows(Goal, viewer, owner, mine=mine)
        .filter(Q(state=Goal.State.ACTIVE) | Q(pk__in=held))
        .in_order()
    )


def _diary_of(viewer: User, owner: User, day: dt.date, *, mine: bool) -> Any:
    return _rows(Diary, viewer, owner, mine=mine).filter(date=day)


todos_of_day = ProjectedQuery(TodoSerializer, _todos_of, known=["owner"])
goals_of_day = ProjectedQuery(GoalSerializer, _goals_of, known=["owner"])
diary_of_day = ProjectedQuery(DiarySerializer, _diary_of, known=["owner"])
alarms_by_time = ProjectedQuery(
    AlarmSerializer, lambda viewer: Alarm.objects.of(viewer).order_by("time")
)


@compiled(Cheer)
def cheers_counted(viewer: User, todos: list[UUID], diaries: list[UUID]) -> QuerySet[Cheer, Any]:
    rows: QuerySet[Cheer, Any] = Cheer.objects.counted(viewer, todos=todos, diaries=diaries)
    return rows


def read_day(viewer: User, owner: User, day: dt.date | None = None) -> Day:
    """The owner's `day` (without one: today in the owner's life) as the viewer may see it.

    The owner must exist for the viewer. Offers and alarms are nobody else's: empty for others.
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
    """The goals, each with its own of these todos, in order."""
    lists: dict[str, list[dict[str, Any]]] = {}
    for goal in goals:
        goal["todos"] = lists[goal["id"]] = []
    for todo in todos:
        if todo["goal"] in lists:  # not: hidden or deleted between the two queries
            lists[todo["goal"]].append(todo)
    return goals


def _cheers(
    viewer: User, todos: list[dict[str, Any]], diary: dict[str, Any] | None
) -> Iterator[dict[str, Any]]:
    """How often each emoji was given to each of these, those by people who do not exist for the viewer left out."""
    if not todos and diary is None:
        return
    ids = [UUID(todo["id"]) for todo in todos]
    for row in cheers_counted(viewer, ids, [] if diary is None else [UUID(diary["id"])]):
        todo, diary_id = row.pop("todo_id"), row.pop("diary_id")
        yield {"kind": Todo.kind if todo else Diary.kind, "id": todo or diary_id, **row}


# A stretch of days


@compiled(Todo)
def todos_counted(
    viewer: User, owner: User, first: dt.date, last: dt.date, *, mine: bool
) -> QuerySet[Todo, Any]:
    todos = _rows(Todo, viewer, owner, mine=mine).filter(date__gte=first, date__lte=last)
    rows: QuerySet[Todo, Any] = (
        todos.order_by("date", "goal__position", "goal_id")
        .values("date", "goal")
        .annotate(total=Count("pk"), done=Count("pk", filter=Q(is_done=True)))
    )
    return rows


@compiled(Diary)
def moods(
    viewer: User, owner: User, first: dt.date, last: dt.date, *, mine: bool
) -> QuerySet[Diary, Any]:
    diaries = _rows(Diary, viewer, owner, mine=mine).filter(date__gte=first, date__lte=last)
    rows: QuerySet[Diary, Any] = diaries.values("date", "id", "emoji")
    return rows


@compiled(Cheer)
def cheers_by_date(
    viewer: User, owner: User, first: dt.date, last: dt.date, *, mine: bool
) -> QuerySet[Cheer, Any]:
    rows: QuerySet[Cheer, Any] = Cheer.objects.received_by_date(
        viewer, owner, first, last, mine=mine
    )
    return rows


def read_calendar(viewer: User, owner: User, first: dt.date, last: dt.date) -> Calendar:
    """What the owner's days from `first` to `last`, both counted, hold that the viewer may see. Offers never count.

    The owner must exist for the viewer.
    """
    asked, mine = (viewer, owner, first, last), viewer == owner
    days: dict[dt.date, Marks] = {}
    for row in todos_counted(*asked, mine=mine):
        days.setdefault(row["date"], Marks(row["date"])).add(row)
    for row in moods(*asked, mine=mine):
        days.setdefault(day := row.pop("date"), Marks(day)).diary = row
    for day, number in cheers_by_date(*asked, mine=mine):
        days.setdefault(day, Marks(day)).cheers += number
    return Calendar(owner, first, last, [days[day] for day in sorted(days)])
