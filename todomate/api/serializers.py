"""What every serializer of the API does."""

from typing import Any, TypeVar

from django.db import models
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail

from todomate.api import fields, model_fields

M = TypeVar("M", bound=models.Model)


class StrictMixin:
    """An unknown field in a body is an error, so that a typo is never lost; a read-only one is ignored."""

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, dict) and (unknown := data.keys() - self.fields.keys()):  # type: ignore[attr-defined]  # a mixin of Serializer
            error = ErrorDetail(str(_("There is no field of this name.")), code="unknown_field")
            raise serializers.ValidationError({name: [error] for name in sorted(unknown)})
        return super().to_internal_value(data)  # type: ignore[misc]  # a mixin of Serializer


class Serializer(StrictMixin, serializers.Serializer[Any]):
    """For bodies that are not a row."""


class PictureSerializer(serializers.Serializer[Any]):
    """A picture, wherever one is shown."""

    id = fields.IdField(read_only=True)
    url = serializers.URLField(read_only=True)
    expires_at = fields.InstantField(read_only=True, help_text="When the url ends; ask for the row again then.")


class ModelSerializer(StrictMixin, serializers.ModelSerializer[M]):
    """A row, with fields that take one form only."""

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
