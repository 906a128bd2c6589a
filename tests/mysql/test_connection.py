"""Test the project's MySQL backend: transactions, health checks of connections, and values."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest import skipUnless
from unittest.mock import patch

import orjson
import pytest
from django.core.signals import request_started
from django.db import OperationalError, close_old_connections, connection, connections, transaction
from django.db.models import DateTimeField, Max, Min
from django.db.models.functions import Trunc, TruncHour, TruncMonth

from accounts.models import User
from alarms.models import Alarm
from goals.models import Goal
from tests.base import MONDAY, ApiTest, Client, RaceTest, todos_of
from todos.models import Todo

OURS: Any = connections["default"]  # the object that `connection` is a proxy of
needs_mysql = skipUnless(connection.vendor == "mysql", "the backend is for MySQL and MariaDB")


class WrongError(RuntimeError):
    """An error in a transaction."""


def counters() -> dict[str, int]:
    """Return the number of statements of each kind that this connection has sent."""
    with connection.cursor() as cursor:
        cursor.execute(r"SHOW SESSION STATUS LIKE 'Com\_%'")
        return {name: int(number) for name, number in cursor.fetchall()}


@contextmanager
def count_statements() -> Iterator[dict[str, int]]:
    """Count the statements in the block; the dict is filled at its end: {"Com_begin": 1, …}."""
    before, found = counters(), {}
    yield found
    after = counters()
    found |= {name: after[name] - before[name] for name in after if after[name] != before[name]}
    found.pop("Com_show_status", None)


@needs_mysql
class TransactionTest(RaceTest):
    def goals(self) -> list[str]:
        return sorted(Goal.objects.values_list("title", flat=True))

    def create_and_fail(self) -> None:
        with transaction.atomic():
            Goal.objects.create(owner=self.alice, title="rolled back")
            transaction.on_commit(lambda: pytest.fail("it was not committed"))
            raise WrongError

    def test_a_transaction_sends_only_begin_and_commit(self) -> None:
        with count_statements() as found, transaction.atomic():
            Goal.objects.create(owner=self.alice, title="x")
        assert found == {"Com_begin": 1, "Com_insert": 1, "Com_commit": 1}
        assert self.goals() == ["x"]

    def test_a_transaction_leaves_no_state_in_the_connection(self) -> None:
        with transaction.atomic():
            Goal.objects.create(owner=self.alice, title="x")
        assert connection.get_autocommit()
        with count_statements() as found:
            Goal.objects.create(owner=self.alice, title="y")
        assert "Com_begin" not in found
        assert "Com_set_option" not in found
        with connection.cursor() as cursor:
            cursor.execute(
                "SHOW SESSION VARIABLES WHERE variable_name REGEXP"
                " '^(autocommit|tx_isolation|transaction_isolation)$'"
            )
            assert {value for _, value in cursor.fetchall()} == {"ON", "READ-COMMITTED"}
        connection.close()
        assert self.goals() == ["x", "y"]

    def test_an_error_rolls_back(self) -> None:
        with count_statements() as found, pytest.raises(WrongError):
            self.create_and_fail()
        assert found == {"Com_begin": 1, "Com_insert": 1, "Com_rollback": 1}
        assert self.goals() == []
        assert connection.get_autocommit()

    def test_on_commit_hooks_run_only_after_a_commit(self) -> None:
        seen: list[Any] = []
        with transaction.atomic():
            Goal.objects.create(owner=self.alice, title="x")
            transaction.on_commit(lambda: seen.append((connection.in_atomic_block, self.goals())))
            assert seen == []
        assert seen == [(False, ["x"])]
        with pytest.raises(WrongError):
            self.create_and_fail()

    def test_a_nested_transaction_is_a_savepoint(self) -> None:
        with count_statements() as found, transaction.atomic():
            Goal.objects.create(owner=self.alice, title="x")
            with pytest.raises(WrongError):
                self.create_and_fail()
            with transaction.atomic():
                Goal.objects.create(owner=self.alice, title="z")
        assert (found["Com_begin"], found["Com_savepoint"], found["Com_rollback_to_savepoint"]) == (
            1,
            2,
            1,
        )
        assert self.goals() == ["x", "z"]

    def test_without_autocommit_the_caller_commits(self) -> None:
        transaction.set_autocommit(False)
        try:
            Goal.objects.create(owner=self.alice, title="x")
            transaction.rollback()
            Goal.objects.create(owner=self.alice, title="y")
            transaction.commit()
        finally:
            transaction.set_autocommit(True)
        assert self.goals() == ["y"]

    def test_a_write_of_the_api_sends_one_begin_and_one_commit(self) -> None:
        phone = Client(self.alice)
        phone.post("goals/", {"title": "x"})
        with count_statements() as found:
            assert phone.post("goals/", {"title": "y"}).status_code == 201
        assert (found["Com_begin"], found["Com_commit"]) == (1, 1)
        assert "Com_set_option" not in found


@needs_mysql
class HealthTest(RaceTest):
    """Django's handling of an existing connection at the beginning of a request."""

    def setUp(self) -> None:
        super().setUp()
        self.enterContext(
            patch.dict(OURS.settings_dict, {"CONN_HEALTH_CHECKS": True, "CONN_MAX_AGE": 600})
        )
        self.addCleanup(connection.close)
        connection.close()
        User.objects.count()

    @contextmanager
    def another_request(self) -> Iterator[list[int]]:
        """Begin a request; the list has an item for each health check of the connection."""
        pings: list[int] = []
        ask = type(OURS).is_usable

        def asked(self: Any) -> bool:
            pings.append(1)
            return ask(self)

        with patch.object(type(OURS), "is_usable", asked):
            close_old_connections()
            yield pings

    def idle(self) -> None:
        OURS.used_at -= 1.0

    def end_connection(self) -> None:
        """Make the server close our connection."""
        other = OURS.copy()
        try:
            with connection.cursor() as mine, other.cursor() as cursor:
                mine.execute("SELECT CONNECTION_ID()")
                cursor.execute("KILL CONNECTION %s", mine.fetchone())
        finally:
            other.close()

    def test_a_recently_used_connection_is_not_checked(self) -> None:
        for _ in range(3):
            with self.another_request() as pings, self.assertNumQueries(1):
                assert User.objects.count() == 3
            assert pings == []

    def test_an_idle_connection_is_checked_once(self) -> None:
        self.idle()
        with self.another_request() as pings:
            assert User.objects.count() == User.objects.count() == 3
        assert pings == [1]

    def test_after_the_server_closed_it_the_next_request_succeeds(self) -> None:
        for use in (lambda: User.objects.count(), self.write):  # noqa: PLW0108  # a new query each time
            with self.subTest(use):
                self.end_connection()
                self.idle()
                with self.another_request() as pings:
                    use()
                assert pings == [1]
                assert User.objects.count() == 3

    def write(self) -> None:
        with transaction.atomic():
            Goal.objects.create(owner=self.alice, title="x")

    def test_a_connection_closed_right_after_its_use_fails_once(self) -> None:
        self.end_connection()
        with self.another_request() as pings, pytest.raises(OperationalError):
            User.objects.count()
        assert pings == []
        with self.another_request():
            assert User.objects.count() == 3

    def test_a_transaction_begins_on_a_new_connection_if_the_server_closed_the_old_one(
        self,
    ) -> None:
        self.end_connection()
        with self.another_request() as pings:
            self.write()
        assert pings == []
        assert Goal.objects.count() == 1
        assert connection.get_autocommit()

    def test_a_request_succeeds_on_a_connection_closed_right_after_its_use(self) -> None:
        phone, today = Client(self.alice), self.today
        for method, path, body in (
            ("GET", "goals/", None),
            ("GET", f"days/{today}/", None),
            ("POST", "goals/", {"title": "x"}),
            ("GET", "me/", None),
            ("POST", "auth/logout/", None),
        ):
            self.end_connection()
            request_started.send(type(self))
            answer = phone.generic(
                method, path, orjson.dumps(body) if body else b"", content_type="application/json"
            )
            assert answer.status_code < 300, (method, path, answer.content)

    def test_a_request_succeeds_on_a_connection_closed_by_the_server(self) -> None:
        phone = Client(self.alice)
        self.end_connection()
        self.idle()
        request_started.send(type(self))  # the test client does not close old connections
        assert phone.get("goals/").status_code == 200


