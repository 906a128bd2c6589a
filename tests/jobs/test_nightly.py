"""Test the schedule: once a night, again an hour after a failure, and late if it was missed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import transaction
from django.test import TestCase, override_settings

from core.erasing import AT_ONCE
from goals.models import Goal
from operations.jobs import nightly
from operations.jobs.models import Run
from operations.jobs.nightly import Outcome
from tests.accounts.clock import clock_at
from tests.base import needs_row_locks, person, todos_of
from tests.jobs.base import BackupTest, needs_mysql

EVENING = datetime(2026, 11, 21, 18, tzinfo=UTC)
HOUR = timedelta(hours=1)
State = Run.State


def states(name: str) -> list[str]:
    return list(Run.objects.filter(name=name).order_by("pk").values_list("state", flat=True))


def record_run(state: str, at: datetime, *, ended: datetime | None = None) -> Run:
    return Run.objects.create(name="backup", state=state, started_at=at, ended_at=ended or at)


@override_settings(NIGHTLY_HOUR=18)
class DueTest(TestCase):
    def is_due(self, at: datetime) -> bool:
        return nightly.is_due("backup", at)

    def test_once_a_night(self) -> None:
        assert self.is_due(EVENING)
        record_run(State.SUCCEEDED, EVENING)
        assert not self.is_due(EVENING + 23 * HOUR)
        assert self.is_due(EVENING + 24 * HOUR)

    def test_a_missed_night_is_made_up_and_the_next_night_runs_too(self) -> None:
        record_run(State.SUCCEEDED, EVENING)
        assert self.is_due(EVENING + 40 * HOUR)
        record_run(State.SUCCEEDED, EVENING + 40 * HOUR)
        assert not self.is_due(EVENING + 47 * HOUR)
        assert self.is_due(EVENING + 48 * HOUR)

    def test_an_hour_after_a_failure(self) -> None:
        record_run(State.FAILED, EVENING, ended=EVENING + HOUR / 2)
        assert not self.is_due(EVENING + HOUR)
        assert self.is_due(EVENING + 1.5 * HOUR)
        record_run(State.FAILED, EVENING + 1.5 * HOUR)
        assert not self.is_due(EVENING + 2 * HOUR)

    def test_at_once_after_an_interruption_but_not_forever(self) -> None:
        for _ in range(2):
            record_run(State.INTERRUPTED, EVENING)
            assert self.is_due(EVENING)
        record_run(State.INTERRUPTED, EVENING)
        assert not self.is_due(EVENING)
        assert self.is_due(EVENING + HOUR)

    def test_old_runs_are_deleted(self) -> None:
        old, young = (record_run(State.SUCCEEDED, EVENING - days * 24 * HOUR) for days in (91, 89))
        Run.begin("purge", EVENING)
        assert set(Run.objects.filter(name="backup")) == {young}
        assert old not in Run.objects.all()

    def test_the_last_success_is_kept(self) -> None:
        for days in (200, 190):
            last = record_run(State.SUCCEEDED, EVENING - days * 24 * HOUR)
        record_run(State.FAILED, EVENING - 91 * 24 * HOUR)
        young = record_run(State.FAILED, EVENING - 89 * 24 * HOUR)
        Run.begin("purge", EVENING)
        assert set(Run.objects.filter(name="backup")) == {last, young}


class OverdueTest(TestCase):
    def test_a_backup_of_the_last_36_hours_is_recent(self) -> None:
        record_run(State.SUCCEEDED, EVENING)
        assert nightly.overdue_message(EVENING + 35 * HOUR) == ""

    def test_the_message_has_the_time_of_an_older_backup(self) -> None:
        record_run(State.SUCCEEDED, EVENING)
        record_run(State.FAILED, EVENING + 24 * HOUR)
        assert (
            nightly.overdue_message(EVENING + 37 * HOUR)
            == "The nightly backup last succeeded at 2026-11-21 18:00 UTC."
        )

    def test_no_backup_is_only_reported_after_36_hours(self) -> None:
        assert nightly.overdue_message(EVENING) == ""
        record_run(State.FAILED, EVENING)
        assert nightly.overdue_message(EVENING + HOUR) == ""
        assert (
            nightly.overdue_message(EVENING + 37 * HOUR)
            == "The nightly backup has never succeeded."
        )


@override_settings(NIGHTLY_HOUR=18)
class NightTest(BackupTest):
    pytestmark = needs_mysql

    def night(self, at: datetime) -> Outcome:
        with clock_at(at):
            return nightly.run_due()

    def test_both_jobs_run_and_their_output_is_recorded(self) -> None:
        assert self.night(EVENING) == Outcome.DONE
        assert self.night(EVENING + HOUR) == Outcome.DONE
        assert states("backup") == states("purge") == [State.SUCCEEDED]
        assert len(self.manifests()) == 1
        assert " rows of " in Run.objects.get(name="backup").says
        assert "sessions deleted" in Run.objects.get(name="purge").says

    def test_what_was_deleted_is_erased_whenever_it_looks(self) -> None:
        self.night(EVENING)
        with transaction.atomic():
            goal = todos_of(person("Dora"), AT_ONCE + 1)[0].goal
            goal.remove(cascade=True)
        assert "0 accounts and 1 goals wait to be erased" in list(nightly.status_lines())
        self.night(EVENING + HOUR)
        assert not Goal.objects.filter(pk=goal.pk).exists()
        assert states("erase") == [State.SUCCEEDED]
        assert " erased: " in Run.objects.get(name="erase").says
        self.night(EVENING + 2 * HOUR)
        assert states("erase") == [State.SUCCEEDED]

    def test_a_failure_does_not_stop_other_jobs_and_is_retried(self) -> None:
        with override_settings(BACKUP_URL="s3:///"):
            assert self.night(EVENING) == Outcome.FAILED
            assert self.night(EVENING + HOUR / 2) == Outcome.FAILED
        assert (states("backup"), states("purge")) == ([State.FAILED], [State.SUCCEEDED])
        assert "BACKUP_URL" in Run.objects.get(name="backup").says
        assert self.night(EVENING + HOUR) == Outcome.DONE
        assert (states("backup"), states("purge")) == (
            [State.FAILED, State.SUCCEEDED],
            [State.SUCCEEDED],
        )

    def test_a_run_without_a_process_is_interrupted_and_run_again(self) -> None:
        record_run(State.RUNNING, EVENING)
        assert self.night(EVENING + HOUR / 60) == Outcome.DONE
        assert states("backup") == [State.INTERRUPTED, State.SUCCEEDED]

    def test_a_job_that_another_process_runs_is_left_to_it(self) -> None:
        with nightly.job_lock("backup") as acquired:
            assert acquired
            record_run(State.RUNNING, EVENING)
            assert self.night(EVENING) == Outcome.BUSY
            assert (states("backup"), states("purge")) == ([State.RUNNING], [State.SUCCEEDED])
        assert self.night(EVENING) == Outcome.DONE

    @needs_row_locks
    @pytest.mark.races
    def test_one_of_many_concurrent_processes_runs_it(self) -> None:
        self.at_once(lambda _: nightly.run_due(), 8)
        assert states("backup") == states("purge") == [State.SUCCEEDED]
        assert len(self.manifests()) == 1

    def test_status_prints_the_last_runs(self) -> None:
        self.night(EVENING)
        record_run(State.FAILED, EVENING + 40 * HOUR)
        out = StringIO()
        with clock_at(EVENING + 50 * HOUR):
            call_command("jobs", status=True, stdout=out)
        backup, purge, tidy, overdue = out.getvalue().splitlines()
        assert backup == "backup failed, 2026-11-23 10:00 UTC, 0 s"
        assert purge.startswith(
            "purge succeeded, 2026-11-21 18:00 UTC, 0 s: 0 tombstones deleted; "
        )
        assert tidy.startswith("tidy ")
        assert overdue == "The nightly backup last succeeded at 2026-11-21 18:00 UTC."
