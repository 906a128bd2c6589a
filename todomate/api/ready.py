"""Queries that the ORM builds and compiles once, and that run again with other values.

To build a QuerySet and to compile it takes several times as long as to run its SQL. So a query that is asked for with
every request is *traced*: its function is called once with stand-ins for its values, which the ORM takes as
expressions, and what comes out is SQL with places that each call fills.

    @ready(Todo)
    def todos_of_day(owner: User, day: date) -> QuerySet[Todo]:
        return Todo.objects.of(owner).filter(date=day)

    todos_of_day(viewer, today)  # a list of todos

A function may do to its values nothing but hand them to the ORM. One that looks at them (compares them, asks whether
they are true, reads the clock, asks the database) may give another query another time. Its trace fails then, and it
runs the ordinary way each time: slower, never wrong. What the query's form depends on is given by keyword, and each
form is kept by itself. Under test (CHECK_READY_QUERIES) every run is compared with what the ORM would run.
"""

import logging
import re
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime, time
from functools import partial
from operator import itemgetter
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.exceptions import EmptyResultSet
from django.db import connections, models, router
from django.db.models import QuerySet, Value
from django.db.models.query import ModelIterable, ValuesListIterable
from django.db.transaction import TransactionManagementError

logger = logging.getLogger(__name__)
LISTS = re.compile(r"IN \((?:%s, )*%s\)")
_state = threading.local()

Read = Callable[[Sequence[Any]], Any]  # a value of a call, from the call's arguments


class LookedAt(BaseException):
    """A traced function looked at a value. Of BaseException, so that no `except Exception` swallows it."""


def tracing() -> bool:
    return getattr(_state, "tracing", False)


def require_no_trace() -> None:
    """For what a traced function must not do. Raises LookedAt while one is traced."""
    if tracing():
        raise LookedAt


@contextmanager
def _trace(alias: str) -> Iterator[None]:
    def no_queries(*_: Any) -> None:
        raise LookedAt

    _state.tracing = True
    try:
        with connections[alias].execute_wrapper(no_queries):
            yield
    finally:
        _state.tracing = False


# Stand-ins


class Place(Value):
    """Where a value of each call goes in kept SQL."""

    def __init__(self, read: Read) -> None:
        super().__init__(None)
        self.read = read

    def resolve_expression(self, *args: Any, **kwargs: Any) -> "Place":
        return self

    def as_sql(self, *args: Any, **kwargs: Any) -> Any:
        return "%s", (self,)

    def __eq__(self, other: object) -> bool:
        return self is other

    def __hash__(self) -> int:
        return id(self)


class Unknown:
    """Stands for a value while a query is traced: the ORM can take it, and nobody can look at it."""

    def __init__(self, read: Read) -> None:
        self._read = read

    def resolve_expression(self, *args: Any, **kwargs: Any) -> Place:
        return Place(self._read)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        raise LookedAt(name)

    def _look(self, *args: Any) -> Any:
        raise LookedAt

    __bool__ = __eq__ = __ne__ = __lt__ = __le__ = __gt__ = __ge__ = __hash__ = _look
    __iter__ = __len__ = __contains__ = __getitem__ = __str__ = __repr__ = __format__ = _look
    __add__ = __radd__ = __sub__ = __rsub__ = _look


class UnknownRow(Unknown):
    """Stands for a model's row: its own columns are as unknown as it is, and what is related cannot be asked for."""

    def __init__(self, model: type[models.Model], read: Read) -> None:
        super().__init__(read)
        self._model = model
        self._columns = {"pk", *(field.attname for field in model._meta.concrete_fields)}

    @property  # type: ignore[misc]  # read only, so that isinstance says what it would of the row
    def __class__(self) -> Any:
        return self._model

    def resolve_expression(self, *args: Any, **kwargs: Any) -> Place:
        return Place(lambda values: self._read(values).pk)

    def __getattr__(self, name: str) -> Any:
        if name in self.__dict__.get("_columns", ()):
            return Unknown(lambda values: getattr(self._read(values), name))
        return super().__getattr__(name)


