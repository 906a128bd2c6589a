"""Writes run in one transaction and are retried"""

import threading
from datetime import time
from typing import Any

import pytest
from django.db import Error, InterfaceError, OperationalError, transaction

from alarms.models import Alarm
from core.failures import CommitUnknown
from core.problems import Problem
from core.transactions import TRIES, run_write
from core.waiting import LIMIT, add_wait, limited_waits
from goals.models import Goal
from tests.base import RaceTest, needs_row_locks


class RunWriteTest(RaceTest):
    """Tests without a transaction of their own, on every database."""

    def test_the_result_of_the_write_is_returned(self) -> None:
        goal = run_write(self.goal)
        assert Goal.objects.get() == goal

    def test_an_error_rolls_back_everything(self) -> None:
        def write() -> None:
            self.goal()
            raise Problem("limit", limit=1)

        with pytest.raises(Problem):
            run_write(write)
        assert not Goal.objects.exists()

    def test_a_failed_result_rolls_back_and_is_returned(self) -> None:
        assert run_write(lambda: self.goal().title, failed=lambda title: True) == "Health"
        assert not Goal.objects.exists()

    def test_a_deadlock_is_retried_until_busy(self) -> None:
        for error in (
            OperationalError(1213, "Deadlock found"),
            OperationalError("database is locked"),
        ):
            tries: list[int] = []

            def write(error: OperationalError = error, tries: list[int] = tries) -> None:
                tries.append(1)
                raise error

            with pytest.raises(Problem, match="busy"):
                run_write(write)
            assert len(tries) == TRIES

    def test_a_retry_starts_afresh(self) -> None:
        tries: list[int] = []

        def write() -> str:
            tries.append(1)
            self.goal()
            if len(tries) == 1:
                raise OperationalError(1205, "Lock wait timeout exceeded")
            return "done"

        assert run_write(write) == "done"
        assert Goal.objects.count() == 1

    def tries_of(self, error: Error, **options: Any) -> int:
        """Return how often a write is run that fails with this error, which is raised at last."""
        tries: list[int] = []

        def write() -> None:
            tries.append(1)
            raise error

        with pytest.raises(type(error)) as raised:
            run_write(write, **options)
        assert raised.value.args == error.args
        return len(tries)

    def test_other_database_errors_are_not_retried(self) -> None:
        assert self.tries_of(OperationalError(1146, "No such table")) == 1

    def test_a_write_is_run_again_once_after_its_connection_was_lost(self) -> None:
        for error in (
            OperationalError(2006, "Server has gone away"),
            OperationalError(2013, "Lost connection"),
            OperationalError(1927, "Connection was killed"),
            InterfaceError(0, ""),
        ):
            assert self.tries_of(error) == 2

    def test_a_write_whose_commit_was_lost_is_run_again_only_if_it_may_be_repeated(self) -> None:
        error = CommitUnknown(2013, "Lost connection")
        assert self.tries_of(error) == 1
        assert self.tries_of(error, may_repeat=lambda: True) == 2

    def test_a_lost_commit_is_not_forgotten_if_the_next_attempt_fails(self) -> None:
        errors = iter(
            [CommitUnknown(2013, "Lost connection"), OperationalError(2003, "Can't connect")]
        )

        def write() -> None:
            raise next(errors)

        with pytest.raises(CommitUnknown):
            run_write(write, may_repeat=lambda: True)

    def test_nothing_is_retried_when_the_request_has_waited_for_its_time(self) -> None:
        for error in (
            OperationalError(1205, "Lock wait timeout exceeded"),
            OperationalError(2013, "Lost connection"),
        ):
            tries: list[int] = []

            def write(error: Error = error, tries: list[int] = tries) -> None:
                tries.append(1)
                add_wait(LIMIT)
                raise error

            with pytest.raises((Problem, OperationalError)), limited_waits():
                run_write(write)
            assert len(tries) == 1

    def test_a_repeated_integrity_error_is_a_duplicate(self) -> None:
        run_write(lambda: Alarm.add(self.alice, time=time(7)))
        with pytest.raises(Problem, match="duplicate"):
            run_write(lambda: Alarm.objects.create(owner=self.alice, time=time(7)))

    def test_inside_a_transaction_nothing_is_retried(self) -> None:
        tries: list[int] = []

        def write() -> None:
            tries.append(1)
            raise OperationalError(1213, "Deadlock found")

        with pytest.raises(OperationalError), transaction.atomic():
            run_write(write)
        assert len(tries) == 1


@needs_row_locks
@pytest.mark.races
class RealRaceTest(RaceTest):
    def test_both_writes_of_a_real_deadlock_succeed(self) -> None:
        with transaction.atomic():
            goals = [self.goal(), self.goal()]
        both_hold_one = threading.Barrier(2)
        tries = [0, 0]

        def write(number: int) -> None:
            """Lock the two rows in opposite order, the second after both hold their first."""
            tries[number] += 1
            for place in (number, 1 - number):
                Goal.objects.select_for_update().get(pk=goals[place].pk)
                if tries[number] == 1 and place == number:
                    both_hold_one.wait(20)
            Goal.objects.filter(pk=goals[number].pk).update(title=f"by {number}")

        self.at_once(lambda number: run_write(lambda: write(number)), threads=2)
        assert sum(tries) >= 3
        assert {goal.title for goal in Goal.objects.all()} == {"by 0", "by 1"}

    def test_the_loser_of_a_race_for_a_unique_row_sees_the_winners_row(self) -> None:
        both_asked = threading.Barrier(2)
        tries = [0, 0]

        def write(number: int) -> str:
            tries[number] += 1
            there = Alarm.objects.of(self.alice).filter(time=time(7)).exists()
            if tries[number] == 1:
                both_asked.wait(20)
            if not there:
                Alarm.objects.create(owner=self.alice, time=time(7))
            return "seen" if there else "made"

        answers: list[Any] = self.at_once(
            lambda number: run_write(lambda: write(number)), threads=2
        )
        assert sorted(answers) == ["made", "seen"]
        assert Alarm.objects.count() == 1
