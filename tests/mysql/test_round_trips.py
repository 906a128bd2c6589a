"""Statements that wait for the next one, and what a write of the API costs in round trips."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any
from unittest import skipUnless
from unittest.mock import patch

import pytest
from django.db import (
    DatabaseError,
    IntegrityError,
    OperationalError,
    connection,
    connections,
    transaction,
)
from django.db.backends.signals import connection_created
from django.db.transaction import TransactionManagementError

from alarms.models import Alarm
from core.pipeline import execute_with_next, flush
from core.problems import Problem
from core.transactions import run_write
from diaries.models import Diary
from goals.models import Goal
from tests.base import RaceTest, new_id
from tests.todos.quick_input_base import MONDAY
from todos.models import QuickInput, Todo

# The bytes of an id may hold whatever separates statements.
LITERAL = re.compile(rb"'(?:[^'\\]|\\.|'')*'", re.DOTALL)

needs_mysql = skipUnless(
    connection.vendor == "mysql", "other databases take one statement at a time"
)


@contextmanager
def packets() -> Iterator[list[str]]:
    """Collect what is sent to the server, each packet as the first words of its statements."""
    from core.mysql import connections as driver  # noqa: PLC0415  # there is no driver without MySQL

    base: Any = driver.connections.Connection
    sent: list[str] = []
    query, commit = base.query, base.commit

    def recorded_query(self: Any, sql: bytes) -> None:
        statements = LITERAL.sub(b"?", bytes(sql)).split(b"; ")
        sent.append("; ".join(statement.split(None, 1)[0].decode() for statement in statements))
        query(self, sql)

    def recorded_commit(self: Any) -> None:
        sent.append("COMMIT")
        commit(self)

    with patch.object(base, "query", recorded_query), patch.object(base, "commit", recorded_commit):
        yield sent


def in_transaction(*steps: Callable[[], object]) -> None:
    with transaction.atomic():
        for step in steps:
            step()


def fail(*_: object) -> None:
    raise ZeroDivisionError


def select(number: int) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {number}")
        return cursor.fetchall()


@needs_mysql
class HeldStatementTest(RaceTest):
    def at(self, hour: int) -> Callable[[], object]:
        """Return what inserts an alarm at this hour; there can be one."""
        return lambda: Alarm.insert(owner=self.alice, time=dt.time(hour))

    def end_connection(self) -> None:
        """Make the server close the connection."""
        other = connections["default"].copy()
        try:
            with connection.cursor() as mine, other.cursor() as cursor:
                mine.execute("SELECT CONNECTION_ID()")
                cursor.execute("KILL CONNECTION %s", mine.fetchone())
        finally:
            other.close()

    def alarms(self) -> list[dt.time]:
        return sorted(Alarm.objects.values_list("time", flat=True))

    def test_the_driver_is_called_only_when_there_is_something_to_read(self) -> None:
        """It releases the GIL in each call."""
        from core.mysql import connections as driver  # noqa: PLC0415  # there is no driver without MySQL

        base: Any = driver.connections.Connection
        calls: list[str] = []

        def counted(name: str) -> Any:
            method = getattr(base, name)
            return lambda *args: (calls.append(name), method(*args))[1]

        names = ("next_result", "store_result")
        with patch.multiple(base, **{name: counted(name) for name in names}):
            select(1)
            assert calls == ["store_result"]
            calls.clear()
            in_transaction(self.at(9), self.at(10))
        assert calls == ["next_result"] * 3  # after BEGIN and the INSERTs; COMMIT is the last
        assert Alarm.objects.count() == 2

    def test_a_transaction_without_statements_sends_nothing(self) -> None:
        with packets() as sent:
            in_transaction()
            with pytest.raises(ZeroDivisionError):
                in_transaction(fail)
        assert sent == []
        assert connection.get_autocommit()

    def test_begin_goes_with_the_first_statement_and_an_insert_with_commit(self) -> None:
        with packets() as sent, transaction.atomic():
            Alarm.objects.count()
            Alarm.insert(owner=self.alice, time=dt.time(7))
            Alarm.insert(owner=self.alice, time=dt.time(8))
        assert sent == ["BEGIN; SELECT", "INSERT; INSERT; COMMIT"]
        assert self.alarms() == [dt.time(7), dt.time(8)]

    def test_the_next_statement_sees_what_was_inserted(self) -> None:
        with packets() as sent, transaction.atomic():
            Alarm.insert(owner=self.alice, time=dt.time(7))
            assert self.alarms() == [dt.time(7)]
        assert sent == ["BEGIN; INSERT; SELECT", "COMMIT"]

    def test_outside_a_transaction_nothing_waits(self) -> None:
        with packets() as sent:
            self.at(7)()
            assert sent == ["INSERT"]

    def test_an_error_comes_out_of_commit_and_undoes_all(self) -> None:
        Alarm.insert(owner=self.alice, time=dt.time(7))
        with pytest.raises(IntegrityError):
            in_transaction(self.at(8), self.at(7))
        assert self.alarms() == [dt.time(7)]
        assert connection.get_autocommit()

    def test_what_a_check_refuses_is_an_integrity_error_at_commit_too(self) -> None:
        with pytest.raises(IntegrityError), transaction.atomic():
            Diary.insert(owner=self.alice, date=MONDAY, temperature=101)
        assert not Diary.objects.exists()

    def test_an_error_comes_out_of_the_next_statement(self) -> None:
        Alarm.insert(owner=self.alice, time=dt.time(7))
        with pytest.raises(IntegrityError):
            in_transaction(self.at(7), Alarm.objects.count, fail)
        assert self.alarms() == [dt.time(7)]

    def test_rows_are_given_to_then_and_what_it_raises_leaves_the_connection_in_order(self) -> None:
        seen: list[Any] = []
        with pytest.raises(ZeroDivisionError):
            in_transaction(
                lambda: execute_with_next("SELECT %s, %s", [1, "x"], seen.extend),
                lambda: execute_with_next("SELECT 2", [], fail),
                lambda: execute_with_next("SELECT 3", [], seen.extend),
                lambda: select(4),
            )
        assert seen == [(1, "x")]
        assert select(5) == ((5,),)

    def test_a_check_that_waits_comes_before_commit(self) -> None:
        with pytest.raises(ZeroDivisionError):
            in_transaction(self.at(7), lambda: execute_with_next("SELECT 1", [], fail))
        assert self.alarms() == []
        connection.close()
        assert self.alarms() == []

    def test_flush_sends_what_waits_and_nothing_otherwise(self) -> None:
        with transaction.atomic():
            Alarm.objects.count()
            with packets() as sent:
                flush()
                Alarm.insert(owner=self.alice, time=dt.time(7))
                flush()
                flush()
        assert sent == ["INSERT; DO"]

    def test_rolling_back_to_a_savepoint_forgets_what_waits(self) -> None:
        with transaction.atomic():
            Alarm.insert(owner=self.alice, time=dt.time(7))
            with pytest.raises(ZeroDivisionError):
                in_transaction(self.at(7), fail)  # it would have been refused
            Alarm.insert(owner=self.alice, time=dt.time(8))
        assert self.alarms() == [dt.time(7), dt.time(8)]

    def test_an_error_at_the_end_of_a_savepoint_undoes_that_alone(self) -> None:
        with transaction.atomic():
            Alarm.insert(owner=self.alice, time=dt.time(7))
            with pytest.raises(IntegrityError):
                in_transaction(self.at(7))
            Alarm.insert(owner=self.alice, time=dt.time(8))
        assert self.alarms() == [dt.time(7), dt.time(8)]

    def test_a_broken_transaction_takes_no_more_statements(self) -> None:
        for refused in (self.at(7), self.alice.lock, flush):
            for damage in (self.break_transaction, connection.close):
                with self.subTest(refused=refused, damage=damage):
                    with pytest.raises(TransactionManagementError):
                        in_transaction(Alarm.objects.count, damage, refused)
                    assert self.alarms() == []

    def break_transaction(self) -> None:
        with suppress(ZeroDivisionError), transaction.atomic(savepoint=False):
            raise ZeroDivisionError

    def insert_unless_taken(self, savepoint: bool) -> None:
        with suppress(IntegrityError), transaction.atomic(savepoint=savepoint):
            self.at(9)()
            flush()

    def test_catching_the_error_of_an_earlier_statement_does_not_hide_it(self) -> None:
        Alarm.insert(owner=self.alice, time=dt.time(7))
        steps = (self.at(8), flush, self.at(7), lambda: self.insert_unless_taken(savepoint=True))
        for later in ((), (self.at(10),), (flush,), (Alarm.objects.count,)):
            with self.subTest(later=later):
                with pytest.raises(IntegrityError, match="Duplicate"):
                    in_transaction(*steps, *later)
                assert self.alarms() == [dt.time(7)]
                in_transaction(Alarm.objects.count)

    def test_catching_the_exception_of_then_does_not_hide_it(self) -> None:
        def check() -> None:
            execute_with_next("SELECT 1", [], fail)
            with suppress(ZeroDivisionError):
                flush()

        with pytest.raises(ZeroDivisionError):
            in_transaction(self.at(7), check)
        assert self.alarms() == []

    def test_a_check_that_waits_comes_before_the_error_of_the_next_statement(self) -> None:
        Alarm.insert(owner=self.alice, time=dt.time(7))
        duplicate = Alarm(owner=self.alice, time=dt.time(7))
        with pytest.raises(ZeroDivisionError):
            in_transaction(
                lambda: execute_with_next("SELECT 1", [], fail),
                lambda: duplicate.save(force_insert=True),
            )
        assert select(5) == ((5,),)

    def test_the_error_of_the_next_statement_itself_can_be_caught(self) -> None:
        Alarm.insert(owner=self.alice, time=dt.time(7))
        with transaction.atomic():
            with suppress(IntegrityError), transaction.atomic():
                Alarm.insert(owner=self.alice, time=dt.time(8))
                Alarm(owner=self.alice, time=dt.time(7)).save(force_insert=True)
            Alarm.insert(owner=self.alice, time=dt.time(9))
        assert self.alarms() == [dt.time(7), dt.time(9)]

    def test_a_write_with_a_hidden_error_fails(self) -> None:
        Alarm.insert(owner=self.alice, time=dt.time(7))

        def write() -> None:
            in_transaction(self.at(8), flush, self.at(7))

        def write_and_hide() -> None:
            self.at(8)()
            self.at(7)()
            self.insert_unless_taken(savepoint=False)

        for failing in (write, write_and_hide):
            with self.subTest(failing), pytest.raises(Problem, match="duplicate"):
                run_write(failing)
        assert self.alarms() == [dt.time(7)]

    def test_a_check_at_the_end_of_a_savepoint_undoes_that_alone(self) -> None:
        with transaction.atomic():
            Alarm.insert(owner=self.alice, time=dt.time(7))
            with pytest.raises(ZeroDivisionError):
                in_transaction(self.at(8), lambda: execute_with_next("SELECT 1", [], fail))
            Alarm.insert(owner=self.alice, time=dt.time(9))
        assert self.alarms() == [dt.time(7), dt.time(9)]

    def test_those_who_watch_statements_are_told_of_held_ones(self) -> None:
        told: list[str] = []

        def watch(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
            told.append(sql)
            return execute(sql, params, many, context)

        with packets() as sent, connection.execute_wrapper(watch), transaction.atomic():
            Alarm.insert(owner=self.alice, time=dt.time(7))
            execute_with_next("SELECT 1", [])
            Alarm.objects.count()
        assert [sql.split()[0] for sql in told] == ["INSERT", "SELECT", "SELECT"]
        assert sent == ["BEGIN; INSERT; SELECT; SELECT", "COMMIT"]

    def test_they_are_sent_again_where_the_server_had_closed_the_connection(self) -> None:
        hooks: list[int] = []
        self.end_connection()
        with transaction.atomic():
            transaction.on_commit(lambda: hooks.append(1))
            Alarm.insert(owner=self.alice, time=dt.time(7))
            assert Alarm.objects.count() == 1
        assert self.alarms() == [dt.time(7)]
        assert hooks == [1]

    def test_a_transaction_of_held_statements_alone_connects_again(self) -> None:
        for end, hour in (((), 7), ((flush,), 8)):
            self.end_connection()
            in_transaction(self.at(hour), *end)
        assert self.alarms() == [dt.time(7), dt.time(8)]
        assert connection.get_autocommit()

    def test_connecting_again_replaces_the_connection_as_django_does(self) -> None:
        told: list[Any] = []

        def remember(connection: Any, **_: object) -> None:
            told.append((connection.alias, connection.in_atomic_block))

        self.end_connection()
        old = connection.connection
        connection.close_at = 1.0
        connection_created.connect(remember)
        self.addCleanup(connection_created.disconnect, remember)
        with patch.dict(connection.settings_dict, {"CONN_MAX_AGE": None}):
            in_transaction(Alarm.objects.count, self.at(7))
        assert told == [("default", False)]
        assert connection.close_at is None
        assert not old.open
        assert self.alarms() == [dt.time(7)]

    def test_a_transaction_that_cannot_connect_again_fails_and_the_next_one_succeeds(self) -> None:
        self.end_connection()
        refusal = OperationalError(2003, "refused")
        ours = type(connections["default"])
        with (
            patch.object(ours, "get_new_connection", side_effect=refusal),
            pytest.raises(OperationalError, match="refused"),
        ):
            in_transaction(lambda: in_transaction(self.at(7)))
        in_transaction(self.at(8))
        assert self.alarms() == [dt.time(8)]

    def test_a_connection_lost_after_the_first_statement_is_an_error(self) -> None:
        with pytest.raises(DatabaseError):
            in_transaction(self.end_connection, self.at(7), Alarm.objects.count)
        assert self.alarms() == []


@needs_mysql
class WriteTest(RaceTest):
    """Each packet is one round trip. The first one reads the session."""

    def setUp(self) -> None:
        super().setUp()
        with transaction.atomic():
            self.health = self.goal()
        self.phone = self.as_alice
        self.phone.get("todos/")

    def sent(self, method: str, path: str, body: Any = None, status: int = 201) -> list[str]:
        with packets() as sent:
            self.ok(getattr(self.phone, method)(path, body), status)
        return sent

    def test_creating_a_todo_takes_four(self) -> None:
        body = {"goal": str(self.health.pk), "title": "x", "date": str(MONDAY), "id": new_id()}
        expected = [
            "BEGIN; SELECT",
            "SELECT; SELECT; SELECT",  # the owner locked, whose id it is, the goal
            "SELECT",  # how many there are on the day, and the last position
            "INSERT; COMMIT",
        ]
        assert self.sent("post", "todos/", body) == expected
        assert self.sent("post", "todos/", body | {"id": new_id()}) == expected
        assert Todo.objects.count() == 2

    def test_creating_an_alarm_takes_five(self) -> None:
        found = self.sent("post", "alarms/", {"time": "07:05", "id": new_id()})
        assert found == [
            "BEGIN; SELECT",
            "SELECT; SELECT; DO",
            "SELECT",
            "SELECT",
            "INSERT; COMMIT",
        ]

    def test_a_goal_without_an_id_of_the_clients_takes_no_question_whose_it_is(self) -> None:
        found = self.sent("post", "goals/", {"title": "x"})
        assert found[:2] == ["BEGIN; SELECT", "SELECT; SELECT"]
        assert Goal.objects.count() == 2

    def test_checking_a_todo_off_takes_four(self) -> None:
        with transaction.atomic():
            todo = Todo.add(self.alice, goal=self.health, date=MONDAY, title="x")
        found = self.sent("patch", f"todos/{todo.pk}/", {"is_done": True}, 200)
        assert found == ["BEGIN; SELECT", "SELECT", "UPDATE", "COMMIT"]

    def test_activating_locks_the_owner_once_with_the_quick_input(self) -> None:
        with transaction.atomic():
            water = QuickInput.add(
                self.alice, goal=self.health, title="x", weekdays=["mon"], starts_on=MONDAY
            )
        found = self.sent("put", f"quick-inputs/{water.pk}/offers/{MONDAY}/todo/")
        # the quick input; its todo; its dismissal; the tombstone; the goal; the room
        assert found == [
            "BEGIN; SELECT",
            "SELECT; SELECT",
            *["SELECT", "SELECT", "DELETE", "SELECT", "SELECT"],
            "INSERT; COMMIT",
        ]

    def test_a_create_that_was_sent_before_inserts_nothing(self) -> None:
        body = {"goal": str(self.health.pk), "title": "x", "date": str(MONDAY), "id": new_id()}
        self.ok(self.phone.post("todos/", body), 201)
        found = self.sent("post", "todos/", body, 200)
        assert found[-1] == "COMMIT"
        assert not any("INSERT" in packet for packet in found)
