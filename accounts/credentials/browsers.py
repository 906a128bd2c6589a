"""Browsers in which operators are signed in to the admin."""

from collections.abc import Iterable
from importlib import import_module

from django.conf import settings
from django.contrib.auth import SESSION_KEY, signals
from django.contrib.sessions.models import Session as BrowserSession
from django.dispatch import receiver
from django.http import HttpRequest

from accounts.models import User
from core import clock

# In the data of a session that began with a second factor.
SECOND_FACTOR = "second_factor"


@receiver(signals.user_logged_in)
def mark_second_factor(request: HttpRequest, user: User, **kwargs: object) -> None:
    """Note in the session that it began with a code: who has a second factor needs one."""
    if user.has_second_factor:
        request.session[SECOND_FACTOR] = True
    else:
        request.session.pop(SECOND_FACTOR, None)


def has_needed_factor(request: HttpRequest) -> bool:
    """Return whether the session began with a second factor that is still on, if it has to.

    Sessions that began before OPERATORS_NEED_SECOND_FACTOR was set have to as well.
    """
    if not settings.OPERATORS_NEED_SECOND_FACTOR:
        return True
    person = request.user
    return (
        isinstance(person, User) and person.has_second_factor and SECOND_FACTOR in request.session
    )


def end_browser_sessions(people: Iterable[User]) -> None:
    """Sign these people out of the admin. Only the few operators are signed in to it."""
    keys = {str(person.pk) for person in people if person.is_staff}
    if not keys:
        return
    store = import_module(settings.SESSION_ENGINE).SessionStore
    for row in BrowserSession.objects.filter(expire_date__gt=clock.now()):
        if row.get_decoded().get(SESSION_KEY) in keys:
            store(row.session_key).delete()
