"""Authentication by an access token whose session has not ended."""

import time
from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

from django.db import DEFAULT_DB_ALIAS
from django.db.models import Model, QuerySet
from django.db.models.base import ModelState
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request
from rest_framework_simplejwt.authentication import JWTAuthentication
from rest_framework_simplejwt.exceptions import TokenError
from rest_framework_simplejwt.tokens import Token

from accounts.credentials.tokens import AccessToken, note_use, session_id, user_uuid
from accounts.models import Profile, Session, User
from core import clock
from core.problems import Problem
from core.replicas.freshness import REPLICAS
from core.replicas.models import version_of
from core.replicas.routing import set_reader
from core.transactions import retry_if_disconnected
from fastlists import compiled


class SessionJWTAuthentication(JWTAuthentication):
    """Check the token and fetch its session, user and profile in one query by primary key.

    With `needs_session=False` a valid token is enough, and the user is None if the session has
    ended. Requests that end their session use this, so that they can be repeated.
    """

    def __init__(self, *, needs_session: bool = True) -> None:
        super().__init__()
        self.needs_session = needs_session

    def authenticate(  # type: ignore[override]  # narrower
        self, request: Request
    ) -> tuple[User | None, Token] | None:
        header = self.get_header(request)
        raw = None if header is None else self.get_raw_token(header)
        if raw is None:
            return None
        try:
            token, session, expires_at = verify(raw)
        except (TokenError, Problem) as error:
            raise AuthenticationFailed(code="token_not_valid") from error
        if expires_at <= time.time():
            raise AuthenticationFailed(code="token_not_valid")
        # The first query of a request, which fails if the server has closed the connection.
        row = retry_if_disconnected(lambda: session_columns.first(session, clock.now()))
        if row is None:
            if self.needs_session:
                raise AuthenticationFailed(code="token_not_valid")
            return None, token
        note_use(token, session, row[len(VIEWER_COLUMNS)])
        user = make_user(row)
        if REPLICAS:
            set_reader(user.pk, row[-1])
        return user, token

    def get_raw_token(self, header: bytes) -> bytes | None:
        """Return the token of the header, whose scheme may be in any case (RFC 9110, 11.1)."""
        scheme, _space, rest = header.strip().partition(b" ")
        return super().get_raw_token(b"Bearer " + rest if scheme.lower() == b"bearer" else header)


@lru_cache(maxsize=10_000)
def verify(raw: bytes) -> tuple[Token, UUID, float]:
    """Check the signature of a token. Return it with its session's id and its expiry time.

    The result is cached, since it depends on the bytes alone: the caller compares the expiry time
    (in seconds since the epoch) with the clock. Raise TokenError or Problem.
    """
    token = AccessToken(raw)  # type: ignore[arg-type]  # it takes what is encoded
    user_uuid(token)
    return token, session_id(token), float(token["exp"])


# The columns of the viewer that each request loads. The others are loaded when they are used.
USER_COLUMNS = ("id", "uuid", "is_active", "is_staff", "is_superuser", "has_deleted_goals")
PROFILE_COLUMNS = (
    "user_id",
    "handle",
    "nickname",
    "avatar",
    "timezone",
    "day_starts_at",
    "week_starts_on",
    "locale",
    "is_private",
)
VIEWER_COLUMNS = (
    *(f"user__{name}" for name in USER_COLUMNS),
    *(f"user__profile__{name}" for name in PROFILE_COLUMNS),
)


@compiled(Session)
def session_columns(pk: UUID, now: datetime) -> QuerySet[Session, tuple[Any, ...]]:
    """Select VIEWER_COLUMNS and `used_generation`; no row if the session has ended."""
    rows = Session.objects.alive(now).filter(pk=pk).values_list(*VIEWER_COLUMNS, "used_generation")
    return rows.annotate(written=version_of("user_id")) if REPLICAS else rows


def make_user(row: Sequence[Any]) -> User:
    """Return the user, with the profile, of a row of `session_columns`.

    The `__init__` of the models, which would take half of the time of the whole authentication,
    is not called.
    """
    user = User.__new__(User)
    profile = Profile.__new__(Profile)
    fill(user, USER_COLUMNS, row)
    fill(profile, PROFILE_COLUMNS, row[len(USER_COLUMNS) :])
    user._state.fields_cache["profile"] = profile
    profile._state.fields_cache["user"] = user
    return user


def fill(instance: Model, names: Sequence[str], values: Sequence[object]) -> None:
    """Set the attributes of an instance that was made without `__init__`, as if loaded."""
    instance._state = ModelState()
    instance._state.adding = False
    instance._state.db = DEFAULT_DB_ALIAS
    vars(instance).update(zip(names, values, strict=False))


class TokenScheme(OpenApiAuthenticationExtension):
    """The description of SessionJWTAuthentication in the OpenAPI schema."""

    target_class = SessionJWTAuthentication
    name = "access"

    def get_security_definition(self, auto_schema: object) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}
