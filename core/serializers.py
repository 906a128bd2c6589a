"""The base of all serializers: unknown fields are errors, and fields are created once per class."""

from collections.abc import Collection, Mapping, Set
from functools import cached_property
from itertools import islice
from typing import Any, ClassVar, TypeVar, cast

import orjson
from django.db import models
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail
from rest_framework.utils.formatting import lazy_format

from core import fields, model_fields
from core.exceptions import MAX_ERRORS
from core.renderers import JSONRenderer

M = TypeVar("M", bound=models.Model)
# The attributes in which composite fields keep their inner fields.
CHILDREN = {"child", "child_relation"}
# The field of updates that names those to be set to null.
CLEAR = "clear"


def can_be_cleared(field: serializers.Field) -> bool:
    """Return whether null as the value of this field of an update sets it to null."""
    is_left_out = field.read_only or getattr(field, "null_is_left_out", False)
    return field.allow_null and not is_left_out


class TranslatedMessage(lazy_format):
    """A message in the active language; DRF's own class keeps the language of its first use."""

    __slots__ = ()

    def __str__(self) -> str:
        return str(self.format_string).format(*self.args, **self.kwargs)


def make_reusable[F: serializers.Field](field: F) -> F:
    """Detach a bound field from its serializer, so that it can be copied for others."""
    field.parent = None  # type: ignore[assignment]  # as in a field that was never bound
    validators: list[Any] = field.validators
    for validator in validators:
        message = getattr(validator, "message", None)
        if type(message) is lazy_format:
            validator.message = TranslatedMessage(
                message.format_string,  # type: ignore[arg-type]  # None only after its first use
                *message.args,
                **message.kwargs,
            )
    if (child := getattr(field, "child", None)) is not None:
        make_reusable(child)
    # The fields of a nested serializer, created for its validators, refer to it as their parent.
    vars(field).pop("fields", None)
    return field


def copy_field(field: serializers.Field, parent: serializers.Field) -> serializers.Field:
    """Return a copy of a reusable field for `parent`. DRF would create the field again instead."""
    copy = object.__new__(type(field))
    copy.__dict__ = {**field.__dict__, "parent": parent}
    if validators := copy.__dict__.get("_validators"):
        copy.__dict__["_validators"] = [*validators]
    for name in CHILDREN & copy.__dict__.keys():
        setattr(copy, name, copy_field(getattr(copy, name), copy))
    return copy


class BoundFields(dict[str, serializers.Field]):
    """The fields of a serializer by name. As in DRF's own class, setting an item binds the field.

    The fields given to the constructor must be bound already.
    """

    def __init__(
        self, serializer: serializers.BaseSerializer, fields: Mapping[str, serializers.Field]
    ) -> None:
        super().__init__(fields)
        self.serializer = serializer

    def __setitem__(self, name: str, field: serializers.Field) -> None:
        super().__setitem__(name, field)
        field.bind(field_name=name, parent=self.serializer)


class ContextRead(BaseException):
    """Raised when creating the fields of a serializer reads its context.

    A BaseException, so that `except Exception` does not hide it.
    """


class UnreadableContext(dict[str, Any]):
    """The context of a serializer while its reusable fields are created."""

    def __getitem__(self, name: str) -> Any:
        raise ContextRead(name)

    def get(self, name: str, default: object = None) -> Any:
        raise ContextRead(name)


CacheKey = tuple[type, bool, bool]


