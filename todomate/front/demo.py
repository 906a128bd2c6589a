"""The demo's people, for the start page of a server that was just tried out."""

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


def sign_ins() -> list[SignIn]:
    """The demo's sign-ins, where `make run` put the demo in; never on a production server, whose image has no demo."""
    if not settings.LOCAL or find_spec("todomate.demo") is None:
        return []
    people = [SignIn(*person) for person in import_module("todomate.demo.people").SIGN_INS]
    try:
        there = set(User.objects.filter(email__in=[p.email for p in people]).values_list("email", flat=True))
    except Error:
        return []
    return [person for person in people if person.email in there]
