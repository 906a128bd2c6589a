"""Serializers of signing up, signing in, and changing the password."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts.credentials.passwords import check_strength
from accounts.fields import (
    CodeField,
    DeviceField,
    EmailField,
    HandleField,
    NewPasswordField,
    NicknameField,
    PasswordField,
)
from accounts.models import Profile, Session, User
from accounts.models.sessions import name_of
from accounts.people.me_serializers import MeSerializer
from core.fields import (
    ChoiceField,
    IdField,
    InstantField,
    LenientTimezoneField,
    NewIdField,
    StringField,
)
from core.serializers import ModelSerializer, Serializer

DEVICE = _("A name of the device for people, such as its model. Several may have the same name.")
DEVICE_ID = _(
    "A UUID that the app generates when it is installed and keeps. Signing in again with the same"
    " one takes over its session; without one, each time starts another session."
)
TOKEN_LENGTH = 1000
INVITATION_LENGTH = 100


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
    invitation = StringField(
        required=False,
        allow_null=True,
        allow_blank=True,
        max_length=INVITATION_LENGTH,
        write_only=True,
        help_text="The code of an invitation, if the server asks for one (`sign_ups` of"
        " `get_server`).",
    )
    device = DeviceField(help_text=DEVICE)
    device_id = IdField(required=False, allow_null=True, help_text=DEVICE_ID)

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
    code = CodeField(
        required=False,
        allow_null=True,
        allow_blank=True,
        default=None,
        help_text=_("A code of the second factor, or a recovery code, if it is on."),
    )
    device = DeviceField(help_text=DEVICE)
    device_id = IdField(required=False, allow_null=True, help_text=DEVICE_ID)


class RefreshSerializer(Serializer):
    """The most recent refresh token."""

    schema_name = "TokenRefresh"

    refresh = StringField(max_length=TOKEN_LENGTH, write_only=True)


class TokenPairSerializer(serializers.Serializer[Any]):
    """An access token and a refresh token.

    Send the access token as `Authorization: Bearer <access>`, and exchange the refresh token for
    the next pair.
    """

    access = serializers.CharField(read_only=True)
    refresh = serializers.CharField(read_only=True)


@extend_schema_field({"type": "string"})
class LabelField(serializers.Field[Any, Any, str, Any]):
    """The name of a session's device."""

    # For fastlists.
    row_columns = ("label", "device")

    @staticmethod
    def from_columns(label: str | None, device: str | None) -> str:
        return name_of(label, device)

    def get_attribute(self, instance: Session) -> str:
        return instance.name

    def to_representation(self, value: str) -> str:
        return value


class IsCurrentField(serializers.BooleanField):
    """A flag that the view fills in: it knows which session sends the request."""

    # For fastlists.
    columns = ()

    @staticmethod
    def from_columns() -> bool:
        return False

    def get_attribute(self, instance: Session) -> bool:
        return False


class SessionSerializer(ModelSerializer[Session]):
    """A device on which the caller is signed in."""

    label = LabelField(  # type: ignore[assignment]  # not the label of a form
        read_only=True, help_text="The name that the device gave itself, or empty."
    )
    client = StringField(
        read_only=True, help_text="The User-Agent of the last sign-in or refresh, or empty."
    )
    network = StringField(
        read_only=True,
        help_text="The network of its address at that time, or empty if this server keeps none.",
    )
    last_seen_at = InstantField(
        source="rotated_at",
        read_only=True,
        help_text="The time of the last sign-in or refresh; it may have been used for 15 minutes"
        " more.",
    )
    is_current = IsCurrentField(
        read_only=True, help_text="Whether it is the session that sends the request."
    )

    class Meta:
        model = Session
        fields = (
            "id",
            "label",
            "client",
            "network",
            "created_at",
            "last_seen_at",
            "ends_at",
            "is_current",
        )
        read_only_fields = fields


class SignedUpSerializer(TokenPairSerializer):
    """The new account and its tokens."""

    user = MeSerializer(read_only=True)


class SignUpConfirmSerializer(Serializer):
    """The token from the link in the mail, and the password of the new account."""

    schema_name = "SignUpConfirmation"

    token = StringField(max_length=2 * TOKEN_LENGTH, write_only=True)
    password = NewPasswordField()
    device = DeviceField(help_text=DEVICE)
    device_id = IdField(required=False, allow_null=True, help_text=DEVICE_ID)


class WaitingSignUpSerializer(serializers.Serializer[Any]):
    """The address that got a mail, which completes the sign-up."""

    schema_name = "PendingSignUp"

    email = serializers.CharField(read_only=True)


class EmailConfirmSerializer(Serializer):
    """The token from the link in the mail."""

    schema_name = "EmailConfirmation"

    token = StringField(max_length=TOKEN_LENGTH, write_only=True)


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

    schema_name = "PasswordResetConfirmation"

    token = StringField(max_length=TOKEN_LENGTH, write_only=True)
    new_password = NewPasswordField()
