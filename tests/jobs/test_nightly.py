"""Which job runs when: each once a night, again an hour after a failure, and what was missed at the next start."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import TestCase, override_settings

from operations.jobs import nightly
from operations.jobs.models import Run
from tests.accounts.clock import clock_at
from tests.base import needs_row_locks
from tests.jobs.base import BackupTest, needs_mysql

EVENING = datetime(2026, 11, 21, 18, tzinfo=UTC)
HOUR = timedelta(hours=1)
State = Run.State


def runs(name: str) -> list[str]:
    return list(Run.objects.filter(name=name).order_by("pk").values_list("state", flat=True))


def ran(state: str, at: datetime, *, ended: datetime | None = None) -> Run:
    return Run.objects.create(name="backup", state=state, started_at=at, ended_at=ended or at)


@override_settings(NIGHTLY_HOUR=18)
class DueTest(TestCase):
    def is_due(self, at: datetime) -> bool:
        return nightly.is_due("backup", at)

    def test_once_a_night(self) -> None:
        assert self.is_due(EVENING)
        ran(State.SUCCEEDED, EVENING)
        assert not self.is_due(EVENING + 23 * HOUR)
        assert self.is_due(EVENING + 24 * HOUR)

    def test_a_night_that_was_missed_is_made_up_and_the_next_one_runs_too(self) -> None:
        ran(State.SUCCEEDED, EVENING)
        assert self.is_due(EVENING + 40 * HOUR)
        ran(State.SUCCEEDED, EVENING + 40 * HOUR)
        assert not self.is_due(EVENING + 47 * HOUR)
        assert self.is_due(EVENING + 48 * HOUR)

    def test_an_hour_after_a_failure(self) -> None:
        ran(State.FAILED, EVENING, ended=EVENING + HOUR / 2)
        assert not self.is_due(EVENING + HOUR)
        assert self.is_due(EVENING + 1.5 * HOUR)
        ran(State.FAILED, EVENING + 1.5 * HOUR)
        assert not self.is_due(EVENING + 2 * HOUR)

    def test_at_once_after_it_was_broken_off_but_not_for_ever(self) -> None:
        for _ in range(2):
            ran(State.INTERRUPTED, EVENING)
            assert self.is_due(EVENING)
        ran(State.INTERRUPTED, EVENING)
        assert not self.is_due(EVENING)
        assert self.is_due(EVENING + HOUR)

    def test_what_is_old_is_forgotten(self) -> None:
        old, young = (ran(State.SUCCEEDED, EVENING - days * 24 * HOUR) for days in (91, 89))
        Run.begin("purge", EVENING)
        assert set(Run.objects.filter(name="backup")) == {young}
        assert old not in Run.objects.all()

    def test_but_for_the_last_success(self) -> None:
        for days in (200, 190):
            last = ran(State.SUCCEEDED, EVENING - days * 24 * HOUR)
        ran(State.FAILED, EVENING - 91 * 24 * HOUR)
        young = ran(State.FAILED, EVENING - 89 * 24 * HOUR)
        Run.begin("purge", EVENING)
        assert set(Run.objects.filter(name="backup")) == {last, young}


class OverdueTest(TestCase):
    def test_a_backup_of_the_last_36_hours_is_well(self) -> None:
        ran(State.SUCCEEDED, EVENING)
        assert nightly.overdue(EVENING + 35 * HOUR) is None

    def test_an_older_one_is_told_with_its_time(self) -> None:
        ran(State.SUCCEEDED, EVENING)
        ran(State.FAILED, EVENING + 24 * HOUR)
        assert (
            nightly.overdue(EVENING + 37 * HOUR)
            == "The nightly backup last succeeded at 2026-11-21 18:00 UTC."
        )

    def test_none_at_all_is_told_once_there_has_been_time_for_one(self) -> None:
        assert nightly.overdue(EVENING) is None
        ran(State.FAILED, EVENING)
        assert nightly.overdue(EVENING + HOUR) is None
        assert nightly.overdue(EVENING + 37 * HOUR) == "The nightly backup has never succeeded."


@override_settings(NIGHTLY_HOUR=18)
class NightTest(BackupTest):
    pytestmark = needs_mysql

    def night(self, at: datetime) -> tuple[bool, bool]:
        with clock_at(at):
            return nightly.run_due()

    def test_both_jobs_run_and_say_what_they_did(self) -> None:
        assert self.night(EVENING) == (True, False)
        assert self.night(EVENING + HOUR) == (True, False)
        assert runs("backup") == runs("purge") == [State.SUCCEEDED]
        assert len(self.manifests()) == 1
        assert " rows of " in Run.objects.get(name="backup").says
        assert "sessions deleted" in Run.objects.get(name="purge").says

    def test_a_failure_keeps_no_other_job_and_is_tried_again(self) -> None:
        with override_settings(BACKUP_URL="s3:///"):
            assert self.night(EVENING) == (False, False)
            assert self.night(EVENING + HOUR / 2) == (False, False)
        assert (runs("backup"), runs("purge")) == ([State.FAILED], [State.SUCCEEDED])
        assert "BACKUP_URL" in Run.objects.get(name="backup").says
        assert self.night(EVENING + HOUR) == (True, False)
        assert (runs("backup"), runs("purge")) == (
            [State.FAILED, State.SUCCEEDED],
            [State.SUCCEEDED],
        )

    def test_what_nobody_is_at_any_more_was_broken_off_and_is_done_again(self) -> None:
        ran(State.RUNNING, EVENING)
        assert self.night(EVENING + HOUR / 60) == (True, False)
        assert runs("backup") == [State.INTERRUPTED, State.SUCCEEDED]

    def test_what_another_one_is_at_is_left_to_it(self) -> None:
        with nightly.held("backup") as is_ours:
            assert is_ours
            ran(State.RUNNING, EVENING)
            assert self.night(EVENING) == (False, True)
            assert (runs("backup"), runs("purge")) == ([State.RUNNING], [State.SUCCEEDED])
        assert self.night(EVENING) == (True, False)

    @needs_row_locks
    @pytest.mark.races
    def test_of_many_at_once_one_runs_it(self) -> None:
        self.at_once(lambda _: self.night_of_one_more(), 8)
        assert runs("backup") == runs("purge") == [State.SUCCEEDED]
        assert len(self.manifests()) == 1

    def night_of_one_more(self) -> tuple[bool, bool]:
        return nightly.run_due()

    def test_how_it_went_is_told(self) -> None:
        self.night(EVENING)
        ran(State.FAILED, EVENING + 40 * HOUR)
        out = StringIO()
        with clock_at(EVENING + 50 * HOUR):
            call_command("jobs", status=True, stdout=out)
        backup, purge, overdue = out.getvalue().splitlines()
        assert backup == "backup failed, 2026-11-23 10:00 UTC, 0 s"
        assert purge.startswith(
            "purge succeeded, 2026-11-21 18:00 UTC, 0 s: 0 tombstones deleted; "
        )
        assert overdue == "The nightly backup last succeeded at 2026-11-21 18:00 UTC."


@pytest.mark.skipif(
    connection.vendor == "mysql", reason="what is refused is another kind of database"
)
@pytest.mark.parametrize("words", [["jobs"], ["backup"], ["restore", "--into", "x"]])
def test_with_sqlite_it_is_said_what_to_do_instead(words: list[str], tmp_path: Path) -> None:
    with (
        override_settings(BACKUP_URL=f"file://{tmp_path}"),
        pytest.raises(CommandError, match=r"With SQLite|no backup"),
    ):
        call_command(*words)
