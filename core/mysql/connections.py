"""A connection of the driver that sends several statements in one packet."""

from collections.abc import Callable, Sequence
from typing import Any

from django.db.backends.mysql.base import CursorWrapper
from MySQLdb import IntegrityError, OperationalError, connections

Params = Sequence[Any] | None
Rows = tuple[tuple[Any, ...], ...]
Held = tuple[bytes, Callable[[Rows], object] | None]

BEGIN: Held = (b"BEGIN", None)


class Connection(connections.Connection):
    """Hold statements back and send them in front of the next one, all in one packet.

    The server executes the statements of a packet in turn. Under READ COMMITTED each has a
    snapshot of its own, so one that follows a lock sees what was committed before the lock was
    granted. The server stops at the first error, which is raised by the call that sends the packet.
    """

    def __init__(self, **params: object) -> None:
        self.held: list[Held] = []
        super().__init__(**params)

    @property
    def has_begun(self) -> bool:
        """True unless a BEGIN is held back."""
        return BEGIN not in self.held

    def hold(self, query: str, params: Params, then: Callable[[Rows], object] | None) -> bytes:
        """Hold a statement back and return its final SQL. `then` is called with its rows."""
        statement: bytes = query.encode(self.encoding)
        if params is not None:
            statement %= tuple(map(self.literal, params))
        self.held.append((statement, then))
        return statement

    def query(self, query: bytes) -> None:
        if not self.held:
            super().query(query)
            return
        try:
            self._query_held(query)
        except OperationalError as error:
            if error.args[0] in CursorWrapper.codes_for_integrityerror:  # as Django's cursors do
                raise IntegrityError(*error.args) from error
            raise

    def flush(self) -> None:
        """Execute what is held back without waiting for another statement."""
        if self.held:
            self.query(b"DO 0")

    def commit(self) -> None:
        if self.held == [BEGIN]:
            self.held = []  # nothing of the transaction was sent
            return
        if any(then for _, then in self.held):  # their exceptions must come before the COMMIT
            try:
                self.flush()
            except BaseException:
                self.rollback()  # Django does this only after database errors
                raise
        if self.held:
            self.query(b"COMMIT")
        else:
            super().commit()

    def rollback(self) -> None:
        has_begun, self.held = self.has_begun, []
        if has_begun:
            super().rollback()

    def _query_held(self, last: bytes) -> None:
        """Execute what is held back and then `last`, whose result is left for the caller."""
        held, self.held = self.held, []
        super().query(b"; ".join([*(statement for statement, _ in held), last]))
        results = [self._next_rows() for _ in held]
        try:
            for (_, then), rows in zip(held, results, strict=True):
                if then is not None:
                    then(rows)
        except BaseException:
            self._rows()  # or the next statement would get the result of `last`
            raise

    def _next_rows(self) -> Rows:
        """Read one result and move on to the next one."""
        rows = self._rows()
        self.next_result()
        return rows

    def _rows(self) -> Rows:
        result = self.store_result()
        return result.fetch_row(0) if result else ()
