"""Aggregates that are the same on every database."""

from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Max
from django.db.models.sql.compiler import SQLCompiler


class OnlyValue(Max):
    """The value of the only row, or NULL if there is none. PostgreSQL has no maximum of UUIDs."""

    def as_postgresql(
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **context: Any
    ) -> Any:
        return self.as_sql(
            compiler, connection, template="(ARRAY_AGG(%(expressions)s))[1]", **context
        )
