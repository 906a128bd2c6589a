"""What stands for the values of a query while it is traced (core.ready)."""

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime, time
from functools import partial
from typing import Any
from uuid import UUID

from django.db import connections, models
from django.db.models import Value

_state = threading.local()

Read = Callable[[Sequence[Any]], Any]  # a value of a call, from the call's arguments

# What a driver can be given in a field's stead; of other kinds only their field knows.
ADAPTABLE = {UUID, date, datetime, time, int, str, bool, bytes}


class LookedAt(BaseException):
    """A traced function looked at a value. Of BaseException, so that no `except Exception` swallows it."""


def tracing() -> bool:
    return getattr(_state, "tracing", False)


def require_no_trace() -> None:
    """For what a traced function must not do. Raises LookedAt while one is traced."""
    if tracing():
        raise LookedAt


@contextmanager
def trace(alias: str) -> Iterator[None]:
    """While a query is built for any values, nothing may depend on one, on the clock or on the database."""

    def no_queries(*_: Any) -> None:
        raise LookedAt

    before, _state.tracing = tracing(), True
    try:
        with connections[alias].execute_wrapper(no_queries):
            yield
    finally:
        _state.tracing = before


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

    def __str__(self) -> str:
        raise LookedAt  # a lookup that makes another text of the value, as iexact

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
    if type(value) not in ADAPTABLE:
        raise LookedAt(type(value))
    return Unknown(read)


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
