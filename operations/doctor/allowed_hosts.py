"""Check the host names the server answers to, the origins and the proxies it trusts."""

from collections.abc import Iterator
from urllib.parse import urlsplit

from django.conf import settings
from django.http.request import split_domain_port, validate_host

from operations.doctor.findings import Finding

EXAMPLE = "todomate.example"


def examine(refused: set[str]) -> Iterator[Finding]:
    """Yield findings about DOMAIN, ALLOWED_HOSTS, CSRF_TRUSTED_ORIGINS and TRUSTED_PROXIES.

    `refused` names the variables that the settings refuse, whose values are replaced.
    """
    if not settings.LOCAL:
        yield from _examine_example()
    if "ALLOWED_HOSTS" not in refused:
        yield from _examine_hosts()
    yield from _examine_origins()
    if settings.DOMAIN:
        yield from _examine_domain(check_allowed="ALLOWED_HOSTS" not in refused)
        if not settings.LOCAL and "TRUSTED_PROXIES" not in refused:
            yield from _examine_proxies()


def _examine_example() -> Iterator[Finding]:
    if EXAMPLE in {name.strip(".") for name in [settings.DOMAIN, *settings.ALLOWED_HOSTS]}:
        yield Finding(
            "example-shipped",
            f"DOMAIN or ALLOWED_HOSTS is {EXAMPLE}: .env.example is in use unchanged.",
            "Set DOMAIN (and ALLOWED_HOSTS, if it is set) to the host name that clients use to"
            " reach this server.",
        )


def _examine_hosts() -> Iterator[Finding]:
    """Yield a finding for each host that no request can have: Django compares names alone."""
    for host in settings.ALLOWED_HOSTS:
        name, port = split_domain_port(host.removeprefix("."))
        if host not in (settings.DOMAIN, "*") and (not name or port):
            yield Finding(
                "host-not-a-name",
                f"ALLOWED_HOSTS contains {host!r}, which is not a host name: no request has it.",
                "Use the name alone: no https://, no port, no path, no user (todo.your-name.org,"
                " or .your-name.org for all names below it).",
            )


def _examine_origins() -> Iterator[Finding]:
    for origin in settings.CSRF_TRUSTED_ORIGINS:
        parts = urlsplit(origin)
        if parts.scheme not in ("https", "http") or not parts.netloc or parts.path or parts.query:
            yield Finding(
                "origin-not-an-origin",
                f"CSRF_TRUSTED_ORIGINS contains {origin!r}, which is not an origin.",
                "Use the scheme and the host, and the port if it is not the usual one, without a"
                " path: https://todo.your-name.org.",
            )


def _examine_domain(*, check_allowed: bool) -> Iterator[Finding]:
    name, port = split_domain_port(settings.DOMAIN)
    if not name or port:
        yield Finding(
            "domain-not-a-name",
            f"DOMAIN is {settings.DOMAIN!r}, which is not a host name.",
            "Use the name alone: no https://, no port, no path (DOMAIN=todo.your-name.org).",
        )
    elif check_allowed and not validate_host(name, settings.ALLOWED_HOSTS):
        yield Finding(
            "host-not-allowed",
            f"ALLOWED_HOSTS does not contain DOMAIN ({settings.DOMAIN}): every request to it would"
            " get a 400.",
            f"Add {settings.DOMAIN} to ALLOWED_HOSTS, or remove ALLOWED_HOSTS: DOMAIN is enough.",
        )


def _examine_proxies() -> Iterator[Finding]:
    if not settings.TRUSTED_PROXIES:
        yield Finding(
            "proxy-not-trusted",
            "DOMAIN is set, so there is a proxy in front, but TRUSTED_PROXIES is 0: all clients"
            " appear to have the same address, and one that guesses passwords locks out all.",
            "Set TRUSTED_PROXIES=1 (nginx only), or 2 with a load balancer in front of nginx.",
            "warning",
        )
