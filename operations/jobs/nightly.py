"""Decide which job is due, run it in one container only, and report the results."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from enum import Enum
from io import StringIO
from pathlib import Path

from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import DEFAULT_DB_ALIAS, DatabaseError, connection, connections
from django.db.models import QuerySet

from core import clock
from core.problems import Problem
from operations.jobs import refolding, relabelling
from operations.jobs.erasing import waiting
from operations.jobs.file_lock import file_lock
from operations.jobs.models import Run
from operations.jobs.schedule import night_of
from safemigrations import locks

logger = logging.getLogger(__name__)

# The commands and their options.
JOBS: dict[str, dict[str, bool]] = {"backup": {"by_hand": False}, "purge": {}}
RETRY_AFTER = timedelta(hours=1)
# Less than an hour, as the process looks every quarter of one.
TIDY_INTERVAL = timedelta(minutes=55)
# An interrupted job is restarted at once, up to this number of runs a night: a job that always
# crashes its container must not do so in a loop.
MAX_IMMEDIATE_RUNS = 3
# A day and a half: the backup of a night has failed, and so have its retries.
MAX_BACKUP_AGE = timedelta(hours=36)


class Outcome(Enum):
    """The result of run_due(). BUSY: another process is running a job; its result is unknown."""

    DONE = "done"
    FAILED = "failed"
    BUSY = "busy"


def is_due(name: str, now: datetime) -> bool:
    """Return whether the job still has to run this night, even if the hour is long past."""
    tonight = _runs_of_night(name, now)
    states = list(tonight.values_list("state", flat=True))
    if Run.State.SUCCEEDED in states:
        return False
    if not states or (Run.State.FAILED not in states and len(states) < MAX_IMMEDIATE_RUNS):
        return True
    last_end = max(ended_at for ended_at in tonight.values_list("ended_at", flat=True) if ended_at)
    return now >= last_end + RETRY_AFTER


def run_due() -> Outcome:
    """Run the jobs that are due, one after the other."""
    erase_waiting()
    refold_texts()
    relabel_diaries()
    tidy_photos()
    outcomes = [_run_if_due(name) for name in JOBS]
    for outcome in (Outcome.BUSY, Outcome.FAILED):
        if outcome in outcomes:
            return outcome
    return Outcome.DONE


def erase_waiting() -> None:
    """Erase what was deleted, unless there is nothing or another process does.

    Not once a night, but whenever this process looks. What fails is tried again then.
    """
    if not waiting():
        return
    with job_lock("erase") as acquired:
        if acquired:
            Run.mark_interrupted("erase", clock.now())
            run("erase")


def refold_texts() -> None:
    """Fold texts again, unless none have to be or another process does."""
    if refolding.is_due(clock.now()):
        _continue("refold", refolding.refold)


def relabel_diaries() -> None:
    """Publish and label old diaries, unless all are or another process does."""
    if relabelling.is_due(clock.now()):
        _continue("relabel", relabelling.relabel)


def _continue(name: str, work: Callable[[], object]) -> None:
    """Do work that goes on where it was interrupted, as often as `erase_waiting`."""
    with job_lock(name) as acquired:
        if acquired:
            try:
                work()
            except (DatabaseError, Problem):  # the nightly jobs do not depend on it
                logger.exception("`%s` failed; it goes on next time", name)


def tidy_photos() -> None:
    """Remove files of photos that are left over, every hour, unless another process does."""
    latest = Run.objects.filter(name="tidy", started_at__gt=clock.now() - TIDY_INTERVAL)
    if latest.exclude(state=Run.State.INTERRUPTED).exists():
        return
    with job_lock("tidy") as acquired:
        if acquired:
            Run.mark_interrupted("tidy", clock.now())
            run("tidy")


def _run_if_due(name: str) -> Outcome:
    with job_lock(name) as acquired:
        if not acquired:
            return Outcome.BUSY
        Run.mark_interrupted(name, clock.now())
        if is_due(name, clock.now()):
            run(name)
        succeeded = _runs_of_night(name, clock.now()).filter(state=Run.State.SUCCEEDED)
        return Outcome.DONE if succeeded.exists() else Outcome.FAILED


def _runs_of_night(name: str, now: datetime) -> QuerySet[Run]:
    # A clock that was ahead may have recorded runs of nights that are still to come.
    begin, end = night_of(now, settings.NIGHTLY_HOUR), now + timedelta(minutes=1)
    return Run.objects.filter(name=name, started_at__gte=begin, started_at__lte=end)


def run(name: str) -> None:
    """Run a job and record its result."""
    attempt = Run.begin(name, clock.now())
    output = StringIO()
    logger.info("%s begins", name)
    try:
        call_command(name, stdout=output, **JOBS.get(name, {}))
    except Exception as error:
        expected = isinstance(error, CommandError)
        level = logging.ERROR if expected else logging.CRITICAL
        logger.log(level, "%s failed: %s", name, error, exc_info=not expected)
        state = Run.State.FAILED
        message = str(error)
    else:
        state = Run.State.SUCCEEDED
        message = output.getvalue().strip()
        logger.info("%s ended: %s", name, message)
    if not connection.in_atomic_block:
        # It may have been idle for hours and be broken. The next statement opens another.
        connection.close()
    attempt.end(state, clock.now(), message)


@contextmanager
def job_lock(name: str) -> Iterator[bool]:
    """Try to take the lock of a job; the value is whether this process holds it.

    The lock has a separate connection, so the server frees it when this process ends. With SQLite
    it is a lock of a file.
    """
    if connection.vendor == "sqlite":
        with file_lock(sqlite_lock_path(name)) as acquired:
            yield acquired
        return
    own = connections.create_connection(DEFAULT_DB_ALIAS)
    try:
        with own.cursor() as cursor:
            yield locks.acquire(cursor, locks.lock_name(own, name), 0)
    finally:
        own.close()


def sqlite_lock_path(name: str) -> Path | None:
    """Return the file for the lock of a job; None for a database in memory, which is not shared."""
    database = str(connection.settings_dict["NAME"])
    if database == ":memory:" or database.startswith("file:"):
        return None
    return Path(f"{database}.{name}.lock")


def overdue_message(now: datetime) -> str:
    """Return a message if no nightly backup has succeeded for too long, else an empty string."""
    try:
        successes = Run.objects.filter(name="backup", state=Run.State.SUCCEEDED)
        last = successes.order_by("started_at").last()
        first = Run.objects.order_by("started_at").first()
    except DatabaseError:  # no database, or not migrated yet: other checks report that
        return ""
    if last is not None:
        if last.started_at > now - MAX_BACKUP_AGE:
            return ""
        return f"The nightly backup last succeeded at {last.started_at:%Y-%m-%d %H:%M} UTC."
    if first is None or first.started_at > now - MAX_BACKUP_AGE:
        return ""
    return "The nightly backup has never succeeded."


def status_lines() -> Iterator[str]:
    """Yield a line about the last run of each job."""
    for name in JOBS:
        last = Run.objects.filter(name=name).order_by("started_at").last()
        yield f"{name}: has not run yet" if last is None else _describe(last)
    for name in ("erase", "tidy"):
        if last := Run.objects.filter(name=name).order_by("started_at").last():
            yield _describe(last)
    if message := waiting():
        yield message


def _describe(run: Run) -> str:
    duration = ""
    if run.ended_at:
        duration = f", {(run.ended_at - run.started_at).total_seconds():.0f} s"
    return ": ".join(filter(None, [f"{run}{duration}", run.says.replace("\n", "; ")]))
