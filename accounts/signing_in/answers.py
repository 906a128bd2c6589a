"""The answer to who has signed up."""

from rest_framework.status import HTTP_201_CREATED

from accounts.credentials.tokens import pair
from accounts.models import Session, User
from accounts.people.me_serializers import MeSerializer
from core.events import security_event
from core.responses import Response


def signed_up(session: Session, status: int) -> Response:
    """Return the account and its tokens."""
    if status == HTTP_201_CREATED:
        security_event("sign_up", person=session.user.uuid, session=session.pk)
    else:
        security_event("sign_in", person=session.user.uuid, by="api", session=session.pk)
    profile = User.objects.me(session.user).profile
    return Response({"user": MeSerializer(profile).data, **pair(session)}, status=status)
