"""Rows of a list as what their serializer shows of them, straight from the columns.

To make a model of each row, and to ask each field of the serializer for its part of it, takes longer than all the rest
of a request. A projection works out once which column each field shows and in which form; a row is then a dict of its
columns. It gives what the serializer gives, which stays the only place that says what is shown. A serializer whose
fields are more than columns has no projection, and its rows are shown the ordinary way.

A field that is made of other columns than one names them, and a field that needs a query of its own asks it once for
all rows:

    class CardSerializer(Serializer):
        columns = ("uuid", "profile__handle")  # seen from what the field's source leads to; `row_columns`: from the row

        @staticmethod
        def from_columns(uuid: UUID, handle: str) -> dict[str, Any]: ...

    class ViewersField(Field):
        @staticmethod
        def of_rows(model: type[Model], keys: list[UUID]) -> Mapping[UUID, Any]: ...  # what is shown, by primary key
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from functools import cached_property
from typing import Any
from uuid import UUID

from django.db import connections, models
from rest_framework import relations, serializers

from core import fields
from core.model_fields import BinaryUUIDField
from core.ready import Plan, Plans
from core.serializers import ModelSerializer

Convert = Callable[[Any], Any]

# What these show is what JSON makes of the value as it is, where the column is of their kind.
AS_IT_IS: dict[Any, tuple[type[Any], ...]] = {
    serializers.CharField.to_representation: (models.CharField, models.TextField),
    serializers.DateField.to_representation: (models.DateField,),
    serializers.DateTimeField.to_representation: (models.DateTimeField,),
    serializers.IntegerField.to_representation: (models.IntegerField,),
}


class NotProjectable(Exception):  # noqa: N818  # no error: it goes the ordinary way
    """A serializer shows more than columns."""


def text_of_id(value: bytes | str | UUID) -> str:
    """A UUID in its usual spelling, from what a database holds of it."""
    text = value.hex if isinstance(value, UUID) else value.hex() if isinstance(value, bytes) else value
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def text_of_time(value: Any) -> str:
    return str(value.isoformat("minutes"))


def nothing(_key: Any) -> None:
    return None


def as_it_is(value: Any) -> Any:
    return value


def has_own(kind: type[Any], hook: str) -> bool:
    """Whether `kind` has this hook of a projection, and nothing derived from its owner shows more than that does."""
    for each in kind.__mro__:
        if hook in vars(each):
            return True
        if "to_representation" in vars(each) or "get_attribute" in vars(each):
            return False
    return False


def is_known(field: Any) -> bool:
    """Whether what the field shows depends on its value alone; another's may ask who looks at it."""
    child = getattr(field, "child", None)
    home = type(field).to_representation.__module__
    return home.startswith(("rest_framework.", "core.")) and (child is None or is_known(child))


class Part:
    """One field of a serializer: the columns that it is made of, and what it makes of their values."""

    def __init__(self, model: type[models.Model], field: Any, known: Collection[str] = ()) -> None:
        self.name = str(field.field_name)
        self.of_rows = field.of_rows if has_own(type(field), "of_rows") else None
        self.several = has_own(type(field), "from_columns")
        self.represent: Callable[..., Any] = nothing
        # Of a relation that leads nowhere, as of what is None, null is shown.
        self.nullable = self.several and not hasattr(field, "row_columns") and bool(getattr(field, "columns", ()))
        path = "__".join(field.source_attrs)
        if self.name in known or self.of_rows:  # filled in later
            self.several, self.paths = True, ["pk"]
            if self.name in known:
                self.of_rows = None
            return
        if self.several:
            below = [f"{path}__{column}" for column in getattr(field, "columns", ())]
            self.paths = [*getattr(field, "row_columns", below)]
            self.represent = field.from_columns
            if not self.paths:
                self.paths, self.represent = ["pk"], lambda _key: field.from_columns()
            return
        self.represent = field.to_representation
        if isinstance(field, relations.PrimaryKeyRelatedField):
            if type(field).to_representation is not relations.PrimaryKeyRelatedField.to_representation:
                raise NotProjectable(self.name)
            path = f"{path}_id"
            self.represent = as_it_is if field.pk_field is None else field.pk_field.to_representation
        elif type(field).get_attribute is not serializers.Field.get_attribute:
            raise NotProjectable(self.name)
        if not is_known(field):
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
    own_format = not {"format", "timezone"}.isdisjoint(vars(getattr(represent, "__self__", represent)))
    if isinstance(kind, models.TimeField) and function is serializers.TimeField.to_representation and not own_format:
        return text_of_time if convert is None else lambda value: text_of_time(convert(value))
    is_day = isinstance(kind, models.DateField) and not isinstance(kind, models.DateTimeField)
    same = isinstance(kind, AS_IT_IS.get(function, ())) and (
        function is not serializers.DateField.to_representation or is_day
    )
    word = function is serializers.ChoiceField.to_representation and isinstance(kind, models.CharField)
    if function is serializers.CharField.to_representation and convert is not None:
        same = False  # not a text before it is shown as one
    if (word and convert is None) or (same and not own_format):
        # MySQL's instants are UTC without saying so, as JSON takes them.
        naive = isinstance(kind, models.DateTimeField) and connections[alias].vendor == "mysql"
        return None if naive else convert
    return represent if convert is None else lambda value: represent(convert(value))


