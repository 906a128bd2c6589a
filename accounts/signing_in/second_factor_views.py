"""Views of the caller's second factor."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request

from accounts.credentials import rates, second_factor
from accounts.credentials.passwords import require_password
from accounts.credentials.views import NonAtomicMixin, SignedInView
from accounts.fields import CodeField, PasswordField
from accounts.models import RecoveryCode, User
from core.responses import Response
from core.serializers import Serializer


class SecondFactorSerializer(serializers.Serializer[Any]):
    """The state of the caller's second factor."""

    is_on = serializers.BooleanField(read_only=True)
    recovery_codes_left = serializers.IntegerField(read_only=True)


class StartSecondFactorSerializer(Serializer):
    """The caller's password."""

    schema_name = "SecondFactorStart"

    password = PasswordField()


class StartedSecondFactorSerializer(serializers.Serializer[Any]):
    """The secret for an authenticator app."""

    schema_name = "SecondFactorSecret"

    secret = serializers.CharField(read_only=True, help_text="In base32, to be typed.")
    uri = serializers.CharField(read_only=True, help_text="otpauth://…, to be shown as a QR code.")


class ConfirmSecondFactorSerializer(Serializer):
    """The first code of the authenticator app."""

    schema_name = "SecondFactorConfirmation"

    code = CodeField()


class ConfirmedSecondFactorSerializer(serializers.Serializer[Any]):
    """The recovery codes. They are not shown again."""

    # Not RecoveryCodes: generated Python has a variable of the component's name.
    schema_name = "SecondFactorCodes"

    recovery_codes = serializers.ListField(child=serializers.CharField(), read_only=True)


class RemoveSecondFactorSerializer(Serializer):
    """The caller's password, and a code."""

    schema_name = "SecondFactorRemoval"

    password = PasswordField()
    code = CodeField(
        required=False,
        allow_null=True,
        default=None,
        help_text=_("Of the app, or a recovery code. Required if the second factor is on."),
    )


class SecondFactorView(NonAtomicMixin, SignedInView):
    operation_ids = {"GET": "get_second_factor", "POST": "start_second_factor"}

    @extend_schema(responses=SecondFactorSerializer)
    def get(self, request: Request) -> Response:
        """Return whether the caller has a second factor, and how many recovery codes are left."""
        is_on = User.objects.filter(pk=self.viewer.pk, has_second_factor=True).exists()
        left = RecoveryCode.objects.filter(user_id=self.viewer.pk).count() if is_on else 0
        return Response({"is_on": is_on, "recovery_codes_left": left})

    @extend_schema(request=StartSecondFactorSerializer, responses=StartedSecondFactorSerializer)
    def post(self, request: Request) -> Response:
        """Return a secret for an authenticator app, which `confirm_second_factor` turns on.

        Repeating the request returns the same secret until then.
        """
        user = self.viewer
        rates.count_password(user)
        require_password(user, self.read_body(StartSecondFactorSerializer)["password"])
        factor = second_factor.start(user)
        uri = factor.uri(user.email, second_factor.ISSUER)
        return Response({"secret": factor.typed_key, "uri": uri})


class ConfirmSecondFactorView(NonAtomicMixin, SignedInView):
    operation_ids = {"POST": "confirm_second_factor"}

    @extend_schema(request=ConfirmSecondFactorSerializer, responses=ConfirmedSecondFactorSerializer)
    def post(self, request: Request) -> Response:
        """Turn the second factor on with a code of the app, and return the recovery codes.

        Repeating the request with the same code, while it is valid, returns the same.
        """
        rates.count_password(self.viewer)
        code = self.read_body(ConfirmSecondFactorSerializer)["code"]
        factor = second_factor.confirm(self.viewer, code)
        return Response({"recovery_codes": factor.recovery_codes})


class RemoveSecondFactorView(NonAtomicMixin, SignedInView):
    operation_ids = {"POST": "remove_second_factor"}

    @extend_schema(request=RemoveSecondFactorSerializer, responses={204: None})
    def post(self, request: Request) -> Response:
        """Turn the second factor off. Without one, the request has no effect."""
        rates.count_password(self.viewer)
        values = self.read_body(RemoveSecondFactorSerializer)
        require_password(self.viewer, values["password"])
        second_factor.remove(self.viewer, values["code"])
        return Response(status=status.HTTP_204_NO_CONTENT)
