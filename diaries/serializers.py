"""Serializers of diaries."""

from typing import Any, ClassVar

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts.cards import CardSerializer
from core.exceptions import field_error
from core.fields import (
    ColorField,
    EmojiField,
    IdField,
    LineField,
    NumberField,
    StringField,
    WholeNumberField,
)
from diaries.enrichment import enrichments
from diaries.hashtags import HASHTAG_LENGTH, HASHTAGS, hashtags
from diaries.models import BODY_LENGTH, HOTTEST, PLACE_LENGTH, Diary
from diaries.models.labels import LabelKind, label_id
from diaries.photos import PhotosField
from resources.serializers import OwnedSerializer, ViewersField, set_viewers

_NAME = LineField(max_length=PLACE_LENGTH)


class PlaceField(serializers.Serializer[Any]):
    """The place that the writer of a diary named.

    The id is the same for all diaries that name the place alike, whatever the case, width and
    spaces. Written as its name, or as it is read.
    """

    schema_name = "Place"

    id = IdField(read_only=True)
    name = LineField(max_length=PLACE_LENGTH, read_only=True)

    # It does not say that a place is taken as it is read, too: see ViewersField.
    request_schema: ClassVar[dict[str, Any]] = {
        "type": ["string", "null"],
        "minLength": 1,
        "maxLength": PLACE_LENGTH,
        "description": "The name of a place.",
    }

    def run_validation(self, data: Any = serializers.empty) -> Any:
        """Return the name, also of a place as it is read, whose id follows from the name."""
        is_empty, value = self.validate_empty_values(data)
        if is_empty:
            return value
        if isinstance(data, dict) and data.keys() <= {"id", "name"}:
            if "name" not in data:
                self.fail("required")
            data = data["name"]
        return _NAME.run_validation(data)

    def to_representation(self, instance: str) -> dict[str, Any]:
        return self.from_columns(instance)

    @staticmethod
    def from_columns(name: str) -> dict[str, Any]:
        return {"id": str(label_id(LabelKind.PLACE, name)), "name": name}


@extend_schema_field(
    {
        "type": "array",
        "maxItems": HASHTAGS,
        "items": {"type": "string", "maxLength": HASHTAG_LENGTH},
        "examples": [["달리기", "오운완"]],
    }
)
class HashtagsField(serializers.Field[Any, Any, list[str], Any]):
    """The hashtags in a text."""

    def to_representation(self, value: str) -> list[str]:
        return hashtags(value)

    from_columns = staticmethod(hashtags)


class DegreesField(NumberField):
    """A coordinate, rounded to the four decimals that are stored: 11 metres."""

    def to_internal_value(self, data: object) -> float:
        return round(super().to_internal_value(data), 4) + 0.0  # there is no -0.0


class DiarySerializer(OwnedSerializer[Diary]):
    """A person's diary entry for one date.

    Only its owner can see a draft, whatever the visibility. `viewers` is null for everyone else.
    """

    owner = CardSerializer(read_only=True)
    # Stored as it is, with line breaks at both ends.
    body = StringField(
        required=False, allow_blank=True, trim_whitespace=False, max_length=BODY_LENGTH
    )
    emoji = EmojiField(required=False, allow_null=True, help_text="The mood.")
    temperature = WholeNumberField(required=False, allow_null=True, min_value=0, max_value=HOTTEST)
    color = ColorField(required=False, allow_null=True)
    viewers = ViewersField(
        required=False, help_text="The followers who can see it while its visibility is `selected`."
    )
    place = PlaceField(required=False, allow_null=True)
    latitude = DegreesField(required=False, allow_null=True, min_value=-90, max_value=90)
    longitude = DegreesField(required=False, allow_null=True, min_value=-180, max_value=180)
    hashtags = HashtagsField(source="body", read_only=True)
    photos = PhotosField(required=False, help_text="Its photos in order.")

    class Meta:
        model = Diary
        fields = (
            "id",
            "owner",
            "date",
            "body",
            "emoji",
            "temperature",
            "color",
            "visibility",
            "viewers",
            "is_draft",
            "published_at",
            "allows_comments",
            "place",
            "latitude",
            "longitude",
            "hashtags",
            "photos",
            "created_at",
            "updated_at",
        )
        private_fields = ("viewers",)
        # The model's verbs check that there is one diary per date, and report the existing one.
        validators: list[Any] = []

    # For fastlists: `get_fields` below adds fields that show null.
    shows_columns: ClassVar[bool] = True

    def get_fields(self) -> dict[str, Any]:
        """Return the fields, with those of higher apps."""
        added = {name: enrichment.field() for name, enrichment in enrichments.items()}
        return super().get_fields() | added

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Refuse half a position."""
        latitude = attrs.get("latitude", getattr(self.instance, "latitude", None))
        longitude = attrs.get("longitude", getattr(self.instance, "longitude", None))
        if (latitude is None) != (longitude is None):
            missing = "latitude" if latitude is None else "longitude"
            text = _("Latitude and longitude are set together, and cleared together.")
            raise field_error(missing, text, "incomplete")
        return attrs

    def create(self, validated_data: dict[str, Any]) -> Diary:
        viewers = validated_data.pop("viewers", [])
        diary = Diary.add(**validated_data)
        diary.viewers.set(viewers)
        return diary

    def update(self, instance: Diary, validated_data: dict[str, Any]) -> Diary:
        viewers = validated_data.pop("viewers", None)
        photos = validated_data.pop("photos", None)
        instance.edit(**validated_data)
        set_viewers(instance, viewers)
        instance.set_photos(photos)
        return instance
