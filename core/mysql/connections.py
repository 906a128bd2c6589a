"""A connection of the driver that sends several statements in one packet."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from time import monotonic
from typing import Any

from django.db.backends.mysql.base import CursorWrapper
from MySQLdb import Error, IntegrityError, OperationalError, connections

from core.mysql.errors import LOST
from core.mysql.gates import gate_of
from core.waiting import add_wait

Params = Sequence[Any] | None
Rows = tuple[tuple[Any, ...], ...]
Held = tuple[bytes, Callable[[Rows], object] | None]

BEGIN: Held = (b"BEGIN", None)


class Connection(connections.Connection):
    """Hold statements back and send them in front of the next one, all in one packet.

    The server executes the statements of a packet in turn. Under READ COMMITTED each has a
    snapshot of its own, so one that follows a lock sees what was committed before the lock was
    granted. The server stops at the first error, which is raised by the call that sends the packet.

    `failure` is the error of a statement that was held back, or the exception of its `then`. The
    caller of `hold` believes that the statement succeeded, and code around a later statement may
    catch the error. So the transaction must not be committed before a rollback. Rolling back to a
    savepoint suffices: every savepoint that the server knows is older than the statement.
    """

    def __init__(self, **params: object) -> None:
        self.held: list[Held] = []
        self.failure: BaseException | None = None
        self.gate = gate_of(params)
        self.server_thread: int | None = None
        self.read_timeout = float(str(params.get("read_timeout", "inf")))
        with self.gate.attempt():
            super().__init__(**params)
        self.server_thread = self.thread_id()
        self.gate.end_given_up(self)

    @property
    def has_begun(self) -> bool:
        """True unless a BEGIN is held back."""
        return BEGIN not in self.held

    @property
    def needs_flush_before_end(self) -> bool:
        """True if COMMIT or RELEASE SAVEPOINT must not be sent with what is held back.

        Exceptions of `then`, and of a statement that has failed before, must come first. A
        transaction that has not begun is sent again after a lost connection, but a COMMIT must not
        be, because it may have been executed.
        """
        if self.failure is not None or any(then for _, then in self.held):
            return True
        return not self.has_begun and self.held != [BEGIN]

    def hold(self, query: str, params: Params, then: Callable[[Rows], object] | None) -> bytes:
        """Hold a statement back and return its final SQL. `then` is called with its rows."""
        statement: bytes = query.encode(self.encoding)
        if params is not None:
            statement %= tuple(map(self.literal, params))
        self.held.append((statement, then))
        return statement

    def query(self, query: bytes) -> None:
        if self.held:
            self._query_held(query)
        else:
            self._send(query)

    def _send(self, packet: bytes) -> None:
        """Send a packet and read the answer to its first statement."""
        self._wait(partial(super().query, packet))

    def _wait[R](self, read: Callable[[], R]) -> R:
        """Call `read`, which waits for the server, and count its time."""
        started = monotonic()
        try:
            return read()
        except OperationalError as error:
            if error.args[0] in LOST and monotonic() - started > 0.9 * self.read_timeout:
                self.gate.give_up(self.server_thread)
            raise
        finally:
            add_wait(monotonic() - started)

    def ping(self) -> None:
        self._wait(super().ping)

    # In these two the driver releases the GIL, which another thread may then keep for milliseconds.
    # Its cursors call them several times for each statement, mostly with nothing to read.

    def next_result(self) -> int:
        return int(self._wait(super().next_result)) if self.more_results() else -1

    def store_result(self) -> Any:
        return super().store_result() if self.field_count() else None

    def commit(self) -> None:
        if self.held == [BEGIN]:
            self.held = []  # nothing of the transaction was sent
        elif self.held:
            self.query(b"COMMIT")
        else:
            self._wait(super().commit)

    def forget(self) -> None:
        """Forget what is held back and what has failed, for a rollback."""
        self.held = []
        self.failure = None

    def rollback(self) -> None:
        has_begun = self.has_begun
        self.forget()
        if has_begun:
            self._wait(super().rollback)

    def _query_held(self, last: bytes) -> None:
        """Execute what is held back and then `last`, whose result is left for the caller."""
        held, self.held = self.held, []
        results: list[Rows] = []
        try:
            self._send(b"; ".join([*(statement for statement, _ in held), last]))
            for _ in held:
                if results:
                    self.next_result()
                results.append(self._rows())
            for (_, then), rows in zip(held, results, strict=True):
                if then is not None:
                    then(rows)
        except BaseException as error:
            self._skip_results()  # or the next statement would get the result of `last`
            self.failure = as_integrity_error(error)
            if self.failure is not error:
                raise self.failure from error
            raise
        self.next_result()  # raises the error of `last`

    def _rows(self) -> Rows:
        result = self.store_result()
        return result.fetch_row(0) if result else ()

    def _skip_results(self) -> None:
        with suppress(Error):
            while self.next_result() == 0:
                self._rows()


def as_integrity_error(error: BaseException) -> BaseException:
    """Return the error in the class that Django's cursors would raise."""
    codes = CursorWrapper.codes_for_integrityerror
    if isinstance(error, OperationalError) and error.args[0] in codes:
        error = IntegrityError(*error.args)
    return error
