"""What a request has to do with replicas: a read may go to one, a write leaves its mark."""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field

from django.db import DEFAULT_DB_ALIAS as PRIMARY
from django.db import Error, connections

from core.replicas.freshness import REPLICAS, choose, give_up, sql

logger = logging.getLogger(__name__)

STAMP = """INSERT INTO {written} (user_id, version) SELECT id, 1 FROM {user} WHERE id IN (%s) ORDER BY id
    ON DUPLICATE KEY UPDATE version = {written}.version + 1"""


@dataclass
class Asking:
    """A request: which database its reads go to, and whose versions its writes count up."""

    may_choose: bool = False
    alias: str = PRIMARY
    people: set[int] = field(default_factory=set)


_asking: ContextVar[Asking | None] = ContextVar("asking", default=None)


@contextmanager
def _request(asking: Asking) -> Iterator[None]:
    token = _asking.set(asking)
    try:
        yield
    finally:
        _asking.reset(token)


def current() -> str:
    """The database that reads go to just now: never a replica outside a read of the API, or in a transaction."""
    asking = _asking.get()
    if asking is None or connections[PRIMARY].in_atomic_block:
        return PRIMARY
    return asking.alias


def run_read[R](read: Callable[[], R], doubtful: Callable[[R], bool]) -> R:
    """What `read` returns, which may ask the replica that `set_reader` finds for it.

    Run again on the primary when the replica fails, and when the result is `doubtful`: what is refused there, or not
    found, may have been granted or made meanwhile.
    """
    if not REPLICAS:
        return read()
    asking = Asking(may_choose=True)
    with _request(asking):
        try:
            result = read()
            if asking.alias == PRIMARY or not doubtful(result):
                return result
        except Exception as error:
            if asking.alias == PRIMARY:
                raise
            logger.warning("asked again of the primary: %r", error)
            if isinstance(error, Error):
                give_up(asking.alias, error)
        asking.alias, asking.may_choose = PRIMARY, False
        return read()


def run_marked[R](write: Callable[[], R]) -> R:
    """What `write` returns, whose transactions `stamp` marks with who asked."""
    if not REPLICAS:
        return write()
    with _request(Asking()):
        return write()


def set_reader(user_id: int, version: int | None) -> None:
    """Say who asks, and how often they have written, as the primary knows it. For authentication."""
    asking = _asking.get()
    if asking is None:
        return
    asking.people.add(user_id)
    if asking.may_choose:
        asking.alias = choose(user_id, version or 0)


def also_affects(*people: int) -> None:
    """Say who else must see at once what this transaction changes, as who is blocked by it."""
    asking = _asking.get()
    if asking is not None:
        asking.people.update(people)


def stamp() -> None:
    """Count the versions of all concerned up. The last statement of a write's transaction, so that it locks last."""
    asking = _asking.get()
    if asking is None or not asking.people:
        return
    with connections[PRIMARY].cursor() as cursor:
        people = sorted(asking.people)
        cursor.execute(sql(STAMP) % ", ".join(["%s"] * len(people)), people)
