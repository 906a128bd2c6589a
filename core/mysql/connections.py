"""A connection of the driver that sends several statements in one packet."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

from django.db.backends.mysql.base import CursorWrapper
from MySQLdb import Error, IntegrityError, OperationalError, connections

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
        super().__init__(**params)

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
            super().query(query)

    # In these two the driver releases the GIL, which another thread may then keep for milliseconds.
    # Its cursors call them several times for each statement, mostly with nothing to read.

    def next_result(self) -> int:
        return int(super().next_result()) if self.more_results() else -1

    def store_result(self) -> Any:
        return super().store_result() if self.field_count() else None

    def commit(self) -> None:
        if self.held == [BEGIN]:
            self.held = []  # nothing of the transaction was sent
        elif self.held:
            self.query(b"COMMIT")
        else:
            super().commit()

    def forget(self) -> None:
        """Forget what is held back and what has failed, for a rollback."""
        self.held = []
        self.failure = None

    def rollback(self) -> None:
        has_begun = self.has_begun
        self.forget()
        if has_begun:
            super().rollback()

    def _query_held(self, last: bytes) -> None:
        """Execute what is held back and then `last`, whose result is left for the caller."""
        held, self.held = self.held, []
        results: list[Rows] = []
        try:
            super().query(b"; ".join([*(statement for statement, _ in held), last]))
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
