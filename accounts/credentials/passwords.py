"""Passwords: checking, changing and resetting them."""

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

from accounts.credentials import second_factor
from accounts.models import Profile, Session, User
from accounts.names import normalise_password
from core import clock
from core.events import security_event
from core.exceptions import field_error
from core.transactions import run_write

SALT = "accounts.passwords.reset"


def hash_password(password: str) -> str:
    """Return the hash of a new password, as `User.set_password` would set it."""
    return make_password(normalise_password(password))


class EndSessions:
    """End every session when Django itself saves another password.

    A validator in AUTH_PASSWORD_VALIDATORS, since Django tells these about it: the forms of the
    admin and `manage.py changepassword` do not call `User.replace_password`.
    """

    def validate(self, password: str, user: object = None) -> None:
        """Accept any password."""

    def get_help_text(self) -> str:
        return _("All sessions of the account end when its password changes.")

    def password_changed(self, password: str, user: object = None) -> None:
        if isinstance(user, User):
            run_write(lambda: _end_sessions(user))


def _end_sessions(user: User) -> None:
    """End the sessions under the lock, which a sign-in with the password of before may hold.

    An account that is being created has no profile to lock yet, and no session.
    """
    if Profile.objects.select_for_update().filter(pk=user.pk).exists():
        Session.objects.of(user).delete()


def check_strength(field: str, password: str, user: User) -> None:
    """Raise ValidationError on `field` if Django's validators refuse the password."""
    try:
        validate_password(password, user)
    except DjangoValidationError as error:
        details = [
            ErrorDetail("".join(one.messages), code=one.code or "invalid")
            for one in error.error_list
        ]
        raise ValidationError({field: details}) from error


def require_password(user: User, password: str | None) -> None:
    """Raise ValidationError on `password` unless it is the user's password."""
    if password is None:
        raise field_error("password", _("This field is required."), "required")
    if not user.check_password(password):
        security_event("password_refused", person=user.uuid)
        raise wrong_password_error()


def wrong_password_error() -> ValidationError:
    return field_error("password", _("The password is incorrect."), "wrong_password")


def change_password(user: User, password: str, new: str, *, keep: UUID) -> None:
    """Replace the password, and end every session but `keep`.

    If `new` is the password already, this is a repeated request, which changes nothing. Raise
    ValidationError on `password` if it is wrong, or if it was replaced meanwhile.
    """
    if user.check_password(password):
        checked = user.password
        hashed = hash_password(new)  # before the transaction, since others may wait for its lock

        def is_unchanged() -> bool:
            return user.password == checked or user.check_password(password)

        if run_write(lambda: _replace(user, hashed, is_unchanged, keep)):
            security_event("password_changed", person=user.uuid, by="api")
            return
    if not user.check_password(new):
        security_event("password_refused", person=user.uuid)
        raise wrong_password_error()


def _replace(
    user: User, hashed: str, is_allowed: Callable[[], bool], keep: UUID | None = None
) -> bool:
    """Replace the password if `is_allowed()` is true under the lock. Return whether it was.

    The lock serializes two requests that replace the password at the same time.
    """
    user.lock_fresh()
    if not is_allowed():
        return False
    user.replace_password(hashed, keep=keep)
    return True


def reset_password(token: str, new: str) -> User:
    """Replace the password, authorised by a reset token, and end every session. Return the user.

    If `new` is the password already, this is a repeated request, which changes nothing. Raise
    ValidationError on `token` if it was used or has expired, or if another token was used
    meanwhile.
    """
    user, usable = user_of_token(token) or (None, False)
    if user is not None and usable:
        check_strength("new_password", new, user)
        state = _state(user)
        hashed = hash_password(new)
        was_on = run_write(lambda: _reset(user, hashed, state))
        if was_on is not None:
            security_event("password_reset", person=user.uuid)
            if was_on:
                second_factor.log_off(user)
            return user
    if user is None or not user.check_password(new):
        text = _("This link has been used or has expired. Request a new one.")
        raise field_error("token", text, "token_not_valid")
    return user


def _reset(user: User, hashed: str, state: str) -> bool | None:
    """Replace the password. The mail proved the email, too.

    Return None if the token was used up, else whether a second factor was turned off.

    If nobody had proved it before, a second factor is that of somebody who may have signed up with
    the address of another person, who must not be kept out.
    """
    if not _replace(user, hashed, lambda: _state(user) == state):
        return None
    is_foreign = user.email_verified_at is None and settings.EMAIL_VERIFICATION != "off"
    was_on = is_foreign and second_factor.forget(user)
    user.confirm_email(user.email, clock.now())
    return was_on


def reset_token(user: User) -> str:
    """Return a token to reset the password.

    It is valid for PASSWORD_RESET_TIMEOUT seconds, until the password or the email changes.
    """
    return signing.dumps([str(user.uuid), _state(user)], salt=SALT)


def user_of_token(token: str) -> tuple[User, bool] | None:
    """Return the user of a reset token, and whether the token can still be used.

    Return None if the token is forged or has expired, or if the account does not exist.
    """
    try:
        content: Any = signing.loads(token, salt=SALT, max_age=settings.PASSWORD_RESET_TIMEOUT)
    except signing.BadSignature:
        return None
    uuid, state = content
    user = User.objects.active().with_uuid(uuid).with_profile().first()
    keys = (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
    return user and (user, any(constant_time_compare(state, _state(user, key)) for key in keys))


def _state(user: User, key: str | None = None) -> str:
    """Return a hash that changes with the password and the email, and so invalidates tokens."""
    return salted_hmac(
        SALT, f"{user.password} {user.email}", secret=key, algorithm="sha256"
    ).hexdigest()[:32]
