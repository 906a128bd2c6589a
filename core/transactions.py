"""Writes run in one transaction, which is run again after a deadlock."""

import logging
import time
from collections.abc import Callable

from django.db import IntegrityError, OperationalError, connection, transaction

from core.mysql.errors import LOST
from core.problems import Problem
from core.replicas.routing import increment_versions

logger = logging.getLogger(__name__)

# Errors of InnoDB: 1213 deadlock found, 1205 lock wait timeout, 1020 (MariaDB) record has changed
# since last read
TRANSIENT = {1213, 1205, 1020}
TRIES = 8


def is_transient(error: OperationalError) -> bool:
    """Return whether the statement may succeed when its transaction is run again."""
    return bool(error.args) and (
        error.args[0] in TRANSIENT or "database is locked" in str(error.args[0])
    )


def retry_if_disconnected[R](read: Callable[[], R]) -> R:
    """Run `read`, and once more on a new connection if the server had closed the first one."""
    try:
        return read()
    except OperationalError as error:
        if connection.in_atomic_block or not error.args or error.args[0] not in LOST:
            raise
        logger.info("Connecting again, because the connection was lost: %s", error)
        connection.close()
        return read()


def run_write[R](write: Callable[[], R], failed: Callable[[R], bool] = lambda _result: False) -> R:
    """Run `write` in a transaction and return its result. Roll back if `failed(result)` is true.

    Run it again after a deadlock, and after losing a race for a unique row: then it finds the row
    of the winner. Raise Problem `busy` (503) or `duplicate` (409) if that does not help.
    """
    if connection.in_atomic_block:  # only the outer transaction can be run again
        return _once(write, failed)
    lost_races = 0
    for attempt in range(TRIES):
        try:
            return _once(write, failed)
        except IntegrityError as error:
            logger.info("Running a write again, because a unique row exists now: %s", error)
            lost_races += 1
            if lost_races > 2:
                raise Problem("duplicate") from error
        except OperationalError as error:
            if not is_transient(error):
                raise
            logger.info("Attempt %s of %s to write failed: %s", attempt + 1, TRIES, error)
            time.sleep(0.005 * 2**attempt)  # until the other writer is done; 1.3 s in total
    raise Problem("busy")


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
