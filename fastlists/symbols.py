"""Symbols: stand-ins for the values of a query while it is compiled.

A symbol can be handed to the ORM and nothing else: code that inspects one raises ValueInspected.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import date, datetime, time, timedelta, tzinfo
from enum import Enum
from functools import partial
from typing import Any
from uuid import UUID

from django.db import connections, models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Value
from django.utils import timezone

# Reads one value out of the values of a call.
Read = Callable[[Sequence[Any]], Any]

# The types whose values a compiled query can bind without knowing the column they belong to.
BINDABLE = frozenset({UUID, date, datetime, time, int, str, bytes})


class ValueInspected(BaseException):
    """Raised when code that is being compiled depends on a value, or runs a query.

    Derived from BaseException so that no `except Exception` in that code swallows it.
    """


@contextmanager
def no_queries() -> Iterator[None]:
    """Raise ValueInspected for every query that runs inside the block."""

    def refuse(*_: object) -> None:
        raise ValueInspected("a query ran")

    with ExitStack() as stack:
        for connection in connections.all():
            stack.enter_context(connection.execute_wrapper(refuse))
        yield


class RecordingZone(tzinfo):
    """Stands for the current time zone during compilation, and records whether it is used."""

    def __init__(self, zone: tzinfo) -> None:
        self._zone = zone
        self.was_used = False

    def _used(self) -> tzinfo:
        self.was_used = True
        return self._zone

    def utcoffset(self, moment: datetime | None) -> timedelta | None:
        return self._used().utcoffset(moment)

    def dst(self, moment: datetime | None) -> timedelta | None:
        return self._used().dst(moment)

    def tzname(self, moment: datetime | None) -> str | None:
        return self._used().tzname(moment)

    def __str__(self) -> str:
        return str(self._used())

    def __getattr__(self, name: str) -> Any:
        return getattr(self._used(), name)


@contextmanager
def recording_zone() -> Iterator[RecordingZone]:
    """Record whether the code in the block uses the current time zone."""
    zone = RecordingZone(timezone.get_current_timezone())
    with timezone.override(zone):
        yield zone


class Placeholder(Value):
    """The position in compiled SQL at which a value of each call is bound."""

    def __init__(self, read: Read) -> None:
        super().__init__(None)
        self.read = read

    def resolve_expression(self, *args: object, **kwargs: object) -> "Placeholder":
        return self

    def as_sql(self, *args: object, **kwargs: object) -> Any:
        return "%s", (self,)

    def __str__(self) -> str:
        # Lookups such as iexact and contains make another text of their value.
        raise ValueInspected("str()")

    def __eq__(self, other: object) -> bool:
        return self is other

    def __hash__(self) -> int:
        return id(self)


class Symbol:
    """Stands for a value of unknown content."""

    def __init__(self, read: Read) -> None:
        self.read = read

    def resolve_expression(self, *args: object, **kwargs: object) -> Placeholder:
        return Placeholder(self.read)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        raise ValueInspected(name)

    def _inspect(self, *args: object) -> Any:
        raise ValueInspected(type(self).__name__)

    __bool__ = __eq__ = __ne__ = __lt__ = __le__ = __gt__ = __ge__ = __hash__ = _inspect
    __iter__ = __len__ = __contains__ = __getitem__ = __str__ = __repr__ = __format__ = _inspect
    __add__ = __radd__ = __sub__ = __rsub__ = _inspect


class SymbolicRow(Symbol):
    """Stands for a model instance. Its columns are symbols; relations cannot be followed.

    The values of the model's `form_fields` are known, because they are part of the form.
    """

    def __init__(self, model: type[models.Model], read: Read, known: dict[str, Any]) -> None:
        super().__init__(read)
        self._model = model
        self._known = known
        self._columns = {"pk", *(field.attname for field in model._meta.concrete_fields)}

    @property  # type: ignore[misc]  # read only, so that isinstance() answers as for the instance
    def __class__(self) -> Any:
        return self._model

    def resolve_expression(self, *args: object, **kwargs: object) -> Placeholder:
        return Placeholder(lambda values: self.read(values).pk)

    def __getattr__(self, name: str) -> Any:
        if name in self.__dict__.get("_known", ()):
            return self._known[name]
        if name in self.__dict__.get("_columns", ()):
            return Symbol(lambda values: getattr(self.read(values), name))
        return super().__getattr__(name)


def form_of(value: Any) -> object:
    """Return the hashable part that `value` contributes to the form of a query.

    None, booleans and enum members are part of it. Of other values only the type is, of lists also
    the length, and of a model's instances the fields that it names in `form_fields`.
    """
    kind = type(value)
    if kind in BINDABLE:
        return kind
    if kind is list:
        return list, len(value), frozenset(map(type, value))
    if kind is tuple:
        return tuple, *map(form_of, value)
    if value is None or isinstance(value, (bool, Enum)):
        return kind, value
    names = getattr(kind, "form_fields", None)
    return (kind, *[getattr(value, name) for name in names]) if names else kind


def symbol_for(value: Any, read: Read) -> Any:
    """Return the stand-in for `value` during compilation.

    Raise ValueInspected for types that cannot be bound.
    """
    kind = type(value)
    if kind in BINDABLE:
        return Symbol(read)
    if value is None or isinstance(value, (bool, Enum)):
        return value
    if isinstance(value, models.Model):
        known = {name: getattr(value, name) for name in getattr(kind, "form_fields", ())}
        return SymbolicRow(kind, read, known)
    if kind is tuple:
        return tuple(symbol_for(item, _item(read, at)) for at, item in enumerate(value))
    if kind is list and BINDABLE.issuperset(map(type, value)):
        return [Symbol(_item(read, at)) for at in range(len(value))]
    raise ValueInspected(f"{kind.__name__} cannot be bound")


def _item(read: Read, at: int) -> Read:
    return partial(_read_item, read, at)


def _read_item(read: Read, at: int, values: Sequence[Any]) -> Any:
    return read(values)[at]


def padded(values: list[Any]) -> list[Any]:
    """Repeat the last value until the length is a power of two: few lengths are compiled."""
    size = 1 << (len(values) - 1).bit_length() if values else 0
    return [*values, *(values[-1:] * (size - len(values)))]


def adapted(value: Any, connection: BaseDatabaseWrapper) -> Any:
    """Return a value in the form in which a model field would hand it to the driver.

    UUIDs are bound as Django's UUIDField binds them. A backend that stores them in another form
    has `ops.adapt_uuidfield_value`, as it has Django's `ops.adapt_datefield_value`.
    """
    kind, ops = type(value), connection.ops
    if kind is UUID:
        if adapt := getattr(ops, "adapt_uuidfield_value", None):
            return adapt(value)
        return value if connection.features.has_native_uuid_field else value.hex
    if kind is datetime:
        return ops.adapt_datetimefield_value(value)
    if kind is date:
        return ops.adapt_datefield_value(value)
    return ops.adapt_timefield_value(value) if kind is time else value
