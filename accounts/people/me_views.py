"""Views of the caller's own account."""

from django.conf import settings
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from accounts.credentials import rates
from accounts.credentials.passwords import require_password
from accounts.credentials.tokens import user_uuid
from accounts.credentials.views import NonAtomicMixin, SignedInView, TokenHolderView
from accounts.mailing import letters
from accounts.models import User
from accounts.people.me_serializers import (
    DeleteMeSerializer,
    MeSerializer,
    password_changes_nothing,
)
from core.events import security_event
from core.responses import Response
from core.transactions import run_write


def confirms_emails() -> bool:
    return bool(settings.EMAIL_VERIFICATION != "off")


class MeView(NonAtomicMixin, SignedInView):
    operation_ids = {"GET": "get_me", "PATCH": "update_me"}

    @extend_schema(responses=MeSerializer)
    def get(self, request: Request) -> Response:
        """Return the caller's account and profile."""
        return Response(MeSerializer(User.objects.me(self.viewer).profile).data)

    @extend_schema(request=MeSerializer(partial=True), responses=MeSerializer)
    def patch(self, request: Request) -> Response:
        """Change the fields that are sent and no others. A new email requires `password`.

        If the server confirms emails, the new one gets a mail and replaces the present one once it
        is confirmed. The present address is told either way.
        """
        user = self.viewer
        checked = None
        body = MeSerializer(user.profile, data=request.data, partial=True)
        body.is_valid(raise_exception=True)
        old = user.email
        new = body.validated_data.get("user", {}).get("email", old)
        if new != old:
            rates.count_password(user)
            require_password(user, body.validated_data.get("password"))
            checked = user.password
            if confirms_emails():
                rates.count_change_mail(user, new)
        elif (password := body.validated_data.get("password")) is not None:
            # A repeated change of the email has the right one; a new password would be lost.
            rates.count_password(user)
            if not user.check_password(password):
                security_event("password_refused", person=user.uuid)
                raise password_changes_nothing()
        run_write(lambda: body.save(checked=checked))
        if new != old:
            if confirms_emails():
                letters.confirm_email(user, new, User.objects.mail_card(new))
                security_event("email_change_asked", person=user.uuid)
            else:
                security_event("email_changed", person=user.uuid, by="person")
            letters.tell_old_email(user, old, is_done=not confirms_emails())
        return Response(MeSerializer(User.objects.me(user).profile).data)


class DeleteMeView(NonAtomicMixin, TokenHolderView):
    operation_ids = {"POST": "delete_me"}

    @extend_schema(request=DeleteMeSerializer, responses={204: None})
    def post(self, request: Request) -> Response:
        """Delete the account and all its data, immediately and permanently.

        Where there is much of it, nobody sees it any more at once, and it is erased soon after.
        Repeating the request has no further effect.
        """
        user = request.user
        if isinstance(user, User):
            rates.count_password(user)
            password = self.read_body(DeleteMeSerializer)["password"]
            require_password(user, password)
            run_write(user.remove)
            security_event("account_deleted", person=user.uuid, by="person")
        elif (
            User.objects.with_uuid(user_uuid(self.token))
            .exclude(profile__deleted_at__isnull=False)
            .exists()
        ):
            raise AuthenticationFailed(code="token_not_valid")
        return Response(status=status.HTTP_204_NO_CONTENT)
