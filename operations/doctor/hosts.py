"""Under which names the server answers, and whom it believes about a client's address."""

from collections.abc import Iterator

from django.conf import settings
from django.http.request import split_domain_port, validate_host

from operations.doctor.findings import Finding

EXAMPLE = "todomate.example"


def examine(refused: set[str]) -> Iterator[Finding]:
    """`refused` are the variables for which something stands in."""
    if not settings.LOCAL and EXAMPLE in {
        name.strip(".") for name in [settings.DOMAIN, *settings.ALLOWED_HOSTS]
    }:
        hint = "Set DOMAIN (and ALLOWED_HOSTS, where it is set) to the name under which clients reach this server."
        message = f"DOMAIN or ALLOWED_HOSTS is {EXAMPLE}: .env.example was taken as it stands."
        yield Finding("example-shipped", message, hint)
    if settings.DOMAIN:
        yield from of_domain(refused)
    if (
        settings.DOMAIN
        and not settings.LOCAL
        and not settings.TRUSTED_PROXIES
        and "TRUSTED_PROXIES" not in refused
    ):
        message = (
            "DOMAIN is set, so a proxy stands in front, but TRUSTED_PROXIES is 0: all clients share one address, and "
            "who guesses passwords locks everybody out."
        )
        hint = "Set TRUSTED_PROXIES=1 (nginx alone in front), or 2 with a load balancer before it."
        yield Finding("proxy-not-trusted", message, hint, "warning")


def of_domain(refused: set[str]) -> Iterator[Finding]:
    name, port = split_domain_port(settings.DOMAIN)
    if not name or port:
        hint = "Write the name alone: no https://, no port, no path (DOMAIN=todo.your-name.org)."
        yield Finding(
            "domain-not-a-name", f"DOMAIN is {settings.DOMAIN!r}, which is not a host name.", hint
        )
    elif "ALLOWED_HOSTS" not in refused and not validate_host(name, settings.ALLOWED_HOSTS):
        message = f"DOMAIN is {settings.DOMAIN}, which ALLOWED_HOSTS does not hold: every request to it would get a 400."
        hint = (
            f"Add {settings.DOMAIN} to ALLOWED_HOSTS, or leave ALLOWED_HOSTS out: DOMAIN is enough."
        )
        yield Finding("host-not-allowed", message, hint)
