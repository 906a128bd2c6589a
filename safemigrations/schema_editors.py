"""Schema editors for MySQL and MariaDB.

One waits for busy tables without blocking others, one records statements without running them, one
continues an interrupted migration. A connection uses one of them inside `use_schema_editor`.
"""

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial
from typing import Any

from django.db import DatabaseError, OperationalError
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.mysql.schema import DatabaseSchemaEditor

from safemigrations.statements import Statement

LOCK_WAIT_TIMEOUT = 1205  # the error number of MySQL and MariaDB
LOCK_NOT_AVAILABLE = "55P03"  # the SQLSTATE of PostgreSQL
DDL = re.compile(r"\s*(?:ALTER|CREATE|DROP|RENAME|TRUNCATE)\b", re.IGNORECASE)


class WaitBudget:
    """The time that all statements together may still wait for tables, in seconds."""

    DEFAULT = 120.0

    def __init__(self, seconds: float | None = None) -> None:
        self.left = self.DEFAULT if seconds is None else seconds


def is_lock_timeout(error: OperationalError) -> bool:
    """Return whether a statement has waited too long for a table."""
    state = getattr(error.__cause__, "sqlstate", None)
    return state == LOCK_NOT_AVAILABLE or error.args[0] == LOCK_WAIT_TIMEOUT


class PatientSchemaEditor(DatabaseSchemaEditor):
    """Run DDL with a short lock timeout, again and again until the wait budget is spent.

    DDL waits for every transaction that has used the table, and all later queries on the table
    queue behind it. With the server's default timeout of a day, one long transaction would stop
    the site. Between two attempts the queue is served.
    """

    LOCK_TIMEOUT = 1  # seconds; the server takes whole ones
    PAUSE = 1.0  # seconds between two attempts

    def __init__(self, *args: Any, budget: WaitBudget | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.budget = budget or WaitBudget()

    def execute(self, sql: Any, params: Any = ()) -> None:
        """Run the statement. Raise OperationalError once the budget is spent."""
        if self.collect_sql or not DDL.match(str(sql)):
            super().execute(sql, params)
            return
        with lock_timeout(self.connection, self.LOCK_TIMEOUT):
            while not self.attempt(sql, params):
                time.sleep(self.PAUSE)

    def attempt(self, sql: Any, params: Any) -> bool:
        """Return False if the table was busy and there is time for another attempt."""
        started = time.monotonic()
        try:
            super().execute(sql, params)
        except OperationalError as error:
            self.budget.left -= time.monotonic() - started + self.PAUSE
            if not is_lock_timeout(error) or self.budget.left <= 0:
                raise
            return False
        return True


@contextmanager
def lock_timeout(connection: BaseDatabaseWrapper, seconds: int) -> Iterator[None]:
    """Limit how long statements of this connection wait for a table's metadata lock."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT @@SESSION.lock_wait_timeout")
        (before,) = cursor.fetchone()
        cursor.execute("SET SESSION lock_wait_timeout = %s", [seconds])
    try:
        yield
    finally:
        # If the connection is lost, so is the session's setting.
        with suppress(DatabaseError), connection.cursor() as cursor:
            cursor.execute("SET SESSION lock_wait_timeout = %s", [before])


class _ForeignKeyAwareEditor(DatabaseSchemaEditor):
    """Take foreign keys from the models where the database has lost them.

    Django drops a foreign key before it alters the column, and creates it again only if it has
    dropped one. A migration killed in between would leave the column without its foreign key.
    """

    altered: Any = None  # the field that is being altered, before the change

    def _alter_field(self, model: Any, old_field: Any, *args: object, **kwargs: object) -> None:
        self.altered = old_field
        super()._alter_field(model, old_field, *args, **kwargs)  # type: ignore[misc]  # not in the stubs
        self.altered = None

    def _constraint_names(self, model: Any, column_names: Any = None, **kinds: Any) -> list[Any]:
        table = model._meta.db_table
        renames: Any = getattr(self, "collected_table_renames", {})
        if table in renames and table in self.connection.introspection.table_names():
            del renames[table]  # the rename has run before: the table has its new name
        names = super()._constraint_names(model, column_names, **kinds)  # type: ignore[misc]  # not in the stubs
        field = self.altered
        if names or not kinds.get("foreign_key"):
            return list(names)
        if field is None or [field.column] != column_names or not field.db_constraint:
            return []
        name = self._fk_constraint_name(model, field, "_fk_%(to_table)s_%(to_column)s")  # type: ignore[attr-defined]  # not in the stubs
        return [str(name).strip("`")]


class ListingSchemaEditor(_ForeignKeyAwareEditor):
    """Run nothing; collect in `statements` what would run, with parameters."""

    def __init__(self, connection: BaseDatabaseWrapper, *, atomic: bool = True) -> None:
        super().__init__(connection, collect_sql=True, atomic=atomic)
        self.statements: list[Statement] = []
        self.optional = False

    def execute(self, sql: Any, params: Any = ()) -> None:
        """Record the statement."""
        self.statements.append(Statement(str(sql), params, self.optional))

    def _create_missing_fk_index(self, *args: object, **kwargs: object) -> None:
        """Mark the index as optional: Django creates it only if the foreign key has no other."""
        self.optional = True
        super()._create_missing_fk_index(*args, **kwargs)  # type: ignore[misc]  # not in the stubs
        self.optional = False


class ResumingSchemaEditor(_ForeignKeyAwareEditor, PatientSchemaEditor):
    """Skip the first statements, which ran before; raise RuntimeError if they are not the same."""

    def __init__(self, *args: Any, applied: list[Statement], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.applied = list(applied)

    def execute(self, sql: Any, params: Any = ()) -> None:
        """Skip the statement if it is one of the first; else run it."""
        if not self.applied:
            super().execute(sql, params)
            return
        skipped = self.applied.pop(0)
        if skipped.sql != str(sql):
            raise RuntimeError(
                f"The schema has changed in the meantime: expected {skipped.sql!r},"
                f" but the migration would now run {str(sql)!r}."
            )


@contextmanager
def use_schema_editor(
    connection: BaseDatabaseWrapper, editor: type[PatientSchemaEditor], **options: Any
) -> Iterator[None]:
    """Make the connection use this schema editor. All migrations share one wait budget."""
    wrapper: Any = connection
    wrapper.SchemaEditorClass = partial(editor, **{"budget": WaitBudget()} | options)
    try:
        yield
    finally:
        del wrapper.SchemaEditorClass  # uncovers the attribute of the class
