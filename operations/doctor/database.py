"""The database, in stages: each is looked at only where the one before is well."""

import re
from collections.abc import Generator, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import django
from django.conf import settings
from django.db import DatabaseError, connection

from operations.doctor import charset, encryption, rights, signing_in
from operations.doctor.address import Address
from operations.doctor.findings import Finding

OLDEST = {"MySQL": (8, 4), "MariaDB": (10, 11)}  # that Django works with
SKEW_WARNING, SKEW_ERROR = timedelta(seconds=2), timedelta(seconds=30)

type Stage = Generator[Finding, None, bool]  # tells at its end whether the next may be looked at


def examine(*, before_deploy: bool, in_service: str) -> Iterator[Finding]:
    entry = settings.DATABASES["default"]
    if entry["ENGINE"].endswith("sqlite3"):
        well = yield from sqlite(str(entry["NAME"]))
    else:
        well = yield from mysql(Address.of(entry))
    if not well:
        return
    try:
        yield from tables(before_deploy=before_deploy, in_service=in_service)
    except DatabaseError as error:
        hint = "Give the account of DATABASE_URL all rights on its database; the sentence is the database's own."
        yield Finding(
            "database-refuses",
            f"The database refuses what this server needs: {error.args[-1]}.",
            hint,
        )


def sqlite(path: str) -> Stage:
    if not settings.LOCAL:
        message = "The data are in a file of SQLite: one machine, one writer at a time."
        hint = "Set DATABASE_URL=mysql://user:password@host:3306/name, unless few people use this server."
        yield Finding("sqlite-in-production", message, hint, "warning")
    try:
        connection.ensure_connection()
    except DatabaseError as error:
        message = f"The SQLite file {path} cannot be used: {error}."
        folder = Path(path).parent
        hint = f"Make {folder} a folder that this account may write in, or set DATABASE_URL to another place."
        yield Finding("sqlite-unusable", message, hint)
        return False
    return True


def mysql(address: Address) -> Stage:
    yield from encryption.unverified(address, local=settings.LOCAL)
    trust = encryption.trust(address)
    way = encryption.examine(address, None if isinstance(trust, Finding) else trust)
    faults = [one for one in (trust, way) if isinstance(one, Finding)]
    yield from faults
    if faults:
        return False
    line = signing_in.sign_in(address)
    if isinstance(line, Finding):
        yield line
        return False
    with closing(line), closing(line.cursor()) as cursor:
        return (yield from server(line, cursor, address))


def server(line: Any, cursor: Any, address: Address) -> Stage:
    """What is found once one is in."""
    yield from clock(cursor)
    if fault := version(cursor) or presence(line, cursor, address):
        yield fault
        return False
    lacks = list(rights.examine(cursor, address))
    yield from lacks
    yield from charset.examine(cursor, address)
    return all(one.level != "error" for one in lacks)


def version(cursor: Any) -> Finding | None:
    cursor.execute("SELECT VERSION()")
    ((text,),) = cursor.fetchall()
    product = "MariaDB" if "mariadb" in text.lower() else "MySQL"
    numbers = re.search(
        r"(?:5\.5\.5-)?(\d+)\.(\d+)", text
    )  # older MariaDBs call themselves 5.5.5-10.…
    if not numbers or (int(numbers[1]), int(numbers[2])) >= OLDEST[product]:
        return None
    oldest = ".".join(map(str, OLDEST[product]))
    hint = (
        f"Use {product} {oldest} or newer; RDS upgrades an instance with Modify, after a snapshot."
    )
    message = f"The database is {product} {numbers[0]}, which Django does not work with."
    return Finding("database-too-old", message, hint)


def presence(line: Any, cursor: Any, address: Address) -> Finding | None:
    """Whether the database exists, as far as this account may know."""
    from MySQLdb import Error  # noqa: PLC0415  # not installed where SQLite is used

    try:
        line.select_db(address.name)
    except Error as error:
        return missing(cursor, address, error.args)
    return None


def missing(cursor: Any, address: Address, error: tuple[Any, ...]) -> Finding:
    create = f"CREATE DATABASE {address.quoted_name} CHARACTER SET utf8mb4;"
    note = ""
    if "-" in address.name:
        note = (
            f"\nIts hyphen is why the name stands in backticks there: without them {address.name} is a subtraction to "
            "MySQL. In DATABASE_URL the name works as it is."
        )
    if error[0] == 1049:
        hint = f"Make it, as an account that may: {create}{note}"
        return Finding("database-missing", f"The server has no database {address.name}.", hint)
    if error[0] != 1044:
        return signing_in.explain(address, *error)
    cursor.execute("SELECT CURRENT_USER()")
    grant = rights.grant(address, cursor.fetchall()[0][0])
    message = f"There is no database {address.name} that user {address.user!r} may see."
    hint = f"As the server's administrator make it, if it is not there, and let that user in:\n{create}\n{grant}{note}"
    return Finding("database-not-granted", message, hint)


def clock(cursor: Any) -> Iterator[Finding]:
    """How far the database's clock is from this machine's, but for what the question itself took."""
    before = datetime.now(UTC)
    cursor.execute("SELECT UTC_TIMESTAMP(6)")
    after = datetime.now(UTC)
    ((there,),) = cursor.fetchall()
    skew = there.replace(tzinfo=UTC) - before - (after - before) / 2
    doubt = (after - before) / 2
    if abs(skew) - doubt <= SKEW_WARNING:
        return
    seconds = abs(skew).total_seconds()
    side = "ahead of" if skew > timedelta() else "behind"
    message = f"The database's clock is {seconds:.0f} seconds {side} this machine's."
    hint = "Let the network set the one that is wrong: sudo timedatectl set-ntp true, and look with timedatectl."
    yield Finding(
        "clock-skew", message, hint, "error" if abs(skew) - doubt > SKEW_ERROR else "warning"
    )


def tables(*, before_deploy: bool, in_service: str) -> Iterator[Finding]:
    """What is in a database that can be used."""
    django.setup()
    from operations.doctor import history, nights, people, place  # noqa: PLC0415  # they name models, which have to be set up

    yield from history.examine(connection, before_deploy=before_deploy, in_service=in_service)
    if not settings.LOCAL:
        yield from people.examine()
        if connection.vendor == "mysql":  # the jobs are for no other
            yield from nights.examine()
            yield from place.examine()
