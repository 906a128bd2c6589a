"""The demo accounts that the start page of a local server shows."""

from importlib import import_module
from importlib.util import find_spec
from typing import NamedTuple

from django.conf import settings
from django.db import Error

from accounts.models import User


class SignIn(NamedTuple):
    email: str
    password: str
    nickname: str
    is_admin: bool


def sign_ins() -> list[SignIn]:
    """Return the demo accounts that are in the database. Never on a production server."""
    if not settings.LOCAL or find_spec("todomate.demo") is None:  # images are built without it
        return []
    demo = import_module("todomate.demo.people")
    accounts = [
        SignIn(person.email, demo.PASSWORD, person.nickname, person is demo.ADMIN)
        for person in (*demo.PEOPLE, demo.ADMIN)
    ]
    emails = [account.email for account in accounts]
    try:
        existing = set(User.objects.filter(email__in=emails).values_list("email", flat=True))
    except Error:  # no table yet, or no database: the page shows the rest
        return []
    return [account for account in accounts if account.email in existing]
