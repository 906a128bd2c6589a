"""auth/signup/, auth/token/, auth/token/refresh/, auth/logout/"""

from typing import Any, cast

from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.permissions import AllowAny, BasePermission, IsAuthenticated
from rest_framework.request import Request
from rest_framework.views import APIView
from rest_framework_simplejwt.tokens import Token

from accounts import limits
from accounts.auth_serializers import RefreshSerializer, SignedUpSerializer, SignInSerializer, SignUpSerializer
from accounts.auth_serializers import TokenPairSerializer as PairSerializer
from accounts.authentication import SessionJWTAuthentication
from accounts.me_serializers import MeSerializer
from accounts.models import User
from accounts.session_models import Session
from accounts.sign_in import sign_in, sign_up, sign_up_again
from accounts.tokens import pair, refreshed, session_id
from todomate.api.responses import Response
from todomate.api.transactions import run_write
from todomate.api.views import StrictView


class AuthView(StrictView):
    """Open to everyone. Not one transaction: what was counted or ended stays so, though the answer is an error."""

    authentication_classes: Any = []
    permission_classes: Any = [AllowAny]
    atomic_writes = False
    tag = "auth"

    def read(self, serializer_class: type[serializers.BaseSerializer[Any]]) -> dict[str, Any]:
        """The body, as `serializer_class` reads it."""
        body = serializer_class(data=self.request.data, context={"request": self.request})
        body.is_valid(raise_exception=True)
        values: dict[str, Any] = body.validated_data
        return values


class PersonalView(AuthView):
    """For somebody signed in."""

    authentication_classes: Any = [SessionJWTAuthentication]
    permission_classes: Any = [IsAuthenticated]

    @property
    def viewer(self) -> User:
        return cast(User, self.request.user)

    @property
    def token(self) -> Token:
        return cast(Token, self.request.auth)


class HasToken(BasePermission):
    """A good access token, whether or not its session is still there."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        return request.auth is not None


class AgainView(PersonalView):
    """For what ends the session, and must be the same when it comes again with the token of that session."""

    permission_classes: Any = [HasToken]

    def get_authenticators(self) -> list[Any]:
        return [SessionJWTAuthentication(needs_session=False)]


class SignUpView(AuthView):
    operation_ids = {"POST": "sign_up"}

    @extend_schema(request=SignUpSerializer, responses={200: SignedUpSerializer, 201: SignedUpSerializer})
    def post(self, request: Request) -> Response:
        """Create an account and sign in.

        Repeating the request with the same id, email and password answers 200 with new tokens.
        """
        values = self.read(SignUpSerializer)
        limits.count_sign_up(request)
        session = new = sign_up(values)
        if session is None:
            limits.count_sign_in(request, values["email"])
            session = sign_up_again(values)
        user = User.objects.me(session.user)
        code = status.HTTP_201_CREATED if new else status.HTTP_200_OK
        return Response({"user": MeSerializer(user.profile).data, **pair(session)}, status=code)


class TokenView(AuthView):
    operation_ids = {"POST": "sign_in"}

    @extend_schema(request=SignInSerializer, responses=PairSerializer)
    def post(self, request: Request) -> Response:
        """Sign in and start a session.

        If `device` names a device that already has a session, that session is taken over.
        """
        values = self.read(SignInSerializer)
        limits.count_sign_in(request, values["email"])
        return Response(pair(sign_in(**values)))


class RefreshView(AuthView):
    operation_ids = {"POST": "refresh_token"}

    @extend_schema(request=RefreshSerializer, responses=PairSerializer)
    def post(self, request: Request) -> Response:
        """Exchange the refresh token for a new pair of tokens.

        For 60 seconds the previous refresh token can be exchanged again for the same successor, in
        case the response was lost. An older token is treated as stolen and ends the session.
        """
        return Response(refreshed(self.read(RefreshSerializer)["refresh"]))


class LogoutView(AgainView):
    operation_ids = {"POST": "sign_out"}

    @extend_schema(request=None, responses={204: None})
    def post(self, request: Request) -> Response:
        """End this session and revoke its access tokens.

        Repeating the request has no further effect.
        """
        sid = session_id(self.token)
        run_write(lambda: Session.objects.end(sid))
        return Response(status=status.HTTP_204_NO_CONTENT)
