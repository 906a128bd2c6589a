"""What is different from django.db.backends.mysql, and why."""

import time
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import OperationalError
from django.db.backends.mysql import base, operations
from django.db.backends.utils import debug_transaction
from MySQLdb.constants import FIELD_TYPE

# Dates as the database writes them are ISO 8601, which Python reads in C; the driver's own readers are Python.
CONVERSIONS = base.django_conversions | {
    FIELD_TYPE.DATE: date.fromisoformat,
    FIELD_TYPE.DATETIME: datetime.fromisoformat,
    FIELD_TYPE.TIMESTAMP: datetime.fromisoformat,
}


class DatabaseOperations(operations.DatabaseOperations):
    """Operations that know how UUIDs are stored: `core.model_fields.BinaryUUIDField`."""

    def adapt_uuidfield_value(self, value: UUID) -> bytes:
        """Return a UUID in the form in which it is bound (for fastlists)."""
        return value.bytes


class DatabaseWrapper(base.DatabaseWrapper):
    """A connection that was used a moment ago is taken to be alive, and a transaction begins with one statement."""

    # Seconds. The question whether the server is still there costs as much as a query, and no server restarts in less.
    FRESH = 0.5
    ops_class = DatabaseOperations

    def get_connection_params(self) -> dict[str, Any]:
        return super().get_connection_params() | {"conv": CONVERSIONS}

    def _cursor(self, name: str | None = None) -> Any:
        cursor = super()._cursor(name)  # type: ignore[misc]  # not in the stubs
        self.used_at = time.monotonic()
        return cursor

    def close_if_health_check_failed(self) -> None:
        if time.monotonic() - getattr(self, "used_at", 0.0) < self.FRESH:
            self.health_check_done = True
        super().close_if_health_check_failed()

    def _start_transaction_under_autocommit(self) -> None:
        """BEGIN ends with COMMIT; `SET autocommit = 0` has to be taken back after it, with one more round trip.

        After a deadlock, which ends the transaction, statements would be committed one by one: whoever runs one must
        not go on after a database error, and run_write begins afresh.
        """
        try:
            self._begin()
        except OperationalError:  # the server had closed the connection: nothing has happened yet
            self.close()
            self.connect()
            self._begin()

    def _begin(self) -> None:
        with debug_transaction(self, "BEGIN"), self.wrap_database_errors:
            self.connection.query("BEGIN")
