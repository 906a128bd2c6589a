"""Reads over several apps: one day, and a stretch of days. Each is a fixed number of queries, however much there is."""

import datetime as dt  # not its names: `date` is a field here
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Count, Q

from accounts.models import Alarm, User
from cheers.models import Cheer
from diaries.models import Diary
from goals.models import Goal
from todos.models import Todo
from todos.offers import Offer, offers_between


@dataclass(frozen=True)
class Day:
    """One screen: what the viewer may see of a date of the owner's."""

    owner: User
    date: dt.date
    today: dt.date
    goals: Sequence[Goal]  # each with its `todos`
    offers: Sequence[Offer]
    diary: Diary | None
    alarms: Sequence[Alarm]
    cheers: Sequence[dict[str, Any]]


@dataclass
class Marks:
    """What a calendar shows of one date."""

    date: dt.date
    goals: list[dict[str, Any]] = field(default_factory=list)
    diary: dict[str, Any] | None = None
    cheers: int = 0


@dataclass(frozen=True)
class Calendar:
    """A stretch of days; those with nothing on them are left out."""

    owner: User
    date_from: dt.date
    date_to: dt.date
    days: Sequence[Marks]


def read_day(viewer: User, owner: User, day: dt.date | None = None) -> Day:
    """The owner's `day` (without one: today in the owner's life) as the viewer may see it.

    The owner must exist for the viewer. Offers and alarms are nobody else's: empty for others.
    """
    today = owner.today
    day = day or today
    mine = viewer == owner
    todos = list(_shown(Todo, viewer, owner).on(day).in_order())
    diary = _diary(viewer, owner, day)
    return Day(
        owner=owner,
        date=day,
        today=today,
        goals=_goals(viewer, owner, todos),
        offers=offers_between(owner, day, day) if mine else [],
        diary=diary,
        alarms=list(Alarm.objects.of(owner).order_by("time")) if mine else [],
        cheers=list(_cheers(viewer, todos, diary)),
    )


def _shown(model: type[Goal | Todo | Diary], viewer: User, owner: User) -> Any:
    """The owner's rows that the viewer may see. One's own are all of them by the first clause of the rule: to leave the
    others out of the statements saves a third of the time that one's own day takes."""
    rows = model.objects.of(owner)
    return rows if viewer == owner else rows.visible_to(viewer)


def _diary(viewer: User, owner: User, day: dt.date) -> Diary | None:
    diaries = _shown(Diary, viewer, owner).filter(date=day)
    diary: Diary | None = (diaries.with_viewers() if viewer == owner else diaries).first()
    if diary is not None:
        diary.owner = owner  # with the profile that its card shows
    return diary


def _goals(viewer: User, owner: User, todos: Sequence[Todo]) -> list[Goal]:
    """The active goals, and the others that hold one of `todos`; each with its own of these as `todos`, in order."""
    held = {todo.goal_id for todo in todos}
    rows = _shown(Goal, viewer, owner).filter(Q(state=Goal.State.ACTIVE) | Q(pk__in=held)).in_order()
    goals: dict[Any, Any] = {goal.pk: goal for goal in (rows.with_viewers() if viewer == owner else rows)}
    for goal in goals.values():
        goal.owner, goal.todos = owner, []
    for todo in todos:
        if goal := goals.get(todo.goal_id):  # None: hidden or deleted between the two queries
            todo.owner, todo.goal = owner, goal
            goal.todos.append(todo)
    return list(goals.values())


def _cheers(viewer: User, todos: Sequence[Todo], diary: Diary | None) -> Iterator[dict[str, Any]]:
    """How often each emoji was given to each of these, those by people who do not exist for the viewer left out."""
    diaries = [] if diary is None else [diary.pk]
    for row in Cheer.objects.counted(viewer, todos=[todo.pk for todo in todos], diaries=diaries):
        kind = Diary.kind if row["todo_id"] is None else Todo.kind
        yield {"kind": kind, "id": row[f"{kind}_id"], **{name: row[name] for name in ("emoji", "count", "mine")}}


def read_calendar(viewer: User, owner: User, first: dt.date, last: dt.date) -> Calendar:
    """What the owner's days from `first` to `last`, both counted, hold that the viewer may see. Offers never count.

    The owner must exist for the viewer.
    """
    in_range = Q(date__gte=first, date__lte=last)
    days: dict[dt.date, Marks] = {}
    todos = _shown(Todo, viewer, owner).filter(in_range).order_by("date", "goal__position", "goal_id")
    counted = todos.values("date", "goal").annotate(total=Count("pk"), done=Count("pk", filter=Q(is_done=True)))
    for row in counted:
        days.setdefault(row["date"], Marks(row["date"])).goals.append(row)
    diaries = _shown(Diary, viewer, owner).filter(in_range)
    for row in diaries.values("date", "id", "emoji"):
        days.setdefault(row["date"], Marks(row["date"])).diary = row
    for day, number in Cheer.objects.received_by_date(viewer, owner, first, last).items():
        days.setdefault(day, Marks(day)).cheers = number
    return Calendar(owner, first, last, [days[day] for day in sorted(days)])
