"""Serializers of diaries."""

from typing import Any

from rest_framework import serializers

from accounts.cards import CardSerializer
from core.fields import ColorField, EmojiField, StringField, WholeNumberField
from core.serializers import PictureSerializer
from diaries.models import BODY_LENGTH, HOTTEST, Diary
from resources.serializers import OwnedSerializer, ViewersField, set_viewers


class PhotosField(serializers.ListSerializer[Any]):
    """The pictures of a diary. There are none yet."""

    child = PictureSerializer()

    def get_attribute(self, instance: Diary) -> list[Any]:
        return self.from_columns()

    columns = ()

    @staticmethod
    def from_columns() -> list[Any]:
        return []


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
    photos = PhotosField(read_only=True, help_text="Empty until photos are supported.")

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
            "photos",
            "created_at",
            "updated_at",
        )
        private_fields = ("viewers",)
        # The model's verbs check that there is one diary per date, and report the existing one.
        validators: list[Any] = []

    def create(self, validated_data: dict[str, Any]) -> Diary:
        viewers = validated_data.pop("viewers", [])
        diary = Diary.add(**validated_data)
        diary.viewers.set(viewers)
        return diary

    def update(self, instance: Diary, validated_data: dict[str, Any]) -> Diary:
        viewers = validated_data.pop("viewers", None)
        instance.edit(**validated_data)
        set_viewers(instance, viewers)
        return instance
