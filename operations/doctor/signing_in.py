"""Signing in to MySQL as the server does, without a database at first, so that each refusal means one thing."""

from collections.abc import Callable
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.db import connections

from operations.doctor.address import Address
from operations.doctor.encryption import CA_HINT
from operations.doctor.findings import ESCAPES, Finding


def sign_in(address: Address) -> Any:
    """A connection of the driver's, or a Finding."""
    try:
        parameters = connections["default"].get_connection_params()
        from MySQLdb import Error, connect  # noqa: PLC0415  # not installed where SQLite is used
    except (ImportError, ImproperlyConfigured):
        hint = (
            "Install it: pip install --require-hashes -r requirements-mysql.txt (the image has it)."
        )
        message = "DATABASE_URL is mysql://, but the driver mysqlclient is not installed."
        return Finding("database-driver", message, hint)
    parameters.pop("database")
    try:
        return connect(**{"connect_timeout": 10} | parameters)
    except Error as error:
        return explain(address, *error.args)


def explain(address: Address, number: int = 0, words: str = "", *_: Any) -> Finding:
    """What an error of the driver's or the server's means. None of their sentences holds a password."""
    if known := EXPLANATIONS.get(number):
        return known(address)
    if number == 2026:
        message = f"The driver makes no encrypted connection to {address.where}: {words}."
        return Finding(
            "tls-failed",
            message,
            f"{CA_HINT} The host has to be the name that the certificate bears.",
        )
    hint = "The sentence is the server's or the driver's own; the server's log may say more."
    return Finding(
        "database-refuses", f"The database at {address.where} refuses: {words} ({number}).", hint
    )


def wrong_password(address: Address) -> Finding:
    if not address.password_given:
        hint = "Write it into DATABASE_URL: mysql://user:password@host/name."
        message = f"The database refuses user {address.user!r} without a password, and DATABASE_URL has none."
        return Finding("database-password", message, hint)
    message = f"The database refuses user {address.user!r} with the password of DATABASE_URL."
    hint = (
        f"Correct user and password in DATABASE_URL. {ESCAPES} Or the account is for other machines only: "
        f"'{address.user}'@'%' would be for all."
    )
    if not address.ca:  # some servers say this no otherwise than a wrong password
        hint += f" Or it takes encrypted connections only: {CA_HINT}"
    return Finding("database-password", message, hint)


def foreign_host(address: Address) -> Finding:
    hint = f"Make an account for it, as the server's administrator: CREATE USER '{address.user}'@'%' IDENTIFIED BY '…';"
    return Finding(
        "database-foreign-host", "The database lets nobody in from this machine's address.", hint
    )


def full(address: Address) -> Finding:
    hint = "Raise max_connections there, or lower WEB_CONCURRENCY and WEB_THREADS: every thread holds a connection."
    return Finding("database-full", "The database has no connection left.", hint)


def wants_tls(address: Address) -> Finding:
    return Finding(
        "tls-required",
        f"The database at {address.where} takes encrypted connections only.",
        CA_HINT,
    )


def gone(address: Address) -> Finding:
    if address.is_socket:
        hint = "Write 127.0.0.1 (or the host's name) in DATABASE_URL instead: to MySQL, localhost is a socket file here."
        return Finding(
            "database-socket",
            "localhost stands for a socket file, and no database listens on it.",
            hint,
        )
    hint = "Run this once more; if it stays so, the server's log says why."
    return Finding(
        "database-gone", f"The database at {address.where} hangs up while one signs in.", hint
    )


EXPLANATIONS: dict[int, Callable[[Address], Finding]] = {
    1040: full,
    1045: wrong_password,
    1130: foreign_host,
    1203: full,
    1226: full,
    1698: wrong_password,
    2002: gone,
    2003: gone,
    2006: gone,
    2013: gone,
    3159: wants_tls,
}
