"""auth/password/change/, auth/password/reset/, auth/password/reset/confirm/"""

from django.contrib.auth.hashers import make_password
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.exceptions import ErrorDetail, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import limits, mail
from accounts.auth_serializers import (
    PasswordChangeSerializer,
    PasswordResetConfirmSerializer,
    PasswordResetSerializer,
)
from accounts.auth_views import AuthView, PersonalView
from accounts.models import User
from accounts.passwords import check_choice, user_of_token, wrong_password
from accounts.tokens import session_id
from todomate.api.transactions import run_write


class PasswordChangeView(PersonalView):
    operation_ids = {"POST": "change_password"}

    @extend_schema(request=PasswordChangeSerializer, responses={204: None})
    def post(self, request: Request) -> Response:
        """Set a new password, and sign out everywhere else. Sent again after it worked it is the same."""
        values, user = self.read(PasswordChangeSerializer), self.viewer
        limits.count_password(user)
        if user.check_password(values["password"]):
            hashed, sid = make_password(values["new_password"]), session_id(self.token)
            run_write(lambda: user.replace_password(hashed, keep=sid))
        elif not user.check_password(values["new_password"]):
            raise wrong_password()
        return Response(status=status.HTTP_204_NO_CONTENT)


class PasswordResetView(AuthView):
    operation_ids = {"POST": "reset_password"}

    @extend_schema(request=PasswordResetSerializer, responses={204: None})
    def post(self, request: Request) -> Response:
        """Send a link by mail, when somebody has this email. The answer does not tell."""
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
        """Set a new password with the token of the mail, and sign out everywhere. Sent again it is the same."""
        values = self.read(PasswordResetConfirmSerializer)
        limits.count_confirm(request)
        user, usable = user_of_token(values["token"]) or (None, False)
        if user is not None and usable:
            check_choice("new_password", values["new_password"], user)
            hashed = make_password(values["new_password"])
            run_write(lambda: user.replace_password(hashed))
        elif user is None or not user.check_password(values["new_password"]):
            error = ErrorDetail(_("This link is used, or too old. Ask for a new one."), code="token_not_valid")
            raise ValidationError({"token": [error]})
        return Response(status=status.HTTP_204_NO_CONTENT)
