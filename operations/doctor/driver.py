"""The part of the MySQL driver's interface that the doctor uses.

The doctor connects without Django's backend, which cannot connect without a database. The driver
has no types, and it is not installed where SQLite is used.
"""

from collections.abc import Sequence
from typing import Any, Protocol


class Cursor(Protocol):
    """A cursor of the driver. Its rows are tuples of whatever the statement selects."""

    def execute(self, query: str) -> object:
        """Run a statement."""

    def fetchone(self) -> tuple[Any, ...] | None:
        """Return the next row, or None."""

    def fetchall(self) -> Sequence[tuple[Any, ...]]:
        """Return the remaining rows."""

    def close(self) -> None:
        """Free the cursor."""


class Connection(Protocol):
    """A connection of the driver."""

    def cursor(self) -> Cursor:
        """Return a new cursor."""

    def select_db(self, name: str) -> None:
        """Use another database, as the statement USE does."""

    def close(self) -> None:
        """Close the connection."""


def fetch_value(cursor: Cursor, query: str) -> Any:
    """Return the only value that a statement selects."""
    cursor.execute(query)
    ((value,),) = cursor.fetchall()
    return value
