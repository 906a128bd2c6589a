"""Mails about what an operator did to an account."""

from django.conf import settings

from accounts.credentials.passwords import reset_token
from accounts.mailing.mail import Letter, link, post
from accounts.models import User


def send_reset(person: User) -> None:
    """Send a link to choose a password, for which an operator asked."""
    url = link(settings.PASSWORD_RESET_URL, reset_token(person))
    minutes = settings.PASSWORD_RESET_TIMEOUT // 60
    _post("password_reset_by_operator", person, person.email, link=url, minutes=minutes)


def tell_password_set(person: User) -> None:
    """Tell that an operator has set another password."""
    _post("password_set_by_operator", person, person.email)


def tell_email_set(person: User, old: str) -> None:
    """Tell the address of before that an operator has replaced it."""
    _post("email_set_by_operator", person, old)


def _post(template: str, person: User, to: str, **context: object) -> None:
    profile = person.profile
    context |= {"nickname": profile.nickname}
    letter = Letter(template, to, profile.locale, person.uuid, context)
    post(lambda: letter)
