"""Rate limits on attempts to guess a password or a token.

Attempts are counted before the body is validated and before a password is hashed. A refused attempt
writes nothing, so nobody can fill the table by going on.

Nobody can lock out somebody else: an address that has signed in to an account is limited by its own
attempts on that account only, whatever others guess.
"""

import ipaddress
import math
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import Error
from django.db.models import F
from django.http import HttpRequest
from django.utils.crypto import salted_hmac
from rest_framework.request import Request

from accounts.models import Attempt, KnownNetwork, User
from core import clock
from core.events import security_event
from core.problems import Problem, Throttled
from core.transactions import run_write


@dataclass(frozen=True)
class Rate:
    """At most `times` attempts in a window that starts with the first one."""

    name: str
    times: int
    window: timedelta


# How far the clock of another web process may be ahead.
LEEWAY = timedelta(minutes=1)
TEN_MINUTES = timedelta(minutes=10)
HOUR = timedelta(hours=1)
SIGN_IN_BY_EMAIL_AND_ADDRESS = Rate("sign-in:both", 10, TEN_MINUTES)
SIGN_IN_BY_ADDRESS = Rate("sign-in:address", 100, TEN_MINUTES)
SIGN_IN_BY_EMAIL = Rate("sign-in:email", 50, HOUR)
SIGN_UP_BY_ADDRESS = Rate("sign-up:address", 30, HOUR)
RESET_BY_EMAIL_AND_ADDRESS = Rate("reset:both", 3, HOUR)
RESET_BY_EMAIL = Rate("reset:email", 3, HOUR)
RESET_BY_ADDRESS = Rate("reset:address", 30, HOUR)
MAIL_BY_EMAIL_AND_SENDER = Rate("mail:both", 3, HOUR)
MAIL_BY_EMAIL = Rate("mail:email", 10, HOUR)
VERIFY_BY_USER = Rate("verify:user", 3, HOUR)
CONFIRM_BY_ADDRESS = Rate("confirm:address", 30, HOUR)
PASSWORD_BY_USER = Rate("password:user", 10, TEN_MINUTES)


def count_sign_in(request: HttpRequest | Request, email: str | None) -> None:
    """Count an attempt to sign in; `email` is None if the body has none that is valid.

    From a network that has signed in to the account, only its own attempts on that account count.
    """
    address = client_address(request)
    if email is None:
        count({SIGN_IN_BY_ADDRESS: address})
        return
    own = {SIGN_IN_BY_EMAIL_AND_ADDRESS: f"{email} {address}"}
    others = {SIGN_IN_BY_ADDRESS: address, SIGN_IN_BY_EMAIL: email}
    count(own, others, known(email, address))


def known(email: str, address: str) -> Callable[[], bool]:
    """Return a function that tells whether the account with this email knows the address."""
    network = network_of(address)
    return lambda: KnownNetwork.objects.is_known(email, network, clock.now())


def count_sign_up(request: HttpRequest | Request) -> None:
    count({SIGN_UP_BY_ADDRESS: client_address(request)})


def count_reset(request: HttpRequest | Request, email: str | None) -> None:
    """Count a request for a reset mail, in the same way whether or not an account has the email.

    As with `count_sign_in`, nobody can use up the mails of somebody else.
    """
    address = client_address(request)
    if email is None:
        count({RESET_BY_ADDRESS: address})
        return
    own = {RESET_BY_EMAIL_AND_ADDRESS: f"{email} {address}"}
    count(own, {RESET_BY_ADDRESS: address, RESET_BY_EMAIL: email}, known(email, address))


def count_sign_up_mail(request: HttpRequest | Request, email: str) -> None:
    """Count a mail that a sign-up makes the server send to an address, known or not."""
    _count_mail(email, f"address {client_address(request)}")


def count_change_mail(user: User, email: str) -> None:
    """Count a mail that a person makes the server send to another address, known or not."""
    _count_mail(email, f"person {user.pk}")


def _count_mail(email: str, sender: str) -> None:
    # Who sends some does not use up those of others, and all of them together cannot send many.
    count({MAIL_BY_EMAIL_AND_SENDER: f"{email} {sender}", MAIL_BY_EMAIL: email})


def count_verify(user: User) -> None:
    """Count a mail to the person's own address, which sign-ups of strangers do not use up."""
    count({VERIFY_BY_USER: str(user.pk)})


def count_confirm(request: HttpRequest | Request) -> None:
    count({CONFIRM_BY_ADDRESS: client_address(request)})


