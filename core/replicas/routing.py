"""Routing of requests: a read may go to a replica, a write increments its writers' versions."""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field

from django.db import DEFAULT_DB_ALIAS as PRIMARY
from django.db import Error, connections

from core.replicas.freshness import REPLICAS, choose_database, suspend, with_table_names

logger = logging.getLogger(__name__)

INCREMENT_VERSIONS = """INSERT INTO {written} (user_id, version)
    SELECT id, 1 FROM {user} WHERE id IN (%s) ORDER BY id
    ON DUPLICATE KEY UPDATE version = {written}.version + 1"""


@dataclass
class RoutedRequest:
    """The database for a request's reads, and the users whose versions its writes increment."""

    may_use_replica: bool = False
    alias: str = PRIMARY
    user_ids: set[int] = field(default_factory=set)


_routed_request: ContextVar[RoutedRequest | None] = ContextVar("routed_request", default=None)


@contextmanager
def _activate(request: RoutedRequest) -> Iterator[None]:
    token = _routed_request.set(request)
    try:
        yield
    finally:
        _routed_request.reset(token)


def database_for_reads() -> str:
    """Return the alias that reads use now.

    Never a replica in a transaction or outside `route_read`.
    """
    request = _routed_request.get()
    if request is None or connections[PRIMARY].in_atomic_block:
        return PRIMARY
    return request.alias


def route_read[R](read: Callable[[], R], retry_if: Callable[[R], bool]) -> R:
    """Return the result of `read`, which may use the replica that `set_reader` chooses.

    `read` runs again on the primary if the replica fails, or if `retry_if` returns True for the
    result: what is refused or not found on the replica may have been granted or created since.
    """
    if not REPLICAS:
        return read()
    request = RoutedRequest(may_use_replica=True)
    with _activate(request):
        try:
            result = read()
            if request.alias == PRIMARY or not retry_if(result):
                return result
        except Exception as error:
            if request.alias == PRIMARY:
                raise
            logger.warning("A read failed on %s and is retried: %r", request.alias, error)
            if isinstance(error, Error):
                suspend(request.alias, error)
        request.alias = PRIMARY
        request.may_use_replica = False
        return read()


def route_write[R](write: Callable[[], R]) -> R:
    """Return the result of `write`.

    While it runs, `increment_versions` can see which users it affects.
    """
    if not REPLICAS:
        return write()
    with _activate(RoutedRequest()):
        return write()


def set_reader(user_id: int, version: int | None) -> None:
    """Set the caller of the request and their version on the primary. For authentication."""
    request = _routed_request.get()
    if request is None:
        return
    request.user_ids.add(user_id)
    if request.may_use_replica:
        request.alias = choose_database(user_id, version or 0)


def also_affects(*user_ids: int) -> None:
    """Name other users who must see this transaction's changes at once, such as a blocked one."""
    request = _routed_request.get()
    if request is not None:
        request.user_ids.update(user_ids)


def increment_versions() -> None:
    """Increment the versions of all affected users.

    The last statement of a write's transaction, so that the rows are locked for a short time.
    """
    request = _routed_request.get()
    if request is None or not request.user_ids:
        return
    user_ids = sorted(request.user_ids)
    placeholders = ", ".join(["%s"] * len(user_ids))
    with connections[PRIMARY].cursor() as cursor:
        cursor.execute(with_table_names(INCREMENT_VERSIONS) % placeholders, user_ids)
