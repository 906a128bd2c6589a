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
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from operator import itemgetter
from typing import Any

from django.conf import settings
from django.core.exceptions import EmptyResultSet
from django.db import connections, models, router
from django.db.models import QuerySet
from django.db.models.query import ModelIterable, ValuesListIterable
from django.db.transaction import TransactionManagementError

from core.tracing import LookedAt, Place, adapted, stand_in, trace, tracing

logger = logging.getLogger(__name__)
LISTS = re.compile(r"IN \((?:%s, )*%s\)")
DAY = re.compile(r"\d{4}-\d{2}-\d{2}")  # at the beginning of a day or an instant, as drivers take them
_state = threading.local()


def padded(values: list[Any]) -> list[Any]:
    """The values, the last one again as often as makes their number a power of two: a kept query of each length is
    kept for no more than a handful of lengths."""
    size = 1 << (len(values) - 1).bit_length() if values else 0
    return [*values, *(values[-1:] * (size - len(values)))]


# Kept


class Plan:
    """Compiled SQL, and how its rows are read."""

    def __init__(self, queryset: Any, alias: str) -> None:
        queryset = queryset._chain()  # the query of the plan alone
        compiler = queryset.query.get_compiler(using=alias)
        try:
            self.sql, self.params = compiler.as_sql()
        except EmptyResultSet:  # the ORM knows that there is nothing
            self.sql, self.params = "", ()
        self.places = [(at, param.read) for at, param in enumerate(self.params) if isinstance(param, Place)]
        self.alias, self.locks = alias, queryset.query.select_for_update
        self.columns = [column for column, *_ in compiler.select[: compiler.col_count]]
        self.converters = compiler.get_converters(self.columns)
        self.prefetched = queryset._prefetch_related_lookups
        self._kept: dict[str, Any] = {}
        self.show = self._reader(queryset, compiler)
        if tracing():
            self._require_nothing_of_now(queryset)

    def _require_nothing_of_now(self, queryset: Any) -> None:
        """Rows that the query itself does not fetch, and days that were written into it, are those of one call."""
        literals = [param for param in self.params if not isinstance(param, Place)]
        if queryset._known_related_objects or any(DAY.match(str(param)) for param in literals):
            raise LookedAt

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
        if self.prefetched:
            models.prefetch_related_objects(found, *self.prefetched)
        return found

    def _reader(self, queryset: Any, compiler: Any) -> Callable[[Sequence[Any]], list[Any]]:
        """What makes of the driver's rows what the QuerySet would give."""
        kind, related = queryset._iterable_class, (compiler.klass_info or {}).get("related_klass_infos")
        if kind is ValuesListIterable:
            return lambda rows: [tuple(row) for row in self.converted(rows)]
        if kind is ModelIterable and not (related or compiler.annotation_col_map or queryset._known_related_objects):
            model, alias = queryset.model, self.alias
            names = [column.target.attname for column in self.columns]
            return lambda rows: [model.from_db(alias, names, row) for row in self.converted(rows)]
        # Django's own, whose compiler gives what was fetched.
        compiler.execute_sql = lambda *_, **__: [_state.rows]
        queryset.query.get_compiler = lambda *_, **__: compiler
        queryset._db = self.alias
        return partial(_read_by_django, queryset)

    def converted(self, rows: Sequence[Sequence[Any]]) -> Iterable[Sequence[Any]]:
        """The rows with each column as its field gives it."""
        if not self.converters:
            return rows
        connection, converters = connections[self.alias], list(self.converters.items())
        return [_converted(list(row), converters, connection) for row in rows]

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


def _converted(row: list[Any], converters: Any, connection: Any) -> list[Any]:
    for at, (functions, column) in converters:
        for function in functions:
            row[at] = function(row[at], column, connection)
    return row


def _read_by_django(queryset: Any, rows: Sequence[Any]) -> list[Any]:
    _state.rows = rows
    return list(queryset._iterable_class(queryset))


class Plans:
    """The plans of one kind of query, by form."""

    MOST = 200  # forms; more than that come only from somebody who tries them all

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
            if len(self._kept) >= self.MOST:  # the oldest half goes; what is asked for comes again
                self._kept = dict(list(self._kept.items())[self.MOST // 2 :])
            self._kept[key] = plan
        if plan is None:
            return Plan((ordinary or build)(*values), alias)
        if settings.CHECK_READY_QUERIES:
            plan.check(build(*values), values)
        return plan

    def _trace(self, alias: str, values: Sequence[Any], build: Callable[..., Any]) -> Plan | None:
        try:
            places = [stand_in(value, itemgetter(at)) for at, value in enumerate(values)]
            with trace(alias):
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
        return self.plans.get(self.model, tuple(sorted(form.items())), values, build).read(values)

    def first(self, *values: P.args, **form: P.kwargs) -> Any:
        """The first of them, or None."""
        return next(iter(self(*values, **form)), None)


def ready[**P, T: models.Model](model: type[T]) -> Callable[[Callable[P, QuerySet[T, Any]]], Ready[P, T]]:
    return lambda build: Ready(model, build)
