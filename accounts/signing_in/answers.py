"""The answer to who has signed up."""

from rest_framework.status import HTTP_201_CREATED

from accounts.credentials.tokens import pair
from accounts.models import Session, User
from accounts.people.me_serializers import MeSerializer
from core.events import security_event
from core.responses import Response


def signed_up(session: Session, status: int) -> Response:
    """Return the account and its tokens."""
    event = "sign_up" if status == HTTP_201_CREATED else "sign_in"
    facts = {} if event == "sign_up" else {"by": "api"}
    security_event(event, person=session.user.uuid, session=session.pk, **facts)
    profile = User.objects.me(session.user).profile
    return Response({"user": MeSerializer(profile).data, **pair(session)}, status=status)
