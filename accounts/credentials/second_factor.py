"""Checking, turning on and turning off the second factor of a person."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.utils.translation import gettext as _
from rest_framework.exceptions import ValidationError

from accounts.models import RecoveryCode, SecondFactor, User
from core import clock
from core.events import security_event
from core.exceptions import field_error
from core.problems import Problem
from core.transactions import run_write

ISSUER = "TodoMate"


def require_code(user: User, code: str | None) -> None:
    """Spend a code if the person has a second factor. The person must be locked.

    Raise Problem `second_factor_required` without a code, `second_factor_invalid` for one that is
    wrong or was used before. The caller logs it with `wrong_codes_logged`, outside of the
    transaction.
    """
    if not user.has_second_factor:
        return
    if not code:
        raise Problem("second_factor_required")
    factor = SecondFactor.objects.of(user).first()
    if factor is None or not factor.spend(code, clock.now()):
        raise Problem("second_factor_invalid")


@contextmanager
def wrong_codes_logged(user: User, by: str = "api") -> Iterator[None]:
    """Log that a code was wrong, if the block raises that."""
    try:
        yield
    except Problem as problem:
        if problem.code == "second_factor_invalid":
            security_event("second_factor_failed", person=user.uuid, by=by)
        raise


def start(user: User) -> SecondFactor:
    """Return a factor to be confirmed. Raise Problem `second_factor_on`."""

    def write() -> SecondFactor:
        user.lock()
        factor = SecondFactor.start(user)
        if factor.confirmed_at is not None:
            raise Problem("second_factor_on")
        return factor

    return run_write(write)


def confirm(user: User, code: str) -> SecondFactor:
    """Turn the factor on with its first code. Raise ValidationError on `code`."""

    def write() -> SecondFactor | None:
        user.lock()
        factor = SecondFactor.objects.of(user).first()
        if factor is None or not factor.confirm(code, clock.now()):
            return None
        User.objects.filter(pk=user.pk).update(has_second_factor=True)
        return factor

    factor = run_write(write)
    if factor is None:
        raise wrong_code()
    security_event("second_factor_changed", person=user.uuid, change="on")
    return factor


def remove(user: User, code: str | None) -> None:
    """Turn the factor off, if there is one. Raise ValidationError on `code`."""

    def write() -> bool:
        user.lock()
        user.refresh_from_db(fields=["has_second_factor"])
        require_code(user, code)
        return forget(user)

    try:
        with wrong_codes_logged(user):
            was_on = run_write(write)
    except Problem as problem:
        if problem.code in ("second_factor_required", "second_factor_invalid"):
            raise wrong_code() from problem
        raise
    if was_on:
        log_off(user)


def forget(user: User) -> bool:
    """Delete the factor and its recovery codes, whatever is known of them. Idempotent.

    Return whether it was on: then the caller calls `log_off` after the transaction.
    """
    RecoveryCode.objects.filter(user_id=user.pk).delete()
    SecondFactor.objects.of(user).delete()
    on = User.objects.filter(pk=user.pk, has_second_factor=True)
    return on.update(has_second_factor=False) > 0


def log_off(user: User) -> None:
    security_event("second_factor_changed", person=user.uuid, change="off")


def wrong_code() -> ValidationError:
    return field_error("code", _("The code is wrong or was used before."), "wrong_code")
