"""The demo's people, for the start page of a server that is being tried out."""

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
    """The demo's sign-ins, where `make run` put them into the database; never on a production server."""
    if not settings.LOCAL or find_spec("todomate.demo") is None:  # images are made without the demo
        return []
    demo = import_module("todomate.demo.people")
    people = [
        SignIn(person.email, demo.PASSWORD, person.nickname, person is demo.ADMIN)
        for person in (*demo.PEOPLE, demo.ADMIN)
    ]
    try:
        there = set(
            User.objects.filter(email__in=[p.email for p in people]).values_list("email", flat=True)
        )
    except Error:  # no table yet, or no database: the page says what it can
        return []
    return [person for person in people if person.email in there]
