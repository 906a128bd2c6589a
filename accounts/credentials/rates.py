"""Rate limits on attempts to guess a password or a token.

Attempts are counted before a password is hashed.
"""

import hashlib
import ipaddress
import math
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.http import HttpRequest
from rest_framework.request import Request

from accounts.models import Attempt, User
from core import clock
from core.problems import Throttled
from core.transactions import run_write


@dataclass(frozen=True)
class Rate:
    """At most `times` attempts in a window that starts with the first one."""

    name: str
    times: int
    window: timedelta


TEN_MINUTES = timedelta(minutes=10)
HOUR = timedelta(hours=1)
SIGN_IN_BY_EMAIL_AND_ADDRESS = Rate("sign-in:both", 10, TEN_MINUTES)
SIGN_IN_BY_ADDRESS = Rate("sign-in:address", 100, TEN_MINUTES)
SIGN_IN_BY_EMAIL = Rate("sign-in:email", 50, HOUR)
SIGN_UP_BY_ADDRESS = Rate("sign-up:address", 30, HOUR)
RESET_BY_EMAIL = Rate("reset:email", 3, HOUR)
RESET_BY_ADDRESS = Rate("reset:address", 30, HOUR)
CONFIRM_BY_ADDRESS = Rate("confirm:address", 30, HOUR)
PASSWORD_BY_USER = Rate("password:user", 10, TEN_MINUTES)


def count_sign_in(request: HttpRequest | Request, email: str) -> None:
    """Count an attempt to sign in.

    The narrowest rate comes first: guesses from one address exhaust that one, and not the attempts
    of the account's owner.
    """
    address = client_address(request)
    count(SIGN_IN_BY_EMAIL_AND_ADDRESS, f"{email} {address}")
    count(SIGN_IN_BY_ADDRESS, address)
    count(SIGN_IN_BY_EMAIL, email)


def count_sign_up(request: HttpRequest | Request) -> None:
    count(SIGN_UP_BY_ADDRESS, client_address(request))


def count_reset(request: HttpRequest | Request, email: str) -> None:
    """Count a request for a reset mail, in the same way whether or not an account has the email."""
    count(RESET_BY_ADDRESS, client_address(request))
    count(RESET_BY_EMAIL, email)


def count_confirm(request: HttpRequest | Request) -> None:
    count(CONFIRM_BY_ADDRESS, client_address(request))


def count_password(user: User) -> None:
    """Count an attempt of a signed-in person to confirm their password."""
    count(PASSWORD_BY_USER, str(user.pk))


def count(rate: Rate, subject: str) -> None:
    """Count one attempt by `subject`.

    Raise Throttled if the limit was reached before; that attempt is not counted.
    """
    if not settings.RATE_LIMITS:
        return
    # Neither emails nor addresses are stored in plain text.
    key = f"{rate.name}:{hashlib.sha256(subject.encode()).hexdigest()[:48]}"
    wait = run_write(lambda: _count(rate, key, clock.now()))
    if wait:
        raise Throttled(wait)


def _count(rate: Rate, key: str, now: datetime) -> int:
    """Return the seconds to wait, or 0 if the attempt was counted.

    The row is locked, so that concurrent attempts cannot exceed the limit.
    """
    attempt = Attempt.objects.select_for_update().filter(key=key).first()
    if attempt is None:
        attempt = Attempt.objects.create(key=key, ends_at=now + rate.window)
    if attempt.ends_at <= now:
        attempt.count = 0
        attempt.ends_at = now + rate.window
    if attempt.count >= rate.times:
        return math.ceil((attempt.ends_at - now).total_seconds())
    attempt.count += 1
    attempt.save(update_fields=["count", "ends_at"])
    return 0


def client_address(request: HttpRequest | Request) -> str:
    """Return the address of the client, as the outermost of the TRUSTED_PROXIES saw it.

    Each proxy appends an address to X-Forwarded-For. The client can forge those to the left of
    the ones appended by trusted proxies. An IPv6 address is reduced to its /64, which belongs to
    one household.
    """
    address = str(request.META.get("REMOTE_ADDR", ""))
    forwarded = [part.strip() for part in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")]
    if 0 < settings.TRUSTED_PROXIES <= len(forwarded):
        address = forwarded[-settings.TRUSTED_PROXIES] or address
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(parsed, ipaddress.IPv6Address):
        return str(parsed.ipv4_mapped or ipaddress.ip_network((parsed.packed[:8] + bytes(8), 64)))
    return str(parsed)
