"""Readers of environment variables, which stop the start with one sentence about a bad value."""

import os
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
BOOLEANS = {
    "true": True,
    "yes": True,
    "on": True,
    "1": True,
    "false": False,
    "no": False,
    "off": False,
    "0": False,
}
PLACEHOLDERS = ("local-only-", "change-me", "django-insecure-")
# Options after the ? of a mysql:// URL, with the values they may have; () stands for any text.
MYSQL_OPTIONS = {
    "ssl_mode": ("DISABLED", "PREFERRED", "REQUIRED", "VERIFY_CA", "VERIFY_IDENTITY"),
    "unix_socket": (),
}
# The same for postgres:// URLs. `host` is the folder of a unix socket, as in libpq.
POSTGRES_OPTIONS = {
    "sslmode": ("disable", "allow", "prefer", "require", "verify-ca", "verify-full"),
    "host": (),
}
OPTIONS: dict[str, dict[str, tuple[str, ...]]] = {
    "sqlite": {},
    "mysql": MYSQL_OPTIONS,
    "postgres": POSTGRES_OPTIONS,
    "postgresql": POSTGRES_OPTIONS,
}
# Seconds. Short, since the primary can answer instead of a replica, within what a request may wait
# for in all (core/waiting.py). Some drivers try to read several times.
REPLICA_TIMEOUTS = {"connect_timeout": 1, "read_timeout": 1, "write_timeout": 1}

# As browsers write it: the name of a host in ASCII, no user and no path.
ORIGIN = re.compile(r"[a-zA-Z][a-zA-Z0-9+.-]*://([a-zA-Z0-9._-]+|\[[0-9a-fA-F:]+\])(:[0-9]{1,5})?")

# Ports that browsers leave out of an origin.
USUAL_PORT = re.compile(r"^(http://.*):80$|^(https://.*):443$")

# Origins of this machine and of private networks, web views included. A name without a dot is that
# of a machine in the network.
_BYTE = r"\.(25[0-5]|2[0-4][0-9]|1?[0-9]{1,2})"
LOCAL_ORIGIN = (
    r"^(https?|capacitor|ionic)://([a-z0-9-]+(\.local)?|\[::1\]"
    rf"|(127|10)({_BYTE}){{3}}|192\.168({_BYTE}){{2}}|172\.(1[6-9]|2[0-9]|3[01])({_BYTE}){{2}})"
    r"(:[0-9]{1,5})?\Z"
)

type DatabaseEntry = dict[str, Any]  # of DATABASES


class InvalidSetting(ImproperlyConfigured):
    """Raised when a variable has an invalid value.

    `name` is the variable as it was given (NAME or NAME_FILE), `reason` the rest of the sentence.
    """

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(f"{name} {reason}. See .env.example.")
        self.name = name
        self.reason = reason


def text(name: str, default: str = "") -> str:
    """Return the variable, or the content of the file that NAME_FILE names (container secrets).

    An empty value counts as not given.
    """
    if file := os.environ.get(f"{name}_FILE"):
        try:
            return Path(file).read_text("utf-8").strip() or default
        except (OSError, ValueError) as error:
            reason = f"names the file {file}, which cannot be read"
            raise InvalidSetting(f"{name}_FILE", reason) from error
    return os.environ.get(name, "").strip() or default


def word(name: str, default: str, choices: tuple[str, ...]) -> str:
    """Return one of `choices`."""
    value = text(name, default)
    if value not in choices:
        raise InvalidSetting(name, f"is {value!r}; it must be one of {', '.join(choices)}")
    return value


def page(name: str, default: str) -> str:
    """Return the URL of a page of the app, in which {token} stands for the token of a mail."""
    value = text(name, default)
    if "{token}" not in value:
        raise InvalidSetting(name, "must contain {token}, which stands for the token of the mail")
    return value


def origins(name: str) -> list[str]:
    """Return origins of web pages, such as https://app.example.org, or ["*"] for all.

    An app in a web view has a scheme of its own (capacitor://localhost). The usual port is left
    out, as browsers do.
    """
    values = words(name, [])
    for value in values:
        if values != ["*"] and not ORIGIN.fullmatch(value):
            reason = (
                f"contains {value!r}, which is no origin: write the scheme and the host, and the"
                " port if it is not the usual one, without a path (https://app.your-name.org)"
            )
            raise InvalidSetting(name, reason)
    return [USUAL_PORT.sub(r"\1\2", value.lower()) for value in values]


def secret(name: str, default: str, *, local: bool) -> str:
    """Return a signing key. Placeholders of examples are accepted on a local server only."""
    value = text(name, default)
    if not _is_secret(value, local=local):
        reason = "must be a secret of 50 characters or more, generated for this server only"
        raise InvalidSetting(name, reason)
    return value


def secrets(name: str, *, local: bool) -> list[str]:
    """Return further signing keys, separated by commas."""
    values = words(name, [])
    if not all(_is_secret(value, local=local) for value in values):
        reason = "must be secrets of 50 characters or more, separated by commas"
        raise InvalidSetting(name, reason)
    return values


def _is_secret(value: str, *, local: bool) -> bool:
    return len(value) >= 50 and (local or not value.startswith(PLACEHOLDERS))


def words(name: str, default: list[str]) -> list[str]:
    """Return a list of values, which are separated by commas."""
    return [part.strip() for part in text(name).split(",") if part.strip()] or default


