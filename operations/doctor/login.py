"""Log in to MySQL with the server's own parameters.

No database is selected at first, so that each error has one meaning.
"""

from collections.abc import Callable
from typing import cast

from django.core.exceptions import ImproperlyConfigured
from django.db import connections

from operations.doctor.address import Address
from operations.doctor.driver import Connection
from operations.doctor.encryption import CA_HINT
from operations.doctor.findings import ESCAPES, Finding

CONNECT_TIMEOUT = 10  # seconds


def log_in(address: Address) -> Connection | Finding:
    """Return a connection of the driver, or the reason why there is none."""
    try:
        parameters = connections["default"].get_connection_params()
        from MySQLdb import Error, connect  # noqa: PLC0415  # not installed where SQLite is used
    except (ImportError, ImproperlyConfigured):
        return Finding(
            "database-driver",
            "DATABASE_URL is mysql://, but the driver mysqlclient is not installed.",
            "Install it: pip install --require-hashes -r requirements-mysql.txt (the image"
            " contains it).",
        )
    parameters.pop("database")
    try:
        return cast(Connection, connect(**{"connect_timeout": CONNECT_TIMEOUT} | parameters))
    except Error as error:
        return explain(address, error)


def explain(address: Address, error: Exception) -> Finding:
    """Return the finding for an error of the driver or the server. No message has a password."""
    number = error.args[0] if error.args else 0
    text = error.args[1] if len(error.args) > 1 else ""
    if explanation := EXPLANATIONS.get(number):
        return explanation(address)
    if number == 2026:
        message = f"The driver cannot connect to {address.host_and_port} with TLS: {text}."
        hint = f"{CA_HINT} The host must be the name in the certificate."
        return Finding("tls-failed", message, hint)
    message = f"The database at {address.host_and_port} refuses: {text} ({number})."
    hint = "This is the error of the server or the driver; the server's log may have more."
    return Finding("database-refuses", message, hint)


def _wrong_password(address: Address) -> Finding:
    if not address.password_given:
        return Finding(
            "database-password",
            f"The database refuses user {address.user!r} without a password, and DATABASE_URL"
            " has none.",
            "Add it to DATABASE_URL: mysql://user:password@host/name.",
        )
    hint = (
        f"Correct user and password in DATABASE_URL. {ESCAPES} Or the account is only valid from"
        f" other machines: '{address.user}'@'%' would be valid from all."
    )
    if not address.ca:  # MariaDB reports required TLS with the same error as a wrong password
        hint += f" Or it accepts encrypted connections only: {CA_HINT}"
    message = f"The database refuses user {address.user!r} with the password of DATABASE_URL."
    return Finding("database-password", message, hint)


def _foreign_host(address: Address) -> Finding:
    return Finding(
        "database-foreign-host",
        "The database accepts no account from this machine's address.",
        "Create one for it, as the server's administrator: CREATE USER"
        f" '{address.user}'@'%' IDENTIFIED BY '…';",
    )


def _too_many_connections(address: Address) -> Finding:
    return Finding(
        "database-full",
        "The database has no connection left.",
        "Raise its max_connections, or lower WEB_CONCURRENCY and WEB_THREADS: every thread holds a"
        " connection.",
    )


def _tls_required(address: Address) -> Finding:
    message = f"The database at {address.host_and_port} accepts encrypted connections only."
    return Finding("tls-required", message, CA_HINT)


def _connection_lost(address: Address) -> Finding:
    if address.is_socket:
        return Finding(
            "database-socket",
            "localhost means a socket file, and no database listens on it.",
            "Use 127.0.0.1 (or the name of the host) in DATABASE_URL instead: MySQL's clients"
            " connect to localhost through a socket file.",
        )
    return Finding(
        "database-gone",
        f"The database at {address.host_and_port} closes the connection during login.",
        "Run this again. If the error remains, the server's log has the reason.",
    )


EXPLANATIONS: dict[int, Callable[[Address], Finding]] = {
    1040: _too_many_connections,
    1045: _wrong_password,
    1130: _foreign_host,
    1203: _too_many_connections,
    1226: _too_many_connections,
    1698: _wrong_password,
    2002: _connection_lost,
    2003: _connection_lost,
    2006: _connection_lost,
    2013: _connection_lost,
    3159: _tls_required,
}
