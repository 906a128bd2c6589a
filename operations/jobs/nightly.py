"""Which job is due, running it once however many containers there are, and telling how it went."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from io import StringIO

from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import DEFAULT_DB_ALIAS, DatabaseError, connection, connections

from core import days
from operations.jobs.models import Run
from operations.jobs.schedule import night_of
from safemigrations import locks

logger = logging.getLogger(__name__)

JOBS: dict[str, dict[str, bool]] = {"backup": {"by_hand": False}, "purge": {}}  # with their options
AGAIN_AFTER = timedelta(hours=1)
# So often a job that was broken off begins anew at once; one that always ends its container must not do so for ever.
AT_ONCE = 3
# A night and half a day: the nightly one has failed, and so have those after it.
TOO_OLD = timedelta(hours=36)


def is_due(name: str, now: datetime) -> bool:
    """Whether the job has yet to be done for this night. What was missed while the machine was off is due too."""
    tonight = Run.objects.filter(name=name, started_at__gte=night_of(now, settings.NIGHTLY_HOUR))
    states = list(tonight.values_list("state", flat=True))
    if Run.State.SUCCEEDED in states:
        return False
    if not states or (Run.State.FAILED not in states and len(states) < AT_ONCE):
        return True
    last = max(at for at in tonight.values_list("ended_at", flat=True) if at)
    return now >= last + AGAIN_AFTER


def run_due() -> tuple[bool, bool]:
    """Run what is due, one after the other. Whether all is done for this night, and whether another one is at work."""
    done, busy = True, False
    for name in JOBS:
        with held(name) as is_ours:
            if not is_ours:
                done, busy = False, True
                continue
            Run.settle(name, days.now())
            if is_due(name, days.now()):
                run(name)
            tonight = Run.objects.filter(
                started_at__gte=night_of(days.now(), settings.NIGHTLY_HOUR)
            )
            done &= tonight.filter(name=name, state=Run.State.SUCCEEDED).exists()
    return done, busy


def run(name: str) -> None:
    """Run the job of this name, and write down what came of it."""
    attempt, out = Run.begin(name, days.now()), StringIO()
    logger.info("%s begins", name)
    try:
        call_command(name, stdout=out, **JOBS[name])
    except Exception as error:
        level = logging.ERROR if isinstance(error, CommandError) else logging.CRITICAL
        logger.log(level, "%s failed: %s", name, error, exc_info=level == logging.CRITICAL)
        state, says = Run.State.FAILED, str(error)
    else:
        state, says = Run.State.SUCCEEDED, out.getvalue().strip()
        logger.info("%s ended: %s", name, says)
    if not connection.in_atomic_block:
        connection.close()  # it may have lain idle for hours, or be broken; the next statement opens another
    attempt.end(state, days.now(), says)


@contextmanager
def held(name: str) -> Iterator[bool]:
    """Whether the job's lock is ours meanwhile. A lock of the server's own: it ends with whoever holds it."""
    own = connections.create_connection(DEFAULT_DB_ALIAS)
    try:
        with own.cursor() as cursor:
            yield locks.acquire(cursor, locks.lock_name(own, name), 0)
    finally:
        own.close()


def overdue(now: datetime) -> str | None:
    """A sentence where the nightly backup has not succeeded for too long; None where it has, or nothing is known."""
    try:
        backups = Run.objects.filter(name="backup")
        last = backups.filter(state=Run.State.SUCCEEDED).order_by("started_at").last()
        first = Run.objects.order_by("started_at").first()
    except DatabaseError:  # not migrated yet, or not there: others say so
        return None
    if last is None and (first is None or first.started_at > now - TOO_OLD):
        return None
    if last is None:
        return "The nightly backup has never succeeded."
    if last.started_at > now - TOO_OLD:
        return None
    return f"The nightly backup last succeeded at {last.started_at:%Y-%m-%d %H:%M} UTC."


def told() -> Iterator[str]:
    """The last run of each job, a line each."""
    for name in JOBS:
        last = Run.objects.filter(name=name).order_by("started_at").last()
        if last is None:
            yield f"{name}: has not run yet"
            continue
        took = (
            f", {(last.ended_at - last.started_at).total_seconds():.0f} s" if last.ended_at else ""
        )
        yield ": ".join(filter(None, [f"{last}{took}", last.says.replace("\n", "; ")]))