class Projection:
    """All fields of a serializer, as columns of its model; those named in `known` are the caller's to fill in."""

    def __init__(self, serializer: Any, known: Collection[str] = ()) -> None:
        hooks = ("to_representation", "get_fields", "fields", "__init__", "_readable_fields")
        if any(getattr(type(serializer), hook) is not getattr(ModelSerializer, hook) for hook in hooks):
            raise NotProjectable(type(serializer))
        if hasattr(getattr(serializer, "Meta", None), "list_serializer_class"):
            raise NotProjectable(type(serializer))
        self.model = serializer.Meta.model
        self.parts = [Part(self.model, field, known) for field in serializer._readable_fields]
        self.private = tuple(getattr(serializer.Meta, "private_fields", ()))
        self.names = [part.name for part in self.parts]
        # The columns of the names, in their order; then the others; at the end whose row it is, and its key.
        more = [path for part in self.parts for path in part.paths[1:]]
        self.paths = [*(part.paths[0] for part in self.parts), *more]
        self.owner_at = len(self.paths)
        if self.private:
            self.paths.append(serializer.private_to)
        self.later = [part for part in self.parts if part.of_rows]
        self.key_at = len(self.paths)
        if self.later:
            self.paths.append("pk")

    def rows(self, plan: Plan, rows: Sequence[Sequence[Any]], viewer: Any) -> list[dict[str, Any]]:
        """What is shown of a plan's rows, as the driver gives them, to the viewer with this key.

        The plan's query must select `paths`, whatever else it selects behind them.
        """
        read = plan.kept("projection", lambda: self.reader(plan))
        shown = [read(row, viewer) for row in rows]
        for part in self.later:
            self.fill(plan, part, rows, shown, viewer)
        return shown

    def fill(self, plan: Plan, part: Part, rows: Sequence[Any], shown: list[dict[str, Any]], viewer: Any) -> None:
        """What takes a query of its own, where the viewer sees it."""
        convert = python_value(plan.columns[self.key_at], plan.alias) or (lambda value: value)
        private = part.name in self.private
        seen = {
            convert(row[self.key_at]): each
            for row, each in zip(rows, shown, strict=True)
            if not private or row[self.owner_at] == viewer
        }
        found = part.of_rows(self.model, list(seen)) if seen and part.of_rows else {}
        for key, each in seen.items():
            each[part.name] = found.get(key, [])

    def reader(self, plan: Plan) -> Callable[[Sequence[Any], Any], dict[str, Any]]:
        names, private, owner_at = self.names, self.private, self.owner_at
        simple, several, extra = [], [], len(names)
        for at, part in enumerate(self.parts):
            places = [at, *range(extra, extra + len(part.paths) - 1)]
            extra += len(part.paths) - 1
            converts = part.converters([plan.columns[place] for place in places], plan.alias)
            if part.several:
                several.append((part.name, part.represent, list(zip(places, converts, strict=True)), part.nullable))
            elif converts[0] is not None:
                simple.append((part.name, converts[0]))

        def read(row: Sequence[Any], viewer: Any) -> dict[str, Any]:
            shown = dict(zip(names, row, strict=False))
            for name, convert in simple:
                if (value := shown[name]) is not None:
                    shown[name] = convert(value)
            for name, represent, sources, nullable in several:
                if nullable and row[sources[0][0]] is None:
                    shown[name] = None
                    continue
                shown[name] = represent(*[row[at] if convert is None else convert(row[at]) for at, convert in sources])
            if private and row[owner_at] != viewer:
                shown.update(dict.fromkeys(private))
            return shown

        return read


class WholeProjection:
    """A serializer that makes what it shows of its columns by itself, as a person's card."""

    def __init__(self, serializer: Any) -> None:
        self.paths, self.represent = list(serializer.columns), serializer.from_columns

    def rows(self, plan: Plan, rows: Sequence[Sequence[Any]], viewer: Any) -> list[dict[str, Any]]:
        converts = plan.kept("columns", lambda: [python_value(column, plan.alias) for column in plan.columns])
        sources = list(enumerate(converts[: len(self.paths)]))
        return [self.represent(*[c(row[at]) if c else row[at] for at, c in sources]) for row in rows]


def projection_of(serializer: Any) -> Projection | WholeProjection | None:
    """What shows rows as this serializer does; None where that is more than columns."""
    if has_own(type(serializer), "from_columns"):
        return WholeProjection(serializer)
    try:
        return Projection(serializer)
    except NotProjectable:
        return None


class Shown:
    """A kept query whose rows are given as a serializer shows them.

    `build` makes a QuerySet of its values, as for `ready`. Fields named in `known` are the same for all rows, and the
    caller gives them.
    """

    def __init__(self, serializer: type[Any], build: Callable[..., Any], known: Collection[str] = ()) -> None:
        self.serializer, self.build, self.known, self.plans = serializer, build, known, Plans()

    @cached_property
    def projection(self) -> Projection:
        return Projection(self.serializer(), self.known)

    def __call__(
        self, viewer: Any, *values: Any, known: Mapping[str, Any] | None = None, **form: Any
    ) -> list[dict[str, Any]]:
        """The rows as they are shown to the viewer."""
        projection = self.projection

        def build(*values: Any) -> Any:
            return self.build(*values, **form).values_list(*projection.paths)

        plan = self.plans.get(projection.model, tuple(form.items()), values, build)
        shown = projection.rows(plan, plan.fetch(values), viewer.pk)
        if known:
            for row in shown:
                row.update(known)
        return shown
