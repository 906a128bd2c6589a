"""How often something that could be guessed may be tried. Attempts are counted before a password is hashed."""

import hashlib
import ipaddress
import math
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from rest_framework.request import Request

from accounts.models import Attempt, User
from core import days
from core.problems import Throttled
from core.transactions import run_write


@dataclass(frozen=True)
class Rate:
    """`times` in a window that begins with the first attempt."""

    name: str
    times: int
    window: timedelta


TEN_MINUTES, HOUR = timedelta(minutes=10), timedelta(hours=1)
SIGN_IN_BY_EMAIL_AND_ADDRESS = Rate("sign-in:both", 10, TEN_MINUTES)
SIGN_IN_BY_ADDRESS = Rate("sign-in:address", 100, TEN_MINUTES)
SIGN_IN_BY_EMAIL = Rate("sign-in:email", 50, HOUR)
SIGN_UP_BY_ADDRESS = Rate("sign-up:address", 30, HOUR)
RESET_BY_EMAIL = Rate("reset:email", 3, HOUR)
RESET_BY_ADDRESS = Rate("reset:address", 30, HOUR)
CONFIRM_BY_ADDRESS = Rate("confirm:address", 30, HOUR)
PASSWORD_BY_USER = Rate("password:user", 10, TEN_MINUTES)


def count_sign_in(request: Request, email: str) -> None:
    """The narrowest first: whoever guesses from one address uses that up before the owner's own attempts."""
    address = client_address(request)
    count(SIGN_IN_BY_EMAIL_AND_ADDRESS, f"{email} {address}")
    count(SIGN_IN_BY_ADDRESS, address)
    count(SIGN_IN_BY_EMAIL, email)


def count_sign_up(request: Request) -> None:
    count(SIGN_UP_BY_ADDRESS, client_address(request))


def count_reset(request: Request, email: str) -> None:
    """Alike for addresses that somebody has and that nobody has."""
    count(RESET_BY_ADDRESS, client_address(request))
    count(RESET_BY_EMAIL, email)


def count_confirm(request: Request) -> None:
    count(CONFIRM_BY_ADDRESS, client_address(request))


def count_password(user: User) -> None:
    """Somebody signed in, or with a link from a mail, gives a password."""
    count(PASSWORD_BY_USER, str(user.pk))


def count(rate: Rate, whose: str) -> None:
    """Count one attempt. Raises Throttled when there were as many as there may be; those do not count again."""
    if not settings.RATE_LIMITS:
        return
    # Neither emails nor addresses are kept in clear.
    key = f"{rate.name}:{hashlib.sha256(whose.encode()).hexdigest()[:48]}"
    wait = run_write(lambda: _count(rate, key, days.now()))
    if wait:
        raise Throttled(wait)


def _count(rate: Rate, key: str, now: datetime) -> int:
    """The seconds to wait, or 0. The row is locked, so that of many at once no more pass than may."""
    attempt = Attempt.objects.select_for_update().filter(key=key).first()
    if attempt is None:
        attempt = Attempt.objects.create(key=key, ends_at=now + rate.window)
    if attempt.ends_at <= now:
        attempt.count, attempt.ends_at = 0, now + rate.window
    if attempt.count >= rate.times:
        return math.ceil((attempt.ends_at - now).total_seconds())
    attempt.count += 1
    attempt.save(update_fields=["count", "ends_at"])
    return 0


def client_address(request: Request) -> str:
    """Where a request comes from, as far as that can be believed: what the outermost proxy of ours has seen.

    Each proxy adds an address at the right of X-Forwarded-For; what stands left of ours is the client's own invention.
    An IPv6 address counts as its /64, which one household has to itself.
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
