"""Projections: rows as their serializer shows them, straight from the columns.

To make a model instance of each row, and to ask each serializer field for its part, takes longer
than all the rest of a request. A projection works out once which columns each field is rendered
from; a row is then a dict of its columns. README.md describes what a field declares for that.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from functools import cached_property
from types import SimpleNamespace
from typing import Any

from django.core.exceptions import FieldError
from django.db import connections, models
from rest_framework import relations, serializers

from fastlists.compiling import CompiledQuery, QueryCache, is_on

Convert = Callable[[Any], Any]
# A field with `from_columns`: its name, that function, where its values are and what converts
# them, and whether it is null where the first is.
Multiple = tuple[str, Callable[..., Any], Sequence[tuple[int, Convert | None]], bool]

# What a serializer may override, all of which decides what it shows.
HOOKS = ("to_representation", "get_fields", "fields", "__init__", "_readable_fields")
STOCK = "rest_framework."
STOCK_SERIALIZERS = (serializers.ModelSerializer, serializers.Serializer)

# Representations that are the column's own value, where the driver gives it as it is.
UNCHANGED: dict[Any, tuple[type[Any], ...]] = {
    serializers.CharField.to_representation: (models.CharField, models.TextField),
    serializers.IntegerField.to_representation: (models.IntegerField,),
}
# How a field reads an attribute that holds the value of a column, or a key's instance.
ATTRIBUTE_OF_COLUMN = {serializers.Field.get_attribute, relations.RelatedField.get_attribute}
FIELD_ADVICE = (
    "Declare `columns` and `from_columns` on the field's class, or `of_rows` for what takes a "
    "query (fastlists/README.md, “Fields”)."
)


class NotProjectable(Exception):  # noqa: N818  # not an error: such a list is rendered as usual
    """Raised for a serializer that shows more than columns; the message names the field."""


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


def python_value(column: Any, connection: Any) -> Convert | None:
    """Return what turns the driver's value into the model's; None if they are the same."""
    steps = [*connection.ops.get_db_converters(column), *column.get_db_converters(connection)]
    if not steps:
        return None

    def convert(value: Any) -> Any:
        for step in steps:
            value = step(value, column, connection)
        return value

    return convert


def shown_value(field: Any, column: Any, alias: str) -> Convert | None:
    """Return what turns the driver's value into what `field` shows; None if they are the same."""
    connection = connections[alias]
    convert = python_value(column, connection)
    if isinstance(field, relations.PrimaryKeyRelatedField):
        field = field.pk_field
        if field is None:
            return convert
    if declares(type(field), "driver_converter"):
        shortcut: Convert | None = field.driver_converter(column.output_field, connection)
        if shortcut is not NotImplemented:
            return shortcut
    represent = field.to_representation
    function = type(field).to_representation
    kind = column.output_field
    if function is serializers.BooleanField.to_representation and isinstance(
        kind, models.BooleanField
    ):
        return bool
    if convert is None:
        words = function is serializers.ChoiceField.to_representation and all(
            isinstance(choice, str) for choice in field.choices
        )
        same = (models.CharField,) if words else UNCHANGED.get(function, ())
        return None if isinstance(kind, same) else represent
    return lambda value: represent(convert(value))


