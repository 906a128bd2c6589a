"""Passwords: whether one is good enough, and the link by which a forgotten one is replaced."""

from typing import Any

from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core import signing
from django.core.exceptions import ValidationError as DjangoValidationError
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.translation import gettext as _
from rest_framework.exceptions import ErrorDetail, ValidationError

from accounts.models import User

SALT = "accounts.passwords.reset"


def check_choice(field: str, password: str, user: User) -> None:
    """Raise the errors of Django's validators, with their codes, on `field` unless this is a password to have."""
    try:
        validate_password(password, user)
    except DjangoValidationError as error:
        details = [ErrorDetail("".join(one.messages), code=one.code or "invalid") for one in error.error_list]
        raise ValidationError({field: details}) from error


def require_password(user: User, password: str | None) -> None:
    """Raise an error on the field `password` unless it is this person's."""
    if password is None:
        raise ValidationError({"password": [ErrorDetail(_("This field is required."), code="required")]})
    if not user.check_password(password):
        raise wrong_password()


def wrong_password() -> ValidationError:
    return ValidationError({"password": [ErrorDetail(_("This is not your password."), code="wrong_password")]})


def reset_token(user: User) -> str:
    """Good for PASSWORD_RESET_TIMEOUT seconds, and until the password or the email changes."""
    return signing.dumps([str(user.uuid), _state(user)], salt=SALT)


def user_of_token(token: str) -> tuple[User, bool] | None:
    """Whose token this is, and whether it can still be used. None for what is none of ours, too old, or of nobody."""
    try:
        content: Any = signing.loads(token, salt=SALT, max_age=settings.PASSWORD_RESET_TIMEOUT)
    except signing.BadSignature:
        return None
    uuid, state = content
    user = User.objects.active().filter(uuid=uuid).with_profile().first()
    return user and (user, constant_time_compare(state, _state(user)))


def _state(user: User) -> str:
    return salted_hmac(SALT, f"{user.password} {user.email}", algorithm="sha256").hexdigest()[:32]
