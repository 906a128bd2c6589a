"""Queries that the ORM builds and compiles once, and that run again with other values.

To build a QuerySet and to compile it takes several times as long as to run its SQL. `compiled`
calls a function once for each form of its query, with symbols in place of the values, and keeps
the SQL. A function that inspects a value or runs a query cannot be compiled; it runs as usual each
time, which is slower and gives the same rows. The function may depend on the current time zone and
language, which are part of the form, and on nothing else apart from its arguments.
"""

import logging
import re
import threading
from collections import OrderedDict
from collections.abc import Callable, Generator, Hashable, Iterable, Mapping, Sequence
from enum import Enum, auto
from functools import partial, update_wrapper
from operator import itemgetter
from typing import Any

from django.conf import settings
from django.core.exceptions import EmptyResultSet
from django.db import connections, models, router
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import QuerySet
from django.db.models.query import ModelIterable, ValuesListIterable
from django.db.transaction import TransactionManagementError
from django.utils import timezone
from django.utils.translation import get_language

from fastlists.symbols import (
    Placeholder,
    Symbol,
    ValueInspected,
    adapted,
    form_of,
    no_queries,
    padded,
    recording_zone,
    symbol_for,
)

logger = logging.getLogger(__name__)
LISTS = re.compile(r"IN \((?:%s, )*%s\)")
DAY = re.compile(r"\d{4}-\d{2}-\d{2}")  # how a date or an instant begins
ROWS_AT_ONCE = 8  # of a stream
_state = threading.local()


def is_on() -> bool:
    """Return whether queries are compiled and rows projected: the setting FAST_LISTS."""
    return bool(getattr(settings, "FAST_LISTS", True))


