"""Whose an id is: what makes a create that comes twice the same as one that came once."""

from functools import cache
from uuid import UUID

from django.apps import apps
from django.db import connection, models

from accounts.models import Tombstone, User
from core.model_fields import BinaryUUIDField
from core.models import Resource
from core.problems import Problem


def find_mine(model: type[models.Model], owner: User, pk: UUID) -> bool:
    """Whether `pk` is a row of `model` that the owner has already made: then their create has come a second time.

    Raises Problem `deleted` (410) for one that they deleted, and `id_taken` (409) for an id of anyone or anything else.
    """
    for kind, owner_id in _holders(pk):
        if owner_id == owner.pk and kind == model._meta.label:
            return True
        if owner_id == owner.pk and kind == Tombstone._meta.label:
            tombstone = Tombstone.objects.filter(pk=pk).first()  # gone, if it was purged since the question before
            if tombstone is not None and tombstone.kind == getattr(model, "kind", ""):
                raise Problem("deleted")
        raise Problem("id_taken")
    return False


def refuse_taken(pk: UUID) -> None:
    """Raise Problem `id_taken` when anything has this id."""
    if _holders(pk):
        raise Problem("id_taken")


def _holders(pk: UUID) -> list[tuple[str, int]]:
    """The models, with the owners' keys, in which `pk` is the id of a row: one query over all primary keys."""
    sql, count = _holders_sql()
    value = BinaryUUIDField().get_db_prep_value(pk, connection)
    with connection.cursor() as cursor:
        cursor.execute(sql, [value] * count)
        return [(str(label), int(owner_id)) for label, owner_id in cursor.fetchall()]


@cache
def _holders_sql() -> tuple[str, int]:
    quote = connection.ops.quote_name  # names of our own models, nothing from outside
    select = "SELECT '{}', {} FROM {} WHERE {} = %s"
    selects = [select.format(User._meta.label, "id", quote(User._meta.db_table), "uuid")]
    for model in apps.get_models():
        if issubclass(model, Resource) or model is Tombstone:
            owner = quote("user_id" if model._meta.label == "accounts.Session" else "owner_id")
            selects.append(select.format(model._meta.label, owner, quote(model._meta.db_table), "id"))
    return " UNION ALL ".join(selects), len(selects)
