"""Base classes of views, by their callers.

These are everyone (`core.views.OpenView`), signed-in people (`SignedInView`; `ViewerMixin` for
viewsets), these and readers without an account (`OpenToReadersMixin`), and holders of an access
token whose session may have ended (`TokenHolderView`).

`request.user` is None without a person (UNAUTHENTICATED_USER), never an object that looks like one.
"""

from collections.abc import Collection
from typing import Any, ClassVar, cast

from django.conf import settings
from rest_framework.exceptions import NotAuthenticated
from rest_framework.permissions import SAFE_METHODS, BasePermission
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
        """The signed-in person. Raise NotAuthenticated without one, whatever the permissions."""
        if (person := self.reader) is None:
            raise NotAuthenticated
        return person

    @property
    def reader(self) -> User | None:
        """The person for whom rows are selected; None is a reader without an account."""
        return cast("User | None", self.request.user)


class SignedInView(ViewerMixin, StrictView):
    """A view for a signed-in person."""

    @property
    def token(self) -> Token:
        return cast(Token, self.request.auth)


class MayRead(BasePermission):
    """Allow signed-in people; and reading without an account, if the server allows that."""

    def has_permission(self, request: Request, view: Any) -> bool:
        if request.user is not None:
            return True
        return reads_without_account(request) and view.has_own_meaning_without_account(request)


def reads_without_account(request: Request) -> bool:
    """Return whether the request is one that reads without an account, and the server allows it.

    A request with any Authorization header is not: a client that meant to be somebody has to
    learn that it is not.
    """
    return (
        settings.ANONYMOUS_READING
        and request.method in SAFE_METHODS
        and request.user is None
        and request.auth is None
        and "HTTP_AUTHORIZATION" not in request.META
    )


class OpenToReadersMixin(ViewerMixin):
    """Mixin of views whose rows may also be read without an account: what is public of open people.

    It comes before the other bases. Select rows by `reader`, which may be None. Writing requires a
    signed-in person as everywhere, and so does reading with a token that is not valid.
    """

    is_open_to_readers = True
    permission_classes: Any = [MayRead]
    # Parameters of the list of which a reader without an account needs one: without them the list
    # is of the caller's own rows, for which somebody has to be signed in (401).
    needed_without_account: ClassVar[Collection[str]] = ()

    def has_own_meaning_without_account(self, request: Request) -> bool:
        """Return whether the request means anything for a reader without an account."""
        needed = self.needed_without_account
        if getattr(self, "action", None) != "list" or not needed:
            return True
        return not request.query_params.keys().isdisjoint(needed)

    def quota_without_person(self, request: Request) -> str:
        return "open_reads" if reads_without_account(request) else "anonymous"

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        """Let no cache keep what was read without an account: it may be hidden a moment later."""
        answer = super().finalize_response(request, response, *args, **kwargs)
        if getattr(request, "user", None) is None:
            answer.headers["Cache-Control"] = "no-store"
        return answer


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
