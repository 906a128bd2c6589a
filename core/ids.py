"""Ids that clients make: one namespace over the tables of all resources."""

from functools import cache
from uuid import UUID

from django.apps import apps
from django.db import connection

from core.model_fields import BinaryUUIDField
from core.problems import Problem


def holders(pk: UUID) -> list[tuple[str, int]]:
    """Return the labels of the models in which `pk` is the id of a row, with their owners' keys.

    One query over the primary keys of every model that states its `owner_column`.
    """
    sql, count = _holders_sql()
    value = BinaryUUIDField().get_db_prep_value(pk, connection)
    with connection.cursor() as cursor:
        cursor.execute(sql, [value] * count)
        return [(str(label), int(owner_id)) for label, owner_id in cursor.fetchall()]


def refuse_taken(pk: UUID) -> None:
    """Raise Problem `id_taken` if anything has this id."""
    if holders(pk):
        raise Problem("id_taken")


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
