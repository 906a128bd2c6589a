"""Who is asking: an access token whose session is alive."""

import time
from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

from django.db import DEFAULT_DB_ALIAS
from django.db.models import QuerySet
from django.db.models.base import ModelState
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request
from rest_framework_simplejwt.authentication import JWTAuthentication
from rest_framework_simplejwt.exceptions import InvalidToken
from rest_framework_simplejwt.tokens import Token

from accounts.credentials.tokens import session_id, user_uuid
from accounts.models import Profile, Session, User
from core import days
from core.problems import Problem
from core.replicas.freshness import REPLICAS
from core.replicas.models import version_of
from core.replicas.routing import set_reader
from core.transactions import retry_if_disconnected
from fastlists import compiled


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
            token, session, expires_at = verified(raw)
        except (InvalidToken, Problem) as error:
            raise AuthenticationFailed(code="token_not_valid") from error
        if expires_at <= time.time():
            raise AuthenticationFailed(code="token_not_valid")
        # The first question of a request, which finds out where the server has closed the connection.
        row = retry_if_disconnected(lambda: person_of_session.first(session, days.now()))
        if row is None and self.needs_session:
            raise AuthenticationFailed(code="token_not_valid")
        if row is None:
            return None, token
        user = person(row)
        if REPLICAS:
            set_reader(user.pk, row[-1])
        return user, token


@lru_cache(maxsize=10_000)
def verified(raw: bytes) -> tuple[Token, UUID, float]:
    """A token whose signature is right, its session and the second it ends at.

    The same bytes have the same signature for ever, so that is checked once. Raises InvalidToken or Problem.
    """
    token = JWTAuthentication().get_validated_token(raw)
    user_uuid(token)
    return token, session_id(token), float(token["exp"])


# What a request knows of who asks. The other columns are fetched where they are asked for.
OF_USER = ("id", "uuid", "is_active", "is_staff", "is_superuser")
OF_PROFILE = (
    "user_id",
    "handle",
    "nickname",
    "timezone",
    "day_starts_at",
    "week_starts_on",
    "locale",
    "is_private",
)


@compiled(Session)
def person_of_session(pk: UUID, now: datetime) -> QuerySet[Session, Any]:
    """The columns of whose session this is; no row once it has ended."""
    columns = (
        [f"user__{name}" for name in OF_USER],
        [f"user__profile__{name}" for name in OF_PROFILE],
    )
    rows: QuerySet[Session, Any] = (
        Session.objects.alive(now).filter(pk=pk).values_list(*columns[0], *columns[1])
    )
    return rows.annotate(written=version_of("user_id")) if REPLICAS else rows


def person(row: Sequence[Any]) -> User:
    """The user with their profile. Without the models' `__init__`, which would take half the time of the rest."""
    user, profile = User.__new__(User), Profile.__new__(Profile)
    for made, names, values in ((user, OF_USER, row), (profile, OF_PROFILE, row[len(OF_USER) :])):
        made._state = ModelState()
        made._state.adding, made._state.db = False, DEFAULT_DB_ALIAS
        vars(made).update(zip(names, values, strict=False))
    user._state.fields_cache["profile"], profile._state.fields_cache["user"] = profile, user
    return user


class TokenScheme(OpenApiAuthenticationExtension):
    """How the schema names it."""

    target_class = SessionJWTAuthentication
    name = "access"

    def get_security_definition(self, auto_schema: object) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}
