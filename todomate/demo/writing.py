"""Writing of the demo into the database, with few statements in one transaction."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import Q

from accounts.models import Follow, FormerAccount, User
from alarms.models import Alarm
from cheers.models import Cheer
from core import clock
from core.emojis import one_emoji
from core.models import Stamped
from diaries.models import Diary
from diaries.models.diaries import publication
from goals.models import Goal
from todomate.demo import june, mina, noah, people, script
from todomate.demo.people import SignIn
from todomate.demo.photos import SHOWN, write_photos
from todos.models import Dismissal, QuickInput, Todo

PERSONS = (mina.PERSON, june.PERSON, noah.PERSON)
EVENING = time(20)
FIRST_DAY = -29  # relative to the current date


# The kinds of rows, as their ids have them.
USERS, GOALS, TODOS, QUICK_INPUTS, DIARIES, ALARMS, CHEERS, PHOTOS = range(8)


class Ids:
    """The ids of one person's rows, which are the same in every demo.

    The examples in the schema name rows by them. `number` is that of the person, from 1.
    """

    def __init__(self, number: int) -> None:
        self.number = number
        self.last: Counter[int] = Counter()

    @property
    def of_user(self) -> UUID:
        return self.make(USERS, 0)

    def new(self, kind: int) -> UUID:
        """Return the id of the next row of this kind."""
        self.last[kind] += 1
        return self.make(kind, self.last[kind])

    def make(self, kind: int, number: int) -> UUID:
        return UUID(f"0197de00-0000-7{kind:03}-8000-{self.number:04}{number:08}")


class PersonRows:
    """The rows of one person, collected before they are written."""

    def __init__(
        self,
        person: script.Person,
        user: User,
        ids: Ids,
        follows: Mapping[tuple[SignIn, SignIn], Follow],
    ) -> None:
        self.person = person
        self.user = user
        self.ids = ids
        self.follows = follows
        self.goals: list[Goal] = []
        self.quick_inputs: list[QuickInput] = []
        self.dismissals: list[Dismissal] = []
        self.todos: list[Todo] = []
        self.diaries: list[Diary] = []
        self.cheers: list[tuple[Todo | Diary, script.Cheers]] = []
        self.viewers: list[tuple[Goal | Diary, Follow]] = []
        self.todo_counts: Counter[date] = Counter()
        for goal in person.goals:
            self.add_goal(goal)
        for diary in person.diaries:
            self.add_diary(diary)

    def day(self, offset: int) -> date:
        """Return the date `offset` days after the person's current date."""
        return self.user.today + timedelta(days=offset)

    def instant(self, day: date, at: time | None) -> datetime:
        """Return the UTC time of a local time, the evening by default. Never in the future."""
        local = datetime.combine(day, at or EVENING, ZoneInfo(self.user.profile.timezone))
        return min(local.astimezone(UTC), clock.now())

    def add_goal(self, plan: script.Goal) -> None:
        """Add a goal with its todos, quick inputs and archived todos."""
        goal = Goal(
            id=self.ids.new(GOALS),
            owner=self.user,
            title=plan.title,
            color=plan.color,
            visibility=plan.visibility,
            state=plan.state,
            position=len(self.goals),
        )
        self.goals.append(goal)
        self.add_viewers(goal, plan.viewers)
        for todo in plan.todos:
            self.add_planned_todo(goal, todo)
        for quick_input in plan.quick_inputs:
            self.add_quick_input(goal, quick_input)
        for title in plan.archive:
            archived = Todo(id=self.ids.new(TODOS), owner=self.user, goal=goal, title=title)
            self.todos.append(archived)

    def add_planned_todo(self, goal: Goal, plan: script.Todo) -> None:
        todo = Todo(
            id=self.ids.new(TODOS),
            goal=goal,
            title=plan.title,
            date=self.day(plan.day),
            time=parse_time(plan.at),
            memo=plan.memo,
        )
        is_done = plan.day < 0 if plan.done is None else plan.done
        self.add_todo(todo, is_done=is_done)
        self.cheers.append((todo, plan.cheers))

    def add_todo(self, todo: Todo, *, is_done: bool) -> None:
        """Add a todo with a date as the last one of its day."""
        assert todo.date is not None  # noqa: S101  # archived todos are added by add_goal
        todo.owner = self.user
        todo.position = self.todo_counts[todo.date]
        todo.is_done = is_done
        todo.done_at = self.instant(todo.date, todo.time) if is_done else None
        self.todo_counts[todo.date] += 1
        self.todos.append(todo)

    def add_quick_input(self, goal: Goal, plan: script.QuickInput) -> None:
        """Add a quick input with the results of its past offers."""
        quick_input = QuickInput(
            id=self.ids.new(QUICK_INPUTS),
            owner=self.user,
            goal=goal,
            title=plan.title,
            weekdays=list(plan.weekdays),  # type: ignore[misc]  # typed as a text by the stubs
            time=parse_time(plan.at),
            starts_on=self.day(plan.starts),
            ends_on=None if plan.ends is None else self.day(plan.ends),
        )
        self.quick_inputs.append(quick_input)
        past_days = map(self.day, range(plan.starts, 0))
        offers = [day for day in past_days if quick_input.falls_on(day)]
        for number, day in enumerate(offers):
            self.add_offer_result(quick_input, day, number)

    def add_offer_result(self, quick_input: QuickInput, day: date, number: int) -> None:
        """Add the dismissal or the todo of an offer.

        One offer in seven is dismissed, one in six ignored, and one todo in five is not done.
        """
        if number % 7 == 3:
            self.dismissals.append(Dismissal(quick_input=quick_input, date=day))
        elif number % 6 != 4:
            todo = Todo(
                id=quick_input.todo_id(day),
                quick_input=quick_input,
                offered_on=day,
                goal=quick_input.goal,
                title=quick_input.title,
                date=day,
                time=quick_input.time,
            )
            self.add_todo(todo, is_done=number % 5 != 1)

    def add_diary(self, plan: script.Diary) -> None:
        day = self.day(plan.day)
        latitude, longitude = plan.position
        published = publication(
            is_draft=plan.is_draft,
            visibility=plan.visibility,
            published_at=self.instant(day, time(23)),
        )
        diary = Diary(
            id=self.ids.new(DIARIES),
            owner=self.user,
            date=day,
            body=plan.body,
            emoji=emoji(plan.mood),
            temperature=plan.temperature,
            color=plan.color,
            visibility=plan.visibility,
            is_draft=plan.is_draft,
            place=plan.place,
            latitude=latitude,
            longitude=longitude,
            **published,
        )
        self.diaries.append(diary)
        self.cheers.append((diary, plan.cheers))
        self.add_viewers(diary, plan.viewers)

    def add_viewers(self, row: Goal | Diary, viewers: Iterable[SignIn]) -> None:
        for viewer in viewers:
            self.viewers.append((row, self.follows[viewer, self.person.sign_in]))

    def alarms(self) -> Iterator[Alarm]:
        """Yield the person's alarms."""
        for at, is_on in self.person.alarms.items():
            at_time = time.fromisoformat(at)
            yield Alarm(id=self.ids.new(ALARMS), owner=self.user, time=at_time, is_on=is_on)

    def write(self) -> None:
        """Insert all rows except cheers."""
        Alarm.objects.bulk_create(self.alarms())
        Goal.objects.bulk_create(self.goals)
        QuickInput.objects.bulk_create(self.quick_inputs)
        Dismissal.objects.bulk_create(self.dismissals)
        Todo.objects.bulk_create(self.todos)
        for diary in Diary.objects.bulk_create(self.diaries):
            diary.set_labels()
        goal_viewer = Goal.viewers.through
        diary_viewer = Diary.viewers.through
        goal_viewer.objects.bulk_create(
            goal_viewer(goal=row, follow=follow)
            for row, follow in self.viewers
            if isinstance(row, Goal)
        )
        diary_viewer.objects.bulk_create(
            diary_viewer(diary=row, follow=follow)
            for row, follow in self.viewers
            if isinstance(row, Diary)
        )
        self.backdate()

    def write_photos(self) -> None:
        """Insert the person's picture and the photos of a diary, with their files."""
        number = 1 + len(SHOWN[self.ids.number - 1])
        ids = [self.ids.new(PHOTOS) for _ in range(number)]
        write_photos(self.user, self.ids.number, ids, self.diaries)

    def backdate(self) -> None:
        """Set the creation times: goals a month ago, todos the day before they are due."""
        start = self.instant(self.day(FIRST_DAY), None)
        backdate(self.goals, [start] * len(self.goals))
        backdate(self.quick_inputs, [start] * len(self.quick_inputs))
        due_dates = [todo.date or self.day(-2) for todo in self.todos]
        backdate(self.todos, [self.instant(day - timedelta(days=1), None) for day in due_dates])
        backdate(self.diaries, [self.instant(diary.date, time(23)) for diary in self.diaries])


