"""The base class of the tests of the admin.

There are three operators, and a row of each resource. What people write contains SECRET, which must
not appear on a page without the permission to read it.
"""

from datetime import date, time
from typing import Any

from django.contrib.auth.models import Permission
from django.db import models
from django.test import Client, TestCase, override_settings

from accounts.models import Block, Session, User
from alarms.models import Alarm
from cheers.models import Cheer
from diaries.models import Diary
from goals.models import Goal
from photos.models import Photo
from tests.base import FAST_HASH, Cast, person
from tests.photos.base import photo
from todos.models import QuickInput, Todo

SECRET = "Zanzibar"
CONTENT_FIELDS: dict[type[models.Model], dict[str, str]] = {
    Goal: {"title": f"{SECRET} goal"},
    Todo: {"title": f"{SECRET} todo", "memo": f"{SECRET} memo"},
    QuickInput: {"title": f"{SECRET} quick"},
    Diary: {"body": f"{SECRET} diary", "place": f"{SECRET} Park"},
}
CONTENT_MODELS = list(CONTENT_FIELDS)
OTHER_MODELS: list[type[models.Model]] = [Cheer, Alarm, Photo]


def operator(nickname: str, *permissions: str) -> User:
    """Create a staff member with these permissions ("todos.view_todo")."""
    user = person(nickname, is_staff=True)
    for permission in permissions:
        app, codename = permission.split(".")
        user.user_permissions.add(
            Permission.objects.get(content_type__app_label=app, codename=codename)
        )
    return user


def path(model: type[models.Model], row: Any = None, page: str = "change") -> str:
    """Return the path of the model's list, or of a page of one of its rows."""
    place = f"/admin/{model._meta.app_label}/{model._meta.model_name}/"
    return place if row is None else f"{place}{row.pk}/{page}/"


@override_settings(PASSWORD_HASHERS=FAST_HASH)
class OperatorTest(Cast, TestCase):
    """Olga may view and delete content, Rita may view and read it, Root is a superuser."""

    rows: dict[type[models.Model], Any]

    @classmethod
    def setUpTestData(cls) -> None:
        cls.make_cast()
        views = [f"{m._meta.app_label}.view_{m._meta.model_name}" for m in CONTENT_MODELS]
        deletes = [f"{m._meta.app_label}.delete_{m._meta.model_name}" for m in CONTENT_MODELS]
        reads = [f"{m._meta.app_label}.read_{m._meta.model_name}" for m in CONTENT_MODELS]
        cls.olga = operator("Olga", *views, *deletes)
        cls.rita = operator("Rita", *views, *reads)
        cls.root = person("Root", is_staff=True, is_superuser=True)
        cls.rows = cls.make_rows(cls.alice)

    @classmethod
    def make_rows(cls, owner: User, number: int = 0) -> dict[type[models.Model], Any]:
        """Create a row of each resource."""
        goal = Goal.add(owner, title=f"{SECRET} goal")
        day = date(2026, 1, 1 + number)
        todo = Todo.add(owner, goal=goal, date=day, title=f"{SECRET} todo", memo=f"{SECRET} memo")
        quick = QuickInput.add(
            owner, goal=goal, title=f"{SECRET} quick", weekdays=["mon"], starts_on=day
        )
        diary = Diary.objects.create(
            owner=owner, date=day, body=f"{SECRET} diary", emoji="🍣", place=f"{SECRET} Park"
        )
        alarm = Alarm.objects.create(owner=owner, time=time(9, number))
        cheer = Cheer.objects.create(owner=cls.bob, target_owner=owner, todo=todo, emoji="👍")
        return {
            Goal: goal,
            Todo: todo,
            QuickInput: quick,
            Diary: diary,
            Alarm: alarm,
            Cheer: cheer,
            Photo: photo(owner),
        }

    @classmethod
    def make_many(cls, count: int = 20) -> None:
        """Create more rows of each resource, and people with sessions, follows and blocks."""
        for number in range(1, count):
            cls.make_rows(cls.alice, number)
            other = person("Other")
            Session.start(other, f"phone {number}")
            other.follow(cls.alice)
            Block.objects.create(blocker=other, blocked=cls.charlie)

    def site(self, user: User) -> Client:
        """Return a browser that is signed in to the admin as this user."""
        client = Client()
        client.force_login(user)
        return client