class CompiledQuery:
    """The SQL of a QuerySet that was built from symbols, and how its rows are read."""

    def __init__(self, queryset: Any, alias: str) -> None:
        queryset = queryset._chain()  # not shared with anyone who changes it
        compiler = queryset.query.get_compiler(using=alias)
        try:
            self.sql, self.params = compiler.as_sql()
        except EmptyResultSet:  # the ORM knows that there are no rows
            self.sql, self.params = "", ()
        self.placeholders: list[tuple[int, Callable[[Sequence[Any]], Any]]] = []
        for at, param in enumerate(self.params):
            if isinstance(param, (Placeholder, Symbol)):  # a Symbol: inside a Value
                self.placeholders.append((at, param.read))
            elif DAY.match(str(param)):
                raise ValueInspected("a date is written into the query")
        if queryset._known_related_objects:
            raise ValueInspected("the query starts from a relation of an instance")
        self.alias = alias
        self.locks = queryset.query.select_for_update
        self.columns = [column for column, *_ in compiler.select[: compiler.col_count]]
        self.converters = compiler.get_converters(self.columns)
        self.prefetched = queryset._prefetch_related_lookups
        self._memo: dict[str, Any] = {}
        self._make_rows = self._reader(queryset, compiler)

    def memo[K](self, name: str, make: Callable[[], K]) -> K:
        """Return the result of the first call of `make` under this name for this query."""
        if name not in self._memo:
            self._memo[name] = make()
        kept: K = self._memo[name]
        return kept

    def bind(self, values: Sequence[Any]) -> list[Any]:
        """Return the parameters of the SQL for the values of one call."""
        connection = connections[self.alias]
        params = list(self.params)
        for at, read in self.placeholders:
            params[at] = adapted(read(values), connection)
        return params

    def fetch(self, values: Sequence[Any]) -> Sequence[Sequence[Any]]:
        """Execute the SQL and return the rows as the driver gives them."""
        connection = connections[self.alias]
        if not self.sql:
            return ()
        if self.locks and connection.get_autocommit():
            raise TransactionManagementError("Rows can be locked in a transaction only.")
        with connection.cursor() as cursor:
            cursor.execute(self.sql, self.bind(values))
            rows: Sequence[Sequence[Any]] = cursor.fetchall()
        return rows

    def stream(self, values: Sequence[Any]) -> Generator[Sequence[Any]]:
        """Execute the SQL and yield the rows as they arrive, instead of keeping all in memory.

        Close it before anything else is executed. A database whose driver keeps all rows by
        itself has a `streaming_cursor`.
        """
        connection = connections[self.alias]
        if not self.sql:
            return
        with getattr(connection, "streaming_cursor", connection.cursor)() as cursor:
            cursor.execute(self.sql, self.bind(values))
            while rows := cursor.fetchmany(ROWS_AT_ONCE):
                yield from rows

    def read(self, values: Sequence[Any]) -> list[Any]:
        """Return the rows as the QuerySet would."""
        rows = self._make_rows(self.fetch(values))
        if self.prefetched:
            models.prefetch_related_objects(rows, *self.prefetched)
        return rows

    def _reader(self, queryset: Any, compiler: Any) -> Callable[[Sequence[Any]], list[Any]]:
        """Return a function that converts the driver's rows to those of the QuerySet."""
        kind = queryset._iterable_class
        if kind is ValuesListIterable:
            return lambda rows: [tuple(row) for row in self._converted(rows)]
        related = (compiler.klass_info or {}).get("related_klass_infos")
        if kind is ModelIterable and not (related or compiler.annotation_col_map):
            from_db = queryset.model.from_db
            names = [column.target.attname for column in self.columns]
            return lambda rows: [from_db(self.alias, names, row) for row in self._converted(rows)]
        # Everything else is read by Django, whose compiler is given the fetched rows.
        compiler.execute_sql = lambda *_, **__: [_state.rows]
        queryset.query.get_compiler = lambda *_, **__: compiler
        queryset._db = self.alias
        return partial(_read_by_django, queryset)

    def _converted(self, rows: Sequence[Sequence[Any]]) -> Iterable[Sequence[Any]]:
        """Return the rows with each column as its field gives it."""
        if not self.converters:
            return rows
        connection = connections[self.alias]
        converters = list(self.converters.items())
        return [_convert_row(list(row), converters, connection) for row in rows]

    def check(self, queryset: QuerySet[Any], values: Sequence[Any]) -> None:
        """Raise AssertionError unless the ORM would run the same SQL with the same parameters."""
        try:
            sql, params = queryset.query.get_compiler(using=self.alias).as_sql()
        except EmptyResultSet:
            sql, params = "", ()
        bound = self.bind(values)
        # The ORM drops what is repeated in a list, and with it the padding.
        same_sql = LISTS.sub("IN (…)", sql) == LISTS.sub("IN (…)", self.sql)
        if not same_sql or list(dict.fromkeys(params)) != list(dict.fromkeys(bound)):
            raise AssertionError(
                "A compiled query differs from what the ORM would run: its function depends on "
                "more than its arguments, or has a lookup with another SQL for expressions, as "
                f"`contains`.\nCompiled: {self.sql} {bound}\nORM: {sql} {params}"
            )


def _convert_row(row: list[Any], converters: Any, connection: BaseDatabaseWrapper) -> list[Any]:
    for at, (functions, column) in converters:
        for function in functions:
            row[at] = function(row[at], column, connection)
    return row


def _read_by_django(queryset: Any, rows: Sequence[Any]) -> list[Any]:
    _state.rows = rows
    return list(queryset._iterable_class(queryset))


class _Mark(Enum):
    """Marks that a form can have in place of a compiled query."""

    MISSING = auto()
    # The ORM wrote the time zone into the query, as it does for lookups like `__date`. Such queries
    # are kept by form and zone, and others by form: the zone's name takes long to find.
    OF_ZONE = auto()


