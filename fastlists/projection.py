"""Projections: rows as their serializer shows them, straight from the columns.

To make a model instance of each row, and to ask each serializer field for its part, takes longer
than all the rest of a request. A projection works out once which columns each field is rendered
from; a row is then a dict of its columns. README.md describes what a field declares for that.
"""

import logging
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from functools import cached_property
from operator import itemgetter
from types import SimpleNamespace
from typing import Any

from django.core.exceptions import FieldError
from django.db import connections, models
from django.db.backends.base.base import BaseDatabaseWrapper
from rest_framework import relations, serializers

from fastlists.compiling import CompiledQuery, QueryCache, is_on

logger = logging.getLogger(__name__)
Convert = Callable[[Any], Any]
# A field with `from_columns`: its name, that function, what reads its arguments from a row, and
# the column that makes it null, if one does.
Multiple = tuple[str, Callable[..., Any], Callable[[Any], list[Any]], int | None]

# What a serializer may override, all of which decides what it shows.
HOOKS = ("to_representation", "get_fields", "fields", "__init__", "_readable_fields")
STOCK_SERIALIZERS = (serializers.ModelSerializer, serializers.Serializer)

# Representations that are the column's own value, where the driver gives it as it is.
UNCHANGED: dict[Any, tuple[type[Any], ...]] = {
    serializers.CharField.to_representation: (models.CharField, models.TextField),
    serializers.IntegerField.to_representation: (models.IntegerField,),
    serializers.FloatField.to_representation: (models.FloatField,),
}
# How a field reads an attribute that holds the value of a column, or a key's instance.
ATTRIBUTE_OF_COLUMN = {serializers.Field.get_attribute, relations.RelatedField.get_attribute}


class NotProjectable(Exception):  # noqa: N818  # not an error: such a list is rendered as usual
    """Raised for a serializer that shows more than columns; the message names the field."""

    FIELD = (
        "Declare `columns` and `from_columns` on the field's class, or `of_rows` for what takes a "
        "query (fastlists/README.md, “Fields”)."
    )
    SERIALIZER = (
        "Declare `columns` and `from_columns` on it, or set `shows_columns = True` on the class "
        "that overrides a method but still shows its fields (fastlists/README.md, “Serializers”)."
    )

    def __init__(self, subject: str, reason: str, advice: str) -> None:
        super().__init__(f"{subject} cannot be read from columns: {reason}. {advice}")


def declares(kind: type[Any], name: str) -> bool:
    """Return whether `kind` has this attribute of the protocol, and nothing overrides its meaning.

    A subclass that overrides to_representation or get_attribute shows more than its base declares.
    """
    for each in kind.__mro__:
        if name in vars(each):
            return True
        if "to_representation" in vars(each) or "get_attribute" in vars(each):
            return False
    return False


def python_value(column: Any, connection: BaseDatabaseWrapper) -> Convert | None:
    """Return a function from the driver's value to the model's; None if they are the same."""
    steps = [*connection.ops.get_db_converters(column), *column.get_db_converters(connection)]
    if not steps:
        return None

    def convert(value: Any) -> Any:
        for step in steps:
            value = step(value, column, connection)
        return value

    return convert


def python_values(query: CompiledQuery, places: Iterable[int]) -> Callable[[Any], list[Any]]:
    """Return a function that reads these columns of a database row as a model would have them."""
    connection = connections[query.alias]
    sources = [(at, python_value(query.columns[at], connection)) for at in places]
    return lambda row: [row[at] if c is None else c(row[at]) for at, c in sources]


def shown_value(field: Any, column: Any, connection: BaseDatabaseWrapper) -> Convert | None:
    """Return a function from the driver's value to what `field` shows; None if they are equal."""
    convert = python_value(column, connection)
    if isinstance(field, relations.PrimaryKeyRelatedField):
        if field.pk_field is None:
            return convert
        field = field.pk_field
    kind, represent = column.output_field, field.to_representation
    if declares(type(field), "driver_converter"):
        shortcut: Convert | None = field.driver_converter(kind, connection)
        if shortcut is not NotImplemented:
            return shortcut
    function = type(field).to_representation
    is_flag = function is serializers.BooleanField.to_representation
    if is_flag and isinstance(kind, models.BooleanField):
        return bool
    if convert is not None:
        return lambda value: represent(convert(value))
    same = UNCHANGED.get(function, ())
    if function is serializers.ChoiceField.to_representation:
        same = (models.CharField,) if all(isinstance(key, str) for key in field.choices) else ()
    return None if isinstance(kind, same) else represent


