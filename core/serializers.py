"""What every serializer of the API does."""

from collections.abc import Collection
from functools import cached_property
from typing import Any, ClassVar, TypeVar, cast

from django.db import models
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail
from rest_framework.utils.formatting import lazy_format

from core import fields, model_fields

M = TypeVar("M", bound=models.Model)
# Where fields that are made of other fields hold them.
CHILDREN = {"child", "child_relation"}


class Said(lazy_format):
    """A message in the language of whoever it is said to. DRF's own keeps the language in which it was first said."""

    __slots__ = ()

    def __str__(self) -> str:
        return str(self.format_string).format(*self.args, **self.kwargs)


def settle(field: Any) -> Any:
    """Make of a field, which is bound, one that is kept and copied from."""
    field.parent = None  # not the serializer of one request
    for validator in field.validators:
        message = getattr(validator, "message", None)
        if type(message) is lazy_format:
            validator.message = Said(message.format_string, *message.args, **message.kwargs)  # type: ignore[arg-type]  # not said yet
    if (child := getattr(field, "child", None)) is not None:
        settle(child)
    vars(field).pop(
        "fields", None
    )  # a nested serializer's, made for its validators: they have it as their parent
    return field


def copy_of(field: Any, parent: Any) -> Any:
    """A kept field for one more serializer; what DRF does instead is to make it anew."""
    copy = object.__new__(type(field))
    copy.__dict__ = {**field.__dict__, "parent": parent}
    if validators := copy.__dict__.get("_validators"):
        copy.__dict__["_validators"] = [*validators]
    for name in CHILDREN & copy.__dict__.keys():
        setattr(copy, name, copy_of(getattr(copy, name), copy))
    return copy


class Fields(dict[str, Any]):
    """The fields of one serializer by name. One that is put in is bound, as in DRF's own."""

    def __init__(self, serializer: Any, fields: Any) -> None:
        super().__init__(fields)
        self.serializer = serializer

    def __setitem__(self, name: str, field: Any) -> None:
        super().__setitem__(name, field)
        field.bind(field_name=name, parent=self.serializer)


class ContextRead(BaseException):
    """Raised when the fields of a serializer depend on its context. No `except Exception` stops it."""


class Unread(dict[str, Any]):
    """The context of a serializer whose fields are being made: they must not depend on one request's."""

    def __getitem__(self, name: str) -> Any:
        raise ContextRead(name)

    def get(self, name: str, default: Any = None) -> Any:
        raise ContextRead(name)


class StrictMixin:
    """An unknown field in a body is an error, so that a typo is never lost; a read-only one is ignored.

    Its fields are made once for each class, and once more each for a change in part and for something new; every
    serializer has copies. `get_fields` may look at `partial` and at whether there is an instance; where it looks at the
    context, they are made anew each time.
    """

    _kept_fields: ClassVar[dict[Any, dict[str, Any] | None]] = {}
    _kept_validators: ClassVar[dict[Any, list[Any]]] = {}

    def _form(self) -> tuple[type, bool, bool]:
        return type(self), self.partial, self.instance is None  # type: ignore[attr-defined]  # a mixin of Serializer

    @cached_property
    def fields(self) -> Any:  # a dict
        form = self._form()
        if form not in self._kept_fields:
            self._kept_fields[form] = self._settled()
        kept = self._kept_fields[form]
        if kept is None:
            return self._bound()
        return Fields(self, {name: copy_of(field, self) for name, field in kept.items()})

    def _bound(self) -> Fields:
        fields = Fields(self, {})
        for name, field in self.get_fields().items():  # type: ignore[attr-defined]  # as above
            fields[name] = field
        return fields

    def _settled(self) -> dict[str, Any] | None:
        root = cast(Any, self).root
        context, root._context = getattr(root, "_context", {}), Unread()
        try:
            return {name: settle(field) for name, field in self._bound().items()}
        except ContextRead:
            return None
        finally:
            root._context = context

    def get_validators(self) -> list[Any]:
        form = self._form()
        if form not in self._kept_validators:
            self._kept_validators[form] = super().get_validators()  # type: ignore[misc]  # as above
        return self._kept_validators[form]

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, dict) and (unknown := data.keys() - self.fields.keys()):
            error = ErrorDetail(str(_("There is no field with this name.")), code="unknown_field")
            raise serializers.ValidationError({name: [error] for name in sorted(unknown)})
        return super().to_internal_value(data)  # type: ignore[misc]  # a mixin of Serializer


class Serializer(StrictMixin, serializers.Serializer[Any]):
    """For bodies that are not a row."""


class PictureSerializer(serializers.Serializer[Any]):
    """A picture."""

    id = fields.IdField(read_only=True)
    url = serializers.URLField(read_only=True)
    expires_at = fields.InstantField(
        read_only=True,
        help_text="The time at which `url` expires. Fetch the item again to get a new one.",
    )


class ModelSerializer(StrictMixin, serializers.ModelSerializer[M]):
    """A row, with fields that take one form only. `Meta.private_fields` are null but for whom the row belongs to."""

    # The attribute of a row that holds the key of its owner.
    private_to: ClassVar[str] = "owner_id"
    # For fastlists: to_representation and get_fields below show the fields and nothing else.
    shows_columns: ClassVar[bool] = True

    serializer_field_mapping = serializers.ModelSerializer.serializer_field_mapping | {
        models.BooleanField: fields.FlagField,
        models.CharField: fields.StringField,
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
        """An id that a client may make is its to give once."""
        made = super().get_fields()
        if isinstance(made.get("id"), fields.NewIdField) and (
            self.partial or self.instance is not None
        ):
            made["id"] = fields.IdField(read_only=True)
        return made

    def to_representation(self, instance: Any) -> dict[str, Any]:
        private: Collection[str] = getattr(self.Meta, "private_fields", ())
        if not private or getattr(instance, self.private_to) == self.context["request"].user.pk:
            return super().to_representation(instance)
        shown: dict[str, Any] = {}
        for field in self._readable_fields:
            name = str(field.field_name)
            value = None if name in private else field.get_attribute(instance)
            shown[name] = None if value is None else field.to_representation(value)
        return shown
