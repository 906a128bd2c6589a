"""Access and refresh tokens of a session, and what becomes of them."""

from datetime import datetime
from typing import Any, TypedDict
from uuid import UUID

from rest_framework_simplejwt.exceptions import TokenError
from rest_framework_simplejwt.tokens import AccessToken, RefreshToken, Token

from accounts.models import Session
from core import days
from core.problems import Problem
from core.transactions import run_write


class Pair(TypedDict):
    access: str
    refresh: str


def pair(session: Session) -> Pair:
    """The tokens of the session's present generation.

    The refresh token follows from the row alone, so that a client whose reply was lost gets the very same one again.
    """
    access, now = AccessToken(), days.now()
    access["sid"], access["sub"] = str(session.pk), str(session.user.uuid)
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
    """The session that a token, whose signature was checked, belongs to. Raises Problem `token_not_valid`."""
    return _uuid(token, "sid")


def user_uuid(token: Token) -> UUID:
    """Whose it is, likewise."""
    return _uuid(token, "sub")


def _uuid(token: Token, claim: str) -> UUID:
    try:
        return UUID(token[claim])
    except (KeyError, ValueError, TypeError, AttributeError) as error:
        raise Problem("token_not_valid") from error


def refresh(text: str) -> Pair:
    """The successor of a refresh token.

    The current one is exchanged under a lock of its session; the one before it gets the same successor again within
    REFRESH_GRACE; anything older ends the session. Raises Problem `token_not_valid` for all that is refused.
    """
    try:
        token = RefreshToken(text)  # type: ignore[arg-type]  # takes str, annotated as its own class
    except TokenError as error:
        raise Problem("token_not_valid") from error
    sid, generation, now = session_id(token), token.get("gen"), days.now()
    result = run_write(lambda: _rotate(sid, generation, now))
    if result is None:
        raise Problem("token_not_valid")
    return result


def _rotate(sid: UUID, generation: Any, now: datetime) -> Pair | None:
    # Asked first, locked then: a lock over the join would hold the user's row too, which every write of theirs needs.
    if not isinstance(generation, int) or not Session.objects.alive(now).filter(pk=sid).exists():
        return None
    session = Session.objects.select_for_update().filter(pk=sid).first()
    if session is None:
        return None
    if not session.rotate(generation, now):
        session.delete()
        return None
    return pair(session)