class OfRows:
    """A field with `of_rows`, and what it declares beside it."""

    def __init__(self, field: Any) -> None:
        self.name = str(field.field_name)
        self.field = field
        # The column that is null or 0 in the rows for which nothing has to be found.
        self.condition: str | None = getattr(field, "of_rows_if", None)
        self.empty: Callable[[], Any] = getattr(field, "empty_of_rows", lambda: None)
        self.is_short = bool(getattr(field, "is_short", False))

    def find(self, model: Any, keys: list[Any], viewer: Any) -> Mapping[Any, Any]:
        """Return what the viewer with this key sees of the rows with these keys."""
        if getattr(self.field, "depends_on_viewer", False):
            found: Mapping[Any, Any] = self.field.of_rows(model, keys, viewer)
            return found
        return dict(self.field.of_rows(model, keys))


class FieldColumns:
    """The columns that a serializer field is rendered from.

    The constructor raises NotProjectable.
    """

    def __init__(self, serializer: Any, field: Any, known: Collection[str] = ()) -> None:
        kind = type(field)
        self.field = field
        self.name = str(field.field_name)
        self.subject = f"{type(serializer).__name__}.{self.name}"
        self.model = serializer.Meta.model
        is_known = self.name in known
        self.of_rows: Any = None if is_known or not declares(kind, "of_rows") else field.of_rows
        self.is_filled_in = is_known or self.of_rows is not None
        self.from_columns: Callable[..., Any] | None = None
        # The columns' paths from the row, and their places among all that a projection selects.
        self.paths: list[str] = []
        self.places: list[int] = []
        # Null is shown if the first column is null: for a relation that leads nowhere.
        self.nullable = False
        self.is_null_if_empty = False
        if self.is_filled_in:
            if self.of_rows and (condition := OfRows(field).condition):
                self.paths = [condition]
                self.is_null_if_empty = not hasattr(field, "empty_of_rows")
            return
        if declares(kind, "from_columns"):
            self.from_columns = field.from_columns
            self._declare()
        else:
            self.paths = [self._own_column()]

    def _declare(self) -> None:
        """Read `columns` or `row_columns`."""
        field = self.field
        path, columns = "__".join(field.source_attrs), getattr(field, "columns", None)
        if hasattr(field, "row_columns"):
            self.paths = list(field.row_columns)
        elif len(field.source_attrs) > 1 and not field.allow_null:
            advice = "Add allow_null=True, which says what is shown if one of them is null."
            raise NotProjectable(self.subject, "its source has several steps", advice)
        else:
            self.nullable = columns != ()
            self.paths = [f"{path}__{name}" for name in columns] if columns is not None else [path]
        try:
            self.model._base_manager.values_list(*self.paths)
        except FieldError as error:
            advice = (
                f"Correct `columns` or `row_columns` of {type(field).__name__}; `columns = ()` "
                "stands for none (fastlists/README.md, “Fields”)."
            )
            raise NotProjectable(self.subject, str(error).rstrip("."), advice) from error

    def _own_column(self) -> str:
        """Return the path of the one column that a field without declarations shows."""
        field, name = self.field, type(self.field).__name__
        path = "__".join(field.source_attrs)
        parts = [field, getattr(field, "child", None)]
        if isinstance(field, relations.PrimaryKeyRelatedField):
            path, parts = f"{path}_id", [field, field.pk_field]
        columns = {column.attname: column for column in self.model._meta.concrete_fields}
        reason = ""
        if isinstance(field, serializers.BaseSerializer):
            reason = "it is a nested serializer"
        elif field.source == "*":
            reason = f"it is computed from the whole row ({name})"
        elif not all(part is None or renders_value_alone(part) for part in parts):
            reason = f"it has a to_representation of its own ({name})"
        elif type(field).get_attribute not in ATTRIBUTE_OF_COLUMN:
            reason = f"it has a get_attribute of its own ({name})"
        elif path not in columns or isinstance(columns[path], models.FileField):
            reason = f"it shows {path!r}, which is no plain column of {self.model.__name__}"
        if reason:
            raise NotProjectable(self.subject, reason, NotProjectable.FIELD)
        return path


