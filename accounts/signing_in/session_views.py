"""Views of the caller's own sessions."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from accounts.credentials.authentication import SessionJWTAuthentication
from accounts.credentials.browsers import end_browser_sessions
from accounts.credentials.tokens import session_id
from accounts.credentials.views import HasToken, NonAtomicMixin, ViewerMixin
from accounts.models import Session, User
from accounts.signing_in.serializers import SessionSerializer
from core import clock
from core.events import security_event
from core.responses import Response
from core.transactions import run_write
from core.views import GenericViewSet
from fastlists import FastListMixin

DONE = status.HTTP_204_NO_CONTENT


class SessionViewSet(NonAtomicMixin, FastListMixin, ViewerMixin, GenericViewSet):
    """The devices on which the caller is signed in.

    To end the own session again is allowed after it has ended, so that the request can be repeated.
    """

    queryset = Session.objects.none()
    serializer_class = SessionSerializer
    ordering = ("-rotated_at", "-id")
    lookup_url_kwarg = "id"
    singular, plural = "session", "sessions"

    def get_authenticators(self) -> list[BaseAuthentication]:
        return [SessionJWTAuthentication(needs_session=not self.ends)]

    def get_permissions(self) -> Sequence[Any]:
        return [HasToken()] if self.ends else super().get_permissions()

    @property
    def ends(self) -> bool:
        """True if the request ends sessions."""
        return getattr(self.request, "method", "") == "DELETE"

    @property
    def current(self) -> UUID:
        """The id of the session that sent the request."""
        return session_id(self.request.auth)  # type: ignore[arg-type]  # of a token

    def require_viewer(self) -> User:
        """Return the caller. Raise AuthenticationFailed if their session has ended."""
        if not isinstance(self.request.user, User):
            raise AuthenticationFailed(code="token_not_valid")
        return self.request.user

    # Reading

    def get_list_parameters(self) -> dict[str, Any]:
        return {"now": clock.now()}

    @classmethod
    def list_query(cls, viewer: User, **parameters: Any) -> Any:
        return Session.objects.of(viewer).alive(parameters["now"])

    def list(self, request: Request, *args: object, **kwargs: object) -> Any:
        """List the devices on which the caller is signed in, the one that was used last first."""
        return super().list(request, *args, **kwargs)

    def get_paginated_response(self, data: Any) -> Any:
        """Mark the session that sends the request."""
        for row in data:
            row["is_current"] = str(row["id"]) == str(self.current)
        return super().get_paginated_response(data)

    # Ending

    @extend_schema(operation_id="end_other_sessions", responses={DONE: None}, filters=False)
    def end_others(self, request: Request) -> Response:
        """Sign out all other devices of the caller. Their access tokens end at once.

        So do the browsers in which the caller is signed in to the admin.
        """
        viewer = self.require_viewer()

        def write() -> None:
            viewer.lock()
            Session.objects.of(viewer).end_others(self.current)
            end_browser_sessions([viewer])

        run_write(write, may_repeat=lambda: True)
        security_event("sessions_ended", person=viewer.uuid, by="person")
        return Response(status=DONE)

    @extend_schema(operation_id="end_session", responses={DONE: None})
    def end(self, request: Request, id: UUID) -> Response:  # noqa: A002  # as in the path
        """Sign out this device of the caller. The answer is 204 for every id.

        With the id of the session that sends the request it is the same as signing out.
        """
        if isinstance(request.user, User) or id != self.current:
            viewer = self.require_viewer()
            if run_write(lambda: Session.objects.of(viewer).end(id), may_repeat=lambda: True):
                security_event("session_ended", person=viewer.uuid, by="person", session=id)
        return Response(status=DONE)
