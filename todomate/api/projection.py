"""Rows of a list as what their serializer shows of them, straight from the columns.

To make a model of each row, and to ask each field of the serializer for its part of it, takes longer than all the rest
of a request. A projection works out once which column each field shows and in which form; a row is then a dict of its
columns. It gives what the serializer gives, which stays the only place that says what is shown. A serializer whose
fields are more than columns has no projection, and its rows are shown the ordinary way.

A field or a nested serializer made of several columns can name them:

    class CardSerializer(Serializer):
        columns = ("uuid", "profile__handle")           # seen from what the field's source leads to

        @staticmethod
        def from_columns(uuid: UUID, handle: str) -> dict[str, Any]: ...
"""

from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

from django.db import connections, models
from rest_framework import relations, serializers

from todomate.api import fields
from todomate.api.model_fields import BinaryUUIDField
from todomate.api.ready import Plan

Convert = Callable[[Any], Any]

# What these show is what JSON makes of the value as it is.
AS_IT_IS = {
    kind.to_representation
    for kind in (serializers.CharField, serializers.DateField, serializers.DateTimeField, serializers.IntegerField)
}


class NotProjectable(Exception):  # noqa: N818  # no error: it goes the ordinary way
    """A serializer shows more than columns."""


def text_of_id(value: bytes | str | UUID) -> str:
    """A UUID in its usual spelling, from what a database holds of it."""
    text = value.hex if isinstance(value, UUID) else value.hex() if isinstance(value, bytes) else value
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def text_of_time(value: Any) -> str:
    return str(value.isoformat("minutes"))


class Part:
    """One field of a serializer: the columns that it is made of, and what it makes of their values."""

    def __init__(self, model: type[models.Model], field: Any) -> None:
        self.name = str(field.field_name)
        self.several = hasattr(field, "columns")
        path = "__".join(field.source_attrs)
        if self.several:
            self.paths = [f"{path}__{column}" if path else column for column in field.columns]
            self.represent: Callable[..., Any] = field.from_columns
            return
        self.represent = field.to_representation
        if isinstance(field, relations.PrimaryKeyRelatedField):
            path = f"{path}_id"
            if field.pk_field is not None:
                self.represent = field.pk_field.to_representation
        elif type(field).get_attribute is not serializers.Field.get_attribute:
            raise NotProjectable(self.name)
        columns = {column.attname for column in model._meta.concrete_fields}
        if isinstance(field, serializers.BaseSerializer) or path not in columns:
            raise NotProjectable(self.name)
        self.paths = [path]

    def converters(self, columns: Sequence[Any], alias: str) -> list[Convert | None]:
        """For each of its columns, what makes the driver's value the one that is shown, or that `represent` takes."""
        if self.several:
            return [python_value(column, alias) for column in columns]
        return [shown_value(columns[0], alias, self.represent)]


def python_value(column: Any, alias: str) -> Convert | None:
    """What makes the driver's value the one that the model has; None where it is that."""
    connection = connections[alias]
    steps = [*connection.ops.get_db_converters(column), *column.get_db_converters(connection)]
    if not steps:
        return None

    def convert(value: Any) -> Any:
        for step in steps:
            value = step(value, column, connection)
        return value

    return convert


def shown_value(column: Any, alias: str, represent: Convert) -> Convert | None:
    """What makes the driver's value the one that is shown; None where it is that."""
    convert, kind = python_value(column, alias), column.output_field
    function = getattr(represent, "__func__", represent)
    if isinstance(kind, BinaryUUIDField) and function is fields.IdField.to_representation:
        return text_of_id
    if isinstance(kind, models.BooleanField) and function is serializers.BooleanField.to_representation:
        return bool
    own_format = "format" in vars(getattr(represent, "__self__", represent))
    if isinstance(kind, models.TimeField) and function is serializers.TimeField.to_representation and not own_format:
        return text_of_time if convert is None else lambda value: text_of_time(convert(value))
    word = function is serializers.ChoiceField.to_representation and convert is None
    if word or (function in AS_IT_IS and not own_format):
        # MySQL's instants are UTC without saying so, as JSON takes them.
        naive = isinstance(kind, models.DateTimeField) and connections[alias].vendor == "mysql"
        return None if naive else convert
    return represent if convert is None else lambda value: represent(convert(value))


class Projection:
    """All fields of a serializer, as columns of its model."""

    def __init__(self, serializer: Any) -> None:
        model = serializer.Meta.model
        self.parts = [Part(model, field) for field in serializer._readable_fields]
        self.private = tuple(getattr(serializer.Meta, "private_fields", ()))
        first = [part.paths[0] for part in self.parts]
        more = [path for part in self.parts for path in part.paths[1:]]
        self.names = [part.name for part in self.parts]
        # The columns of the names, in their order; then the others.
        self.paths = [*first, *more, *([serializer.private_to] if self.private else [])]

    def reader(self, plan: Plan) -> Callable[[Sequence[Any], Any], dict[str, Any]]:
        """What makes a row of the plan's, as the driver gives it, a dict for the viewer with this key.

        The plan's query must select `paths`, whatever else it selects behind them.
        """
        names, private, simple, several = self.names, self.private, [], []
        extra = len(names)
        for at, part in enumerate(self.parts):
            places = [at, *range(extra, extra + len(part.paths) - 1)]
            extra += len(part.paths) - 1
            converts = part.converters([plan.columns[place] for place in places], plan.alias)
            if part.several:
                several.append((part.name, part.represent, list(zip(places, converts, strict=True))))
            elif converts[0] is not None:
                simple.append((part.name, converts[0]))

        def read(row: Sequence[Any], viewer: Any) -> dict[str, Any]:
            shown = dict(zip(names, row, strict=False))
            for name, convert in simple:
                if (value := shown[name]) is not None:
                    shown[name] = convert(value)
            for name, represent, sources in several:
                values = [row[at] if convert is None else convert(row[at]) for at, convert in sources]
                shown[name] = represent(*values)
            if private and row[extra] != viewer:
                shown.update(dict.fromkeys(private))
            return shown

        return read
