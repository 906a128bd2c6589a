"""Who is asking: an access token whose session is alive."""

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request
from rest_framework_simplejwt.authentication import JWTAuthentication
from rest_framework_simplejwt.exceptions import InvalidToken
from rest_framework_simplejwt.tokens import Token

from accounts.models import Session, User
from accounts.tokens import session_id
from todomate.api import days
from todomate.api.problems import Problem


class TokenAuthentication(JWTAuthentication):
    """Checks the token alone: for what must be the same the second time, when its session is gone already."""

    def authenticate(self, request: Request) -> tuple[User | None, Token] | None:  # type: ignore[override]  # narrower
        header = self.get_header(request)
        raw = None if header is None else self.get_raw_token(header)
        if raw is None:
            return None
        try:
            token = self.get_validated_token(raw)
            session_id(token)
        except (InvalidToken, Problem) as error:
            raise AuthenticationFailed(code="token_not_valid") from error
        return self.user_of(token), token

    def user_of(self, token: Token) -> User | None:
        session = Session.objects.alive(days.now()).with_user().filter(pk=session_id(token)).first()
        return None if session is None else session.user


class SessionJWTAuthentication(TokenAuthentication):
    """The token and its session, with the user and the profile: one query by primary key."""

    def user_of(self, token: Token) -> User:
        user = super().user_of(token)
        if user is None:
            raise AuthenticationFailed(code="token_not_valid")
        return user


class TokenScheme(OpenApiAuthenticationExtension):
    """How the schema names it."""

    target_class = TokenAuthentication
    match_subclasses = True
    name = "access"

    def get_security_definition(self, auto_schema: object) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}
