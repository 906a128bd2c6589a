"""Puts the demo's people into the database: few statements, one transaction."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction

from accounts.models import Follow, User
from alarms.models import Alarm
from cheers.models import Cheer
from core import days
from core.emojis import one_emoji
from core.models import Stamped
from diaries.models import Diary
from goals.models import Goal
from todomate.demo import june, mina, noah, people, script
from todomate.demo.people import SignIn
from todos.models import Dismissal, QuickInput, Todo

CAST = (mina.PERSON, june.PERSON, noah.PERSON)
EVENING = time(20)


class Life:
    """One person's rows, collected before they are written. Their days count from their own today."""

    def __init__(
        self, person: script.Person, user: User, follows: Mapping[tuple[SignIn, SignIn], Follow]
    ) -> None:
        self.person, self.user, self.follows = person, user, follows
        self.goals: list[Goal] = []
        self.quick_inputs: list[QuickInput] = []
        self.dismissals: list[Dismissal] = []
        self.todos: list[Todo] = []
        self.diaries: list[Diary] = []
        self.cheers: list[tuple[Todo | Diary, script.Cheers]] = []
        self.viewers: list[tuple[Goal | Diary, Follow]] = []
        self.lengths: Counter[date | None] = Counter()
        for goal in person.goals:
            self.add_goal(goal)
        for diary in person.diaries:
            self.add_diary(diary)

    def day(self, offset: int) -> date:
        return self.user.today + timedelta(days=offset)

    def moment(self, day: date, at: time | None) -> datetime:
        """When something of that day was over: at its local time, and never in the future."""
        local = datetime.combine(day, at or EVENING, ZoneInfo(self.user.profile.timezone))
        return min(local.astimezone(UTC), days.now())

    def add_goal(self, plan: script.Goal) -> None:
        goal = Goal(
            owner=self.user,
            title=plan.title,
            color=plan.color,
            visibility=plan.visibility,
            state=plan.state,
            position=len(self.goals),
        )
        self.goals.append(goal)
        self.show_to(goal, plan.viewers)
        for todo in plan.todos:
            done = todo.day < 0 if todo.done is None else todo.done
            at = time.fromisoformat(todo.at) if todo.at else None
            row = self.add_todo(goal, todo.title, self.day(todo.day), at, done, memo=todo.memo)
            self.cheers.append((row, todo.cheers))
        for quick_input in plan.quick_inputs:
            self.add_quick_input(goal, quick_input)
        for title in plan.archive:
            self.todos.append(Todo(owner=self.user, goal=goal, title=title))

    def add_todo(
        self, goal: Goal, title: str, day: date, at: time | None, done: bool, **more: Any
    ) -> Todo:
        todo = Todo(
            owner=self.user,
            goal=goal,
            title=title,
            date=day,
            time=at,
            position=self.lengths[day],
            **more,
        )
        todo.is_done, todo.done_at = done, self.moment(day, at) if done else None
        self.lengths[day] += 1
        self.todos.append(todo)
        return todo

    def add_quick_input(self, goal: Goal, plan: script.QuickInput) -> None:
        quick_input = QuickInput(
            owner=self.user,
            goal=goal,
            title=plan.title,
            weekdays=list(plan.weekdays),  # type: ignore[misc]  # the field takes lists; its stub is a text's
            time=time.fromisoformat(plan.at) if plan.at else None,
            starts_on=self.day(plan.starts),
            ends_on=None if plan.ends is None else self.day(plan.ends),
        )
        self.quick_inputs.append(quick_input)
        past = [day for day in map(self.day, range(plan.starts, 0)) if quick_input.falls_on(day)]
        for number, day in enumerate(past):
            self.take_up(quick_input, day, number)

    def take_up(self, quick_input: QuickInput, day: date, number: int) -> None:
        """What became of an offer: one in six was passed over, one in seven dismissed, and of the todos one in five is
        not done."""
        if number % 7 == 3:
            self.dismissals.append(Dismissal(quick_input=quick_input, date=day))
        elif number % 6 != 4:
            origin = {"id": quick_input.todo_id(day), "quick_input": quick_input, "offered_on": day}
            self.add_todo(
                quick_input.goal,
                quick_input.title,
                day,
                quick_input.time,
                number % 5 != 1,
                **origin,
            )

    def add_diary(self, plan: script.Diary) -> None:
        diary = Diary(
            owner=self.user,
            date=self.day(plan.day),
            body=plan.body,
            emoji=emoji(plan.mood),
            temperature=plan.temperature,
            color=plan.color,
            visibility=plan.visibility,
            is_draft=plan.is_draft,
        )
        self.diaries.append(diary)
        self.cheers.append((diary, plan.cheers))
        self.show_to(diary, plan.viewers)

    def show_to(self, row: Goal | Diary, viewers: Iterable[SignIn]) -> None:
        for viewer in viewers:
            self.viewers.append((row, self.follows[viewer, self.person.sign_in]))

    def alarms(self) -> Iterator[Alarm]:
        for at, is_on in self.person.alarms.items():
            yield Alarm(owner=self.user, time=time.fromisoformat(at), is_on=is_on)

    def write(self) -> None:
        Alarm.objects.bulk_create(self.alarms())
        Goal.objects.bulk_create(self.goals)
        QuickInput.objects.bulk_create(self.quick_inputs)
        Dismissal.objects.bulk_create(self.dismissals)
        Todo.objects.bulk_create(self.todos)
        Diary.objects.bulk_create(self.diaries)
        goals = [(row, follow) for row, follow in self.viewers if isinstance(row, Goal)]
        diaries = [(row, follow) for row, follow in self.viewers if isinstance(row, Diary)]
        Goal.viewers.through.objects.bulk_create(
            Goal.viewers.through(goal=g, follow=f) for g, f in goals
        )
        Diary.viewers.through.objects.bulk_create(
            Diary.viewers.through(diary=d, follow=f) for d, f in diaries
        )
        self.grow_old()

    def grow_old(self) -> None:
        """Things were written down before they were done."""
        beginning = [self.moment(self.day(-29), None)]
        backdate(self.goals, beginning * len(self.goals))
        backdate(self.quick_inputs, beginning * len(self.quick_inputs))
        backdate(
            self.todos,
            [
                self.moment((todo.date or self.day(-2)) - timedelta(days=1), None)
                for todo in self.todos
            ],
        )
        backdate(self.diaries, [self.moment(diary.date, time(23)) for diary in self.diaries])