def count_password(user: User) -> None:
    """Count an attempt of a signed-in person to confirm their password."""
    count({PASSWORD_BY_USER: str(user.pk)})


def count(
    rates: Mapping[Rate, str],
    unless_known: Mapping[Rate, str] | None = None,
    is_known: Callable[[], bool] = lambda: False,
) -> None:
    """Count one attempt by the subject of each rate.

    Those of `unless_known` do not limit if `is_known()`. Raise Throttled if a limit was reached
    before; then nothing is counted.
    """
    if not settings.RATE_LIMITS:
        return
    own = {key_of(rate, subject): rate for rate, subject in rates.items()}
    others = {key_of(rate, subject): rate for rate, subject in (unless_known or {}).items()}
    if wait := run_write(lambda: _count(own, others, is_known, clock.now())):
        security_event("throttled", rate=next(iter({**rates, **(unless_known or {})})).name)
        raise Throttled(wait)


def key_of(rate: Rate, subject: str) -> str:
    """Return the key of a counter. Who does not know SECRET_KEY cannot tell whose it is."""
    return f"{rate.name}:{_digest(subject)}"


def network_of(address: str) -> str:
    """Return an address in the form in which networks are remembered, as a keyed hash too."""
    return _digest(f"network {address}")


def _digest(text: str) -> str:
    return salted_hmac("accounts.attempts", text, algorithm="sha256").hexdigest()[:48]


def _count(
    own: Mapping[str, Rate],
    others: Mapping[str, Rate],
    is_known: Callable[[], bool],
    now: datetime,
) -> int:
    """Return the seconds to wait, or 0 if the attempt was counted.

    The rows are locked in the order of their keys, so that concurrent attempts can neither exceed
    a limit nor block each other.
    """
    rates = {**own, **others}
    found = Attempt.objects.select_for_update().filter(key__in=rates).order_by("key")
    # A clock that was ahead may have left a window that ends too late.
    running = {row.key: row for row in found if row.runs_at(now, rates[row.key].window + LEEWAY)}
    full = {key: row for key, row in running.items() if row.count >= rates[key].times}
    waits = [row.ends_at for key, row in full.items() if key in own]
    if not waits and full and not is_known():
        waits = [row.ends_at for row in full.values()]
    if waits:
        return math.ceil((max(waits) - now).total_seconds())
    counted = running.keys() - full.keys()
    if counted:
        Attempt.objects.filter(key__in=counted).update(count=F("count") + 1)
    for row in found:
        if row.key not in running:
            ends_at = now + rates[row.key].window
            Attempt.objects.filter(pk=row.pk).update(count=1, ends_at=ends_at)
    new = sorted(rates.keys() - {row.key for row in found})
    Attempt.objects.bulk_create(
        Attempt(key=key, count=1, ends_at=now + rates[key].window) for key in new
    )
    return 0


def remember_network(request: HttpRequest | Request, user: User) -> None:
    """Remember that this person has signed in from this network.

    It is written once a day, and never fails a sign-in.
    """
    if not settings.RATE_LIMITS:
        return
    network = network_of(client_address(request))
    now = clock.now()
    if not KnownNetwork.objects.is_fresh(user, network, now):
        with suppress(Problem, Error):  # the account was deleted, or the database is away
            run_write(lambda: KnownNetwork.remember(user, network, now))


def client_address(request: HttpRequest | Request) -> str:
    """Return the address of the client of a request, as `address_behind_proxies` does."""
    meta = request.META
    return address_behind_proxies(
        str(meta.get("REMOTE_ADDR", "")), meta.get("HTTP_X_FORWARDED_FOR", "")
    )


def address_behind_proxies(address: str, forwarded: str) -> str:
    """Return the address of a client, as the outermost of the TRUSTED_PROXIES saw it.

    `address` is that of the connection, `forwarded` the header X-Forwarded-For, to which each proxy
    appends an address. The client can forge those to the left of the ones appended by trusted
    proxies. An IPv6 address is reduced to its /64, which belongs to one household.
    """
    parts = [part.strip() for part in forwarded.split(",")]
    if 0 < settings.TRUSTED_PROXIES <= len(parts):
        address = parts[-settings.TRUSTED_PROXIES] or address
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(parsed, ipaddress.IPv6Address):
        return str(parsed.ipv4_mapped or ipaddress.ip_network((parsed.packed[:8] + bytes(8), 64)))
    return str(parsed)
