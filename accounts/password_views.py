"""auth/password/change/, auth/password/reset/, auth/password/reset/confirm/"""

from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.request import Request

from accounts import limits, mail
from accounts.auth_serializers import (
    PasswordChangeSerializer,
    PasswordResetConfirmSerializer,
    PasswordResetSerializer,
)
from accounts.auth_views import AuthView, PersonalView
from accounts.models import User
from accounts.passwords import change_password, reset_password
from accounts.tokens import session_id
from todomate.api.responses import Response


class PasswordChangeView(PersonalView):
    operation_ids = {"POST": "change_password"}

    @extend_schema(request=PasswordChangeSerializer, responses={204: None})
    def post(self, request: Request) -> Response:
        """Set a new password and end all other sessions.

        Repeating a successful request has no further effect.
        """
        values, user = self.read(PasswordChangeSerializer), self.viewer
        limits.count_password(user)
        change_password(user, values["password"], values["new_password"], keep=session_id(self.token))
        return Response(status=status.HTTP_204_NO_CONTENT)


class PasswordResetView(AuthView):
    operation_ids = {"POST": "reset_password"}

    @extend_schema(request=PasswordResetSerializer, responses={204: None})
    def post(self, request: Request) -> Response:
        """Send a link to reset the password by mail if an account has this email.

        The response does not tell whether there is such an account.
        """
        email = self.read(PasswordResetSerializer)["email"]
        limits.count_reset(request, email)
        user = User.objects.active().with_email(email).with_profile().first()
        if user is not None:
            mail.send_reset(user)
        return Response(status=status.HTTP_204_NO_CONTENT)


class PasswordResetConfirmView(AuthView):
    operation_ids = {"POST": "confirm_password_reset"}

    @extend_schema(request=PasswordResetConfirmSerializer, responses={204: None})
    def post(self, request: Request) -> Response:
        """Set a new password with the token from the mail and end all sessions.

        Repeating a successful request has no further effect.
        """
        values = self.read(PasswordResetConfirmSerializer)
        limits.count_confirm(request)
        reset_password(values["token"], values["new_password"])
        return Response(status=status.HTTP_204_NO_CONTENT)