@transaction.atomic
def write_demo() -> None:
    """Everyone, who follows whom, and what each of them wrote. Raises IntegrityError when one of them is there."""
    users = {person.sign_in: add_user(person.sign_in, **person.profile) for person in CAST}
    admin = {"is_staff": True, "is_superuser": True, "is_searchable": False}
    add_user(people.ADMIN, **admin)
    follows = {
        (one, other): befriend(users[one], users[other])
        for one in users
        for other in users
        if one != other
    }
    lives = [Life(person, users[person.sign_in], follows) for person in CAST]
    for life in lives:
        life.write()
    write_cheers(lives, users)


def add_user(sign_in: SignIn, **fields: Any) -> User:
    return User.objects.create_user(
        sign_in.email, people.PASSWORD, nickname=sign_in.nickname, handle=sign_in.handle, **fields
    )


def befriend(one: User, other: User) -> Follow:
    """`one` follows, and a private `other` has accepted."""
    return Follow.objects.create(follower=one, followee=other, state=Follow.State.ACCEPTED)


def write_cheers(lives: Sequence[Life], users: Mapping[SignIn, User]) -> None:
    cheers, moments = [], []
    for life in lives:
        for target, given in life.cheers:
            assert target.date is not None  # noqa: S101  # nobody cheers what is in the archive
            for minutes, (who, text) in enumerate(given.items(), start=1):
                which = {target.kind: target}
                cheers.append(
                    Cheer(owner=users[who], target_owner=life.user, emoji=emoji(text), **which)
                )
                at = getattr(target, "time", None)
                moments.append(life.moment(target.date, at) + timedelta(minutes=17 * minutes))
    Cheer.objects.bulk_create(cheers)
    backdate(cheers, [min(moment, days.now()) for moment in moments])


def emoji(text: str) -> str:
    """`text` as the API would have kept it. Raises ValueError when it is not one emoji."""
    full = one_emoji(text)
    if full is None:
        raise ValueError(text)
    return full


def backdate(rows: Sequence[Stamped], moments: Sequence[datetime]) -> None:
    """Let rows be as old as what they tell: a new row's instants are always now."""
    for row, moment in zip(rows, moments, strict=True):
        row.created_at = row.updated_at = moment
    type(rows[0])._default_manager.bulk_update(rows, ["created_at", "updated_at"])
