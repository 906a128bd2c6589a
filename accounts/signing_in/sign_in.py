"""Signing up and signing in."""

from typing import Any
from uuid import UUID

from django.contrib.auth import authenticate

from accounts.credentials.passwords import hash_password
from accounts.credentials.second_factor import require_code, wrong_codes_logged
from accounts.models import Device, Invitation, Profile, Session, User
from accounts.names import Taken
from core.ids import refuse_taken
from core.problems import Problem
from core.transactions import run_write

# Of a sign-up's body: they describe the device, not the account.
DEVICE_FIELDS = {"device", "device_id"}


def sign_in(email: str, password: str, device: Device, code: str | None = None) -> Session:
    """Start a session. Raise Problem `invalid_credentials`, or one of `require_code`.

    An unknown email, a wrong password and an inactive account take the same time and get the same
    response.
    """
    user = _check_credentials(email, password)
    with wrong_codes_logged(user):
        return run_write(lambda: _start_session(user, password, device, code))


def _check_credentials(email: str, password: str) -> User:
    user = authenticate(username=email, password=password)
    if not isinstance(user, User):
        raise Problem("invalid_credentials")
    return user


def _start_session(user: User, password: str, device: Device, code: str | None = None) -> Session:
    """Start a session, unless the password was replaced after it was checked.

    Replacing a password ends all sessions, so no session may start with the old one afterwards.
    """
    user.lock()
    checked = user.password
    user.refresh_from_db(fields=["password", "has_second_factor"])
    if user.password != checked and not user.check_password(password):
        raise Problem("invalid_credentials")
    require_code(user, code)
    return Session.start(user, device)


def sign_up(values: dict[str, Any], device: Device) -> Session | None:
    """Create an account and start a session.

    Return None if there is an account with the id in `values`: then call `sign_in_again`. Raise
    Problem `duplicate` if the email or the handle is taken, `id_taken`, or that of an invitation.
    """
    # Before the transaction, since others may wait for its locks.
    hashed = hash_password(values["password"])
    return run_write(lambda: _create_account(values | {"password": None}, hashed, device))


def _create_account(values: dict[str, Any], hashed: str, device: Device) -> Session | None:
    pk = values.get("uuid")
    values = {name: value for name, value in values.items() if name not in DEVICE_FIELDS}
    invitation = values.pop("invitation", None)
    try:
        # First, so that a server which is not open does not tell which emails it knows.
        Invitation.objects.require_admission(invitation)
        require_free(pk, values["email"], values.get("handle"))
        Invitation.objects.use(invitation)
    except Problem:
        # Checked last: a concurrent request may have created the account after any earlier check.
        if pk is not None and User.objects.with_uuid(pk).exists():
            return None
        raise
    user = User.objects.create_user(**values)
    user.change(password=hashed)
    return Session.start(user, device)


def require_free(pk: UUID | None, email: str | None, handle: str | None) -> None:
    """Raise a Problem if the id, the email or the handle is taken. None is not looked up."""
    if pk is not None:
        refuse_taken(pk)
    taken = []
    if email and User.objects.with_email(email).exists():
        taken.append("email")
    if handle and Profile.objects.filter(handle=handle).exists():
        taken.append("handle")
    if taken:
        raise Taken(*taken)


def sign_in_again(values: dict[str, Any], device: Device) -> Session:
    """Start a session for a repeated sign-up.

    Raise Problem `id_taken` unless the id, the email and the password are those of one account
    without a second factor.
    """
    try:
        user = _check_credentials(values["email"], values["password"])
        if user.uuid == values["uuid"]:
            return run_write(lambda: _start_session(user, values["password"], device))
    except Problem as problem:
        if problem.status_code == 503:  # it may be right the next time
            raise
        raise Problem("id_taken") from problem
    raise Problem("id_taken")
