"""Ids that clients make: one namespace over the tables of all resources."""

from collections.abc import Sequence
from functools import cache
from typing import Any
from uuid import UUID

from django.apps import apps
from django.db import DEFAULT_DB_ALIAS, connection, connections

from core.model_fields import BinaryUUIDField
from core.pipeline import execute_with_next, flush
from core.problems import Problem

_ID = BinaryUUIDField()


def holders(pk: UUID) -> list[tuple[str, int]]:
    """Return the labels of the models in which `pk` is the id of a row, with their owners' keys.

    One query over the primary keys of every model that states its `owner_column`.
    """
    with connection.cursor() as cursor:
        cursor.execute(*_holders_statement(pk))
        return [(str(label), int(owner_id)) for label, owner_id in cursor.fetchall()]


def refuse_taken(pk: UUID) -> None:
    """Raise Problem `id_taken` if anything has this id."""
    if holders(pk):
        raise Problem("id_taken")


class IdCheck:
    """Check that an id is free, in one round trip with the next statement of the transaction."""

    def __init__(self, pk: UUID | None) -> None:
        self._holders: list[Sequence[Any]] = []
        if pk is not None:
            execute_with_next(*_holders_statement(pk), self._holders.extend)

    def require_free(self) -> None:
        """Raise Problem `id_taken` if anything has the id."""
        flush()
        if self._holders:
            raise Problem("id_taken")


def _holders_statement(pk: UUID) -> tuple[str, list[Any]]:
    sql, count = _holders_sql()
    return sql, [_ID.get_db_prep_value(pk, connections[DEFAULT_DB_ALIAS])] * count


@cache
def _holders_sql() -> tuple[str, int]:
    quote = connection.ops.quote_name
    selects = []
    for model in apps.get_models():
        if owner_column := getattr(model, "owner_column", None):
            id_column = getattr(model, "id_column", "id")
            selects.append(
                f"SELECT '{model._meta.label}', {quote(owner_column)}"  # noqa: S608  # names of our own models
                f" FROM {quote(model._meta.db_table)} WHERE {quote(id_column)} = %s"
            )
    return " UNION ALL ".join(selects), len(selects)