class QueryCache:
    """The compiled queries of one function, by form."""

    # More forms than this come only from a client that tries them all.
    MAX_FORMS = 200

    def __init__(self) -> None:
        # From the least to the most recently used one. Each operation on it is atomic.
        self._queries: OrderedDict[Hashable, CompiledQuery | _Mark | None] = OrderedDict()

    def get(
        self,
        model: type[models.Model],
        build: Callable[..., Any],
        args: Iterable[Any],
        kwargs: Mapping[str, Any],
        form: Hashable = None,
    ) -> tuple[CompiledQuery | None, Sequence[Any]]:
        """Return the compiled query of `build(*args, **kwargs)` and the values to run it with.

        None stands for a function that cannot be compiled. `form` is what the form of the query
        depends on apart from the arguments.
        """
        values = [padded(v) if type(v) is list else v for v in (*args, *kwargs.values())]
        names = tuple(kwargs)
        alias = router.db_for_read(model)
        # The ORM translates lazy texts.
        key: Hashable = (alias, form, names, get_language(), *map(form_of, values))
        query = self._find(key)
        if query is _Mark.OF_ZONE:
            query = self._find((key, timezone.get_current_timezone_name()))
        if isinstance(query, _Mark):
            with recording_zone() as zone:
                query = self._compile(alias, build, values, names)
            if zone.was_used:
                self._keep(key, _Mark.OF_ZONE)
                key = key, timezone.get_current_timezone_name()
            self._keep(key, query)
        if query is not None and getattr(settings, "CHECK_COMPILED_QUERIES", False):
            query.check(_call(build, values, names), values)
        return query, values

    def _find(self, key: Hashable) -> CompiledQuery | _Mark | None:
        try:
            query = self._queries[key]
            self._queries.move_to_end(key)
        except KeyError:  # not compiled, or dropped by another thread between the two lines
            return _Mark.MISSING
        return query

    def _keep(self, key: Hashable, query: CompiledQuery | _Mark | None) -> None:
        self._queries[key] = query
        if len(self._queries) > self.MAX_FORMS:
            self._queries.popitem(last=False)

    def _compile(
        self,
        alias: str,
        build: Callable[..., Any],
        values: Sequence[Any],
        names: Sequence[str],
    ) -> CompiledQuery | None:
        try:
            symbols = [symbol_for(value, itemgetter(at)) for at, value in enumerate(values)]
            with no_queries():
                return CompiledQuery(_call(build, symbols, names), alias)
        except (ValueInspected, Exception) as reason:
            # A real error is raised again by the uncompiled query.
            logger.debug("%s is built each time: %r", build, reason)
        return None


def _call(build: Callable[..., Any], values: Sequence[Any], names: Sequence[str]) -> Any:
    """Call `build` with values of which the last ones have these names."""
    count = len(values) - len(names)
    return build(*values[:count], **dict(zip(names, values[count:], strict=True)))


class CompiledFunction[**P, T: models.Model]:
    """A function from values to a QuerySet, run as compiled SQL; it returns a list of the rows."""

    def __init__(self, model: type[T], build: Callable[P, QuerySet[T, Any]]) -> None:
        update_wrapper(self, build)
        self.model = model
        self.build = build
        self.cache = QueryCache()

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> list[Any]:
        if is_on():
            query, values = self.cache.get(self.model, self.build, args, kwargs)
            if query is not None:
                return query.read(values)
        return list(self.build(*args, **kwargs))

    def first(self, *args: P.args, **kwargs: P.kwargs) -> Any:
        """Return the first row, or None."""
        return next(iter(self(*args, **kwargs)), None)


def compiled[**P, T: models.Model](
    model: type[T],
) -> Callable[[Callable[P, QuerySet[T, Any]]], CompiledFunction[P, T]]:
    """Decorate a function from values to a QuerySet of `model`: calls return a list of its rows.

    The annotated return type is that of the function as written. Its query is compiled once for
    each form.

    The function must depend on its arguments alone, apart from the current time zone and language,
    and may only hand them to the ORM. None, booleans and enum members are not hidden from it: each
    gives a query of its own.
    """
    return lambda build: CompiledFunction(model, build)
