"""Choice of a replica that is recent enough for a person's reads."""

import logging
from datetime import datetime, timedelta
from functools import cache
from threading import Lock
from time import monotonic

from django.conf import settings
from django.contrib.auth import get_user_model
from django.db import DEFAULT_DB_ALIAS as PRIMARY
from django.db import Error, connections
from django.db.backends.base.base import BaseDatabaseWrapper

from core.replicas.models import Heartbeat, Written

logger = logging.getLogger(__name__)

REPLICAS = tuple(alias for alias in settings.DATABASES if alias != PRIMARY)
RETRY_AFTER = 3  # seconds for which a replica is not used after it failed
HEARTBEAT_INTERVAL = 1  # seconds; the precision with which the lag of a replica is known
BEAT = """INSERT INTO {heartbeat} (id, beat_at) VALUES (1, UTC_TIMESTAMP(6))
    ON DUPLICATE KEY UPDATE beat_at = IF(
        ABS(TIMESTAMPDIFF(MICROSECOND, beat_at, UTC_TIMESTAMP(6))) < 1000000 * {seconds},
        beat_at,
        UTC_TIMESTAMP(6)
    )"""
SELECT_STATE = """SELECT
    (SELECT beat_at FROM {heartbeat} WHERE id = 1),
    (SELECT COALESCE(w.version, 0) FROM {user} u LEFT JOIN {written} w ON w.user_id = u.id
        WHERE u.id = %s)"""

# The time of a replica's heartbeat, and the version of a person. None for whichever
# is missing.
type State = tuple[datetime | None, int | None]


@cache
def with_table_names(template: str) -> str:
    """Return the statement with the names of our tables. Call after all models are loaded."""
    return template.format(
        heartbeat=Heartbeat._meta.db_table,
        written=Written._meta.db_table,
        user=get_user_model()._meta.db_table,
        seconds=HEARTBEAT_INTERVAL,
    )


class PrimaryClock:
    """The primary's clock, as known to this process, and the heartbeat.

    Requests keep it running instead of a thread: without reads it is not needed. The clocks of
    different machines are never compared.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._next_beat = 0.0
        self._zero: datetime | None = None  # the primary's time at which monotonic() was 0

    def beat(self) -> None:
        """Write the heartbeat and read the primary's clock, at most once a second in a process.

        The row changes once a second, however many processes write it.
        """
        if monotonic() < self._next_beat or not self._lock.acquire(blocking=False):
            return
        try:
            self._next_beat = monotonic() + HEARTBEAT_INTERVAL
            with connections[PRIMARY].cursor() as cursor:
                cursor.execute(with_table_names(BEAT))
                cursor.execute("SELECT UTC_TIMESTAMP(6)")
                self._zero = cursor.fetchone()[0] - timedelta(seconds=monotonic())
        except Error as error:
            logger.warning("The heartbeat of the replicas failed: %s", error)
        finally:
            self._lock.release()

    def is_recent(self, beat_at: datetime | None) -> bool:
        """Return whether a replica's heartbeat is at most REPLICA_MAX_LAG seconds old.

        False for a heartbeat that is in the future by more than that: the clock was set back.
        """
        if beat_at is None or self._zero is None:
            return False
        age = self._zero + timedelta(seconds=monotonic()) - beat_at
        return abs(age) <= timedelta(seconds=settings.REPLICA_MAX_LAG)


clock = PrimaryClock()
_suspended_until: dict[str, float] = {}  # by alias, in seconds of monotonic()


def choose_database(user_id: int, version: int) -> str:
    """Return the alias of a replica that has `version` of the user, or the primary.

    A user always gets the same replica while it works: another one may lag more, and rows seen
    before would be missing.
    """
    clock.beat()
    for offset in range(len(REPLICAS)):
        alias = REPLICAS[(user_id + offset) % len(REPLICAS)]
        if _is_suspended(alias):
            continue
        try:
            beat_at, replica_version = _read_state(alias, user_id)
        except Error as error:
            suspend(alias, error)
            continue
        if clock.is_recent(beat_at):
            _suspended_until.pop(alias, None)
            has_version = replica_version is not None and replica_version >= version
            return alias if has_version else PRIMARY
        _suspended_until[alias] = monotonic() + HEARTBEAT_INTERVAL
    return PRIMARY


def suspend(alias: str, error: Error) -> None:
    """For RETRY_AFTER seconds, do not use a replica that failed, in any thread."""
    logger.warning("The replica %s is not used for %s s: %s", alias, RETRY_AFTER, error)
    _suspended_until[alias] = monotonic() + RETRY_AFTER
    connections[alias].close()


def _is_suspended(alias: str) -> bool:
    until = _suspended_until.get(alias)
    if until is None:
        return False
    if monotonic() < until:
        return True
    # This request tries the replica; the others keep waiting for the result.
    _suspended_until[alias] = monotonic() + RETRY_AFTER
    return False


def _read_state(alias: str, user_id: int) -> State:
    """Return the state of a replica, read on the connection that the request's reads use.

    There may be several replicas behind one address.
    """
    connection = connections[alias]
    if connection.connection is not None:
        try:
            return _select_state(connection, user_id)
        except Error:  # the connection may have been idle for too long
            connection.close()
    return _select_state(connection, user_id)


def _select_state(connection: BaseDatabaseWrapper, user_id: int) -> State:
    with connection.cursor() as cursor:
        cursor.execute(with_table_names(SELECT_STATE), [user_id])
        state: State = cursor.fetchone()
    return state
