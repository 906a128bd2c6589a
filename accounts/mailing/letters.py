"""The letters about emails and passwords, each posted whether or not an account has the email.

What is read of the account is one row of the same columns either way, see
`UserQuerySet.mail_card`.

Those that ask an address to confirm itself have no text that a person wrote, such as a nickname:
otherwise anybody could send it to anybody.
"""

from typing import Any
from uuid import UUID

from django.conf import settings

from accounts.credentials.links import email_token, sign_up_token
from accounts.credentials.passwords import reset_token
from accounts.mailing.mail import Letter, link, post
from accounts.models import User
from accounts.models.people import MailCard


def send_reset(card: MailCard) -> None:
    """Send a link to choose a new password, if the card is of an active account."""

    def make() -> Letter | None:
        if card.uuid is None or card.email is None or not card.is_active:
            return None
        user = User(uuid=card.uuid, password=card.password or "", email=card.email)
        context: dict[str, object] = {
            "nickname": card.nickname,
            "link": link(settings.PASSWORD_RESET_URL, reset_token(user)),
            "minutes": settings.PASSWORD_RESET_TIMEOUT // 60,
        }
        return Letter("password_reset", card.email, card.locale or "ko", card.uuid, context)

    post(make)


def confirm_sign_up(values: dict[str, Any], locale: str, known: MailCard) -> None:
    """Send a link to complete a sign-up, or say that the account exists already."""

    def make() -> Letter:
        if known.uuid is not None:
            return _known("sign_up_known", values["email"], known)
        url = link(settings.SIGN_UP_CONFIRM_URL, sign_up_token(values))
        context: dict[str, object] = {"link": url, "hours": hours()}
        return Letter("sign_up_confirm", values["email"], locale, values["uuid"], context)

    post(make)


def confirm_email(person: User, email: str, known: MailCard | None = None) -> None:
    """Send a link to confirm an email, or say that another account has it already."""
    uuid, locale = person.uuid, person.profile.locale

    def make() -> Letter:
        if known is not None and known.uuid is not None and known.uuid != uuid:
            return _known("email_known", email, known)
        return _email_confirm(uuid, locale, email)

    post(make)


def tell_old_email(person: User, email: str, *, is_done: bool) -> None:
    """Tell the present address that another one is to replace it, or has replaced it."""
    template = "email_changed" if is_done else "email_changing"
    profile = person.profile
    letter = Letter(template, email, profile.locale, person.uuid, {"nickname": profile.nickname})
    post(lambda: letter)


def hours() -> int:
    """Return for how long the links of emails are valid."""
    return int(settings.EMAIL_CONFIRM_TIMEOUT) // 3600


def _email_confirm(uuid: UUID, locale: str, email: str) -> Letter:
    url = link(settings.EMAIL_CONFIRM_URL, email_token(uuid, email))
    context: dict[str, object] = {"link": url, "hours": hours()}
    return Letter("email_confirm", email, locale, uuid, context)


def _known(template: str, email: str, known: MailCard) -> Letter:
    context: dict[str, object] = {"nickname": known.nickname}
    return Letter(template, email, known.locale or "ko", known.uuid, context)
