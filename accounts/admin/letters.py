"""Mails about what an operator did to an account."""

import logging
from urllib.parse import quote

from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string

from accounts.credentials.passwords import reset_token
from accounts.models import User
from accounts.signing_in import mail

logger = logging.getLogger(__name__)


def send_reset(person: User) -> None:
    """Send a link to choose a password, for which an operator asked."""
    link = settings.PASSWORD_RESET_URL.replace("{token}", quote(reset_token(person), safe=""))
    minutes = settings.PASSWORD_RESET_TIMEOUT // 60
    _post("password_reset_by_operator", person, person.email, link=link, minutes=minutes)


def tell_password_set(person: User) -> None:
    """Tell that an operator has set another password."""
    _post("password_set_by_operator", person, person.email)


def tell_email_set(person: User, old: str) -> None:
    """Tell the address of before that an operator has replaced it."""
    _post("email_set_by_operator", person, old)


def _post(template: str, person: User, to: str, **context: object) -> None:
    context |= {"nickname": person.profile.nickname}
    name = f"accounts/{template}.{person.profile.locale}.txt"
    future = mail._pool.submit(_send, name, to, context, str(person))
    mail._pending.add(future)
    future.add_done_callback(mail._pending.discard)


def _send(template: str, to: str, context: dict[str, object], about: str) -> None:
    try:
        subject, body = render_to_string(template, context).split("\n\n", maxsplit=1)
        EmailMessage(subject, body, to=[to]).send()
    except Exception:
        logger.exception("The mail %s for %s could not be sent.", template, about)
