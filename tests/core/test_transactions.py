"""A write is one transaction, run again where that helps"""

import threading
from datetime import time
from typing import Any

import pytest
from django.db import OperationalError, transaction

from alarms.models import Alarm
from core.problems import Problem
from core.transactions import TRIES, run_write
from goals.models import Goal
from tests.base import RaceTest, needs_row_locks


class RunWriteTest(RaceTest):
    """On every database: not in a test's own transaction."""

    def test_it_gives_what_the_write_gives(self) -> None:
        goal = run_write(self.goal)
        assert Goal.objects.get() == goal

    def test_an_error_undoes_all_of_it(self) -> None:
        def write() -> None:
            self.goal()
            raise Problem("limit", limit=1)

        with pytest.raises(Problem):
            run_write(write)
        assert not Goal.objects.exists()

    def test_a_result_that_says_failed_undoes_all_of_it_and_is_given(self) -> None:
        assert run_write(lambda: self.goal().title, failed=lambda title: True) == "Health"
        assert not Goal.objects.exists()

    def test_a_deadlock_is_tried_again_and_at_last_the_server_is_busy(self) -> None:
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

    def test_it_may_succeed_the_second_time_and_nothing_of_the_first_stays(self) -> None:
        tries: list[int] = []

        def write() -> str:
            tries.append(1)
            self.goal()
            if len(tries) == 1:
                raise OperationalError(1205, "Lock wait timeout exceeded")
            return "done"

        assert run_write(write) == "done"
        assert Goal.objects.count() == 1

    def test_other_errors_of_the_database_are_not_tried_again(self) -> None:
        tries: list[int] = []

        def write() -> None:
            tries.append(1)
            raise OperationalError(2006, "Server has gone away")

        with pytest.raises(OperationalError):
            run_write(write)
        assert len(tries) == 1

    def test_a_row_that_is_always_there_is_a_duplicate(self) -> None:
        run_write(lambda: Alarm.add(self.alice, time=time(7)))
        with pytest.raises(Problem, match="duplicate"):
            run_write(lambda: Alarm.objects.create(owner=self.alice, time=time(7)))

    def test_inside_another_transaction_that_one_decides(self) -> None:
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
    def test_a_real_deadlock_ends_with_both_writes_done(self) -> None:
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

    def test_who_lost_a_race_for_a_unique_row_sees_the_winners(self) -> None:
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