class StrictMixin:
    """Refuse unknown fields in bodies, so that a typo is not ignored. Read-only fields are ignored.

    So is null as an optional field of a create, and as a list: see `null_means_left_out`.

    Fields are created once for each class, and separately for partial updates and for creates;
    each serializer gets copies. `get_fields` may depend on `partial` and on whether there is an
    instance. If it reads the context, the fields are created for each serializer.
    """

    # Names that the body of an update may have beside the fields, because another answer shows the
    # row with them.
    ignored_fields: ClassVar[Collection[str]] = ()

    # DRF's own message names types of Python.
    default_error_messages: ClassVar[dict[str, Any]] = {
        "invalid": _("The value must be a JSON object.")
    }

    _field_cache: ClassVar[dict[CacheKey, dict[str, serializers.Field] | None]] = {}
    _validator_cache: ClassVar[dict[CacheKey, list[Any]]] = {}

    def _cache_key(self) -> CacheKey:
        serializer = cast(serializers.Serializer, self)
        return type(self), serializer.partial, serializer.instance is None

    @cached_property
    def fields(self) -> Any:  # BoundFields, where DRF has a class of its own
        key = self._cache_key()
        if key not in self._field_cache:
            self._field_cache[key] = self._reusable_fields()
        reusable = self._field_cache[key]
        if reusable is None:
            return self._new_fields()
        serializer = cast(serializers.Serializer, self)
        copies = {name: copy_field(field, serializer) for name, field in reusable.items()}
        return BoundFields(serializer, copies)

    def _new_fields(self) -> BoundFields:
        serializer = cast(serializers.Serializer, self)
        bound = BoundFields(serializer, {})
        for name, field in serializer.get_fields().items():
            bound[name] = field
        return bound

    def _reusable_fields(self) -> dict[str, serializers.Field] | None:
        """Return fields that can be copied, or None if they depend on the context."""
        root = cast(Any, self).root
        context = getattr(root, "_context", {})
        root._context = UnreadableContext()
        try:
            return {name: make_reusable(field) for name, field in self._new_fields().items()}
        except ContextRead:
            return None
        finally:
            root._context = context

    def get_validators(self) -> list[Any]:
        key = self._cache_key()
        if key not in self._validator_cache:
            self._validator_cache[key] = super().get_validators()  # type: ignore[misc]  # a mixin
        return self._validator_cache[key]

    def null_means_left_out(self, name: str) -> bool:
        """Return whether null as the value of this field is the same as leaving the field out.

        It is for the optional fields of a create, since clients that are generated from the schema
        send null for what is not set, and for lists. On a partial update null is a value.
        """
        field: serializers.Field = self.fields[name]
        if field.read_only or getattr(field, "null_is_left_out", False):
            return True
        serializer = cast(serializers.Serializer, self)
        return serializer.instance is None and not serializer.partial and not field.required

    def without_nulls(self, body: dict[str, Any]) -> dict[str, Any]:
        """Return the body without the fields whose null says nothing."""
        if None not in body.values():
            return body
        names = self.fields.keys()
        return {
            name: value
            for name, value in body.items()
            if value is not None or name not in names or not self.null_means_left_out(name)
        }

    def known_names(self) -> Set[str]:
        is_update = cast(serializers.Serializer, self).instance is not None
        return {*self.fields, *self.ignored_fields} if is_update else self.fields.keys()

    def to_internal_value(self, data: object) -> Any:
        if not isinstance(data, dict):
            return super().to_internal_value(data)  # type: ignore[misc]  # a mixin
        if not data.keys() <= (known := self.known_names()):
            error = ErrorDetail(str(_("There is no field with this name.")), code="unknown_field")
            unknown = (name for name in data if name not in known)
            raise serializers.ValidationError(
                {name: [error] for name in sorted(islice(unknown, MAX_ERRORS))}
            )
        return super().to_internal_value(self.without_nulls(data))  # type: ignore[misc]  # a mixin


class Serializer(StrictMixin, serializers.Serializer[Any]):
    """The base of serializers of bodies that are not a row of a model."""


class PictureSerializer(serializers.Serializer[Any]):
    """A picture."""

    id = fields.IdField(read_only=True)
    url = serializers.URLField(read_only=True)
    expires_at = fields.InstantField(
        read_only=True,
        help_text="Until then an app may keep what it knows of the picture; after it, fetch the"
        " item again to see a new one. `url` itself works until the picture is replaced.",
    )


# The schema of a picture that may be missing.
PICTURE_OR_NULL = {"oneOf": [{"$ref": "#/components/schemas/Picture"}, {"type": "null"}]}


