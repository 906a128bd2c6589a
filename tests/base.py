"""The cast of the tests: Alice owns, Bob follows her, Charlie is a stranger."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from typing import Any
from unittest import skipUnless

import uuid_utils.compat
from django.conf import settings
from django.db import connection, connections, transaction
from django.test import TestCase, TransactionTestCase, override_settings
from rest_framework.test import APIClient

from accounts.credentials.tokens import pair
from accounts.models import Session, User
from goals.models import Goal
from todos.models import Todo

PASSWORD = "correct horse battery"
API = "/api/v1/"
MONDAY = date(2026, 3, 2)
_numbers = itertools.count(1)

# MD5 takes no time: hashing is not what these tests are about.
FAST_HASH = ["django.contrib.auth.hashers.MD5PasswordHasher", *settings.PASSWORD_HASHERS]


def new_id() -> str:
    return str(uuid_utils.compat.uuid7())


def person(nickname: str, **fields: Any) -> User:
    """Somebody new; their handle is their nickname in lower case with a number behind it."""
    number = next(_numbers)
    handle = fields.pop("handle", f"{nickname.lower()}{number:04}")
    return User.objects.create_user(
        f"{handle}@example.com", PASSWORD, nickname=nickname, handle=handle, **fields
    )


def todos_of(owner: User, number: int = 4, **values: Any) -> list[Todo]:
    """Give the owner todos on following days: "0" on a Monday, "1" on the next day."""
    goal = Goal.add(owner, title="Health")
    rows = [
        Todo(owner=owner, goal=goal, title=str(n), date=MONDAY + timedelta(days=n), **values)
        for n in range(number)
    ]
    return Todo.objects.bulk_create(rows)


class Client(APIClient):
    """A phone: JSON in and out, below /api/v1/, signed in as its person."""

    def __init__(self, user: User | None = None, **defaults: Any) -> None:
        super().__init__(**defaults)
        self.user = user
        if user is not None:
            self.session_row = Session.start(user, None)
            self.tokens = pair(self.session_row)
            self.credentials(HTTP_AUTHORIZATION=f"Bearer {self.tokens['access']}")

    def generic(self, method: str, path: str, *args: Any, **kwargs: Any) -> Any:
        return super().generic(
            method, path if path.startswith(("/", "http")) else API + path, *args, **kwargs
        )


class Cast:
    """Mixed into test classes; `as_alice` and the others are made when first used."""

    alice: User
    bob: User
    charlie: User

    @classmethod
    def make_cast(cls) -> None:
        cls.alice, cls.bob, cls.charlie = person("Alice"), person("Bob"), person("Charlie")
        cls.bob.follow(cls.alice)

    def phone(self, user: User | None) -> Client:
        return Client(user)

    def setUp(self) -> None:
        super().setUp()
        self.anonymous = Client()
        self.as_alice, self.as_bob, self.as_charlie = (
            Client(self.alice),
            Client(self.bob),
            Client(self.charlie),
        )

    # Short ways to a row

    def goal(self, owner: User | None = None, **values: Any) -> Goal:
        return Goal.add(owner or self.alice, **{"title": "Health"} | values)

    @property
    def today(self) -> date:
        return self.alice.today

    def day(self, offset: int) -> date:
        return self.today + timedelta(days=offset)

    # What answers look like

    def assert_problem(self, response: Any, status: int, code: str) -> dict[str, Any]:
        """The response is a problem document of this status and code; gives it back."""
        body = response.json() if response.content else None
        assert response.status_code == status, (response.status_code, body)
        assert response["Content-Type"] == "application/problem+json"
        assert body["code"] == code, body
        assert body["status"] == status
        return dict(body)

    def assert_field_error(self, response: Any, field: str, code: str) -> None:
        body = self.assert_problem(response, 400, "invalid")
        assert (field, code) in {(e["field"], e["code"]) for e in body["errors"]}, body

    def ok(self, response: Any, status: int = 200) -> Any:
        """The body of a response that must have this status."""
        assert response.status_code == status, (response.status_code, response.content)
        return response.json() if response.content else None


@override_settings(PASSWORD_HASHERS=FAST_HASH)
class ApiTest(Cast, TestCase):
    """For everything that one connection can show."""

    @classmethod
    def setUpTestData(cls) -> None:
        cls.make_cast()


@override_settings(PASSWORD_HASHERS=FAST_HASH)
class RaceTest(Cast, TransactionTestCase):
    """For races: real transactions, threads with their own connections."""

    def setUp(self) -> None:
        with transaction.atomic():
            self.make_cast()
        super().setUp()

    def at_once(self, work: Callable[[int], Any], threads: int = 16) -> list[Any]:
        """What `work(0)`, `work(1)`, … give when as many threads begin them at once, each on its own connection."""
        gate = threading.Barrier(threads)

        def begin(number: int) -> Any:
            gate.wait(30)
            try:
                return work(number)
            finally:
                connections.close_all()

        with ThreadPoolExecutor(threads) as pool:
            return list(pool.map(begin, range(threads)))


needs_row_locks = skipUnless(
    connection.features.has_select_for_update, "this database has no row locks"
)


def ids(rows: Any) -> list[str]:
    """The ids of a list's rows, in its order."""
    return [row["id"] for row in rows]
