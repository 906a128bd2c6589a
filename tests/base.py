"""Base classes of the tests: Alice owns the rows, Bob follows her, Charlie is a stranger.

A test case derives from `ApiTest`, or from `RaceTest` where it needs several connections. It sends
requests with `self.as_alice.post("goals/", {…})` and checks answers with `self.ok(response)` or
`self.assert_problem(response, 404, "not_found")`.
"""

from __future__ import annotations

import itertools
import logging
import re
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import date, timedelta
from typing import Any, ClassVar
from unittest import mock, skipUnless

import uuid_utils.compat
from django.conf import settings
from django.db import connection, connections, transaction
from django.test import TestCase, TransactionTestCase, override_settings
from rest_framework.test import APIClient

from accounts.credentials.tokens import pair
from accounts.models import Session, User
from goals.models import Goal
from tests.seen_problems import note
from todos.models import Todo

PASSWORD = "correct horse battery"
API = "/api/v1/"
MONDAY = date(2026, 3, 2)
BUSY = 503
DEADLOCK = r"\b1213\b|deadlock"  # of MySQL and MariaDB, and of PostgreSQL
_numbers = itertools.count(1)

# These tests are not about hashing, and MD5 is fast.
FAST_HASH = ["django.contrib.auth.hashers.MD5PasswordHasher", *settings.PASSWORD_HASHERS]


def new_id() -> str:
    """Return a new UUID of version 7, as clients make for the rows they create."""
    return str(uuid_utils.compat.uuid7())


def person(nickname: str, **fields: Any) -> User:
    """Create a user; the default handle is the nickname in lower case and a number."""
    number = next(_numbers)
    handle = fields.pop("handle", f"{nickname.lower()}{number:04}")
    return User.objects.create_user(
        f"{handle}@example.com", PASSWORD, nickname=nickname, handle=handle, **fields
    )


def todos_of(owner: User, number: int = 4, **values: Any) -> list[Todo]:
    """Create todos of the owner on successive days from MONDAY on, titled "0", "1" and so on."""
    goal = Goal.add(owner, title="Health")
    rows = [
        Todo(owner=owner, goal=goal, title=str(n), date=MONDAY + timedelta(days=n), **values)
        for n in range(number)
    ]
    return Todo.objects.bulk_create(rows)


class Client(APIClient):
    """An API client with its own session: JSON, paths relative to /api/v1/.

    Without a user it is anonymous.
    """

    # How often a request is sent while the answer is 503 `busy`, as phones send it again.
    attempts: ClassVar[int] = 1

    def __init__(self, user: User | None = None, **defaults: Any) -> None:
        # One id for all requests, so that the problems of two of them can be compared.
        super().__init__(**{"HTTP_X_REQUEST_ID": "of-a-test", **defaults})
        self.user = user
        if user is not None:
            self.session_row = Session.start(user, None)
            self.tokens = pair(self.session_row)
            self.credentials(HTTP_AUTHORIZATION=f"Bearer {self.tokens['access']}")

    def generic(self, method: str, path: str, *args: Any, **kwargs: Any) -> Any:
        whole = path if path.startswith(("/", "http")) else API + path
        for _ in range(self.attempts):
            response = super().generic(method, whole, *args, **kwargs)
            note(method, response)
            if response.status_code != BUSY:
                break
        return response


class Cast:
    """Mixin with the three users and a client signed in as each of them."""

    alice: User
    bob: User
    charlie: User

    @classmethod
    def make_cast(cls) -> None:
        """Create Alice, Bob, who follows her, and Charlie."""
        cls.alice, cls.bob, cls.charlie = person("Alice"), person("Bob"), person("Charlie")
        cls.bob.follow(cls.alice)

    def phone(self, user: User | None) -> Client:
        """Return one more client of this user, with a session of its own."""
        return Client(user)

    def setUp(self) -> None:
        super().setUp()
        self.anonymous = Client()
        self.as_alice, self.as_bob, self.as_charlie = (
            Client(self.alice),
            Client(self.bob),
            Client(self.charlie),
        )

    # Rows and dates

    def goal(self, owner: User | None = None, **values: Any) -> Goal:
        """Create a goal, Alice's by default."""
        return Goal.add(owner or self.alice, **{"title": "Health"} | values)

    @property
    def today(self) -> date:
        """Alice's date of today."""
        return self.alice.today

    def day(self, offset: int) -> date:
        """Return the date that is `offset` days after Alice's today."""
        return self.today + timedelta(days=offset)

    # Assertions about answers

    def assert_problem(self, response: Any, status: int, code: str) -> dict[str, Any]:
        """Assert that the response is a problem document with this status and code; return it."""
        body = response.json() if response.content else None
        assert response.status_code == status, (response.status_code, body)
        assert response["Content-Type"] == "application/problem+json"
        assert body["code"] == code, body
        assert body["status"] == status
        return dict(body)

    def assert_field_error(self, response: Any, field: str, code: str) -> None:
        """Assert that the response is a 400 with this error code for this field."""
        body = self.assert_problem(response, 400, "invalid")
        assert (field, code) in {(e["field"], e["code"]) for e in body["errors"]}, body

    def ok(self, response: Any, status: int = 200) -> Any:
        """Assert that the response has this status; return its decoded body, None if empty."""
        assert response.status_code == status, (response.status_code, response.content)
        return response.json() if response.content else None


@override_settings(PASSWORD_HASHERS=FAST_HASH)
class ApiTest(Cast, TestCase):
    """Base of tests that need one database connection; each runs in a transaction."""

    @classmethod
    def setUpTestData(cls) -> None:
        cls.make_cast()


@override_settings(PASSWORD_HASHERS=FAST_HASH)
class RaceTest(Cast, TransactionTestCase):
    """Base of tests of races: real commits, and threads that have connections of their own."""

    def setUp(self) -> None:
        with transaction.atomic():
            self.make_cast()
        super().setUp()

    def at_once(self, work: Callable[[int], Any], threads: int = 16) -> list[Any]:
        """Call `work(0)`, `work(1)`, … at the same time, one per thread, and return the results.

        Each thread has its own connection. On a slow machine a lock may be held for too long, so
        clients send again what is answered with `busy`. A deadlock is never a reason for that.
        """
        gate = threading.Barrier(threads)

        def begin(number: int) -> Any:
            gate.wait(30)
            try:
                return work(number)
            finally:
                connections.close_all()

        patient = mock.patch.object(Client, "attempts", 20)
        with patient, outages() as reasons, ThreadPoolExecutor(threads) as pool:
            results = list(pool.map(begin, range(threads)))
        assert not [reason for reason in reasons if re.search(DEADLOCK, reason)]
        return results


@contextmanager
def outages() -> Iterator[list[str]]:
    """Collect the reasons of answers with 503."""
    reasons: list[str] = []

    class Collecting(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            reasons.append(record.getMessage())

    handler = Collecting()
    logger = logging.getLogger("core.outages")
    logger.addHandler(handler)
    try:
        yield reasons
    finally:
        logger.removeHandler(handler)


needs_row_locks = skipUnless(
    connection.features.has_select_for_update, "this database has no row locks"
)


# The answer of a list without rows.
EMPTY_PAGE: dict[str, Any] = {
    **dict.fromkeys(("next", "previous", "next_cursor", "previous_cursor")),
    "results": [],
}


def ids(rows: Any) -> list[str]:
    """Return the ids of a list's rows, in its order."""
    return [row["id"] for row in rows]
