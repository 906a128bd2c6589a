"""Passwords: whether one is good enough, how it is replaced, and the link for who forgot it."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.contrib.auth.password_validation import validate_password
from django.core import signing
from django.core.exceptions import ValidationError as DjangoValidationError
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.translation import gettext as _
from rest_framework.exceptions import ErrorDetail, ValidationError

from accounts.models import User
from core.transactions import run_write

SALT = "accounts.passwords.reset"


def check_choice(field: str, password: str, user: User) -> None:
    """Raise the errors of Django's validators, with their codes, on `field` unless this is a password to have."""
    try:
        validate_password(password, user)
    except DjangoValidationError as error:
        details = [
            ErrorDetail("".join(one.messages), code=one.code or "invalid")
            for one in error.error_list
        ]
        raise ValidationError({field: details}) from error


def require_password(user: User, password: str | None) -> None:
    """Raise an error on the field `password` unless it is this person's."""
    if password is None:
        raise ValidationError(
            {"password": [ErrorDetail(_("This field is required."), code="required")]}
        )
    if not user.check_password(password):
        raise wrong_password()


def wrong_password() -> ValidationError:
    return ValidationError(
        {"password": [ErrorDetail(_("The password is incorrect."), code="wrong_password")]}
    )


def change_password(user: User, password: str, new: str, *, keep: UUID) -> None:
    """End every session but `keep` with it. Once more, when `new` is the password already, changes nothing.

    Raises an error on the field `password` unless it is this person's, also when it was replaced meanwhile.
    """
    if user.check_password(password):
        checked, hashed = (
            user.password,
            make_password(new),
        )  # before the transaction, which others may wait for
        if run_write(lambda: _replace(user, hashed, lambda: _still(user, checked, password), keep)):
            return
    if not user.check_password(new):
        raise wrong_password()


def _still(user: User, checked: str, password: str) -> bool:
    return user.password == checked or user.check_password(password)


def _replace(
    user: User, hashed: str, allowed: Callable[[], bool], keep: UUID | None = None
) -> bool:
    """Whether it was still allowed, asked again under the lock: of two who replace the password one comes second."""
    user.lock_fresh()
    if not allowed():
        return False
    user.replace_password(hashed, keep=keep)
    return True


def reset_password(token: str, new: str) -> None:
    """End every session with it. Once more, when `new` is the password already, changes nothing.

    Raises an error on the field `token` when that is used or too old, also when another was used meanwhile.
    """
    user, usable = user_of_token(token) or (None, False)
    if user is not None and usable:
        check_choice("new_password", new, user)
        state, hashed = _state(user), make_password(new)
        if run_write(lambda: _replace(user, hashed, lambda: _state(user) == state)):
            return
    if user is None or not user.check_password(new):
        error = ErrorDetail(
            _("This link has been used or has expired. Request a new one."), code="token_not_valid"
        )
        raise ValidationError({"token": [error]})


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
