"""The scenario with openapi-python-client. Arguments: see tests/clients/__main__.py."""

import datetime
import io
import os
import sys
import time
from pathlib import Path
from uuid import UUID, uuid4

import httpx
from todomate_client import AuthenticatedClient, Client
from todomate_client.api.archive import archive_todo
from todomate_client.api.auth import refresh_token, sign_in, sign_up
from todomate_client.api.calendar import get_calendar
from todomate_client.api.cheers import cheer_diary
from todomate_client.api.days import get_day
from todomate_client.api.diaries import create_diary, get_diary, update_diary
from todomate_client.api.goals import create_goal, list_goals, update_goal
from todomate_client.api.me import get_me
from todomate_client.api.photos import upload_photo
from todomate_client.api.todos import create_todo, get_todo, list_todos, update_todo
from todomate_client.api.users import list_followers, list_users
from todomate_client.models import (
    Cheer,
    Day,
    Diary,
    DiaryUpdate,
    Goal,
    GoalPage,
    GoalUpdate,
    Me,
    MonthCalendar,
    NamedPhoto,
    NewCheer,
    NewDiary,
    NewGoal,
    NewTodo,
    PersonPage,
    Problem,
    SignedUp,
    SignIn,
    SignUp,
    Todo,
    TodoPage,
    TodoUpdate,
    TokenPair,
    TokenRefresh,
    UploadedPhoto,
    VisibilityLevel,
)
from todomate_client.types import UNSET, File, Unset


def an[T](kind: type[T], answer: object) -> T:
    """Return an answer that has to be of this kind, not a problem."""
    assert isinstance(answer, kind), answer
    return answer


def step(name: str) -> None:
    print(f"step: {name}", flush=True)


def new_id() -> UUID:
    """Return a UUID of version 7: milliseconds, then random bits."""
    number = time.time_ns() // 1_000_000 << 80 | int.from_bytes(os.urandom(10))
    return UUID(int=number & ~(0xF << 76 | 3 << 62) | 7 << 76 | 2 << 62)


