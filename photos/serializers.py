"""Serializers of photos."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from photos.models import Photo
from resources.serializers import OwnedSerializer


@extend_schema_field({"type": "boolean"})
class UsedField(serializers.Field):
    """A count of 0 or 1, as a boolean."""

    @staticmethod
    def from_columns(value: int) -> bool:
        return bool(value)

    def to_representation(self, value: Any) -> bool:
        return bool(value)


class PhotoSerializer(OwnedSerializer[Photo]):
    """A photo of the caller, for a diary or a todo or as avatar."""

    schema_name = "UploadedPhoto"
    used = UsedField(read_only=True)

    class Meta:
        model = Photo
        fields = (
            "id",
            "width",
            "height",
            "blurhash",
            "bytes",
            "used",
            "created_at",
            "updated_at",
        )
