"""Security events of what Django's own authentication does, for the API and the admin."""

from typing import Any

from django.contrib.auth import signals
from django.dispatch import receiver
from django.http import HttpRequest

from accounts.models import User
from core.events import security_event


@receiver(signals.user_login_failed)
def log_failure(
    credentials: dict[str, Any], request: HttpRequest | None = None, **kwargs: object
) -> None:
    """Log a sign-in with a wrong email or password. The API gives no request to `authenticate`."""
    email = str(credentials.get("username", ""))
    person = User.objects.with_email(email).values_list("uuid", flat=True).first()
    security_event("sign_in_failed", person=person, by="admin" if request else "api")


@receiver(signals.user_logged_in)
def log_sign_in(user: User, **kwargs: object) -> None:
    security_event("sign_in", person=user.uuid, by="admin")


@receiver(signals.user_logged_out)
def log_sign_out(user: User | None, **kwargs: object) -> None:
    if user is not None:
        security_event("sign_out", person=user.uuid, by="admin")