def main(*arguments: str) -> None:
    address, later_address, email, password, day, photo = arguments
    anyone = Client(base_url=address)
    date = datetime.date.fromisoformat(day)

    person = SignUp(
        email=f"{uuid4()}@example.com",
        password="quiet rivers run deep",
        nickname="Python",
        id=None,
        handle=None,
        timezone=None,
        locale=None,
        device=None,
        device_id=None,
    )
    newcomer = an(SignedUp, sign_up.sync(client=anyone, body=person))
    assert newcomer.user.nickname == "Python", newcomer
    step("sign up")

    credentials = SignIn(email=email, password=password, device="Scenario")
    tokens = an(TokenPair, sign_in.sync(client=anyone, body=credentials))
    step("sign in")
    refresh = TokenRefresh(refresh=tokens.refresh)
    tokens = an(TokenPair, refresh_token.sync(client=anyone, body=refresh))
    api = AuthenticatedClient(base_url=address, token=tokens.access)
    me = an(Me, get_me.sync(client=api))
    assert me.email == email, me
    step("refresh")

    follower = an(PersonPage, list_followers.sync(me.id, client=api)).results[0]
    new_goal = NewGoal(
        id=new_id(),
        title="Swim",
        color=None,
        visibility=VisibilityLevel.SELECTED,
        viewers=[follower.id],
        state=None,
    )
    goal = an(Goal, create_goal.sync(client=api, body=new_goal))
    assert goal.viewers is not None, goal
    assert [viewer.id for viewer in goal.viewers] == [follower.id], goal
    assert an(Goal, create_goal.sync(client=api, body=new_goal)).created_at == goal.created_at
    step("create a goal")

    new_todo = NewTodo(
        id=new_id(),
        goal=goal.id,
        title="Twenty lanes",
        memo=None,
        date=date,
        time="07:30",
        is_done=None,
        done_at=None,
    )
    todo = an(Todo, create_todo.sync(client=api, body=new_todo))
    assert todo.time == "07:30", todo
    assert not todo.is_done, todo
    assert an(Todo, create_todo.sync(client=api, body=new_todo)).created_at == todo.created_at
    step("create a todo")

    renamed = an(Goal, update_goal.sync(goal.id, client=api, body=GoalUpdate(title="Swimming")))
    assert renamed.title == "Swimming", renamed
    assert renamed.viewers == goal.viewers, renamed
    step("rename the goal")

    done = an(Todo, update_todo.sync(todo.id, client=api, body=TodoUpdate(is_done=True)))
    assert done.is_done, done
    assert done.done_at is not None, done
    assert done.date == date, done
    step("check the todo")

    # UNSET is left out and None is null, so Python needs no `clear`.
    timeless = an(Todo, update_todo.sync(todo.id, client=api, body=TodoUpdate(time=None)))
    assert timeless.time is None, timeless
    assert timeless.date == date, timeless
    step("clear its time")

    archived = an(Todo, archive_todo.sync(todo.id, client=api))
    assert archived.date is None, archived
    step("archive the todo")

    for title in ("one", "two", "three"):
        body = NewTodo(id=new_id(), goal=goal.id, title=title, date=date)
        an(Todo, create_todo.sync(client=api, body=body))
    titles: list[str] = []
    cursor: str | Unset | None = UNSET
    while cursor is not None:
        page = list_todos.sync(client=api, goal=goal.id, page_size=2, cursor=cursor)
        todos = an(TodoPage, page)
        titles += [row.title for row in todos.results]
        cursor = todos.next_cursor
    assert titles == ["one", "two", "three"], titles
    step("page through todos")

    assert an(Day, get_day.sync(date, client=api)).date == date
    step("read a day")
    month = an(MonthCalendar, get_calendar.sync(client=api, month=day[:7]))
    assert date in [one.date for one in month.days], month
    step("read a month")

    new_diary = NewDiary(
        id=new_id(),
        date=date,
        body="물이 따뜻했다",
        emoji="😀",
        temperature=None,
        color=None,
        visibility=None,
    )
    diary = an(Diary, create_diary.sync(client=api, body=new_diary))
    assert diary.body == new_diary.body, diary
    step("write a diary")

    file = File(payload=io.BytesIO(Path(photo).read_bytes()))
    uploaded = an(UploadedPhoto, upload_photo.sync(new_id(), client=api, body=file))
    assert uploaded.width == 640, uploaded
    assert not uploaded.used, uploaded
    step("upload a photo")
    change = DiaryUpdate(photos=[NamedPhoto(id=uploaded.id, alt="The sea")])
    an(Diary, update_diary.sync(diary.id, client=api, body=change))
    (shown,) = an(Diary, get_diary.sync(diary.id, client=api)).photos
    assert shown.id == uploaded.id, shown
    assert shown.alt == "The sea", shown
    # An image view does this: without a token.
    picture = httpx.get(shown.url)
    assert picture.status_code == 200, picture
    assert picture.content[8:12] == b"WEBP", picture
    step("show it in the diary")

    cheer = an(Cheer, cheer_diary.sync(diary.id, client=api, body=NewCheer(emoji="👏")))
    assert cheer.emoji == "👏", cheer
    step("cheer")

    refused = an(Problem, create_goal.sync(client=api, body=NewGoal(title="")))
    assert refused.status == 400, refused
    assert not isinstance(refused.errors, Unset), refused
    assert refused.errors[0].field == "title", refused
    missing = an(Problem, get_todo.sync(new_id(), client=api))
    assert missing.code == "not_found", missing
    step("typed errors")

    found = list_users.sync_detailed(client=api, q="mina")
    for _ in range(20):
        if found.status_code == 429:
            break
        found = list_users.sync_detailed(client=api, q="mina")
    assert an(Problem, found.parsed).status == 429, found
    assert int(found.headers["Retry-After"]) > 0, found
    step("too many requests")

    later = AuthenticatedClient(base_url=later_address, token=tokens.access)
    goals = an(GoalPage, list_goals.sync(client=later))
    assert goals.results[0].visibility == VisibilityLevel.UNKNOWN_VALUE, goals
    assert an(Me, get_me.sync(client=later)).id == me.id
    unknown = an(Problem, get_todo.sync(new_id(), client=later))
    assert unknown.status == 404, unknown
    assert unknown.code == "added_later", unknown
    step("a later release")


if __name__ == "__main__":
    main(*sys.argv[1:])
