"""Migrations on PostgreSQL, which rolls back DDL.

A migration that waits for a busy table is rolled back and run again, so that nobody queues behind
it meanwhile. Indexes are built without blocking writes.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

from django.db import OperationalError
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations import operations
from django.db.migrations.migration import Migration
from django.db.models import Index

from safemigrations.schema_editors import PatientSchemaEditor, WaitBudget, is_lock_timeout

INDEX_OPERATIONS = operations.AddIndex, operations.RemoveIndex
INDEX_STATE = """
    SELECT x.indisvalid FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid
    WHERE i.relnamespace = current_schema()::regnamespace AND i.relname = %s
"""


class ConcurrentIndexes:
    """Build and drop indexes without blocking writes, outside of a transaction. A mixin.

    Such a statement waits for the transactions that are running, and nobody waits for it. If it is
    interrupted, it leaves an index that is not used, or one that the migration does not know of; so
    it can be repeated.
    """

    connection: BaseDatabaseWrapper
    atomic_migration: bool

    def add_index(self, model: Any, index: Index) -> None:
        """Create the index, unless it exists already. Drop what an interruption left of it."""
        base: Any = super()
        if self.atomic_migration:
            base.add_index(model, index)
            return
        with lock_timeout(self.connection, int(WaitBudget.DEFAULT)):
            state = self._state_of(index)
            if state is False:
                base.remove_index(model, index, concurrently=True)
            if not state:
                base.add_index(model, index, concurrently=True)

    def remove_index(self, model: Any, index: Index) -> None:
        """Drop the index, if it exists."""
        base: Any = super()
        if self.atomic_migration:
            base.remove_index(model, index)
        elif self._state_of(index) is not None:
            with lock_timeout(self.connection, int(WaitBudget.DEFAULT)):
                base.remove_index(model, index, concurrently=True)

    def _state_of(self, index: Index) -> bool | None:
        """Return True if the index exists, False if it was not completed, None if it is missing."""
        with self.connection.cursor() as cursor:
            cursor.execute(INDEX_STATE, [index.name])
            row = cursor.fetchone()
        return None if row is None else bool(row[0])


@cache
def _editor_with_concurrent_indexes(base: type[Any]) -> type[Any]:
    return type("SchemaEditor", (ConcurrentIndexes, base), {})


@contextmanager
def build_indexes_concurrently(connection: BaseDatabaseWrapper) -> Iterator[None]:
    """Make the connection build indexes without blocking writes where a migration is not atomic."""
    wrapper: Any = connection
    wrapper.SchemaEditorClass = _editor_with_concurrent_indexes(type(connection).SchemaEditorClass)
    try:
        yield
    finally:
        del wrapper.SchemaEditorClass  # uncovers the attribute of the class


def run_outside_of_transaction(migration: Migration) -> None:
    """Make a migration that only adds or removes an index run outside of a transaction.

    One with several operations stays in its transaction, as it could be left half done.
    """
    own = migration.operations
    if len(own) == 1 and isinstance(own[0], INDEX_OPERATIONS):
        migration.atomic = False  # type: ignore[misc]  # Django reads it from the instance


def run_patiently(connection: BaseDatabaseWrapper, migrate: Callable[[], object]) -> None:
    """Run `migrate` with a short lock timeout, again and again until the wait budget is spent.

    It continues with the migration that was rolled back. Raise OperationalError in the end.
    """
    left = WaitBudget().left
    with lock_timeout(connection, PatientSchemaEditor.LOCK_TIMEOUT):
        while True:
            try:
                migrate()
                break
            except OperationalError as error:
                left -= PatientSchemaEditor.LOCK_TIMEOUT + PatientSchemaEditor.PAUSE
                if not is_lock_timeout(error) or left <= 0:
                    raise
            time.sleep(PatientSchemaEditor.PAUSE)


@contextmanager
def lock_timeout(connection: BaseDatabaseWrapper, seconds: int) -> Iterator[None]:
    """Limit how long statements of this connection wait for a lock."""
    with connection.cursor() as cursor:
        cursor.execute("SHOW lock_timeout")
        (before,) = cursor.fetchone()
        cursor.execute("SELECT set_config('lock_timeout', %s, false)", [f"{seconds}s"])
    try:
        yield
    finally:
        # If the connection is lost, so is the session's setting.
        if connection.connection is not None and not connection.connection.closed:
            with connection.cursor() as cursor:
                cursor.execute("SELECT set_config('lock_timeout', %s, false)", [before])
