"""Access and refresh tokens of a session."""

from contextlib import suppress
from datetime import datetime, timedelta
from typing import TypedDict
from uuid import UUID

from django.conf import settings
from django.db import Error, connection
from rest_framework_simplejwt import tokens
from rest_framework_simplejwt.exceptions import TokenError
from rest_framework_simplejwt.tokens import Token

from accounts.credentials.keys import KeyRing, is_for_us
from accounts.models import Device, Session
from core import clock
from core.events import security_event
from core.problems import Problem
from core.transactions import no_wait_for_sqlite, run_write
from core.turns import take_turn

# How far the clocks of two servers may differ: a token is accepted this long before its `iat`.
LEEWAY = timedelta(seconds=60)


class AccessToken(tokens.AccessToken):
    """A token for fifteen minutes of requests."""

    token_backend = KeyRing(LEEWAY)

    def verify(self) -> None:
        super().verify()
        check(self)


class RefreshToken(tokens.RefreshToken):
    """A token that is exchanged for the next pair.

    Its `iat` is not checked: the session's row says whether it is the current one, also after the
    clock was ahead for a while.
    """

    token_backend = KeyRing(settings.SESSION_LIFETIME)

    def verify(self) -> None:
        super().verify()
        check(self)


def check(token: Token) -> None:
    """Raise TokenError if a token has expired, without leeway, or is for another server."""
    if token["exp"] <= token.current_time.timestamp():
        raise TokenError("The token has expired.")
    if not is_for_us(token):
        raise TokenError("The token is for another server.")


class Pair(TypedDict):
    """An access token and a refresh token."""

    access: str
    refresh: str


def pair(session: Session) -> Pair:
    """Return the tokens of the current generation of the session.

    The refresh token is computed from the row alone, so a client that lost a response gets the
    same one again.
    """
    now = clock.now()
    access = AccessToken()
    access["sid"] = str(session.pk)
    access["sub"] = str(session.user.uuid)
    access["gen"] = session.generation
    access.set_iat(at_time=now)
    access.set_exp(from_time=now)
    refresh_token = RefreshToken()
    refresh_token["sid"] = str(session.pk)
    refresh_token["gen"] = session.generation
    refresh_token["jti"] = str(session.generation)
    refresh_token.set_iat(at_time=session.rotated_at)
    ends_at = min(session.rotated_at + RefreshToken.lifetime, session.ends_at)
    refresh_token.set_exp(from_time=ends_at, lifetime=ends_at - ends_at)
    return {"access": str(access), "refresh": str(refresh_token)}


def session_id(token: Token) -> UUID:
    """Return the session's id in a verified token. Raise Problem `token_not_valid`."""
    return _uuid(token, "sid")


def user_uuid(token: Token) -> UUID:
    """Return the user's id in a verified token. Raise Problem `token_not_valid`."""
    return _uuid(token, "sub")


def _uuid(token: Token, claim: str) -> UUID:
    try:
        return UUID(token[claim])
    except (KeyError, ValueError, TypeError, AttributeError) as error:
        raise Problem("token_not_valid") from error


def refresh(text: str, device: Device) -> Pair:
    """Exchange a refresh token for a new pair.

    The session is locked meanwhile. The previous token gets the same pair again while nobody has
    used that pair, and within REFRESH_GRACE; an older token ends the session. Raise Problem
    `token_not_valid` unless the token is exchanged.
    """
    try:
        token = RefreshToken(text)  # type: ignore[arg-type]  # it takes a str
    except TokenError as error:
        raise Problem("token_not_valid") from error
    sid = session_id(token)
    generation = token.get("gen")
    now = clock.now()
    ended: list[Session] = []
    new = run_write(lambda: _rotate(sid, generation, now, device, ended))
    for session in ended[-1:]:
        security_event("token_reused", person=session.user.uuid, session=sid)
    if new is None:
        raise Problem("token_not_valid")
    return new


def _rotate(
    sid: UUID, generation: object, now: datetime, device: Device, ended: list[Session]
) -> Pair | None:
    """Return the next pair, or None. Add the session to `ended` if its token was used again."""
    # Two queries, because locking the join would also lock the row of the user, which each of
    # their writes needs.
    if not isinstance(generation, int) or not Session.objects.alive(now).filter(pk=sid).exists():
        return None
    take_turn(("session", sid))
    session = Session.objects.select_for_update().filter(pk=sid).first()
    if session is None:
        return None
    if not session.rotate(generation, now, device):
        ended.append(session)
        Session.objects.end(sid)
        return None
    return pair(session)


def note_use(token: Token, session: UUID, used_generation: int) -> None:
    """Note the first use of a verified access token: its pair has reached the client.

    The refresh token of before it then cannot be exchanged again. A session is written once per
    refresh. A database that is busy, or cannot write, refuses no read for that: the next use is
    noted.
    """
    generation = token.get("gen")  # which release 0.1.0 does not write
    if isinstance(generation, int) and generation > used_generation:
        # An error in the transaction of a write has to end it.
        harmless = () if connection.in_atomic_block else (Problem, Error)
        with suppress(*harmless), no_wait_for_sqlite():
            run_write(
                lambda: Session.objects.mark_used(session, generation), may_repeat=lambda: True
            )
