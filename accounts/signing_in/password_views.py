"""Views to change and to reset the password."""

from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.request import Request

from accounts.credentials import rates
from accounts.credentials.passwords import change_password, reset_password
from accounts.credentials.tokens import session_id
from accounts.credentials.views import NonAtomicMixin, SignedInView
from accounts.mailing import letters
from accounts.models import User
from accounts.signing_in.serializers import (
    PasswordChangeSerializer,
    PasswordResetConfirmSerializer,
    PasswordResetSerializer,
)
from accounts.signing_in.views import count_attempt
from core.events import security_event
from core.responses import Response
from core.views import OpenView


class PasswordChangeView(NonAtomicMixin, SignedInView):
    operation_ids = {"POST": "change_password"}

    @extend_schema(request=PasswordChangeSerializer, responses={204: None})
    def post(self, request: Request) -> Response:
        """Set a new password and end all other sessions.

        Repeating a successful request has no further effect.
        """
        rates.count_password(self.viewer)
        values = self.read_body(PasswordChangeSerializer)
        change_password(
            self.viewer, values["password"], values["new_password"], keep=session_id(self.token)
        )
        return Response(status=status.HTTP_204_NO_CONTENT)


class PasswordResetView(NonAtomicMixin, OpenView):
    operation_ids = {"POST": "reset_password"}

    @extend_schema(request=PasswordResetSerializer, responses={204: None})
    def post(self, request: Request) -> Response:
        """Send a link to reset the password by mail if an account has this email.

        The response does not tell whether there is such an account.
        """
        count_attempt(request, rates.count_reset)
        email = self.read_body(PasswordResetSerializer)["email"]
        card = User.objects.mail_card(email)
        person = card.uuid if card.is_active else None
        security_event("password_reset_asked", person=person, by="person")
        letters.send_reset(card)
        return Response(status=status.HTTP_204_NO_CONTENT)


class PasswordResetConfirmView(NonAtomicMixin, OpenView):
    operation_ids = {"POST": "confirm_password_reset"}

    @extend_schema(request=PasswordResetConfirmSerializer, responses={204: None})
    def post(self, request: Request) -> Response:
        """Set a new password with the token from the mail and end all sessions.

        Repeating a successful request has no further effect.
        """
        rates.count_confirm(request)
        values = self.read_body(PasswordResetConfirmSerializer)
        user = reset_password(values["token"], values["new_password"])
        rates.remember_network(request, user)
        return Response(status=status.HTTP_204_NO_CONTENT)