class FieldColumns:
    """The columns that a serializer field is rendered from."""

    def __init__(self, serializer: Any, field: Any, known: Collection[str] = ()) -> None:
        self.field = field
        self.name = str(field.field_name)
        self.of_rows: Callable[..., Mapping[Any, Any]] | None = None
        self.from_columns: Callable[..., Any] | None = None
        self.count = 1
        self.nullable = False
        self.places: list[int] = []  # of its paths, among all that a projection selects
        self.is_filled_in = self.name in known or declares(type(field), "of_rows")
        path = "__".join(field.source_attrs)
        if self.is_filled_in:
            self.paths = ["pk"]  # keeps the field's place in the row
            self.of_rows = None if self.name in known else field.of_rows
        elif declares(type(field), "from_columns"):
            self.from_columns = field.from_columns
            paths = self._declared(serializer, path)
            self.count = len(paths)
            self.paths = paths or ["pk"]
            self._require_paths(serializer)
        else:
            self.paths = [self._column(serializer, path)]

    def _require_paths(self, serializer: Any) -> None:
        """Raise NotProjectable unless the declared columns exist."""
        try:
            serializer.Meta.model._base_manager.values_list(*self.paths)
        except FieldError as error:
            name = f"{type(serializer).__name__}.{self.name}"
            raise NotProjectable(
                f"{name} cannot be read from columns: {error} Correct `columns` or `row_columns` "
                f"on {type(self.field).__name__}; `columns = ()` stands for no column "
                "(fastlists/README.md, “Fields”)."
            ) from error

    def _declared(self, serializer: Any, path: str) -> list[str]:
        """Return the paths of the arguments of `from_columns`. Raises NotProjectable."""
        if hasattr(self.field, "row_columns"):
            return list(self.field.row_columns)
        columns = getattr(self.field, "columns", None)
        if len(self.field.source_attrs) > 1 and not self.field.allow_null:
            raise NotProjectable(
                f"{type(serializer).__name__}.{self.name} cannot be read from columns: its source "
                "has several steps. Add allow_null=True, which says what is shown if one is null."
            )
        # A relation that leads nowhere is shown as null, as is a column.
        self.nullable = columns != ()
        return [path] if columns is None else [f"{path}__{column}" for column in columns]

    def _column(self, serializer: Any, path: str) -> str:
        """Return the one column of a field that declares nothing. Raises NotProjectable."""
        field, kind, model = self.field, type(self.field), serializer.Meta.model
        if isinstance(field, relations.PrimaryKeyRelatedField):
            path = f"{path}_id"
            rendered = [field, *filter(None, [field.pk_field])]
        else:
            rendered = [field, *filter(None, [getattr(field, "child", None)])]
        columns = {column.attname: column for column in model._meta.concrete_fields}
        reason = ""
        if isinstance(field, serializers.BaseSerializer):
            reason = "is a nested serializer"
        elif field.source == "*":
            reason = f"is computed from the whole row ({kind.__name__})"
        elif any(not self._renders_value_alone(each) for each in rendered):
            reason = f"has a to_representation of its own ({kind.__name__})"
        elif kind.get_attribute not in ATTRIBUTE_OF_COLUMN:
            reason = f"has a get_attribute of its own ({kind.__name__})"
        elif path not in columns or isinstance(columns[path], models.FileField):
            reason = f"shows {path!r}, which is no plain column of {model.__name__}"
        if reason:
            name = f"{type(serializer).__name__}.{self.name}"
            raise NotProjectable(f"{name} cannot be read from columns: it {reason}. {FIELD_ADVICE}")
        return path

    @staticmethod
    def _renders_value_alone(field: Any) -> bool:
        """Return whether the field's representation depends on the value and nothing else."""
        stock = type(field).to_representation.__module__.startswith(STOCK)
        return stock or declares(type(field), "driver_converter")

    def converters(self, columns: Sequence[Any], alias: str) -> list[Convert | None]:
        """Return, for each column, what converts the driver's value for `from_columns` or JSON."""
        if self.from_columns:
            return [python_value(column, connections[alias]) for column in columns]
        return [shown_value(self.field, columns[0], alias)]


