"""Base classes of views, by their callers.

These are everyone (`core.views.OpenView`), signed-in people (`SignedInView`; `ViewerMixin` for
viewsets), and holders of an access token whose session may have ended (`TokenHolderView`).
"""

from typing import Any, cast

from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.views import APIView
from rest_framework_simplejwt.tokens import Token

from accounts.credentials.authentication import SessionJWTAuthentication
from accounts.models import User
from core.views import StrictView


class ViewerMixin(APIView):
    """Give the signed-in person as `viewer`. The default permissions require one."""

    @property
    def viewer(self) -> User:
        return cast(User, self.request.user)


class SignedInView(ViewerMixin, StrictView):
    """A view for a signed-in person."""

    @property
    def token(self) -> Token:
        return cast(Token, self.request.auth)


class HasToken(BasePermission):
    """Allow access tokens with a valid signature, even if their session has ended."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        return request.auth is not None


class TokenHolderView(SignedInView):
    """Base for endpoints that end the session and stay idempotent when retried."""

    permission_classes: Any = [HasToken]

    def get_authenticators(self) -> list[Any]:
        return [SessionJWTAuthentication(needs_session=False)]


class NonAtomicMixin:
    """Mixin of views that count attempts or end sessions, which an error must not roll back."""

    atomic_writes = False
