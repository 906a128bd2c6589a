"""Views to sign up, sign in, refresh tokens and sign out."""

from collections.abc import Callable

from django.conf import settings
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.exceptions import ParseError, UnsupportedMediaType, ValidationError
from rest_framework.request import Request

from accounts.credentials import rates
from accounts.credentials.tokens import pair, refresh, session_id, user_uuid
from accounts.credentials.views import NonAtomicMixin, TokenHolderView
from accounts.fields import EMAIL_LENGTH, EmailField
from accounts.mailing import letters
from accounts.models import Session
from accounts.signing_in.answers import signed_up
from accounts.signing_in.devices import device_of
from accounts.signing_in.email_views import ask_to_confirm
from accounts.signing_in.serializers import (
    RefreshSerializer,
    SignedUpSerializer,
    SignInSerializer,
    SignUpSerializer,
    WaitingSignUpSerializer,
)
from accounts.signing_in.serializers import TokenPairSerializer as PairSerializer
from accounts.signing_in.sign_in import sign_in, sign_in_again, sign_up
from core.events import security_event
from core.responses import Response
from core.transactions import run_write
from core.views import OpenView

# Spaces around an email are removed.
LONGEST_TYPED = 2 * EMAIL_LENGTH


def typed_email(request: Request) -> str | None:
    """Return the `email` of a body that is not validated yet, None if it has no valid one."""
    value = request.data.get("email") if isinstance(request.data, dict) else None
    if not isinstance(value, str) or len(value) > LONGEST_TYPED:
        return None
    try:
        email: str = EmailField().run_validation(value)
    except ValidationError:
        return None
    return email


def count_attempt(request: Request, count: Callable[[Request, str | None], None]) -> None:
    """Call `count` with the email of the body, before anything else of the body is looked at."""
    try:
        email = typed_email(request)
    except (ParseError, UnsupportedMediaType):
        count(request, None)
        raise
    count(request, email)


class SignUpView(NonAtomicMixin, OpenView):
    operation_ids = {"POST": "sign_up"}

    @extend_schema(
        request=SignUpSerializer,
        responses={
            200: SignedUpSerializer,
            201: SignedUpSerializer,
            202: WaitingSignUpSerializer,
        },
    )
    def post(self, request: Request) -> Response:
        """Create an account and sign in.

        Repeating the request with the same id, email and password answers 200 with new tokens. A
        server that requires confirmed emails answers 202, whether or not an account has the email,
        and sends a mail: the account is created by `confirm_sign_up`.
        """
        rates.count_sign_up(request)
        values = self.read_body(SignUpSerializer)
        device = device_of(request, values)
        if settings.EMAIL_VERIFICATION == "required":
            waiting = ask_to_confirm(request, values, device)
            if waiting is None:
                return Response({"email": values["email"]}, status=status.HTTP_202_ACCEPTED)
            rates.remember_network(request, waiting.user)
            return signed_up(waiting, status.HTTP_200_OK)
        session = new = sign_up(values, device)
        if session is None:
            rates.count_sign_in(request, values["email"])
            session = sign_in_again(values, device)
        rates.remember_network(request, session.user)
        if new and settings.EMAIL_VERIFICATION == "optional":
            letters.confirm_email(session.user, values["email"])
        return signed_up(session, status.HTTP_201_CREATED if new else status.HTTP_200_OK)


class TokenView(NonAtomicMixin, OpenView):
    operation_ids = {"POST": "sign_in"}

    @extend_schema(request=SignInSerializer, responses=PairSerializer)
    def post(self, request: Request) -> Response:
        """Sign in and start a session.

        If the device with this `device_id` already has a session, that session is taken over.
        """
        count_attempt(request, rates.count_sign_in)
        values = self.read_body(SignInSerializer)
        session = sign_in(
            values["email"], values["password"], device_of(request, values), values["code"]
        )
        rates.remember_network(request, session.user)
        security_event("sign_in", person=session.user.uuid, by="api", session=session.pk)
        return Response(pair(session))


class RefreshView(NonAtomicMixin, OpenView):
    operation_ids = {"POST": "refresh_token"}

    @extend_schema(request=RefreshSerializer, responses=PairSerializer)
    def post(self, request: Request) -> Response:
        """Exchange the refresh token for a new pair of tokens.

        The previous refresh token can be exchanged again for the same successor, in case the
        response was lost: until a token of the successor is used, and for 60 seconds in any case.
        After that, and with an older token, it is treated as stolen and ends the session.
        """
        text = self.read_body(RefreshSerializer)["refresh"]
        return Response(refresh(text, device_of(request)))


class LogoutView(NonAtomicMixin, TokenHolderView):
    operation_ids = {"POST": "sign_out"}

    @extend_schema(request=None, responses={204: None})
    def post(self, request: Request) -> Response:
        """End this session and revoke its access tokens.

        Repeating the request has no further effect.
        """
        sid = session_id(self.token)
        if run_write(lambda: Session.objects.end(sid)):
            security_event("sign_out", person=user_uuid(self.token), by="api", session=sid)
        return Response(status=status.HTTP_204_NO_CONTENT)
