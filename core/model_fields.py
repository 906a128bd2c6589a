"""Model fields that behave the same on SQLite, MariaDB and MySQL."""

import unicodedata
import uuid
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import uuid_utils.compat
from django.core import exceptions
from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models.expressions import Expression


def new_id() -> uuid.UUID:
    """Return a new UUIDv7."""
    return uuid_utils.compat.uuid7()


def fold(text: str) -> str:
    """Return the form in which texts are searched, regardless of case and Unicode form (NFKC)."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())


if TYPE_CHECKING:
    UUIDField = models.Field[uuid.UUID | str, uuid.UUID]
else:
    UUIDField = models.Field  # generic in the stubs only


class BinaryUUIDField(UUIDField):
    """A UUID in 16 bytes on MySQL and MariaDB, where Django's own field is a char(32).

    MariaDB's UUID type is not used: it does not sort a version 5 UUID by its bytes, and rows with
    equal positions must be in the same order on every database.
    """

    description = "A UUID in 16 bytes"
    empty_strings_allowed = False

    def db_type(self, connection: BaseDatabaseWrapper) -> str:
        return "binary(16)" if connection.vendor == "mysql" else "char(32)"

    def get_db_prep_value(
        self, value: object, connection: BaseDatabaseWrapper, prepared: bool = False
    ) -> bytes | str | None:
        value = self.to_python(value)
        if value is None:
            return None
        return value.bytes if connection.vendor == "mysql" else value.hex

    def from_db_value(
        self,
        value: uuid.UUID | bytes | str | None,
        expression: Expression,
        connection: BaseDatabaseWrapper,
    ) -> uuid.UUID | None:
        if value is None or isinstance(value, uuid.UUID):
            return value
        return uuid.UUID(bytes=value) if isinstance(value, bytes) else uuid.UUID(value)

    def to_python(self, value: Any) -> uuid.UUID | None:
        """Return the UUID of any value that a caller may pass. Raise ValidationError."""
        if value is None or isinstance(value, uuid.UUID):
            return value
        try:
            return uuid.UUID(bytes=value) if isinstance(value, bytes) else uuid.UUID(value)
        except (AttributeError, ValueError, TypeError) as error:
            raise exceptions.ValidationError(
                "“%(value)s” is not a UUID.", "invalid", {"value": value}
            ) from error

    def value_to_string(self, obj: models.Model) -> str:
        value = self.value_from_object(obj)
        return "" if value is None else str(value)


class ExactCharField(models.CharField):
    """A text that is compared byte by byte.

    MySQL's default collations treat 🍣 = 🍺 and ❤ = ❤️ as equal. The collation is set on MySQL
    and MariaDB only: SQLite compares bytes anyway and has no collation of that name.
    """

    def db_parameters(self, connection: BaseDatabaseWrapper) -> Any:
        parameters: dict[str, Any] = dict(super().db_parameters(connection))
        if connection.vendor == "mysql":
            parameters["collation"] = "utf8mb4_bin"
        return parameters


class FoldedField(ExactCharField):
    """The folded copy of another text field of the row, updated on every save, for searches."""

    def __init__(self, *args: Any, source: str = "", **kwargs: Any) -> None:
        self.source = source
        kwargs["editable"] = False
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> tuple[str, str, Sequence[Any], dict[str, Any]]:
        name, path, args, kwargs = super().deconstruct()
        del kwargs["editable"]
        return name, path, args, kwargs | {"source": self.source}

    def pre_save(self, model_instance: models.Model, add: bool) -> str:
        value = fold(getattr(model_instance, self.source))[: self.max_length]
        setattr(model_instance, self.attname, value)
        return value