def renders_value_alone(field: Any) -> bool:
    """Return whether the representation of the field depends on its value and nothing else."""
    stock = type(field).to_representation.__module__.startswith("rest_framework.")
    return stock or declares(type(field), "driver_converter")


class Projection:
    """The fields of a ModelSerializer as columns of its model; `known` are filled in by the caller.

    The constructor raises NotProjectable.
    """

    def __init__(self, serializer: Any, known: Collection[str] = ()) -> None:
        require_plain(type(serializer))
        self.serializer = serializer
        self.model = serializer.Meta.model
        self.fields = [FieldColumns(serializer, f, known) for f in serializer._readable_fields]
        self.names = [field.name for field in self.fields]
        self.private = private_fields(serializer)
        self.of_rows_fields = [field for field in self.fields if field.of_rows]
        # One column per field, in order (the primary key if a field has none), then any further
        # columns. A field that makes something of the column of another one reads that, so that
        # no long text is selected twice.
        shown = {
            f.paths[0]: at for at, f in enumerate(self.fields) if f.paths and not f.from_columns
        }
        first = [
            shown.get(field.paths[0], at) if field.from_columns and field.paths else at
            for at, field in enumerate(self.fields)
        ]
        self.paths = [
            field.paths[0] if field.paths and first[at] == at else "pk"
            for at, field in enumerate(self.fields)
        ]
        for at, field in zip(first, self.fields, strict=True):
            field.places = [at, *map(self._add, field.paths[1:])][: len(field.paths)]
        self.owner_at = self._add(serializer.private_to) if self.private else -1
        self.key_at = self._add("pk") if self.of_rows_fields else -1

    def _add(self, path: str) -> int:
        self.paths.append(path)
        return len(self.paths) - 1

    def rows(
        self,
        query: CompiledQuery,
        rows: Sequence[Sequence[Any]],
        viewer: Any,
        known: Mapping[str, Any] | None = None,
    ) -> list[dict[str, Any]]:
        """Return the driver's rows of `query` as the viewer with this key sees them.

        The query must select `paths`, and may select more behind them. `known` has the instance,
        or None, of each known relation.
        """
        read = query.memo("projection", lambda: self._reader(query))
        shown = [read(row, viewer) for row in rows]
        for name, at, convert in query.memo("rare", lambda: self._rare_conversions(query)):
            if convert.is_needed(map(itemgetter(at), rows)):
                for each in shown:
                    if each[name] is not None:
                        each[name] = convert(each[name])
        if known and shown:
            self._fill_known(query, rows, shown, viewer, known)
        for field in self.of_rows_fields:
            self._fill(query, field, rows, shown, viewer)
        return shown

    def _fill_known(
        self,
        query: CompiledQuery,
        rows: Sequence[Any],
        shown: list[dict[str, Any]],
        viewer: Any,
        known: Mapping[str, Any],
    ) -> None:
        """Fill in the known relations, where the viewer sees them."""
        fields = self.serializer.fields
        same = {
            name: None if instance is None else fields[name].to_representation(instance)
            for name, instance in known.items()
        }
        private = {name: same.pop(name) for name in self.private if name in same}
        for each in shown:
            each.update(same)
        if private:
            owner_of = self._owner_reader(query)
            for row, each in zip(rows, shown, strict=True):
                if owner_of(row) == viewer:
                    each.update(private)

    def _owner_reader(self, query: CompiledQuery) -> Convert:
        """Return a function that reads the key of a row's owner, as a model would have it."""
        at = self.owner_at
        convert = python_value(query.columns[at], connections[query.alias])
        return itemgetter(at) if convert is None else lambda row: convert(row[at])

    def _fill(
        self,
        query: CompiledQuery,
        field: FieldColumns,
        rows: Sequence[Any],
        shown: list[dict[str, Any]],
        viewer: Any,
    ) -> None:
        """Fill in what `of_rows` gives, where the viewer sees it."""
        if field.is_null_if_empty and all(row[field.places[0]] is None for row in rows):
            return  # what is shown already is the column's own null
        key_of = python_values(query, [self.key_at])
        pairs = list(zip(rows, shown, strict=True))
        if field.name in self.private:
            owner_of = self._owner_reader(query)
            pairs = [(row, each) for row, each in pairs if owner_of(row) == viewer]
        of_rows = OfRows(field.field)
        if of_rows.condition:
            pairs = self._pairs_to_fill(field, of_rows, pairs)
        seen = [(*key_of(row), each) for row, each in pairs]
        if seen:
            found = of_rows.find(self.model, [key for key, _ in seen], viewer)
            for key, each in seen:
                each[field.name] = found[key]

    @staticmethod
    def _pairs_to_fill(field: FieldColumns, of_rows: OfRows, pairs: list[Any]) -> list[Any]:
        """Return the pairs whose row has something to find; fill in the others."""
        at = field.places[0]
        to_fill = []
        for pair in pairs:
            row, each = pair
            if row[at]:
                to_fill.append(pair)
            else:
                each[field.name] = of_rows.empty()
        return to_fill

    @staticmethod
    def _conversion(query: CompiledQuery, field: FieldColumns) -> Convert | None:
        column = query.columns[field.places[0]]
        return shown_value(field.field, column, connections[query.alias])

    def _rare_conversions(self, query: CompiledQuery) -> list[tuple[str, int, Any]]:
        """Return the conversions that most values do not need: (name, place in the row, it)."""
        of_one_column = [f for f in self.fields if not (f.from_columns or f.is_filled_in)]
        found = [(field, self._conversion(query, field)) for field in of_one_column]
        return [
            (field.name, field.places[0], convert)
            for field, convert in found
            if hasattr(convert, "is_needed")
        ]

    def _reader(self, query: CompiledQuery) -> Callable[[Sequence[Any], Any], dict[str, Any]]:
        """Return a function that converts a database row to the dict that a viewer sees.

        Its arguments are the row and the viewer's key.
        """
        single: list[tuple[str, Convert]] = []
        multiple: list[Multiple] = []
        for field in self.fields:
            if field.from_columns:
                null_at = field.places[0] if field.nullable else None
                read = python_values(query, field.places)
                multiple.append((field.name, field.from_columns, read, null_at))
            elif not field.is_filled_in:
                convert = self._conversion(query, field)
                if convert is not None and not hasattr(convert, "is_needed"):
                    single.append((field.name, convert))
        show = row_reader(self.names, single, multiple)
        if not self.private:
            return lambda row, _viewer: show(row)
        owner_of = self._owner_reader(query)
        hidden = dict.fromkeys(self.private)

        def show_to(row: Sequence[Any], viewer: Any) -> dict[str, Any]:
            shown = show(row)
            if viewer is None or owner_of(row) != viewer:
                shown.update(hidden)
            return shown

        return show_to