def _item(read: Read, at: int, values: Sequence[Any]) -> Any:
    return read(values)[at]


def stand_in(value: Any, read: Read) -> Any:
    """What a traced function gets for `value`. None is None: it makes another query."""
    if value is None:
        return None
    if isinstance(value, models.Model):
        return UnknownRow(type(value), read)
    if isinstance(value, list):
        return [stand_in(item, partial(_item, read, at)) for at, item in enumerate(value)]
    return Unknown(read)


def padded(values: list[Any]) -> list[Any]:
    """The values, the last one again as often as makes their number a power of two: a kept query of each length is
    kept for no more than a handful of lengths."""
    size = 1 << (len(values) - 1).bit_length() if values else 0
    return [*values, *(values[-1:] * (size - len(values)))]


# Kept


class Plan:
    """Compiled SQL, and how its rows are read."""

    def __init__(self, queryset: Any, alias: str) -> None:
        if tracing() and queryset._known_related_objects:  # rows that the query itself does not fetch
            raise LookedAt
        compiler = queryset.query.get_compiler(using=alias)
        try:
            self.sql, self.params = compiler.as_sql()
        except EmptyResultSet:  # the ORM knows that there is nothing
            self.sql, self.params = "", ()
        self.places = [(at, param.read) for at, param in enumerate(self.params) if isinstance(param, Place)]
        self.alias, self.queryset, self.locks = alias, queryset, queryset.query.select_for_update
        # What reads the rows is Django's own; the query is ours alone, and its compiler gives what was fetched.
        compiler.execute_sql = lambda *_, **__: [_state.rows]
        queryset.query.get_compiler = lambda *_, **__: compiler
        queryset._db = alias
        self.columns = [column for column, *_ in compiler.select[: compiler.col_count]]
        self._kept: dict[str, Any] = {}
        self.converters = compiler.get_converters(self.columns)
        compiler.get_converters = lambda _: self.converters
        self.show = self._reader(compiler)

    def kept[K](self, name: str, make: Callable[[], K]) -> K:
        """What was made once for this plan."""
        if name not in self._kept:
            self._kept[name] = make()
        kept: K = self._kept[name]
        return kept

    def fill(self, values: Sequence[Any]) -> list[Any]:
        """The parameters of the SQL for the values of one call."""
        connection, params = connections[self.alias], list(self.params)
        for at, read in self.places:
            params[at] = adapted(read(values), connection)
        return params

    def fetch(self, values: Sequence[Any]) -> Sequence[Sequence[Any]]:
        """The rows, with each column as the driver gives it."""
        connection = connections[self.alias]
        if not self.sql:
            return ()
        if self.locks and connection.get_autocommit():
            raise TransactionManagementError("Rows can be locked in a transaction only.")
        with connection.cursor() as cursor:
            cursor.execute(self.sql, self.fill(values))
            rows: Sequence[Sequence[Any]] = cursor.fetchall()
        return rows

    def read(self, values: Sequence[Any]) -> list[Any]:
        """What the QuerySet would give."""
        found = self.show(self.fetch(values))
        if lookups := self.queryset._prefetch_related_lookups:
            models.prefetch_related_objects(found, *lookups)
        return found

    def _reader(self, compiler: Any) -> Callable[[Sequence[Any]], list[Any]]:
        """What makes of the driver's rows what the QuerySet would give."""
        kind = self.queryset._iterable_class
        if kind is ValuesListIterable:
            return lambda rows: [tuple(row) for row in self.converted(rows)]
        alone = kind is ModelIterable and not compiler.klass_info.get("related_klass_infos")
        if alone and not compiler.annotation_col_map and not self.queryset._known_related_objects:
            model, alias = self.queryset.model, self.alias
            names = [column.target.attname for column in self.columns]
            return lambda rows: [model.from_db(alias, names, row) for row in self.converted(rows)]
        return self._by_django

    def _by_django(self, rows: Sequence[Any]) -> list[Any]:
        _state.rows = rows
        return list(self.queryset._iterable_class(self.queryset))

    def converted(self, rows: Sequence[Sequence[Any]]) -> Iterable[Sequence[Any]]:
        """The rows with each column as its field gives it."""
        return self.queryset.query.get_compiler().apply_converters(rows, self.converters) if self.converters else rows

    def check(self, ordinary: QuerySet[Any], values: Sequence[Any]) -> None:
        """That the ORM would run the same for these values. Raises AssertionError."""
        try:
            sql, params = ordinary.query.get_compiler(using=self.alias).as_sql()
        except EmptyResultSet:
            sql, params = "", ()
        kept = self.fill(values)
        # The ORM drops what stands twice in a list, and with it what `padded` put there.
        same_sql = LISTS.sub("IN (…)", sql) == LISTS.sub("IN (…)", self.sql)
        if not same_sql or list(dict.fromkeys(params)) != list(dict.fromkeys(kept)):
            raise AssertionError(f"A kept query differs.\nKept: {self.sql} {kept}\nORM:  {sql} {params}")


