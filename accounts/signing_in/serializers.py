"""Serializers of signing up, signing in, and changing the password."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from accounts.credentials.passwords import check_strength
from accounts.fields import (
    DeviceField,
    EmailField,
    HandleField,
    NewPasswordField,
    NicknameField,
    PasswordField,
)
from accounts.models import Profile, User
from accounts.people.me_serializers import MeSerializer
from core.fields import ChoiceField, LenientTimezoneField, NewIdField, StringField
from core.serializers import Serializer

DEVICE = _(
    "A name unique to the device. Signing in again with the same name takes over its session."
)
TOKEN_LENGTH = 1000


class SignUpSerializer(Serializer):
    """A new account."""

    id = NewIdField(
        source="uuid",
        required=False,
        help_text="A UUIDv7 from the client. The server creates one if omitted.",
    )
    email = EmailField()
    password = NewPasswordField()
    nickname = NicknameField()
    handle = HandleField(required=False)
    timezone = LenientTimezoneField(
        help_text="An IANA name. An unknown one gets the default; the answer has the zone taken."
    )
    locale = ChoiceField(choices=Profile.Locale.choices, required=False)
    device = DeviceField(help_text=DEVICE)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        user = User(email=attrs["email"])
        user.profile = Profile(nickname=attrs["nickname"], handle=attrs.get("handle", ""))
        check_strength("password", attrs["password"], user)
        if attrs.get("timezone", "") is None:
            del attrs["timezone"]
        return attrs


class SignInSerializer(Serializer):
    """An email and its password."""

    email = EmailField()
    password = PasswordField()
    device = DeviceField(help_text=DEVICE)


class RefreshSerializer(Serializer):
    """The most recent refresh token."""

    refresh = StringField(max_length=TOKEN_LENGTH, write_only=True)


class TokenPairSerializer(serializers.Serializer[Any]):
    """An access token and a refresh token.

    Send the access token as `Authorization: Bearer <access>`, and exchange the refresh token for
    the next pair.
    """

    access = serializers.CharField(read_only=True)
    refresh = serializers.CharField(read_only=True)


class SignedUpSerializer(TokenPairSerializer):
    """The new account and its tokens."""

    user = MeSerializer(read_only=True)


class PasswordChangeSerializer(Serializer):
    """The current password and the new one."""

    password = PasswordField()
    new_password = NewPasswordField()

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        check_strength("new_password", attrs["new_password"], self.context["request"].user)
        return attrs


class PasswordResetSerializer(Serializer):
    """The email of the account whose password is reset."""

    email = EmailField()


class PasswordResetConfirmSerializer(Serializer):
    """The token from the link in the mail, and the new password."""

    token = StringField(max_length=TOKEN_LENGTH, write_only=True)
    new_password = NewPasswordField()