class Projection:
    """The fields of a ModelSerializer as columns of its model; `known` are filled in by the caller.

    Raises NotProjectable.
    """

    def __init__(self, serializer: Any, known: Collection[str] = ()) -> None:
        self._require_plain(type(serializer))
        self.serializer = serializer
        self.model = serializer.Meta.model
        self.fields = [FieldColumns(serializer, f, known) for f in serializer._readable_fields]
        self.names = [field.name for field in self.fields]
        self.private = private_fields(serializer)
        # First one column for each name, in order; then the others; the owner and the key last.
        self.paths = [field.paths[0] for field in self.fields]
        for at, field in enumerate(self.fields):
            more = field.paths[1:]
            field.places = [at, *range(len(self.paths), len(self.paths) + len(more))]
            self.paths += more
        self.owner_at = len(self.paths)
        if self.private:
            self.paths.append(serializer.private_to)
        self.later = [field for field in self.fields if field.of_rows]
        self.key_at = len(self.paths)
        if self.later:
            self.paths.append("pk")

    @staticmethod
    def _require_plain(kind: type[Any]) -> None:
        """Raise NotProjectable for a serializer class that decides by itself what it shows."""
        for each in kind.__mro__:
            if each in STOCK_SERIALIZERS or vars(each).get("shows_columns"):
                break
            if hook := next((hook for hook in HOOKS if hook in vars(each)), None):
                raise NotProjectable(
                    f"{kind.__name__} cannot be read from columns: {each.__name__} overrides "
                    f"`{hook}`. Declare `columns` and `from_columns` on it, or set `shows_columns "
                    "= True` if it still shows its fields, whoever reads them "
                    "(fastlists/README.md, “Serializers”)."
                )
        if not issubclass(kind, serializers.ModelSerializer):
            raise NotProjectable(
                f"{kind.__name__} cannot be read from columns: it is no ModelSerializer. "
                "Declare `columns` and `from_columns` on it (fastlists/README.md, “Serializers”)."
            )
        if hasattr(kind.Meta, "list_serializer_class"):
            raise NotProjectable(
                f"{kind.__name__} cannot be read from columns: it has a list_serializer_class. "
                "Show its rows one by one (fastlists/README.md, “Serializers”)."
            )

    def rows(
        self, query: CompiledQuery, rows: Sequence[Sequence[Any]], viewer: Any
    ) -> list[dict[str, Any]]:
        """Return the driver's rows of `query` as the viewer with this key sees them.

        The query must select `paths`, and may select more behind them.
        """
        read = query.memo("projection", lambda: self._reader(query))
        shown = [read(row, viewer) for row in rows]
        for field in self.later:
            self._fill(query, field, rows, shown, viewer)
        return shown

    def _fill(
        self,
        query: CompiledQuery,
        field: FieldColumns,
        rows: Sequence[Any],
        shown: list[dict[str, Any]],
        viewer: Any,
    ) -> None:
        """Fill in what `of_rows` gives, where the viewer sees it."""
        convert = python_value(query.columns[self.key_at], connections[query.alias])
        hidden = field.name in self.private
        seen = []
        for row, each in zip(rows, shown, strict=True):
            if not hidden or row[self.owner_at] == viewer:
                key = row[self.key_at]
                seen.append((key if convert is None else convert(key), each))
        if seen and field.of_rows:
            found = field.of_rows(self.model, [key for key, _ in seen])
            for key, each in seen:
                each[field.name] = found[key]

    def _reader(self, query: CompiledQuery) -> Callable[[Sequence[Any], Any], dict[str, Any]]:
        """Return what turns a row of the driver's into what the viewer with a key sees."""
        single: list[tuple[str, Convert]] = []
        multiple: list[Multiple] = []
        for field in self.fields:
            if field.is_filled_in:
                continue
            columns = [query.columns[place] for place in field.places]
            converters = field.converters(columns, query.alias)
            if field.from_columns:
                sources = list(zip(field.places, converters, strict=True))[: field.count]
                multiple.append((field.name, field.from_columns, sources, field.nullable))
            elif converters[0] is not None:
                single.append((field.name, converters[0]))
        show = row_reader(self.names, single, multiple)
        if not self.private:
            return lambda row, _viewer: show(row)
        owner_at, hidden = self.owner_at, dict.fromkeys(self.private)

        def show_to(row: Sequence[Any], viewer: Any) -> dict[str, Any]:
            shown = show(row)
            if row[owner_at] != viewer:
                shown.update(hidden)
            return shown

        return show_to


def row_reader(
    names: Sequence[str],
    single: Sequence[tuple[str, Convert]],
    multiple: Sequence[Multiple],
) -> Callable[[Sequence[Any]], dict[str, Any]]:
    """Return what makes a dict of a row whose first columns have these names."""

    def show(row: Sequence[Any]) -> dict[str, Any]:
        shown = dict(zip(names, row, strict=False))
        for name, convert in single:
            if (value := shown[name]) is not None:
                shown[name] = convert(value)
        for name, from_columns, sources, nullable in multiple:
            if nullable and row[sources[0][0]] is None:
                shown[name] = None
                continue
            shown[name] = from_columns(*[row[at] if c is None else c(row[at]) for at, c in sources])
        return shown

    return show