def adapted(value: Any, connection: Any) -> Any:
    """A value in the form in which its field would hand it to the driver."""
    kind = type(value)
    if kind is UUID:
        return value.bytes if connection.vendor == "mysql" else value.hex
    if kind is datetime:
        return connection.ops.adapt_datetimefield_value(value)
    if kind is date:
        return connection.ops.adapt_datefield_value(value)
    return connection.ops.adapt_timefield_value(value) if kind is time else value


class Plans:
    """The plans of one kind of query, by form."""

    MOST = 500  # forms; more than that come only from somebody who tries them all

    def __init__(self) -> None:
        self._kept: dict[Any, Plan | None] = {}

    def get(
        self,
        model: type[models.Model],
        form: Any,
        values: Sequence[Any],
        build: Callable[..., Any],
        ordinary: Callable[..., Any] | None = None,
    ) -> Plan:
        """The plan for `build(*values)`; one for this time alone, of `ordinary` if given, where none can be kept.

        `form` is all that the query's form depends on, but for the values' types and how long lists are.
        """
        alias = router.db_for_read(model)
        key = (alias, form, *[len(value) if type(value) is list else type(value) for value in values])
        try:
            plan = self._kept[key]
        except KeyError:
            plan = self._trace(alias, values, build)
            if len(self._kept) >= self.MOST:
                self._kept.clear()
            self._kept[key] = plan
        if plan is None:
            return Plan((ordinary or build)(*values), alias)
        if settings.CHECK_READY_QUERIES:
            plan.check(build(*values), values)
        return plan

    def _trace(self, alias: str, values: Sequence[Any], build: Callable[..., Any]) -> Plan | None:
        places = [stand_in(value, itemgetter(at)) for at, value in enumerate(values)]
        try:
            with _trace(alias):
                return Plan(build(*places), alias)
        except (LookedAt, Exception) as reason:  # where it is a mistake, the ordinary way says so
            logger.debug("%s is built each time: %r", build, reason)
        return None


class Ready[**P, T: models.Model]:
    """A function from values to a QuerySet, run as kept SQL. Gives a list of what the QuerySet would give."""

    def __init__(self, model: type[T], build: Callable[P, QuerySet[T, Any]]) -> None:
        self.model, self.build, self.plans = model, build, Plans()

    def __call__(self, *values: P.args, **form: P.kwargs) -> list[Any]:
        build = partial(self.build, **form)
        return self.plans.get(self.model, tuple(form.items()), values, build).read(values)

    def first(self, *values: P.args, **form: P.kwargs) -> Any:
        """The first of them, or None."""
        return next(iter(self(*values, **form)), None)


def ready[**P, T: models.Model](model: type[T]) -> Callable[[Callable[P, QuerySet[T, Any]]], Ready[P, T]]:
    return lambda build: Ready(model, build)