def row_reader(
    names: Sequence[str],
    single: Sequence[tuple[str, Convert]],
    multiple: Sequence[Multiple],
) -> Callable[[Sequence[Any]], dict[str, Any]]:
    """Return a function that converts a row, whose first columns have these names, to a dict."""

    def show(row: Sequence[Any]) -> dict[str, Any]:
        shown = dict(zip(names, row, strict=False))
        for name, convert in single:
            if (value := shown[name]) is not None:
                shown[name] = convert(value)
        for name, from_columns, read, null_at in multiple:
            is_null = null_at is not None and row[null_at] is None
            shown[name] = None if is_null else from_columns(*read(row))
        return shown

    return show


def require_plain(kind: type[Any]) -> None:
    """Raise NotProjectable for a serializer class that customises its output."""
    reason = "" if issubclass(kind, serializers.ModelSerializer) else "it is no ModelSerializer"
    for each in kind.__mro__:
        if each in STOCK_SERIALIZERS or vars(each).get("shows_columns"):
            break
        if hook := next((hook for hook in HOOKS if hook in vars(each)), None):
            reason = f"{each.__name__} overrides `{hook}`"
            break
    if not reason and hasattr(kind.Meta, "list_serializer_class"):
        reason = "it has a list_serializer_class"
    if reason:
        raise NotProjectable(kind.__name__, reason, NotProjectable.SERIALIZER)