@transaction.atomic
def write_demo() -> None:
    """Insert the demo's accounts, follows and content.

    Raise IntegrityError if one of the accounts exists.
    """
    ids = {person.sign_in: Ids(number) for number, person in enumerate(PERSONS, start=1)}
    users = {
        sign_in: add_user(sign_in, uuid=ids[sign_in].of_user, **person.profile)
        for person in PERSONS
        for sign_in in (person.sign_in,)
    }
    add_user(people.ADMIN, is_staff=True, is_superuser=True, is_searchable=False)
    follows = {
        (follower, followee): add_follow(users[follower], users[followee])
        for follower in users
        for followee in users
        if follower != followee
    }
    rows_of_persons = [
        PersonRows(person, users[person.sign_in], ids[person.sign_in], follows)
        for person in PERSONS
    ]
    for rows in rows_of_persons:
        rows.write()
        rows.write_photos()
    write_cheers(rows_of_persons, users, ids)


@transaction.atomic
def reset_demo() -> None:
    """Delete the demo's accounts with all that belongs to them, and write them as on the first day.

    They are found by their ids and emails, so also if somebody has renamed or deleted them. Other
    accounts stay. Raise IntegrityError if one of them has taken the handle of a demo account.
    """
    ids = [Ids(number).of_user for number, _ in enumerate(PERSONS, start=1)]
    emails = [account.email for account in (*people.PEOPLE, people.ADMIN)]
    User.objects.filter(Q(uuid__in=ids) | Q(email__in=emails)).delete()
    # The ids of other accounts are never used again.
    FormerAccount.objects.filter(pk__in=ids).delete()
    write_demo()


