"""Check the database in stages: each stage runs only if the one before it succeeded."""

import re
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import django
from django.conf import settings
from django.db import DatabaseError, connection

from operations.doctor import charset, clocks, encryption, login, postgres, privileges
from operations.doctor.address import Address
from operations.doctor.driver import Connection, Cursor, fetch_value
from operations.doctor.findings import Finding, Stage

OLDEST = {"MySQL": (8, 4), "MariaDB": (10, 11)}  # the oldest versions that Django supports


def examine(*, before_deploy: bool, in_service: str) -> Iterator[Finding]:
    """Yield findings about the database of DATABASE_URL."""
    entry = settings.DATABASES["default"]
    if entry["ENGINE"].endswith("sqlite3"):
        usable = yield from _examine_sqlite(str(entry["NAME"]))
    elif entry["ENGINE"] == "core.postgres":
        usable = yield from postgres.examine(Address.from_entry(entry))
    else:
        usable = yield from _examine_mysql(Address.from_entry(entry))
    if not usable:
        return
    try:
        yield from _examine_content(before_deploy=before_deploy, in_service=in_service)
    except DatabaseError as error:
        yield Finding(
            "database-refuses",
            f"The database refuses a statement that this server needs: {error.args[-1]}.",
            "Give the account of DATABASE_URL all privileges on its database. The message is the"
            " database's own.",
        )


def _examine_sqlite(path: str) -> Stage:
    if not settings.LOCAL and not settings.DATA_FOLDER:  # one container is meant for few people
        yield Finding(
            "sqlite-in-production",
            "The database is an SQLite file: it allows one machine and one writer at a time.",
            "Set DATABASE_URL=mysql://user:password@host:3306/name, unless few people use this"
            " server.",
            "warning",
        )
    try:
        connection.ensure_connection()
    except DatabaseError as error:
        yield Finding(
            "sqlite-unusable",
            f"The SQLite file {path} cannot be used: {error}.",
            f"Make {Path(path).parent} a folder that this account may write to, or set"
            " DATABASE_URL to another path.",
        )
        return False
    return True


def _examine_mysql(address: Address) -> Stage:
    yield from encryption.examine_verification(address, local=settings.LOCAL)
    authority = encryption.load_authority(address)
    context = None if isinstance(authority, Finding) else authority
    results = (authority, encryption.examine(address, context))
    findings = [result for result in results if isinstance(result, Finding)]
    yield from findings
    if findings:
        return False
    driver_connection = login.log_in(address)
    if isinstance(driver_connection, Finding):
        yield driver_connection
        return False
    with closing(driver_connection), closing(driver_connection.cursor()) as cursor:
        return (yield from _examine_server(driver_connection, cursor, address))


def _examine_server(driver_connection: Connection, cursor: Cursor, address: Address) -> Stage:
    """Run the checks that need an open connection."""
    yield from _examine_clock(cursor)
    if finding := examine_version(cursor) or _select(driver_connection, cursor, address):
        yield finding
        return False
    missing = list(privileges.examine(cursor, address))
    yield from missing
    yield from charset.examine(cursor, address)
    return all(finding.level != "error" for finding in missing)


def examine_version(cursor: Cursor) -> Finding | None:
    """Return a finding if the server is older than Django supports."""
    text = fetch_value(cursor, "SELECT VERSION()")
    product = "MariaDB" if "mariadb" in text.lower() else "MySQL"
    # Older versions of MariaDB have the prefix 5.5.5-.
    numbers = re.search(r"(?:5\.5\.5-)?(\d+)\.(\d+)", text)
    if not numbers or (int(numbers[1]), int(numbers[2])) >= OLDEST[product]:
        return None
    oldest = ".".join(map(str, OLDEST[product]))
    return Finding(
        "database-too-old",
        f"The database is {product} {numbers[0]}, which Django does not support.",
        f"Use {product} {oldest} or newer. To upgrade an RDS instance, take a snapshot and use"
        " Modify.",
    )


def _select(driver_connection: Connection, cursor: Cursor, address: Address) -> Finding | None:
    """Select the database; return a finding if it is missing or not accessible."""
    from MySQLdb import Error  # noqa: PLC0415  # not installed where SQLite is used

    try:
        driver_connection.select_db(address.name)
    except Error as error:
        return _explain_selection(cursor, address, error)
    return None


def _explain_selection(cursor: Cursor, address: Address, error: Exception) -> Finding:
    create = f"CREATE DATABASE {address.quoted_name} CHARACTER SET utf8mb4;"
    note = ""
    if "-" in address.name:
        note = (
            f"\nThe name needs its backticks there: without them MySQL reads the hyphen in"
            f" {address.name} as a minus sign. DATABASE_URL needs none."
        )
    if error.args[0] == 1049:
        return Finding(
            "database-missing",
            f"The server has no database {address.name}.",
            f"Create it, with an account that may: {create}{note}",
        )
    if error.args[0] != 1044:
        return login.explain(address, error)
    grant = privileges.grant_statement(address, fetch_value(cursor, "SELECT CURRENT_USER()"))
    return Finding(
        "database-not-granted",
        f"The database {address.name} does not exist, or user {address.user!r} has no access.",
        "As the server's administrator, create it if it does not exist, and give the user access:"
        f"\n{create}\n{grant}{note}",
    )


def _examine_clock(cursor: Cursor) -> Iterator[Finding]:
    before = datetime.now(UTC)
    there = fetch_value(cursor, "SELECT UTC_TIMESTAMP(6)").replace(tzinfo=UTC)
    yield from clocks.examine(before, there)


def _examine_content(*, before_deploy: bool, in_service: str) -> Iterator[Finding]:
    """Run the checks that need a usable database."""
    django.setup()
    # These import models, which need the setup.
    from operations.doctor import (  # noqa: PLC0415  # as above
        backup_age,
        backup_target,
        demo_accounts,
        history,
        photo_tidying,
    )

    yield from history.examine(connection, before_deploy=before_deploy, in_service=in_service)
    if not settings.LOCAL:
        yield from demo_accounts.examine()
        yield from backup_age.examine()
        yield from backup_target.examine()
        yield from photo_tidying.examine()
