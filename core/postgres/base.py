"""The differences from django.db.backends.postgresql, and their reasons."""

from collections.abc import Iterator
from itertools import chain, islice
from typing import Any

import psycopg
from django.db import OperationalError
from django.db.backends.postgresql import base, schema
from django.db.models import Field

from core.failures import OUT_OF_TIME, CommitUnknown
from core.pings import SeldomPinged
from core.postgres.connections import Connection, gate_of, with_state
from core.postgres.errors import LOST_AFTER_SENDING, NO_CONNECTION, sqlstate_of
from core.waiting import is_waiting_over

STREAM = "stream"  # the name of a cursor
# Our own options, which the driver does not know.
OWN_OPTIONS = ("read_timeout",)


class DatabaseSchemaEditor(schema.DatabaseSchemaEditor):
    """Create no second index for LIKE on texts that are compared byte by byte."""

    def _create_like_index_sql(self, model: Any, field: Field) -> Any:
        if field.db_parameters(self.connection).get("collation") == "C":
            return None  # the first one serves LIKE, too
        return super()._create_like_index_sql(model, field)  # type: ignore[misc]  # not in the stubs


class DatabaseWrapper(SeldomPinged, base.DatabaseWrapper):
    """Wait for a limited time, and tell whether a COMMIT without an answer may have succeeded."""

    SchemaEditorClass = DatabaseSchemaEditor

    def get_connection_params(self) -> dict[str, Any]:
        parameters: dict[str, Any] = super().get_connection_params()
        parameters["cursor_factory"] = Cursor
        return {name: parameters[name] for name in parameters if name not in OWN_OPTIONS}

    def get_new_connection(self, conn_params: dict[str, Any]) -> Connection:
        self.isolation_level = psycopg.IsolationLevel.READ_COMMITTED  # the stated one, see settings
        gate = gate_of(conn_params)
        with gate.attempt():
            try:
                connection = Connection.connect(**conn_params)
            except psycopg.OperationalError as error:
                with_state(error, NO_CONNECTION)
                raise
        connection.gate = gate
        connection.read_timeout = self.settings_dict["OPTIONS"].get("read_timeout")
        return connection

    def create_cursor(self, name: str | None = None) -> Any:
        if name == STREAM:
            return StreamingCursor(self.connection)
        return super().create_cursor(name)

    def streaming_cursor(self) -> Any:
        """Return a cursor that reads rows as they arrive (for fastlists).

        The usual one receives all of them first. Closing it reads the rest, without keeping it.
        """
        return self._cursor(STREAM)

    def validate_no_broken_transaction(self) -> None:
        """Raise the error with which the transaction has failed, if it has.

        Django calls this before each statement. The server would refuse it with another error.
        """
        connection = self.connection
        if connection is not None and connection.failure is not None:
            if connection.has_failed:
                with self.wrap_database_errors:
                    raise connection.failure
            connection.failure = None  # it was rolled back, entirely or to a savepoint
        super().validate_no_broken_transaction()

    def _commit(self) -> None:
        if self.connection is not None and self.connection.has_failed:
            # The server would answer COMMIT with a rollback and no error.
            self.validate_no_broken_transaction()
        try:
            super()._commit()  # type: ignore[misc]  # not in the stubs
        except OperationalError as error:
            if sqlstate_of(error) in LOST_AFTER_SENDING:
                raise CommitUnknown(*error.args) from error
            raise

    def _savepoint_rollback(self, sid: str) -> None:
        self.connection.failure = None
        super()._savepoint_rollback(sid)  # type: ignore[misc]  # not in the stubs


class Cursor(psycopg.ClientCursor[Any]):
    """A cursor that begins nothing for a request that has waited for too long."""

    connection: Connection

    def execute(self, *args: Any, **kwargs: Any) -> Any:
        refuse_late()
        try:
            return super().execute(*args, **kwargs)
        except psycopg.Error as error:
            note_failure(self.connection, error)
            raise


class StreamingCursor(Cursor):
    """A cursor whose rows are read as they arrive. Nothing else may be executed meanwhile."""

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection)
        self._rows: Iterator[Any] = iter(())

    def execute(self, *args: Any, **kwargs: Any) -> Any:
        refuse_late()
        rows = self.stream(*args, **kwargs)
        try:
            first = [*islice(rows, 1)]  # sends the statement, and raises its error
        except psycopg.Error as error:
            note_failure(self.connection, error)
            raise
        self._rows = chain(first, rows)
        return self

    def fetchmany(self, size: int = 0) -> list[Any]:
        return [*islice(self._rows, size)]

    def close(self) -> None:
        try:
            for _ in self._rows:  # or the driver would cancel the statement
                pass
        finally:
            super().close()


def refuse_late() -> None:
    """Raise OperationalError if the request may begin nothing else."""
    if is_waiting_over():
        late = psycopg.OperationalError("The request has waited for the database too long")
        raise with_state(late, str(OUT_OF_TIME))


def note_failure(connection: Connection, error: psycopg.Error) -> None:
    """Keep the first error of a transaction, for the statements after it."""
    if connection.failure is None and connection.has_failed:
        connection.failure = error
