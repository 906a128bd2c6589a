"""Writes run in one transaction, which is run again after a deadlock."""

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from time import monotonic

from django.db import (
    Error,
    IntegrityError,
    InterfaceError,
    OperationalError,
    connection,
    transaction,
)

from core.failures import CommitUnknown
from core.outages import is_lost, is_transient
from core.problems import Problem
from core.replicas.routing import increment_versions
from core.waiting import Waits, is_waiting_over, limited_waits

logger = logging.getLogger(__name__)

TRIES = 8
_tries: ContextVar[int] = ContextVar("tries", default=TRIES)


def retry_if_disconnected[R](read: Callable[[], R]) -> R:
    """Run `read`, and once more on a new connection if the server had closed the first one."""
    try:
        return read()
    except Error as error:
        if connection.in_atomic_block or not is_lost(error) or is_waiting_over():
            raise
        logger.info("Connecting again, because the connection was lost: %s", error)
        connection.close()
        return read()


def run_write[R](
    write: Callable[[], R],
    failed: Callable[[R], bool] = lambda _result: False,
    may_repeat: Callable[[], bool] = lambda: False,
) -> R:
    """Run `write` in a transaction and return its result. Roll back if `failed(result)` is true.

    Run it again after a deadlock, after a connection that was lost before COMMIT, and after losing
    a race for a unique row: then it finds the row of the winner. If the connection was lost during
    COMMIT, run it again if `may_repeat()` is true: it does the same when it is run twice.

    Raise Problem `busy` (503) or `duplicate` (409) if that does not help, or if the request has
    waited for too long. Raise CommitUnknown if nobody knows whether the write was made.
    """
    if connection.in_atomic_block:  # only the outer transaction can be run again
        return _once(write, failed)
    with limited_waits() as waits:
        tries = Tries(waits, may_repeat)
        while True:
            started, waited = monotonic(), waits.seconds
            try:
                return _once(write, failed)
            except (IntegrityError, OperationalError, InterfaceError) as error:
                # The backend for SQLite has not counted it.
                waits.seconds = max(waits.seconds, waited + monotonic() - started)
                tries.after(error)
                logger.info("Attempt %s of %s to write failed: %s", tries.number, TRIES, error)


@contextmanager
def no_wait_for_sqlite() -> Iterator[None]:
    """Raise Problem `busy` at once in the block if SQLite has another writer.

    The block must be outside of a transaction; in one it changes nothing, as on other databases.
    """
    if connection.vendor != "sqlite" or connection.in_atomic_block:
        yield
        return
    connection.ensure_connection()
    raw = connection.connection
    (milliseconds,) = raw.execute("PRAGMA busy_timeout").fetchone()
    raw.execute("PRAGMA busy_timeout = 0")
    token = _tries.set(1)
    try:
        yield
    finally:
        _tries.reset(token)
        raw.execute(f"PRAGMA busy_timeout = {milliseconds}")


@dataclass
class Tries:
    """The attempts of one write."""

    waits: Waits
    may_repeat: Callable[[], bool]
    number: int = 0
    lost_races: int = 0
    lost_connections: int = 0
    unknown: CommitUnknown | None = None

    def after(self, error: Error) -> None:
        """Return if the write can be run again after this error of it. Raise otherwise."""
        self.number += 1
        if isinstance(error, IntegrityError):
            self.lost_races += 1
            if self.lost_races > 2:
                raise Problem("duplicate") from error
            return
        if isinstance(error, CommitUnknown):
            self.unknown = error
        if is_lost(error) or (error is self.unknown and self.may_repeat()):
            self.lost_connections += 1
            connection.close()
            if self.lost_connections == 1 and not self.waits.is_over:
                return
        elif is_transient(error) and not self.waits.is_over and self.number < _tries.get():
            time.sleep(0.005 * 2**self.number)  # until the other writer is done; 1.3 s in total
            return
        if self.unknown is not None:
            raise self.unknown
        if is_transient(error):
            raise Problem("busy") from error
        raise error


class Mark:
    """A mark on the current transaction, which a rollback to an earlier savepoint removes.

    Django keeps the callbacks of `on_commit` just as long. The objects in
    `connection.atomic_blocks` do not tell transactions apart: a decorated function reuses its own.
    """

    def __init__(self) -> None:
        transaction.on_commit(self)

    def __call__(self) -> None:
        """Do nothing on commit."""

    @property
    def is_set(self) -> bool:
        """True until the transaction ends."""
        return any(entry[1] is self for entry in connection.run_on_commit)


def _once[R](write: Callable[[], R], failed: Callable[[R], bool]) -> R:
    with transaction.atomic():
        result = write()
        if failed(result):
            transaction.set_rollback(True)
        else:
            # After an error that was caught, Django would roll back without raising one.
            connection.validate_no_broken_transaction()
            increment_versions()
        return result