def add_user(sign_in: SignIn, **fields: str | int | bool | UUID) -> User:
    return User.objects.create_user(
        sign_in.email,
        people.PASSWORD,
        nickname=sign_in.nickname,
        handle=sign_in.handle,
        **fields,
    )


def add_follow(follower: User, followee: User) -> Follow:
    """Add a follow that the followee, whose account may be private, has accepted."""
    state = Follow.State.ACCEPTED
    return Follow.objects.create(follower=follower, followee=followee, state=state)


def write_cheers(
    rows_of_persons: Sequence[PersonRows],
    users: Mapping[SignIn, User],
    ids: Mapping[SignIn, Ids],
) -> None:
    """Insert the cheers, each some minutes after the time of its target."""
    cheers = []
    created_at = []
    for rows in rows_of_persons:
        for target, emojis in rows.cheers:
            assert target.date is not None  # noqa: S101  # archived todos have no cheers
            start = rows.instant(target.date, getattr(target, "time", None))
            for number, (sign_in, text) in enumerate(emojis.items(), start=1):
                cheer = Cheer(
                    id=ids[sign_in].new(CHEERS),
                    owner=users[sign_in],
                    target_owner=rows.user,
                    emoji=emoji(text),
                    **{target.kind: target},
                )
                cheers.append(cheer)
                created_at.append(min(start + timedelta(minutes=17 * number), clock.now()))
    Cheer.objects.bulk_create(cheers)
    backdate(cheers, created_at)


def parse_time(text: str | None) -> time | None:
    return time.fromisoformat(text) if text else None


def emoji(text: str) -> str:
    """Return the form in which the API stores an emoji. Raise ValueError for other texts."""
    stored = one_emoji(text)
    if stored is None:
        raise ValueError(text)
    return stored


def backdate(rows: Sequence[Stamped], times: Sequence[datetime]) -> None:
    """Set the times at which rows were created, which inserting always sets to now."""
    for row, created_at in zip(rows, times, strict=True):
        row.created_at = created_at
        row.updated_at = created_at
    type(rows[0])._default_manager.bulk_update(rows, ["created_at", "updated_at"])