class ModelSerializer(StrictMixin, serializers.ModelSerializer[M]):
    """A row of a model. `Meta.private_fields` are null for everyone but the owner of the row."""

    # The attribute of a row that holds the key of its owner.
    private_to: ClassVar[str] = "owner_id"
    # For fastlists: `to_representation` and `get_fields` below show nothing but the fields.
    shows_columns: ClassVar[bool] = True

    serializer_choice_field = fields.ChoiceField
    serializer_field_mapping = serializers.ModelSerializer.serializer_field_mapping | {
        models.BooleanField: fields.FlagField,
        models.CharField: fields.LineField,
        models.DateField: fields.DayField,
        models.DateTimeField: fields.InstantField,
        models.IntegerField: fields.WholeNumberField,
        models.PositiveIntegerField: fields.WholeNumberField,
        models.PositiveSmallIntegerField: fields.WholeNumberField,
        models.TextField: fields.StringField,
        models.TimeField: fields.ClockField,
        model_fields.BinaryUUIDField: fields.IdField,
        model_fields.ExactCharField: fields.StringField,
    }

    def get_fields(self) -> dict[str, Any]:
        """Return the fields; an id from the client is accepted only when the row is created.

        An update has the field `clear`, which is empty if there is no field that can be null.
        """
        result = super().get_fields()
        if self.partial or self.instance is not None:
            if isinstance(result.get("id"), fields.NewIdField):
                result["id"] = fields.IdField(read_only=True)
            if names := [name for name, field in result.items() if can_be_cleared(field)]:
                result[CLEAR] = fields.ClearField(names)
            elif self.partial:
                result[CLEAR] = fields.NothingToClearField()
        return result

    def with_cleared(self, body: dict[str, Any]) -> dict[str, Any]:
        """Return the body with null as the value of the fields that `clear` names.

        Raise ValidationError if one of them has another value in the body. What is wrong with the
        names themselves is left to their field.
        """
        names, field = body.get(CLEAR), self.fields.get(CLEAR)
        if not isinstance(names, list) or field is None or len(names) > field.most:
            return body
        cleared = [name for name in names if isinstance(name, str) and name in field.child.choices]
        if both := [name for name in cleared if body.get(name) is not None]:
            text = _("This field is named in `clear`, so it cannot have a value, too.")
            raise serializers.ValidationError(
                {name: [ErrorDetail(str(text), code="cleared")] for name in both}
            )
        return body | dict.fromkeys(cleared)

    def to_internal_value(self, data: object) -> Any:
        """Validate the body. What is sent back as the API shows it is never an error.

        A rule may have changed since the row was written: then an update must not be refused for a
        field that it leaves as it is.
        """
        if isinstance(data, dict) and CLEAR in data:
            data = self.with_cleared(data)
        values = self._validated(data)
        values.pop(CLEAR, None)
        return values

    def _validated(self, data: object) -> Any:
        try:
            return super().to_internal_value(data)
        except serializers.ValidationError as error:
            if self.instance is None or not isinstance(data, dict):
                raise
            refused = cast(dict[str, Any], error.detail)
            kept = [name for name in refused if name in data and self._shows(name, data[name])]
            if not kept:
                raise
        return super().to_internal_value({k: v for k, v in data.items() if k not in kept})

    def _shows(self, name: str, value: object) -> bool:
        """Return whether a response shows this very value in a field of the row."""
        field = self.fields.get(name)
        if field is None or field.write_only:
            return False
        attribute = field.get_attribute(self.instance)
        if attribute is None:
            return value is None
        # The value itself is not rendered: it may be nested more deeply than orjson writes.
        shown = orjson.loads(JSONRenderer().render(field.to_representation(attribute)))
        return type(shown) is type(value) and bool(shown == value)

    def to_representation(self, instance: M) -> dict[str, Any]:
        private: Collection[str] = getattr(self.Meta, "private_fields", ())
        viewer = self.context["request"].user if private else None
        is_own = viewer is not None and getattr(instance, self.private_to) == viewer.pk
        if not private or is_own:
            return super().to_representation(instance)
        shown: dict[str, Any] = {}
        for field in self._readable_fields:
            name = str(field.field_name)
            value = None if name in private else field.get_attribute(instance)
            shown[name] = None if value is None else field.to_representation(value)
        return shown
