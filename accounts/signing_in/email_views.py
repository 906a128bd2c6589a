"""Views that confirm emails: of a sign-up, of a change, and of an account that has none yet."""

from typing import Any

from django.utils import translation
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request

from accounts.credentials import rates
from accounts.credentials.links import email_of_token, values_of_sign_up
from accounts.credentials.passwords import check_strength
from accounts.credentials.views import NonAtomicMixin, SignedInView
from accounts.mailing import letters
from accounts.models import Device, Invitation, Profile, Session, User
from accounts.names import Taken
from accounts.signing_in.answers import signed_up
from accounts.signing_in.devices import device_of
from accounts.signing_in.serializers import (
    EmailConfirmSerializer,
    SignedUpSerializer,
    SignUpConfirmSerializer,
)
from accounts.signing_in.sign_in import DEVICE_FIELDS, require_free, sign_in_again, sign_up
from core import clock
from core.events import security_event
from core.exceptions import field_error
from core.model_fields import new_id
from core.problems import Problem
from core.responses import Response
from core.transactions import run_write
from core.views import OpenView

# Of a sign-up, in the token of its link.
NOT_KEPT = {"password", *DEVICE_FIELDS}


def ask_to_confirm(request: Request, values: dict[str, Any], device: Device) -> Session | None:
    """Send a mail that completes the sign-up. Return a session if this is a repeated sign-up.

    Neither the answer nor its time tells whether an account has the email; the mail does.
    """
    if (pk := values.get("uuid")) and User.objects.with_uuid(pk).exists():
        rates.count_sign_in(request, values["email"])
        return sign_in_again(values, device)
    Invitation.objects.require_admission(values.get("invitation"))
    require_free(pk, None, values.get("handle"))
    rates.count_sign_up_mail(request, values["email"])
    kept = {name: value for name, value in values.items() if name not in NOT_KEPT}
    locale = values.get("locale") or translation.get_language() or "ko"
    known = User.objects.mail_card(values["email"])
    letters.confirm_sign_up({"uuid": new_id()} | kept, locale, known)
    return None


def bad_link() -> ValidationError:
    text = _("This link has been used or has expired. Request a new one.")
    return field_error("token", text, "token_not_valid")


class SignUpConfirmView(NonAtomicMixin, OpenView):
    operation_ids = {"POST": "confirm_sign_up"}

    @extend_schema(
        request=SignUpConfirmSerializer,
        responses={200: SignedUpSerializer, 201: SignedUpSerializer},
    )
    def post(self, request: Request) -> Response:
        """Create the account of a sign-up with the token from its mail, and sign in.

        The password is set here. Repeating the request with the same password answers 200 with new
        tokens.
        """
        rates.count_confirm(request)
        body = self.read_body(SignUpConfirmSerializer)
        values = values_of_sign_up(body["token"])
        if values is None:
            raise bad_link()
        person = User(email=values["email"])
        person.profile = Profile(nickname=values["nickname"], handle=values.get("handle", ""))
        check_strength("password", body["password"], person)
        device = device_of(request, body | {"uuid": values["uuid"]})
        values |= {"password": body["password"], "email_verified_at": clock.now()}
        try:
            session = new = self.create(values, device)
            if session is None:
                rates.count_sign_in(request, values["email"])
                session = sign_in_again(values, device)
        except Problem as problem:
            # It was used with another password, its account is gone, or another one has its email.
            if problem.code in ("id_taken", "duplicate"):
                raise bad_link() from problem
            raise
        rates.remember_network(request, session.user)
        return signed_up(session, status.HTTP_201_CREATED if new else status.HTTP_200_OK)

    def create(self, values: dict[str, Any], device: Device) -> Session | None:
        """Create the account, with another handle if its own was taken meanwhile."""
        try:
            return sign_up(values, device)
        except Taken as problem:
            if "email" in problem.fields:
                raise
            values = {name: value for name, value in values.items() if name != "handle"}
            return sign_up(values, device)


class EmailVerifyView(NonAtomicMixin, SignedInView):
    operation_ids = {"POST": "verify_email"}

    @extend_schema(request=None, responses={204: None})
    def post(self, request: Request) -> Response:
        """Send a link that confirms the caller's email; nothing if it is confirmed."""
        user = User.objects.with_profile().get(pk=self.viewer.pk)
        if user.email_verified_at is None:
            rates.count_verify(user)
            letters.confirm_email(user, user.email)
        return Response(status=status.HTTP_204_NO_CONTENT)


class EmailConfirmView(NonAtomicMixin, OpenView):
    operation_ids = {"POST": "confirm_email"}

    @extend_schema(request=EmailConfirmSerializer, responses={204: None})
    def post(self, request: Request) -> Response:
        """Confirm an email with the token from the mail: the present one, or the pending one.

        Repeating a successful request has no further effect.
        """
        rates.count_confirm(request)
        content = email_of_token(self.read_body(EmailConfirmSerializer)["token"])
        if content is None:
            raise bad_link()
        uuid, email = content
        user = User.objects.active().with_uuid(uuid).first()
        if user is None:
            raise bad_link()
        old = user.email
        if not run_write(lambda: user.confirm_email(email, clock.now())):
            raise bad_link()
        if user.email != old:
            security_event("email_changed", person=user.uuid, by="person")
        else:
            security_event("email_verified", person=user.uuid)
        return Response(status=status.HTTP_204_NO_CONTENT)