class SerializerProjection:
    """A serializer that declares `columns` and `from_columns` itself."""

    def __init__(self, serializer: Any) -> None:
        self.paths = list(serializer.columns)
        self.from_columns = serializer.from_columns

    def rows(
        self, query: CompiledQuery, rows: Sequence[Sequence[Any]], viewer: Any
    ) -> list[dict[str, Any]]:
        """Return the driver's rows of `query` as the serializer shows them."""
        sources = query.memo("projection", lambda: self._sources(query))
        from_columns = self.from_columns
        return [
            from_columns(*[row[at] if c is None else c(row[at]) for at, c in sources])
            for row in rows
        ]

    def _sources(self, query: CompiledQuery) -> list[tuple[int, Convert | None]]:
        connection = connections[query.alias]
        columns = query.columns[: len(self.paths)]
        return [(at, python_value(column, connection)) for at, column in enumerate(columns)]


def projection_of(serializer_class: type[Any]) -> Projection | SerializerProjection:
    """Return what shows rows as this serializer does. Raises NotProjectable."""
    try:
        serializer = serializer_class()
        if declares(serializer_class, "from_columns"):
            return SerializerProjection(serializer)
        return Projection(serializer)
    except NotProjectable:
        raise
    except Exception as error:
        raise NotProjectable(
            f"{serializer_class.__name__} cannot be made without a request, so what it shows "
            f"depends on one ({error!r})."
        ) from error


def private_fields(serializer: Any) -> tuple[str, ...]:
    """Return the fields that are null for everyone but the owner of a row."""
    return tuple(getattr(getattr(serializer, "Meta", None), "private_fields", ()))


def render(serializer: Any, rows: Sequence[Any], viewer: Any) -> Any:
    """Return the data of a list serializer, with each `of_rows` called once for all rows."""
    child = serializer.child
    private = private_fields(child)
    for field in getattr(child, "fields", {}).values():
        if rows and declares(type(field), "of_rows"):
            hidden = field.field_name in private
            keys = [
                row.pk for row in rows if not hidden or getattr(row, child.private_to) == viewer.pk
            ]
            found = field.of_rows(type(rows[0]), keys) if keys else {}
            field.get_attribute = _getter(found)
    return serializer.data


def _getter(found: Mapping[Any, Any]) -> Callable[[Any], Any]:
    return lambda row: found.get(row.pk)  # None where the serializer hides the field anyway


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
        self.names = tuple(known)
        self.cache = QueryCache()

    @cached_property
    def projection(self) -> Projection:
        return Projection(self.serializer_class(), self.names)

    def __call__(
        self, viewer: Any, *args: Any, known: Mapping[str, Any] | None = None, **kwargs: Any
    ) -> list[dict[str, Any]]:
        """Return the rows as `viewer` sees them; `known` has the instances of known relations."""
        known = known or {}
        if is_on():
            projection = self.projection

            def build(*args: Any, **kwargs: Any) -> Any:
                return self.build(*args, **kwargs).values_list(*projection.paths)

            query, values = self.cache.get(projection.model, build, (viewer, *args), kwargs)
            if query is not None:
                shown = projection.rows(query, query.fetch(values), viewer.pk)
                self._fill_in(shown, known)
                return shown
        rows = list(self.build(viewer, *args, **kwargs))
        for row in rows:
            for name, instance in known.items():
                setattr(row, name, instance)
        # A serializer asks the context who reads; there is a viewer and no request here.
        context = {"request": SimpleNamespace(user=viewer)}
        return list(render(self.serializer_class(rows, many=True, context=context), rows, viewer))

    def _fill_in(self, shown: list[dict[str, Any]], known: Mapping[str, Any]) -> None:
        if shown and known:
            fields = self.projection.serializer.fields
            rendered = {name: fields[name].to_representation(known[name]) for name in known}
            for row in shown:
                row.update(rendered)
