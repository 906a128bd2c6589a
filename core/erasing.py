"""Delete rows with all that refers to them, in batches that are short transactions.

A request deletes at most AT_ONCE rows. Where there are more, it marks what it deletes, which hides
all of it, and `manage.py jobs` erases it.
"""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from django.db import models

from core.transactions import run_write

AT_ONCE = 500
BATCH = 500

Rows = models.QuerySet[Any, Any]
# Called in the transaction that deletes a batch, with the rows of the batch.
Before = Callable[[Any], None]
# Called after each batch with the number of its rows.
Tell = Callable[[int], None]


def count_with_dependents(rows: Rows, at_most: int) -> int:
    """Return how many rows a deletion of `rows` changes, or a number above `at_most`.

    It reads hardly more than `at_most` rows.
    """
    keys = list(rows.order_by().values_list("pk", flat=True)[: at_most + 1])
    count = len(keys)
    for dependents, field in dependents_of(rows.model, keys):
        if count > at_most:
            break
        left = at_most - count
        if is_cleared(field):
            count += dependents.order_by()[: left + 1].count()
        else:
            count += count_with_dependents(dependents, left)
    return count


def erase(rows: Rows, before: Before | None = None, tell: Tell | None = None) -> None:
    """Delete `rows` and what refers to them, in batches. It can be interrupted and called again."""
    while keys := list(rows.order_by().values_list("pk", flat=True)[:BATCH]):
        for dependents, field in dependents_of(rows.model, keys):
            if field.primary_key:
                continue  # one for each row, as a person's profile: deleted together with it
            if is_cleared(field):
                clear(dependents, field.name, tell)
            else:
                erase(dependents, tell=tell)
        batch = rows.filter(pk__in=keys)
        run_write(partial(_delete, batch, before))
        if tell is not None:
            tell(len(keys))


def clear(rows: Rows, name: str, tell: Tell | None = None) -> None:
    """Set a foreign key of `rows` to null, in batches."""
    while keys := list(rows.order_by().values_list("pk", flat=True)[:BATCH]):
        batch = rows.filter(pk__in=keys)
        run_write(partial(batch.update, **{name: None}))
        if tell is not None:
            tell(len(keys))


def _delete(batch: Rows, before: Before | None) -> None:
    if before is not None:
        before(batch)
    batch.delete()


def dependents_of(
    model: type[models.Model], keys: list[Any]
) -> Iterator[tuple[Rows, "models.ForeignKey[Any, Any]"]]:
    """Yield the rows that refer to the rows with these keys, with the foreign key that does."""
    if not keys:
        return
    for relation in model._meta.get_fields(include_hidden=True):
        if isinstance(relation, models.ManyToOneRel):  # or OneToOneRel, which derives from it
            field: Any = relation.field
            values = keys if field.target_field.primary_key else _values(model, field, keys)
            yield field.model._base_manager.filter(**{f"{field.name}__in": values}), field


def _values(
    model: type[models.Model], field: "models.ForeignKey[Any, Any]", keys: list[Any]
) -> list[Any]:
    """Return by what `field`, which refers to another column than the key, names these rows."""
    name = field.target_field.attname
    rows = model._base_manager.filter(pk__in=keys, **{f"{name}__isnull": False})
    return list(rows.values_list(name, flat=True))


def is_cleared(field: "models.ForeignKey[Any, Any]") -> bool:
    """Return whether deleting what `field` refers to sets it to null and keeps its row."""
    return bool(field.remote_field.on_delete is models.SET_NULL)
