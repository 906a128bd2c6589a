"""Browsers in which operators are signed in to the admin."""

from collections.abc import Iterable
from importlib import import_module

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.models import Session as BrowserSession

from accounts.models import User
from core import clock


def end_browser_sessions(people: Iterable[User]) -> None:
    """Sign these people out of the admin. Only the few operators are signed in to it."""
    keys = {str(person.pk) for person in people if person.is_staff}
    if not keys:
        return
    store = import_module(settings.SESSION_ENGINE).SessionStore
    for row in BrowserSession.objects.filter(expire_date__gt=clock.now()):
        if row.get_decoded().get(SESSION_KEY) in keys:
            store(row.session_key).delete()
