"""The differences from django.db.backends.mysql, and their reasons."""

from collections.abc import Callable
from contextlib import closing
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import DatabaseError
from django.db import OperationalError as DjangoOperationalError
from django.db.backends.mysql import base, operations
from MySQLdb import OperationalError
from MySQLdb.constants import FIELD_TYPE
from MySQLdb.cursors import Cursor, SSCursor

from core.failures import OUT_OF_TIME, CommitUnknown
from core.mysql.connections import BEGIN, Connection, Held, Params, Rows
from core.mysql.errors import LOST, LOST_AFTER_SENDING
from core.pings import SeldomPinged
from core.waiting import is_waiting_over

STREAM = "stream"  # the name of a cursor
# The database sends dates in ISO 8601. Python parses that in C, the driver in Python.
CONVERSIONS = base.django_conversions | {
    FIELD_TYPE.DATE: date.fromisoformat,
    FIELD_TYPE.DATETIME: datetime.fromisoformat,
    FIELD_TYPE.TIMESTAMP: datetime.fromisoformat,
}


class DatabaseOperations(operations.DatabaseOperations):
    """Operations that store UUIDs as `core.model_fields.BinaryUUIDField` does."""

    def adapt_uuidfield_value(self, value: UUID) -> bytes:
        """Return a UUID in the form in which it is bound (for fastlists)."""
        return value.bytes


class DatabaseWrapper(SeldomPinged, base.DatabaseWrapper):
    """Use fewer round trips: no ping after recent use, and several statements in one packet."""

    ops_class = DatabaseOperations

    def get_connection_params(self) -> dict[str, Any]:
        return super().get_connection_params() | {"conv": CONVERSIONS}

    def get_new_connection(self, conn_params: dict[str, Any]) -> Connection:
        return Connection(**conn_params)

    def create_cursor(self, name: str | None = None) -> "CursorWrapper":
        kind = SSCursor if name == STREAM else None
        return CursorWrapper(self.connection.cursor(kind), self)

    def streaming_cursor(self) -> Any:
        """Return a cursor that reads rows as they arrive (for fastlists).

        The usual one receives all of them first. Closing it reads the rest, without keeping it.
        """
        return self._cursor(STREAM)

    def hold(self, query: str, args: Params, then: Callable[[Rows], object] | None) -> None:
        """Hold a statement back for the next one; `then` is called with its rows."""
        self.validate_no_broken_transaction()
        if self.execute_wrappers or self.queries_logged:  # these must see each statement
            with self.cursor() as cursor:
                cursor.cursor.hold(then)
                cursor.execute(query, args)
        else:
            self.connection.hold(query, args, then)

    def flush(self) -> None:
        """Execute the statements that are held back."""
        self.validate_no_broken_transaction()
        if self.connection is not None and self.connection.held:
            with self.wrap_database_errors, closing(self.create_cursor()) as cursor:
                cursor.execute("DO 0")

    def validate_no_broken_transaction(self) -> None:
        """Raise the error of an earlier statement of the transaction that was held back, if any.

        Django calls this before each statement.
        """
        if self.connection is not None and self.connection.failure is not None:
            with self.wrap_database_errors:
                raise self.connection.failure
        super().validate_no_broken_transaction()

    def _start_transaction_under_autocommit(self) -> None:
        """Hold BEGIN back for the first statement of the transaction.

        BEGIN ends with COMMIT, whereas `SET autocommit = 0` would have to be undone in one more
        round trip. A deadlock ends the transaction, and the statements after it would be committed
        one by one: do not go on after a database error, but start again as `run_write` does.
        """
        self.connection.held.append(BEGIN)

    def _commit(self) -> None:
        self._flush_before_end(self._rollback)  # type: ignore[attr-defined]  # not in the stubs
        try:
            super()._commit()  # type: ignore[misc]  # not in the stubs
        except DjangoOperationalError as error:
            if error.args[0] in LOST_AFTER_SENDING:
                raise CommitUnknown(*error.args) from error
            raise

    def _savepoint_commit(self, sid: str) -> None:
        self._flush_before_end(lambda: self._savepoint_rollback(sid))
        super()._savepoint_commit(sid)  # type: ignore[misc]  # not in the stubs

    def _flush_before_end(self, roll_back: Callable[[], None]) -> None:
        """Execute what cannot be sent together with COMMIT or RELEASE SAVEPOINT."""
        if self.connection is None or not self.connection.needs_flush_before_end:
            return
        try:
            self.flush()
        except BaseException as error:
            if not isinstance(error, DatabaseError):  # after those, Django rolls back
                roll_back()
            raise

    def _savepoint_rollback(self, sid: str) -> None:
        # SAVEPOINT was sent with what was held then, so all that is held now came after it.
        self.connection.forget()
        super()._savepoint_rollback(sid)  # type: ignore[misc]  # not in the stubs

    def replace_connection(self, held: list[Held]) -> None:
        """Connect again for a transaction that starts with the statements in `held`."""
        # `close` and `connect` reset these for a transaction that has ended.
        names = ("in_atomic_block", "atomic_blocks", "savepoint_ids", "run_on_commit", "autocommit")
        state = {name: getattr(self, name) for name in names}
        self.close()
        try:
            self.connect()
        except BaseException:
            state |= {"closed_in_transaction": True, "needs_rollback": True}
            raise
        finally:
            vars(self).update(state)
        self.connection.held = held


class CursorWrapper(base.CursorWrapper):
    """A cursor that can hold its statement back, and reconnects at the start of a transaction."""

    _holds = False
    _then: Callable[[Rows], object] | None = None

    def __init__(self, cursor: Cursor, database: DatabaseWrapper) -> None:
        super().__init__(cursor)
        self.database = database

    def hold(self, then: Callable[[Rows], object] | None) -> None:
        """Make `execute` hold the statement back; `then` is called with its rows."""
        self._holds, self._then = True, then

    def execute(self, query: str, args: Params = None) -> int:
        connection = self.database.connection
        if self._holds:
            self.cursor._executed = connection.hold(query, args, self._then)  # for the query log
            return 0
        if is_waiting_over():
            raise OperationalError(OUT_OF_TIME, "The request has waited for the database too long")
        if connection.has_begun:
            return int(super().execute(query, args))
        held = [*connection.held]
        try:
            return int(super().execute(query, args))
        except OperationalError as error:
            if error.args[0] not in LOST or is_waiting_over():
                raise
        # The server closed the connection and rolled back what it had received.
        self.database.replace_connection(held)
        self.cursor = self.database.connection.cursor()
        return int(super().execute(query, args))
