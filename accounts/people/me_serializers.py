"""Serializers of the caller's own account."""

from typing import Any

from django.conf import settings
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts.credentials.passwords import require_password
from accounts.fields import EmailField, HandleField, NicknameField, PasswordField
from accounts.models import Follow, Profile
from core.exceptions import field_error
from core.fields import (
    DayField,
    IdField,
    InstantField,
    StringField,
    TimezoneField,
    WholeNumberField,
)
from core.pictures import avatar
from core.serializers import PICTURE_OR_NULL, ModelSerializer, Serializer


def password_changes_nothing() -> serializers.ValidationError:
    text = _(
        "This does not change the password: auth/password/change/ does."
        " Here the current one confirms a new email."
    )
    return field_error("password", text, "changes_nothing")


class MeSerializer(ModelSerializer[Profile]):
    """The caller's account and profile."""

    # The profile's user comes with the counts of `with_relations`.
    id = IdField(source="user.uuid", read_only=True)
    email = EmailField(source="user.email", help_text="Not visible to other people.")
    password = PasswordField(
        required=False, help_text=_("The current password. Required to change the email.")
    )
    email_verified = serializers.SerializerMethodField(
        help_text="Whether the caller confirmed the email with the link in a mail."
    )
    pending_email = EmailField(
        source="user.pending_email",
        read_only=True,
        allow_null=True,
        help_text="The email that replaces `email` once it is confirmed.",
    )
    handle = HandleField()
    nickname = NicknameField()
    avatar = serializers.SerializerMethodField(
        help_text="The picture, or null for the client's default."
    )
    bio = StringField(required=False, allow_blank=True, max_length=300)
    timezone = TimezoneField()
    followers_count = WholeNumberField(source="user.followers_count", read_only=True)
    following_count = WholeNumberField(source="user.following_count", read_only=True)
    today = DayField(read_only=True, help_text="The caller's current date.")
    pending_requests = serializers.SerializerMethodField(
        help_text="Number of people who asked to follow the caller."
    )
    created_at = InstantField(source="user.created_at", read_only=True)

    class Meta:
        model = Profile
        fields = (
            "id",
            "email",
            "email_verified",
            "pending_email",
            "password",
            "handle",
            "nickname",
            "bio",
            "avatar",
            "timezone",
            "day_starts_at",
            "week_starts_on",
            "locale",
            "is_private",
            "is_searchable",
            "is_open",
            "followers_count",
            "following_count",
            "today",
            "pending_requests",
            "created_at",
        )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if "password" in attrs and "user" not in attrs:
            raise password_changes_nothing()
        return attrs

    @extend_schema_field(PICTURE_OR_NULL)
    def get_avatar(self, profile: Profile) -> dict[str, Any] | None:
        return avatar(profile.avatar)

    def get_email_verified(self, profile: Profile) -> bool:
        return profile.user.email_verified_at is not None

    def get_pending_requests(self, profile: Profile) -> int:
        return Follow.objects.requests_to(profile.user).count()

    def update(self, instance: Profile, validated_data: dict[str, Any]) -> Profile:
        """Save the account and the profile in a transaction.

        `checked` is the hash of the password that the view has checked, if it has. Raise Problem
        `duplicate` if another account has the email or the handle.
        """
        values = dict(validated_data)
        user = instance.user
        user.lock_fresh()
        instance.refresh_from_db()
        password = values.pop("password", None)
        checked = values.pop("checked", None)
        email = values.pop("user", {}).get("email", user.email)
        if email != user.email and user.password != checked:  # or it was replaced since then
            require_password(user, password)
        if email != user.email and settings.EMAIL_VERIFICATION != "off":
            user.ask_to_change_email(email)
        else:
            user.change_email(email)
            if password is not None and user.pending_email is not None:
                user.change(pending_email=None)  # who gives the present one gives up the other
        if "handle" in values:
            instance.change_handle(values.pop("handle"))
        if values:
            instance.change(**values)
        if values.get("is_private") is False:
            user.go_public()
        return instance


class DeleteMeSerializer(Serializer):
    """The password that confirms the deletion of the account."""

    schema_name = "AccountDeletion"

    password = PasswordField()
