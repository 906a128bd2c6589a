"""The card of a person, which represents people in all responses."""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts.models import User
from core.fields import IdField
from core.pictures import avatar
from core.serializers import PICTURE_OR_NULL


class CardSerializer(serializers.Serializer[User]):
    """A short description of a person."""

    schema_name = "Person"

    id = IdField(source="uuid", read_only=True)
    handle = serializers.CharField(source="profile.handle", read_only=True)
    nickname = serializers.CharField(source="profile.nickname", read_only=True)
    avatar = serializers.SerializerMethodField(
        help_text="The picture, or null for the client's default."
    )

    @extend_schema_field(PICTURE_OR_NULL)
    def get_avatar(self, user: User) -> dict[str, Any] | None:
        return avatar(user.profile.avatar)

    def to_representation(self, instance: User) -> dict[str, Any]:
        profile = instance.profile
        return self.from_columns(instance.uuid, profile.handle, profile.nickname, profile.avatar)

    # The columns that a list selects for a card, relative to the person (for fastlists).
    columns = ("uuid", "profile__handle", "profile__nickname", "profile__avatar")

    @staticmethod
    def from_columns(uuid: UUID, handle: str, nickname: str, key: UUID | None) -> dict[str, Any]:
        picture = None if key is None else avatar(key)
        return {"id": str(uuid), "handle": handle, "nickname": nickname, "avatar": picture}
