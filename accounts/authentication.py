"""Who is asking: an access token whose session is alive."""

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request
from rest_framework_simplejwt.authentication import JWTAuthentication
from rest_framework_simplejwt.exceptions import InvalidToken
from rest_framework_simplejwt.tokens import Token

from accounts.models import User
from accounts.session_models import Session
from accounts.tokens import session_id, user_uuid
from todomate.api import days
from todomate.api.problems import Problem


class SessionJWTAuthentication(JWTAuthentication):
    """The token and its session, with the user and the profile: one query by primary key.

    With `needs_session=False` the token alone is enough, and the user None where its session is gone: for what must be
    the same the second time, after it has ended that session.
    """

    def __init__(self, *, needs_session: bool = True) -> None:
        super().__init__()
        self.needs_session = needs_session

    def authenticate(self, request: Request) -> tuple[User | None, Token] | None:  # type: ignore[override]  # narrower
        header = self.get_header(request)
        raw = None if header is None else self.get_raw_token(header)
        if raw is None:
            return None
        try:
            token = self.get_validated_token(raw)
            session, _ = session_id(token), user_uuid(token)
        except (InvalidToken, Problem) as error:
            raise AuthenticationFailed(code="token_not_valid") from error
        row = Session.objects.alive(days.now()).with_user().filter(pk=session).first()
        if row is None and self.needs_session:
            raise AuthenticationFailed(code="token_not_valid")
        return None if row is None else row.user, token


class TokenScheme(OpenApiAuthenticationExtension):
    """How the schema names it."""

    target_class = SessionJWTAuthentication
    name = "access"

    def get_security_definition(self, auto_schema: object) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}
