"""How somebody comes in: a new account, or an email with its password."""

from typing import Any
from uuid import UUID

from django.contrib.auth import authenticate
from django.contrib.auth.hashers import make_password

from accounts.models import Profile, Session, User
from accounts.names import Taken
from core.ids import refuse_taken
from core.problems import Problem
from core.transactions import run_write


def sign_in(email: str, password: str, device: str | None) -> Session:
    """A session for who has this email and password. Raises Problem `invalid_credentials`.

    An unknown email, a wrong password and an inactive person cost the same time and look the same.
    """
    user = _who(email, password)
    return run_write(lambda: _begin(user, password, device))


def _who(email: str, password: str) -> User:
    user = authenticate(username=email, password=password)
    if not isinstance(user, User):
        raise Problem("invalid_credentials")
    return user


def _begin(user: User, password: str, device: str | None) -> Session:
    """The password may have been replaced while it was checked: then this sign-in must not outlive that."""
    user.lock()
    checked = user.password
    user.refresh_from_db(fields=["password"])
    if user.password != checked and not user.check_password(password):
        raise Problem("invalid_credentials")
    return Session.start(user, device)


def sign_up(values: dict[str, Any]) -> Session | None:
    """A session of the new account; None when the id in `values` has an account already: then ask `sign_up_again`.

    Raises Problem `duplicate` for an email or a handle, and `id_taken` for an id, that somebody or something else has.
    """
    hashed = make_password(values["password"])  # before the transaction, which others may wait for
    return run_write(lambda: _make(values | {"password": None}, hashed))


def _make(values: dict[str, Any], hashed: str) -> Session | None:
    device, pk = device_of(values), values.get("uuid")
    values.pop("device", None)
    try:
        _require_free(pk, values["email"], values.get("handle"))
    except Problem:
        # Asked last: of two at once the other may have made the account after any earlier question.
        if pk is not None and User.objects.with_uuid(pk).exists():
            return None
        raise
    user = User.objects.create_user(**values)
    user.change(password=hashed)
    return Session.start(user, device)


def _require_free(pk: UUID | None, email: str, handle: str | None) -> None:
    if pk is not None:
        refuse_taken(pk)
    taken = ["email"] if User.objects.with_email(email).exists() else []
    if handle and Profile.objects.filter(handle=handle).exists():
        taken.append("handle")
    if taken:
        raise Taken(*taken)


def device_of(values: dict[str, Any]) -> str | None:
    """The device that signs up; without a name the account's id is one, so that a sign-up sent twice is one session."""
    return values.get("device") or (str(values["uuid"]) if values.get("uuid") else None)


def sign_up_again(values: dict[str, Any]) -> Session:
    """A session, as the same sign-up has come a second time.

    Raises Problem `id_taken` unless email and password are the account's own.
    """
    try:
        user = _who(values["email"], values["password"])
        if user.uuid == values["uuid"]:
            return run_write(lambda: _begin(user, values["password"], device_of(values)))
    except Problem as problem:
        raise Problem("id_taken") from problem
    raise Problem("id_taken")
