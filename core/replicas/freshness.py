"""Which replica has come far enough for somebody's reads."""

import logging
from datetime import datetime, timedelta
from functools import cache
from threading import Lock
from time import monotonic
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.db import DEFAULT_DB_ALIAS as PRIMARY
from django.db import Error, connections

from core.replicas.models import Heartbeat, Written

logger = logging.getLogger(__name__)

REPLICAS = tuple(alias for alias in settings.DATABASES if alias != PRIMARY)
RETRY_AFTER = 3  # seconds for which a replica is left alone after it failed
BEAT_EVERY = 1  # seconds; what a replica's lag is known to
BEAT = """INSERT INTO {beat} (id, beat_at) VALUES (1, UTC_TIMESTAMP(6)) ON DUPLICATE KEY UPDATE beat_at =
    IF(ABS(TIMESTAMPDIFF(MICROSECOND, beat_at, UTC_TIMESTAMP(6))) < 1000000 * {seconds}, beat_at, UTC_TIMESTAMP(6))"""
HELD = """SELECT (SELECT beat_at FROM {beat} WHERE id = 1),
    (SELECT COALESCE(w.version, 0) FROM {user} u LEFT JOIN {written} w ON w.user_id = u.id WHERE u.id = %s)"""


@cache
def sql(text: str) -> str:
    """With the names of our tables put in; not before all models are known."""
    names = {"beat": Heartbeat._meta.db_table, "written": Written._meta.db_table}
    return text.format(user=get_user_model()._meta.db_table, seconds=BEAT_EVERY, **names)


class Clock:
    """The primary's clock as this process knows it, and the heartbeat.

    Requests keep it going, not a thread: where nobody reads, nobody needs it. No two machines' clocks have to agree.
    """

    def __init__(self) -> None:
        self._lock, self._due = Lock(), 0.0
        self._zero: datetime | None = (
            None  # what the primary's clock said when ours, which only counts, was at 0
        )

    def beat(self) -> None:
        """Once a second in each process; the row changes once a second for all of them."""
        if monotonic() < self._due or not self._lock.acquire(blocking=False):
            return
        try:
            self._due = monotonic() + BEAT_EVERY
            with connections[PRIMARY].cursor() as cursor:
                cursor.execute(sql(BEAT))
                cursor.execute("SELECT UTC_TIMESTAMP(6)")
                self._zero = cursor.fetchone()[0] - timedelta(seconds=monotonic())
        except Error as error:
            logger.warning("no heartbeat for the replicas: %s", error)
        finally:
            self._lock.release()

    def is_recent(self, beat_at: datetime | None) -> bool:
        """Whether a replica's heartbeat is no older than REPLICA_MAX_LAG. One of the future tells nothing."""
        if beat_at is None or self._zero is None:
            return False
        return abs(self._zero + timedelta(seconds=monotonic()) - beat_at) <= timedelta(
            seconds=settings.REPLICA_MAX_LAG
        )


clock = Clock()
_left_alone: dict[str, float] = {}  # replicas, and until when


def choose(user_id: int, version: int) -> str:
    """The database for the reads of who has written `version` times: a replica that holds all of it, or the primary.

    Everybody has a replica of their own as long as it is well, so that what they saw is there the next time.
    """
    clock.beat()
    for turn in range(len(REPLICAS)):
        alias = REPLICAS[(user_id + turn) % len(REPLICAS)]
        if _is_left_alone(alias):
            continue
        try:
            beat_at, held = _held(alias, user_id)
        except Error as error:
            give_up(alias, error)
            continue
        if clock.is_recent(beat_at):
            _left_alone.pop(alias, None)
            return alias if held is not None and held >= version else PRIMARY
        _left_alone[alias] = monotonic() + BEAT_EVERY
    return PRIMARY


def give_up(alias: str, error: Error) -> None:
    """Leave a replica that failed alone for a while, in all threads."""
    logger.warning("%s is not used for %s s: %s", alias, RETRY_AFTER, error)
    _left_alone[alias] = monotonic() + RETRY_AFTER
    connections[alias].close()


def _is_left_alone(alias: str) -> bool:
    until = _left_alone.get(alias)
    if until is None:
        return False
    if monotonic() < until:
        return True
    _left_alone[alias] = (
        monotonic() + RETRY_AFTER
    )  # one request tries it again, the others wait for what comes of it
    return False


def _held(alias: str, user_id: int) -> tuple[datetime | None, int | None]:
    """The replica's heartbeat and the person's version; None for what it has not got.

    Asked on the connection that the reads go over: behind one address there may be several replicas.
    """
    connection = connections[alias]
    if connection.connection is not None:
        try:
            return _ask(connection, user_id)
        except Error:  # it may only have been idle for too long
            connection.close()
    return _ask(connection, user_id)


def _ask(connection: Any, user_id: int) -> tuple[datetime | None, int | None]:
    with connection.cursor() as cursor:
        cursor.execute(sql(HELD), [user_id])
        row: tuple[datetime | None, int | None] = cursor.fetchone()
    return row