def flag(name: str, *, default: bool) -> bool:
    """Return a boolean: true, yes, on or 1; false, no, off or 0."""
    value = text(name, str(default)).lower()
    if value not in BOOLEANS:
        raise InvalidSetting(name, f"is {value!r}; it must be true or false")
    return BOOLEANS[value]


def whole_number(name: str, default: int, low: int, high: int) -> int:
    """Return an integer from `low` to `high`."""
    value = text(name, str(default))
    if not (value.isascii() and value.isdigit() and low <= int(value) <= high):
        reason = f"is {value!r}; it must be a whole number from {low} to {high}"
        raise InvalidSetting(name, reason)
    return int(value)


def numbers(name: str, parts: Sequence[str], default: dict[str, int]) -> dict[str, int]:
    """Return `default` with the numbers in `parts`, each name=number, of the variable `name`."""
    result = dict(default)
    for part in parts:
        key, _, value = part.partition("=")
        if key not in default or not re.fullmatch("[0-9]{1,9}", value, re.ASCII):
            known = ", ".join(default)
            reason = f"has {part!r}; each part must be name=number, and the names are {known}"
            raise InvalidSetting(name, reason)
        result[key] = int(value)
    return result


def rates(
    name: str, parts: Sequence[str], default: dict[str, tuple[int, int]]
) -> dict[str, tuple[int, int]]:
    """Return `default` with the rates in `parts`, each name=amount/seconds, of `name`."""
    result = dict(default)
    for part in parts:
        match = re.fullmatch("([a-z-]+)=([0-9]{1,9})/([1-9][0-9]{0,6})", part, re.ASCII)
        if match is None or match[1] not in default:
            known = ", ".join(default)
            reason = f"has {part!r}; each part must be name=amount/seconds, the names being {known}"
            raise InvalidSetting(name, reason)
        result[match[1]] = int(match[2]), int(match[3])
    return result


def url(name: str, default: str, schemes: tuple[str, ...]) -> SplitResult:
    """Return a URL. Errors do not quote it, as it may hold a password."""
    return split(name, text(name, default), schemes)


def split(name: str, address: str, schemes: tuple[str, ...]) -> SplitResult:
    """Return the parts of `address`, the value of the variable `name`."""
    try:
        parts = urlsplit(address)
        _ = parts.port
    except ValueError:
        # The original error may quote the URL.
        raise InvalidSetting(name, "is not a valid URL") from None
    if parts.scheme not in schemes:
        prefixes = " or ".join(f"{scheme}://" for scheme in schemes)
        raise InvalidSetting(name, f"must begin with {prefixes}")
    return parts


def database(name: str, default: str) -> DatabaseEntry:
    """Return the entry of DATABASES for a URL."""
    return entry(name, text(name, default))


def entry(name: str, address: str) -> DatabaseEntry:
    """Return the entry of DATABASES for `address`, the value of the variable `name`."""
    if address == "sqlite://:memory:":
        return {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}
    parts = split(name, address, tuple(OPTIONS))
    is_file = parts.scheme == "sqlite"
    options = _database_options(name, parts)
    path = unquote(parts.path[1:])
    if not path.strip("/") or not (is_file or parts.hostname or "host" in options):
        reason = (
            "must name the database: sqlite:///path, mysql://user:password@host:port/name or"
            " postgres://user:password@host:port/name"
        )
        raise InvalidSetting(name, reason)
    if parts.fragment or (not is_file and re.search("[/@]", parts.path[1:])):
        raise InvalidSetting(name, "must have its special characters percent-encoded (/ as %2F)")
    if is_file and parts.netloc:
        raise InvalidSetting(name, "names a host; a file is written sqlite:///path")
    if is_file:
        return {"ENGINE": "django.db.backends.sqlite3", "NAME": path}
    return {
        "ENGINE": "core.mysql" if parts.scheme == "mysql" else "core.postgres",
        "NAME": path,
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": unquote(parts.hostname or "") or options.pop("host", ""),
        "PORT": parts.port or "",
        **({"OPTIONS": options} if options else {}),
    }


def _database_options(name: str, parts: SplitResult) -> dict[str, str]:
    known = OPTIONS[parts.scheme]
    options = dict(parse_qsl(parts.query, keep_blank_values=True))
    for option, value in options.items():
        if option not in known or (known[option] and value not in known[option]):
            reason = (
                "has an unknown option after its ?; encryption is set up by MYSQL_CA or POSTGRES_CA"
            )
            raise InvalidSetting(name, reason)
    return options


def replicas(
    name: str, addresses: Sequence[str], primary: DatabaseEntry
) -> dict[str, DatabaseEntry]:
    """Return the entries of DATABASES for replicas of `primary`: replica1, replica2 and so on.

    `addresses` are the URLs in the variable `name`.
    """
    entries = [entry(name, address) for address in addresses]
    if any("mysql" not in database["ENGINE"] for database in [primary, *entries] if entries):
        reason = "must name replicas at mysql://, of a primary at mysql:// in DATABASE_URL"
        raise InvalidSetting(name, reason)
    common: DatabaseEntry = {
        "ENGINE": primary["ENGINE"],
        "OPTIONS": primary["OPTIONS"] | REPLICA_TIMEOUTS,
        "CONN_HEALTH_CHECKS": False,
        "TEST": {"MIRROR": "default"},
    }
    return {
        f"replica{number}": primary | database | common
        for number, database in enumerate(entries, 1)
    }
