"""People in JSON, beyond their cards."""

from typing import Any

from rest_framework import serializers

from accounts.cards import CardSerializer
from accounts.models import Follow, User
from core.fields import DayField
from core.serializers import ModelSerializer

STATES = ("none", *Follow.State.values)


class ProfileSerializer(CardSerializer):
    """A person's profile, as the one who asks sees it."""

    bio = serializers.CharField(source="profile.bio", read_only=True)
    is_private = serializers.BooleanField(
        source="profile.is_private", read_only=True, help_text="Whether followers need their yes."
    )
    followers_count = serializers.IntegerField(read_only=True)
    following_count = serializers.IntegerField(read_only=True)
    today = DayField(read_only=True, help_text="The date that they live in.")
    follow_state = serializers.ChoiceField(choices=STATES, read_only=True, help_text="Of my follow of them.")
    is_following = serializers.BooleanField(read_only=True, help_text="Whether I follow them, accepted.")
    follows_me = serializers.BooleanField(read_only=True, help_text="Whether they follow me, accepted.")

    def to_representation(self, instance: User) -> dict[str, Any]:
        return dict(serializers.Serializer.to_representation(self, instance))


class FollowRequestSerializer(ModelSerializer[Follow]):
    """Somebody who waits for my yes."""

    user = CardSerializer(source="follower", read_only=True)

    class Meta:
        model = Follow
        fields = ("user", "created_at")
