"""The bases of views, one for each answer to the question who may call.

Everyone (`core.views.OpenView`), a signed-in person (`SignedInView`; `SignedInMixin` for viewsets),
or the holder of an access token whose session may have ended (`TokenHolderView`).
"""

from typing import Any, cast

from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.views import APIView
from rest_framework_simplejwt.tokens import Token

from accounts.credentials.authentication import SessionJWTAuthentication
from accounts.models import User
from core.views import StrictView


class SignedInMixin(APIView):
    """For views whose permissions require a signed-in person, which is the default."""

    @property
    def viewer(self) -> User:
        return cast(User, self.request.user)


class SignedInView(SignedInMixin, StrictView):
    """A view for a signed-in person."""

    @property
    def token(self) -> Token:
        return cast(Token, self.request.auth)


class HasToken(BasePermission):
    """Allows an access token with a valid signature, even if its session has ended."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        return request.auth is not None


class TokenHolderView(SignedInView):
    """Base for endpoints that end the session and stay idempotent when retried."""

    permission_classes: Any = [HasToken]

    def get_authenticators(self) -> list[Any]:
        return [SessionJWTAuthentication(needs_session=False)]


class CountedMixin:
    """For views that count attempts or end a session: that stays, even if the answer is an error."""

    atomic_writes = False
