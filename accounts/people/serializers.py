"""Serializers of profiles and follow requests."""

from typing import Any

from rest_framework import serializers

from accounts.cards import CardSerializer
from accounts.models import Follow, User
from accounts.people.counts import counts
from core.fields import DayField
from core.serializers import ModelSerializer

STATES = ("none", *Follow.State.values)


class ProfileSerializer(CardSerializer):
    """A person's profile as the caller sees it."""

    bio = serializers.CharField(source="profile.bio", read_only=True)
    is_private = serializers.BooleanField(
        source="profile.is_private",
        read_only=True,
        help_text="Whether new followers need this person's approval.",
    )
    followers_count = serializers.IntegerField(read_only=True)
    following_count = serializers.IntegerField(read_only=True)
    today = DayField(read_only=True, help_text="The person's current date.")
    follow_state = serializers.ChoiceField(
        choices=STATES, read_only=True, help_text="The state of the caller's follow of this person."
    )
    is_following = serializers.BooleanField(
        read_only=True, help_text="Whether the caller is an accepted follower of this person."
    )
    follows_me = serializers.BooleanField(
        read_only=True, help_text="Whether this person is an accepted follower of the caller."
    )

    def get_fields(self) -> dict[str, Any]:
        """Return the fields, with the counts of higher apps."""
        added = {
            name: serializers.IntegerField(read_only=True, help_text=count.help_text)
            for name, count in counts.items()
        }
        return super().get_fields() | added

    def to_representation(self, instance: User) -> dict[str, Any]:
        return dict(serializers.Serializer.to_representation(self, instance))


class FollowRequestSerializer(ModelSerializer[Follow]):
    """A request to follow the caller."""

    user = CardSerializer(source="follower", read_only=True)

    class Meta:
        model = Follow
        fields = ("user", "created_at")