class SerializerProjection:
    """A serializer that declares `columns` and `from_columns` itself."""

    def __init__(self, serializer: Any) -> None:
        self.paths = list(serializer.columns)
        self.from_columns = serializer.from_columns

    def rows(
        self, query: CompiledQuery, rows: Sequence[Sequence[Any]], viewer: Any
    ) -> list[dict[str, Any]]:
        """Return the driver's rows of `query` as the serializer shows them."""
        read = query.memo("projection", lambda: python_values(query, range(len(self.paths))))
        return [self.from_columns(*read(row)) for row in rows]


def projection_of(serializer_class: type[Any]) -> Projection | SerializerProjection:
    """Return the projection that shows rows as this serializer does. Raise NotProjectable."""
    try:
        serializer = serializer_class()
        if declares(serializer_class, "from_columns"):
            return SerializerProjection(serializer)
        return Projection(serializer)
    except NotProjectable:
        raise
    except Exception as error:
        reason = f"it cannot be made without a request ({error!r})"
        raise NotProjectable(
            serializer_class.__name__, reason, NotProjectable.SERIALIZER
        ) from error


def private_fields(serializer: Any) -> tuple[str, ...]:
    """Return the fields that are null for everyone but the owner of a row."""
    return tuple(getattr(getattr(serializer, "Meta", None), "private_fields", ()))


def render(serializer: Any, rows: Sequence[Any], viewer: Any) -> Any:
    """Return the data of a list serializer, with each `of_rows` called once for all rows.

    Changes the serializer: `get_attribute` of each field with `of_rows` is replaced on the field's
    instance, so that it returns the value found for the row.
    """
    child = serializer.child
    private = private_fields(child)
    for field in getattr(child, "fields", {}).values():
        if rows and declares(type(field), "of_rows"):
            hidden = field.field_name in private
            each = OfRows(field)
            keys = [
                row.pk
                for row in rows
                if (not hidden or getattr(row, child.private_to) == viewer_key_of(viewer))
                and (not each.condition or getattr(row, each.condition))
            ]
            found = each.find(type(rows[0]), keys, viewer_key_of(viewer)) if keys else {}
            field.get_attribute = _getter(found, each.empty)
    return serializer.data


def _getter(found: Mapping[Any, Any], empty: Callable[[], Any]) -> Callable[[Any], Any]:
    # Of a field that the serializer hides it does not matter.
    return lambda row: found[row.pk] if row.pk in found else empty()


def viewer_key_of(viewer: Any) -> Any:
    """Return the key of a viewer, with which no row's owner agrees if there is none."""
    return None if viewer is None else viewer.pk


class ProjectedQuery:
    """A compiled query whose rows are returned as a ModelSerializer shows them to a viewer.

    `build` makes a QuerySet of the viewer and other values, as for `compiled`. The relations named
    in `known` are the same for all rows, and the caller has them.
    """

    def __init__(
        self,
        serializer_class: type[Any],
        build: Callable[..., Any],
        known: Iterable[str] = (),
    ) -> None:
        self.serializer_class = serializer_class
        self.build = build
        self.names = frozenset(known)
        self.cache = QueryCache()

    @cached_property
    def projection(self) -> Projection | None:
        try:
            return Projection(self.serializer_class(), self.names)
        except NotProjectable as reason:
            logger.debug("%s", reason)
            return None

    def __call__(
        self, viewer: Any, *args: Any, known: Mapping[str, Any] | None = None, **kwargs: Any
    ) -> list[dict[str, Any]]:
        """Return the rows as `viewer` sees them.

        `known` has the instance of each known relation, or None where the relation is null.
        Raises TypeError unless it names the relations that were declared.
        """
        known = known or {}
        if known.keys() != self.names:
            raise TypeError(
                f"The relations in `known` must be {sorted(self.names)}, not {sorted(known)}."
            )
        projection = self.projection if is_on() else None
        if projection is not None:
            paths = projection.paths

            def build(*args: object, **kwargs: object) -> Any:
                return self.build(*args, **kwargs).values_list(*paths)

            query, values = self.cache.get(projection.model, build, (viewer, *args), kwargs)
            if query is not None:
                return projection.rows(query, query.fetch(values), viewer_key_of(viewer), known)
        rows = list(self.build(viewer, *args, **kwargs))
        for row in rows:
            for name, instance in known.items():
                setattr(row, name, instance)
        # A serializer asks the context who reads; there is a viewer and no request here.
        context = {"request": SimpleNamespace(user=viewer)}
        return list(render(self.serializer_class(rows, many=True, context=context), rows, viewer))
