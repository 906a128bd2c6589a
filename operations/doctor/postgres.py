"""Check a database of PostgreSQL: its reach, encryption, version, encoding and privileges."""

import re
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import connections

from operations.doctor import clocks, encryption
from operations.doctor.address import Address
from operations.doctor.driver import Cursor, fetch_value
from operations.doctor.findings import ESCAPES, Finding, Stage

OLDEST = 15  # Django supports it, and it is the oldest version that we test
CONNECT_TIMEOUT = 10  # seconds
CA_HINT = (
    "Set POSTGRES_CA to the file of the server's certificate authority (RDS: /app/infra/rds-ca.pem,"
    " in the image)."
)
TABLES_OF_OTHERS = """
    SELECT c.relname FROM pg_class c
    WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind IN ('r', 'S')
        AND NOT pg_has_role(c.relowner, 'USAGE')
    ORDER BY c.relname
"""


def examine(address: Address) -> Stage:
    """Yield findings; return whether the content of the database can be examined."""
    yield from encryption.examine_verification(
        address, local=settings.LOCAL, variable="POSTGRES_CA", hint=CA_HINT
    )
    finding = _examine_authority(address) or encryption.examine_reach(address)
    if finding:
        yield finding
        return False
    connection = _log_in(address)
    if isinstance(connection, Finding):
        yield connection
        return False
    with closing(connection), closing(connection.cursor()) as cursor:
        before = datetime.now(UTC)
        yield from clocks.examine(before, fetch_value(cursor, "SELECT clock_timestamp()"))
        found = list(_examine_server(cursor, address))
        yield from found
        return not found


def _examine_authority(address: Address) -> Finding | None:
    if not address.ca:
        return None
    try:
        content = Path(address.ca).read_text("ascii", errors="replace")
    except OSError as error:
        message = f"POSTGRES_CA is the file {address.ca}, which cannot be read: {error.strerror}."
        return Finding("ca-unreadable", message, CA_HINT)
    if "-----BEGIN CERTIFICATE-----" not in content:
        message = f"POSTGRES_CA is the file {address.ca}, which contains no certificate."
        return Finding("ca-without-certificate", message, CA_HINT)
    return None


def _log_in(address: Address) -> Any:
    """Return a connection of the driver, or the reason why there is none."""
    try:
        parameters = connections["default"].get_connection_params()
        from psycopg import Error, connect  # noqa: PLC0415  # not installed where SQLite is used
    except (ImportError, ImproperlyConfigured):
        return Finding(
            "database-driver",
            "DATABASE_URL is postgres://, but the driver psycopg is not installed.",
            "Install it: pip install --require-hashes -r requirements-postgres.txt (the image"
            " contains it).",
        )
    parameters = {"connect_timeout": CONNECT_TIMEOUT, "autocommit": True} | parameters
    try:
        return connect(**parameters)
    except Error as error:
        return explain(address, str(error))


def explain(address: Address, text: str) -> Finding:
    """Return the finding for the text of an error of connecting. It has no password.

    The protocol has a SQLSTATE for it, which the driver does not tell.
    """
    for pattern, explanation in EXPLANATIONS:
        if re.search(pattern, text):
            return explanation(address, text)
    return Finding(
        "database-refuses",
        f"The database at {address.host_and_port} refuses: {_last_line(text)}.",
        "This is the error of the server or the driver; the server's log may have more.",
    )


def _last_line(text: str) -> str:
    return text.strip().splitlines()[-1].strip().rstrip(".")


def _wrong_password(address: Address, text: str) -> Finding:
    if not address.password_given:
        return Finding(
            "database-password",
            f"The database refuses user {address.user!r} without a password, and DATABASE_URL"
            " has none.",
            "Add it to DATABASE_URL: postgres://user:password@host/name.",
        )
    return Finding(
        "database-password",
        f"The database refuses user {address.user!r} with the password of DATABASE_URL.",
        f"Correct user and password in DATABASE_URL. {ESCAPES}",
    )


def _tls_required(address: Address, text: str) -> Finding:
    message = f"The database at {address.host_and_port} accepts encrypted connections only."
    return Finding("tls-required", message, CA_HINT)


def _foreign_host(address: Address, text: str) -> Finding:
    return Finding(
        "database-foreign-host",
        f"The database accepts no connection of user {address.user!r} to {address.name} from this"
        " machine's address.",
        "Add a line for it to the server's pg_hba.conf, and reload it: SELECT pg_reload_conf();",
    )


def _too_many_connections(address: Address, text: str) -> Finding:
    return Finding(
        "database-full",
        "The database has no connection left.",
        "Raise its max_connections, or lower WEB_CONCURRENCY and WEB_THREADS: every thread may"
        " hold a connection.",
    )


def _missing_database(address: Address, text: str) -> Finding:
    return Finding(
        "database-missing",
        f"The server has no database {address.name}.",
        f"Create it, with an account that may: {create_statement(address)}",
    )


def _not_granted(address: Address, text: str) -> Finding:
    return Finding(
        "database-not-granted",
        f"User {address.user!r} may not connect to the database {address.name}.",
        "As the server's administrator run:"
        f" ALTER DATABASE {quote(address.name)} OWNER TO {quote(address.user)};",
    )


def _starting(address: Address, text: str) -> Finding:
    return Finding(
        "database-gone",
        f"The database at {address.host_and_port} is starting or stopping.",
        "Run this again. If the error remains, the server's log has the reason.",
    )


