"""A write is one transaction, and a client never hears of a deadlock."""

import logging
import time
from collections.abc import Callable

from django.db import IntegrityError, OperationalError, connection, transaction

from core.mysql.errors import LOST
from core.problems import Problem
from core.replicas.routing import increment_versions

logger = logging.getLogger(__name__)

# InnoDB: 1213 deadlock found, 1205 lock wait timeout, 1020 (MariaDB) record has changed since last read
TRANSIENT = {1213, 1205, 1020}
TRIES = 8


def is_transient(error: OperationalError) -> bool:
    """Whether the same statement may succeed when its transaction is run again."""
    return bool(error.args) and (
        error.args[0] in TRANSIENT or "database is locked" in str(error.args[0])
    )


def again_if_lost[R](read: Callable[[], R]) -> R:
    """Run `read`; once more, on a new connection, where the server had closed the one it began with."""
    try:
        return read()
    except OperationalError as error:
        if connection.in_atomic_block or not error.args or error.args[0] not in LOST:
            raise
        logger.info("once more on a new connection: %s", error)
        connection.close()
        return read()


def run_write[R](write: Callable[[], R], failed: Callable[[R], bool] = lambda _result: False) -> R:
    """Run `write` in a transaction and return what it returns; roll back when `failed` says so of it.

    Run again after a deadlock, and after losing a race for a unique row: the second time it sees the winner's row
    and answers as if it had come later. Raises Problem `busy` (503) or `duplicate` (409) when that does not help.
    """
    if connection.in_atomic_block:  # the transaction around decides; it is the one to run again
        return _once(write, failed)
    lost_races = 0
    for attempt in range(TRIES):
        try:
            return _once(write, failed)
        except IntegrityError as error:
            logger.info("lost a race for a unique row: %s", error)
            lost_races += 1
            if lost_races > 2:
                raise Problem("duplicate") from error
        except OperationalError as error:
            if not is_transient(error):
                raise
            logger.info("try %s of %s: %s", attempt + 1, TRIES, error)
            time.sleep(0.005 * 2**attempt)  # lets the other writer finish; 1.3 s in all at most
    raise Problem("busy")


def _once[R](write: Callable[[], R], failed: Callable[[R], bool]) -> R:
    with transaction.atomic():
        result = write()
        if failed(result):
            transaction.set_rollback(True)
        else:
            increment_versions()
        return result
