"""Schema editors for MySQL and MariaDB: one lets others pass, one only lists, one goes on where it broke off.

A connection uses one of them while `editing(connection, …)` says so.
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

LOCK_WAIT_TIMEOUT = 1205


DDL = re.compile(r"\s*(?:ALTER|CREATE|DROP|RENAME|TRUNCATE)\b", re.IGNORECASE)


class Patience:
    """How long all statements together may wait for tables, in seconds."""

    MOST = 120.0

    def __init__(self, seconds: float | None = None) -> None:
        self.left = self.MOST if seconds is None else seconds


class PatientSchemaEditor(DatabaseSchemaEditor):
    """Gives up a statement that waits for a table, lets others pass, and tries again as long as the patience lasts.

    DDL waits until each transaction that has read the table ends, and whoever comes after it waits behind it: with the
    server's own patience of a day, one long report would stop the site.
    """

    WAIT = 1  # seconds, whole ones
    PAUSE = 1.0  # seconds

    def __init__(self, *args: Any, patience: Patience | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.patience = patience or Patience()

    def execute(self, sql: Any, params: Any = ()) -> None:
        if self.collect_sql or not DDL.match(str(sql)):
            return super().execute(sql, params)
        with waiting(self.connection, self.WAIT):
            while not self.tried(sql, params):
                time.sleep(self.PAUSE)
        return None

    def tried(self, sql: Any, params: Any) -> bool:
        """Whether the statement ran; an error when it did not and there is no patience left."""
        began = time.monotonic()
        try:
            super().execute(sql, params)
        except OperationalError as error:
            self.patience.left -= time.monotonic() - began + self.PAUSE
            if error.args[0] != LOCK_WAIT_TIMEOUT or self.patience.left <= 0:
                raise
            return False
        return True


@contextmanager
def waiting(connection: Any, seconds: int) -> Iterator[None]:
    """Until its end each statement of the connection waits so long for a table."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT @@SESSION.lock_wait_timeout")
        (before,) = cursor.fetchone()
        cursor.execute("SET SESSION lock_wait_timeout = %s", [seconds])
    try:
        yield
    finally:
        # Where the connection has been lost, so has what was set for it.
        with suppress(DatabaseError), connection.cursor() as cursor:
            cursor.execute("SET SESSION lock_wait_timeout = %s", [before])


class _Knowing(DatabaseSchemaEditor):
    """Knows the foreign keys of the models where the schema has lost them.

    Django drops a foreign key before it alters a column, and makes it anew only where it has dropped one: a migration
    that was killed in between would leave the column without, and nobody would notice.
    """

    altered: Any = None  # the field that is being altered, as it was

    def _alter_field(self, model: Any, old_field: Any, *args: Any, **kwargs: Any) -> None:
        self.altered = old_field
        super()._alter_field(model, old_field, *args, **kwargs)  # type: ignore[misc]  # not in the stubs
        self.altered = None

    def _constraint_names(self, model: Any, column_names: Any = None, **kinds: Any) -> list[Any]:
        renamed: Any = getattr(self, "collected_table_renames", {})
        if model._meta.db_table in renamed and model._meta.db_table in self.connection.introspection.table_names():
            del renamed[model._meta.db_table]  # it has its new name already
        names = super()._constraint_names(model, column_names, **kinds)  # type: ignore[misc]  # not in the stubs
        field = self.altered
        if names or not kinds.get("foreign_key") or field is None or [field.column] != column_names:
            return list(names)
        name = self._fk_constraint_name(model, field, "_fk_%(to_table)s_%(to_column)s")  # type: ignore[attr-defined]  # as above
        return [str(name).strip("`")] if field.db_constraint else []


class ListingSchemaEditor(_Knowing):
    """Runs nothing; `statements` holds what would run, with its parameters."""

    def __init__(self, connection: BaseDatabaseWrapper, *, atomic: bool = True) -> None:
        super().__init__(connection, collect_sql=True, atomic=atomic)
        self.statements: list[Statement] = []
        self.optional = False

    def execute(self, sql: Any, params: Any = ()) -> None:
        self.statements.append(Statement(str(sql), params, self.optional))

    def _create_missing_fk_index(self, *args: Any, **kwargs: Any) -> None:
        """An index for a foreign key that is about to lose its only one, as far as the schema tells at this moment."""
        self.optional = True
        super()._create_missing_fk_index(*args, **kwargs)  # type: ignore[misc]  # not in the stubs
        self.optional = False


class ResumingSchemaEditor(_Knowing, PatientSchemaEditor):
    """Leaves out the first statements, which ran before; that they are the same ones is checked."""

    def __init__(self, *args: Any, done: list[Statement], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.done = list(done)

    def execute(self, sql: Any, params: Any = ()) -> None:
        if not self.done:
            return super().execute(sql, params)
        ran = self.done.pop(0)
        if ran.sql != str(sql):
            raise RuntimeError(f"The schema has changed meanwhile: {ran.sql!r} ran, and now it would be {str(sql)!r}.")
        return None


@contextmanager
def editing(connection: Any, editor: type[PatientSchemaEditor], **options: Any) -> Iterator[None]:
    """Until its end the connection changes the schema with this editor; all migrations share one patience."""
    connection.SchemaEditorClass = partial(editor, **{"patience": Patience()} | options)
    try:
        yield
    finally:
        del connection.SchemaEditorClass  # the class's own shows again