@needs_mysql
class ValueTest(ApiTest):
    """The conversion of values that the server sends as text."""

    def test_datetimes_dates_and_times_round_trip(self) -> None:
        todo = todos_of(self.alice, 1)[0]
        for instant in (
            dt.datetime(1900, 1, 1, tzinfo=dt.UTC),
            dt.datetime(2026, 3, 2, 9, 30, 0, 1, dt.UTC),
            dt.datetime(2026, 3, 2, 9, 30, 0, 120_000, dt.UTC),
            dt.datetime(2199, 12, 31, 23, 59, 59, 999_999, dt.UTC),
        ):
            Todo.objects.update(
                is_done=True,
                done_at=instant,
                date=instant.date(),
                time=instant.time().replace(microsecond=0),
            )
            for found in (
                Todo.objects.get(),
                Todo.objects.filter(done_at=instant, date=instant.date()).get(),
            ):
                assert found == todo
                assert (found.done_at, type(found.done_at)) == (instant, dt.datetime)
                assert (found.date, type(found.date)) == (instant.date(), dt.date)
                assert (found.time, type(found.time)) == (
                    instant.time().replace(microsecond=0),
                    dt.time,
                )

    def test_null_is_none(self) -> None:
        todos_of(self.alice, 1)
        Todo.objects.update(date=None)
        assert Todo.objects.values_list("done_at", "date", "time").get() == (None, None, None)

    def test_computed_datetimes_and_dates(self) -> None:
        instant = dt.datetime(2026, 3, 2, 9, 30, 0, 1, dt.UTC)
        todos_of(self.alice, 2, is_done=True, done_at=instant)
        found = Todo.objects.aggregate(
            first=Min("date"),
            last=Max("done_at"),
            month=Max(TruncMonth("date")),
            hour=Max(TruncHour("done_at")),
            second=Max(Trunc("done_at", "second", output_field=DateTimeField())),
        )
        assert found == {
            "first": MONDAY,
            "last": instant,
            "month": dt.date(2026, 3, 1),
            "hour": instant.replace(minute=0, microsecond=0),
            "second": instant.replace(microsecond=0),
        }

    def test_fractions_of_a_second_of_any_length(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT CAST('2026-03-02 09:30:00.5' AS DATETIME(1)), CAST('09:30' AS TIME),"
                " DATE('2026-03-02')"
            )
            assert cursor.fetchone() == (
                dt.datetime(2026, 3, 2, 9, 30, 0, 500_000),  # noqa: DTZ001  # the driver returns naive values
                dt.time(9, 30),
                MONDAY,
            )

    def test_midnight_is_not_null(self) -> None:
        alarm = Alarm.add(self.alice, time=dt.time(0))
        assert Alarm.objects.get(time=dt.time(0)).time == alarm.time == dt.time(0)
        shown = self.ok(self.as_alice.get("alarms/"))["results"][0]
        assert shown["time"] == "00:00"
