"""Operators of three kinds, and one row of everything with words that nobody may see by accident."""

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
from tests.base import FAST_HASH, Cast, person
from todos.models import QuickInput, Todo

SECRET = "Zanzibar"
WORDS: dict[type[models.Model], dict[str, str]] = {
    Goal: {"title": f"{SECRET} goal"},
    Todo: {"title": f"{SECRET} todo", "memo": f"{SECRET} memo"},
    QuickInput: {"title": f"{SECRET} quick"},
    Diary: {"body": f"{SECRET} diary"},
}
CONTENT = list(WORDS)
OTHERS: list[type[models.Model]] = [Cheer, Alarm]


def operator(nickname: str, *permissions: str) -> User:
    """Staff with these permissions, as "todos.view_todo"."""
    user = person(nickname, is_staff=True)
    for permission in permissions:
        app, codename = permission.split(".")
        user.user_permissions.add(Permission.objects.get(content_type__app_label=app, codename=codename))
    return user


def word(model: type[models.Model]) -> str:
    return f"{model._meta.app_label}_{model._meta.model_name}"


def path(model: type[models.Model], row: Any = None, page: str = "change") -> str:
    place = f"/admin/{model._meta.app_label}/{model._meta.model_name}/"
    return place if row is None else f"{place}{row.pk}/{page}/"


@override_settings(PASSWORD_HASHERS=FAST_HASH)
class OperatorTest(Cast, TestCase):
    rows: dict[type[models.Model], Any]

    @classmethod
    def setUpTestData(cls) -> None:
        cls.make_cast()
        looks = [f"{m._meta.app_label}.view_{m._meta.model_name}" for m in CONTENT]
        deletes = [f"{m._meta.app_label}.delete_{m._meta.model_name}" for m in CONTENT]
        reads = [f"{m._meta.app_label}.read_{m._meta.model_name}" for m in CONTENT]
        cls.olga = operator("Olga", *looks, *deletes)
        cls.rita = operator("Rita", *looks, *reads)
        cls.root = person("Root", is_staff=True, is_superuser=True)
        cls.rows = cls.make_rows(cls.alice)

    @classmethod
    def make_rows(cls, owner: User, number: int = 0) -> dict[type[models.Model], Any]:
        goal = Goal.add(owner, title=f"{SECRET} goal")
        day = date(2026, 1, 1 + number)
        todo = Todo.add(owner, goal=goal, date=day, title=f"{SECRET} todo", memo=f"{SECRET} memo")
        quick = QuickInput.add(owner, goal=goal, title=f"{SECRET} quick", weekdays=["mon"], starts_on=day)
        diary = Diary.objects.create(owner=owner, date=day, body=f"{SECRET} diary", emoji="🍣")
        alarm = Alarm.objects.create(owner=owner, time=time(9, number))
        cheer = Cheer.objects.create(owner=cls.bob, target_owner=owner, todo=todo, emoji="👍")
        return {Goal: goal, Todo: todo, QuickInput: quick, Diary: diary, Alarm: alarm, Cheer: cheer}

    @classmethod
    def make_many(cls, count: int = 20) -> None:
        """More rows of everything, and of people with sessions, follows and blocks."""
        for number in range(1, count):
            cls.make_rows(cls.alice, number)
            somebody = person("Somebody")
            Session.start(somebody, f"phone {number}")
            somebody.follow(cls.alice)
            Block.objects.create(blocker=somebody, blocked=cls.charlie)

    def site(self, user: User) -> Client:
        client = Client()
        client.force_login(user)
        return client