def _without_tls(address: Address, text: str) -> Finding:
    return Finding(
        "tls-missing",
        f"The server {address.host_and_port} has no TLS, which DATABASE_URL or POSTGRES_CA"
        " requires.",
        "Turn TLS on in the server (RDS always has it: is the host right?), or remove POSTGRES_CA.",
    )


def _wrong_name(address: Address, text: str) -> Finding:
    return Finding(
        "tls-wrong-name",
        f"The certificate of {address.host_and_port} has a trusted signature, but is not for the"
        f" name {address.host}.",
        "Use the name in the certificate as the host in DATABASE_URL; for RDS it is the endpoint.",
    )


def _wrong_certificate(address: Address, text: str) -> Finding:
    if "expired" in text or "not yet valid" in text:
        return Finding(
            "tls-out-of-date",
            f"The certificate of {address.host_and_port} is not valid now: {_last_line(text)}.",
            "If this machine's clock is right, renew the certificate on the server (RDS: rotate"
            " it).",
        )
    return Finding(
        "tls-wrong-ca",
        f"The certificate of {address.host_and_port} is not signed by an authority in"
        f" {address.ca}: {_last_line(text)}. It is another server, or POSTGRES_CA is the wrong"
        " file.",
        CA_HINT,
    )


def _tls_failed(address: Address, text: str) -> Finding:
    message = f"The driver cannot connect to {address.host_and_port} with TLS: {_last_line(text)}."
    return Finding(
        "tls-failed", message, f"{CA_HINT} The host must be the name in the certificate."
    )


def _other_server(address: Address, text: str) -> Finding:
    return Finding(
        "database-not-postgres",
        f"The server at {address.host_and_port} is not a PostgreSQL server.",
        "Correct host and port in DATABASE_URL; PostgreSQL's port is 5432.",
    )


# The first pattern that is found counts. The texts are those of the server, in English, and libpq.
EXPLANATIONS: list[tuple[str, Callable[[Address, str], Finding]]] = [
    (r"no pg_hba\.conf entry .*no encryption", _tls_required),
    (r"no pg_hba\.conf entry", _foreign_host),
    (r"authentication failed|no password supplied|role \".*\" does not exist", _wrong_password),
    (r"too many (clients|connections)|connection slots are reserved", _too_many_connections),
    (r"database \".*\" does not exist", _missing_database),
    (r"permission denied for database", _not_granted),
    (r"database system is (starting|shutting|not yet)", _starting),
    (r"server does not support SSL", _without_tls),
    (r"does not match host name|hostname mismatch|IP address mismatch", _wrong_name),
    (r"certificate verify failed", _wrong_certificate),
    (r"expected authentication request|invalid response to SSL negotiation", _other_server),
    (r"(?i)\bssl\b|\btls\b", _tls_failed),
]


def quote(name: str) -> str:
    """Return the name quoted for SQL."""
    doubled = name.replace('"', '""')
    return f'"{doubled}"'


def create_statement(address: Address) -> str:
    """Return the statement that creates the database for the account."""
    return (
        f"CREATE DATABASE {quote(address.name)} OWNER {quote(address.user)} ENCODING 'UTF8'"
        " TEMPLATE template0;"
    )


def _examine_server(cursor: Cursor, address: Address) -> Iterator[Finding]:
    """Yield a finding for each thing that keeps the database from being used."""
    version = int(fetch_value(cursor, "SHOW server_version_num"))
    if version < OLDEST * 10_000:
        yield Finding(
            "database-too-old",
            f"The database is PostgreSQL {version // 10_000}, which this server does not support.",
            f"Use PostgreSQL {OLDEST} or newer. To upgrade an RDS instance, take a snapshot and use"
            " Modify.",
        )
        return
    if (encoding := fetch_value(cursor, "SHOW server_encoding")) != "UTF8":
        yield Finding(
            "database-not-utf8",
            f"The encoding of the database {address.name} is {encoding}: it cannot store every"
            " character.",
            f"The encoding of a database cannot be changed. Create another one, and restore a"
            f" backup into it: {create_statement(address)}",
        )
    if fetch_value(cursor, "SELECT pg_is_in_recovery()"):
        yield Finding(
            "database-read-only",
            f"The server at {address.host_and_port} is a standby, which nobody can write to.",
            "Set the host of the primary in DATABASE_URL.",
        )
    yield from _examine_privileges(cursor, address)


def _examine_privileges(cursor: Cursor, address: Address) -> Iterator[Finding]:
    """Compare what the account may do with what migrations and requests do."""
    schema = fetch_value(cursor, "SELECT current_schema()")
    can_create = schema is not None and fetch_value(
        cursor, "SELECT has_schema_privilege(current_schema(), 'CREATE')"
    )
    if not can_create:
        yield Finding(
            "database-rights",
            f"User {address.user!r} may not create tables in the database {address.name}.",
            "Run as the server's administrator:"
            f" ALTER DATABASE {quote(address.name)} OWNER TO {quote(address.user)};",
        )
        return
    cursor.execute(TABLES_OF_OTHERS)
    if others := [name for (name,) in cursor.fetchall()]:
        yield Finding(
            "database-rights",
            f"{len(others)} tables of the database {address.name} belong to another account, so"
            f" migrations cannot change them: {', '.join(others[:5])}.",
            "Run in this database as the server's administrator, for each of them:"
            f" ALTER TABLE … OWNER TO {quote(address.user)};",
        )
