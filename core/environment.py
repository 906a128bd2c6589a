"""Reading the environment. A value that makes no sense stops the start with one sentence that names the variable."""

import os
from pathlib import Path
from typing import Any, NoReturn
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
FLAGS = {
    "true": True,
    "yes": True,
    "on": True,
    "1": True,
    "false": False,
    "no": False,
    "off": False,
    "0": False,
}
# What may stand behind the ? of DATABASE_URL, with what it may be; an empty one is any text.
MYSQL_OPTIONS = {
    "ssl_mode": ("DISABLED", "PREFERRED", "REQUIRED", "VERIFY_CA", "VERIFY_IDENTITY"),
    "unix_socket": (),
}


class Refused(ImproperlyConfigured):
    """A variable makes no sense: `name` is it, as it was given (NAME or NAME_FILE), `why` the rest of the sentence."""

    def __init__(self, name: str, why: str) -> None:
        super().__init__(f"{name} {why}. See .env.example.")
        self.name, self.why = name, why


def refuse(name: str, why: str) -> NoReturn:
    raise Refused(name, why)


def text(name: str, default: str = "") -> str:
    """The variable, or what is in the file that NAME_FILE names (container secrets). Empty counts as not given."""
    if file := os.environ.get(f"{name}_FILE"):
        try:
            return Path(file).read_text("utf-8").strip() or default
        except (OSError, ValueError):
            refuse(f"{name}_FILE", f"names the file {file}, which cannot be read")
    return os.environ.get(name, "").strip() or default


def word(name: str, default: str, choices: tuple[str, ...]) -> str:
    value = text(name, default)
    if value not in choices:
        refuse(name, f"is {value!r}; it must be one of {', '.join(choices)}")
    return value


def secret(name: str, default: str, *, local: bool) -> str:
    """A key that signs. Elsewhere than locally none of those that stand in an example."""
    value = text(name, default)
    if len(value) < 50 or (
        not local and value.startswith(("local-only-", "change-me", "django-insecure-"))
    ):
        refuse(name, "must be a secret of 50 characters or more, made for this server alone")
    return value


def words(name: str, default: list[str]) -> list[str]:
    """Several, separated by commas."""
    return [part.strip() for part in text(name).split(",") if part.strip()] or default


def flag(name: str, *, default: bool) -> bool:
    value = text(name, str(default)).lower()
    if value not in FLAGS:
        refuse(name, f"is {value!r}; it must be true or false")
    return FLAGS[value]


def whole_number(name: str, default: int, low: int, high: int) -> int:
    value = text(name, str(default))
    if not (value.isascii() and value.isdigit() and low <= int(value) <= high):
        refuse(name, f"is {value!r}; it must be a whole number from {low} to {high}")
    return int(value)


def url(name: str, default: str, schemes: tuple[str, ...]) -> SplitResult:
    """A URL; what is wrong with it is said without quoting it, as it may hold a password."""
    return split(name, text(name, default), schemes)


def split(name: str, address: str, schemes: tuple[str, ...]) -> SplitResult:
    """The parts of a URL that the variable `name` holds."""
    try:
        parts = urlsplit(address)
        _ = parts.port
    except ValueError:
        refuse(name, "is not a URL that can be read")
    if parts.scheme not in schemes:
        refuse(name, f"must begin with {' or '.join(f'{scheme}://' for scheme in schemes)}")
    return parts


def database(name: str, default: str) -> dict[str, Any]:
    """The entry of DATABASES that a URL stands for."""
    return entry(name, text(name, default))


def entry(name: str, address: str) -> dict[str, Any]:
    """Return the entry of DATABASES for a URL that the variable `name` holds."""
    if address == "sqlite://:memory:":
        return {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}
    parts = split(name, address, ("sqlite", "mysql"))
    known = MYSQL_OPTIONS if parts.scheme == "mysql" else {}
    options = dict(parse_qsl(parts.query, keep_blank_values=True))
    for option, value in options.items():
        if option not in known or (known[option] and value not in known[option]):
            refuse(
                name,
                "holds an option behind its ? that is not known here; encryption is set up by MYSQL_CA",
            )
    path = unquote(parts.path[1:])
    if not path.strip("/") or (parts.scheme == "mysql" and not parts.hostname):
        refuse(
            name,
            "must name the database: sqlite:///path or mysql://user:password@host:port/name",
        )
    if parts.scheme == "sqlite":
        return {"ENGINE": "django.db.backends.sqlite3", "NAME": path}
    return {
        "ENGINE": "django.db.backends.mysql",
        "NAME": path,
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": unquote(parts.hostname or ""),
        "PORT": parts.port or "",
        **({"OPTIONS": options} if options else {}),
    }


def replicas(name: str, addresses: list[str], primary: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The entries of DATABASES for replicas of `primary`, whose URLs the variable `name` holds: replica1, replica2, …

    They are given up soon, as the primary can answer instead: seconds to connect in and, several times over with some
    drivers, to answer in.
    """
    hurry = {"connect_timeout": 1, "read_timeout": 3, "write_timeout": 3}
    entries = [entry(name, address) for address in addresses]
    if any("mysql" not in one["ENGINE"] for one in [primary, *entries] if entries):
        refuse(name, "must name replicas at mysql://, of a primary at mysql:// in DATABASE_URL")
    own = {"ENGINE": primary["ENGINE"], "CONN_HEALTH_CHECKS": False, "TEST": {"MIRROR": "default"}}
    own["OPTIONS"] = primary["OPTIONS"] | hurry
    return {f"replica{number}": primary | one | own for number, one in enumerate(entries, 1)}
