"""What every row has, and how a row is changed.

The statements are made once for each model and its columns.
"""

from collections.abc import Sequence
from functools import cache
from typing import Any, ClassVar, Self

from django.db import connections, models, router
from django.utils.translation import gettext_lazy as _

from core.model_fields import BinaryUUIDField, FoldedField, new_id
from core.pipeline import execute_with_next

Fields = Sequence["models.Field[Any, Any]"]


@cache
def insert_sql(model: type[models.Model], columns: tuple[str, ...], alias: str) -> str:
    quote = connections[alias].ops.quote_name
    names, places = ", ".join(map(quote, columns)), ", ".join(["%s"] * len(columns))
    return f"INSERT INTO {quote(model._meta.db_table)} ({names}) VALUES ({places})"  # noqa: S608  # names of our own


@cache
def changed_fields(model: type[models.Model], names: tuple[str, ...]) -> tuple[Any, ...]:
    """The fields of these names, the folded copies of their texts, and `updated_at`."""
    named = [model._meta.get_field(name) for name in names]
    copies = [
        f for f in model._meta.concrete_fields if isinstance(f, FoldedField) and f.source in names
    ]
    return tuple(dict.fromkeys([*named, *copies, model._meta.get_field("updated_at")]))


@cache
def update_sql(model: type[models.Model], fields: tuple[Any, ...], alias: str) -> str:
    quote = connections[alias].ops.quote_name
    changes = ", ".join(f"{quote(field.column)} = %s" for field in fields)
    row = f"{quote(str(model._meta.pk.column))} = %s"
    return f"UPDATE {quote(model._meta.db_table)} SET {changes} WHERE {row}"  # noqa: S608  # as above


def prepare(alias: str, fields: Fields, values: Sequence[Any]) -> list[Any]:
    """Return the values as their fields save them."""
    connection = connections[alias]
    return [
        None if value is None else field.get_db_prep_save(value, connection)
        for field, value in zip(fields, values, strict=True)
    ]


def execute(alias: str, sql: str, fields: Fields, values: Sequence[Any]) -> int:
    """Execute the statement and return the number of rows that it matched."""
    with connections[alias].cursor() as cursor:
        cursor.execute(sql, prepare(alias, fields, values))
        return int(cursor.rowcount)


def is_plain(values: Sequence[Any]) -> bool:
    """Whether these are values, and no expressions that the ORM has to compile."""
    return not any(hasattr(value, "resolve_expression") for value in values)


class Stamped(models.Model):
    """A row with its two instants, both in UTC and set by the server."""

    created_at = models.DateTimeField(_("created at"), auto_now_add=True)
    updated_at = models.DateTimeField(_("updated at"), auto_now=True)

    class Meta:
        abstract = True

    def change(self, **values: Any) -> None:
        """Set these fields and save them alone, so that concurrent changes of other fields survive.

        What has these values already is not written: sent twice, a change leaves even `updated_at` as it was. Raises
        NotUpdated when the row is gone. One statement and nothing else: the signals of `save` are not sent.
        """
        values = {name: value for name, value in values.items() if getattr(self, name) != value}
        if not values:
            return
        for name, value in values.items():
            setattr(self, name, value)
        fields, alias = (
            changed_fields(type(self), tuple(values)),
            router.db_for_write(type(self), instance=self),
        )
        if self._meta.parents or not is_plain([*values.values()]):  # the ORM has to compile it
            self.save(update_fields=[field.name for field in fields])
            return
        new = [field.pre_save(self, add=False) for field in fields]
        sql = update_sql(type(self), fields, alias)
        if not execute(alias, sql, [*fields, self._meta.pk], [*new, self.pk]):
            raise self.NotUpdated("The row that was to be changed is not there any more.")


class Resource(Stamped):
    """A row that the API names by its UUID, made by the client (version 7) or here."""

    id = BinaryUUIDField(primary_key=True, default=new_id, editable=False)

    # The column that names the owner of the id, for `core.ids`.
    owner_column: ClassVar[str] = "owner_id"

    class Meta:
        abstract = True

    def __str__(self) -> str:
        # Never the text of the row: this is what the admin and the logs print.
        return f"{self._meta.verbose_name} {self.pk}"

    @classmethod
    def insert(cls, **values: Any) -> Self:
        """Insert a row in one statement and return it. The signals of `save` are not sent.

        In a transaction the statement is executed together with the next one, or with COMMIT. An
        IntegrityError is raised by that one.
        """
        row = cls(**values)
        alias = router.db_for_write(cls, instance=row)
        fields = cls._meta.concrete_fields
        saved = [field.pre_save(row, add=True) for field in fields]
        if cls._meta.parents or not is_plain(saved):  # the ORM has to compile it
            row.save(force_insert=True, using=alias)
            return row
        sql = insert_sql(cls, tuple(field.column for field in fields), alias)
        execute_with_next(sql, prepare(alias, fields, saved), alias=alias)
        row._state.adding, row._state.db = False, alias
        return row

    def _do_insert(
        self, manager: Any, using: str, fields: Fields, returning_fields: Fields, raw: bool
    ) -> Any:
        values = [
            getattr(self, field.attname) if raw else field.pre_save(self, add=True)
            for field in fields
        ]
        if returning_fields or self._meta.parents or not is_plain(values):
            return super()._do_insert(manager, using, fields, returning_fields, raw)  # type: ignore[misc]  # not in the stubs
        execute(
            using,
            insert_sql(type(self), tuple(field.column for field in fields), using),
            fields,
            values,
        )
        return []
