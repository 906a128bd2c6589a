"""Making a backup, restoring one, and the drill that shows that it can be done."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from typing import Any, NamedTuple

from django.conf import settings

from core import environment
from operations.jobs import dumps, programs
from operations.jobs.errors import BackupError
from operations.jobs.programs import Database
from operations.jobs.storage import Manifest, Packing, Store, named, unpacked
from safemigrations.names import quote_grant_pattern, quote_name

ABOUT = "SELECT VERSION(), @@character_set_database, @@collation_database"
TABLES = "SELECT COUNT(*) FROM information_schema.tables WHERE table_schema = DATABASE()"
MIGRATIONS = "SELECT CONCAT(app, '.', name) FROM django_migrations ORDER BY id"
# The account as the server knows it: its host is that of the account, not the client's.
DENIED = re.compile(r"ERROR 1044 .* for user (?P<account>'.*'@'.*') to database")
SQLITE = (
    "This is for MySQL and MariaDB. With SQLite the database is one file, and its own program copies it while the "
    "server runs: sqlite3 {file} '.backup {file}.backup'"
)


def own(entry: dict[str, Any]) -> Database:
    """The database of this server, given by its entry of DATABASES."""
    if not entry["ENGINE"].endswith("mysql"):
        raise BackupError(SQLITE.format(file=entry["NAME"]))
    return Database.of(entry)


def target(into: str, entry: dict[str, Any]) -> Database:
    """What `--into` means: a URL, or the name of another database at this server's own MySQL or MariaDB."""
    if "://" not in into:
        return replace(own(entry), name=into)
    other = environment.entry("--into", into)
    if "mysql" not in other["ENGINE"]:
        raise BackupError(
            "--into must be mysql://user:password@host:port/name, or the name of a database."
        )
    return Database.of(other)


def back_up(database: Database, store: Store, now: datetime) -> Manifest | None:
    """A new backup; None where the database has no table yet."""
    [[server, charset, collation]] = programs.ask(database, ABOUT)
    if programs.ask(database, TABLES) == [["0"]]:
        return None
    migrations = [row[0] for row in programs.ask(database, MIGRATIONS)]
    name, reading, packing = named(now), dumps.Reading(), Packing()
    store.keep(name, packing.packed(reading.lines(programs.dump(database))))
    manifest = Manifest(
        name=name,
        release=settings.VERSION,
        server=server,
        client=programs.installed().version,
        charset=charset,
        collation=collation,
        migrations=migrations,
        size=packing.size,
        sha256=packing.sha256.hexdigest(),
        tables=reading.sums(),
    )
    store.finish(manifest)
    return manifest


def restore(manifest: Manifest, store: Store, into: Database) -> list[str]:
    """Fill the empty database `into` with a backup. What is not as it was when the backup was made: [] when all is."""
    make = statement_that_makes(into.name, manifest)
    try:
        [[tables]] = programs.ask(into, TABLES)
    except BackupError as error:
        raise BackupError(f"{error}. {way_in(into.name, make, str(error))}") from error
    if tables != "0":
        raise BackupError(
            f"The database {into.name} is not empty ({tables} tables). Make one that is: {make}"
        )
    store.check(manifest)
    try:
        programs.feed(into, unpacked(store.chunks(manifest.name)))
    except BackupError as error:
        again = f"DROP DATABASE {quote_name(into.name)}; {make}"
        raise BackupError(
            f"{error}. A part of the backup is in {into.name} now; to begin anew: {again}"
        ) from error
    return compare(manifest, into)


def compare(manifest: Manifest, database: Database) -> list[str]:
    """Dump the database once more: what it holds else than the backup."""
    found = dumps.sums_of(programs.dump(database))
    [[server, _charset, _collation]] = programs.ask(database, ABOUT)
    # Another version may spell the same definition in another way.
    return dumps.differences(manifest.tables, found, definitions=server == manifest.server)


def statement_that_makes(name: str, manifest: Manifest) -> str:
    return f"CREATE DATABASE {quote_name(name)} CHARACTER SET {manifest.charset} COLLATE {manifest.collation};"


def way_in(name: str, make: str, error: str) -> str:
    """What to do where one cannot get into a database: with an account that may do nothing there, a GRANT, too."""
    if "ERROR 1045 " in error:
        return "Correct user and password; without them nothing more can be said of the database."
    if not (denied := DENIED.search(error)):
        return f"An empty database is made by: {make}"
    grant = f"GRANT ALL ON {quote_grant_pattern(name)}.* TO {denied['account']};"
    return f"The server's administrator makes an empty database, and lets this account into it, by: {make} {grant}"


class Drill(NamedTuple):
    """What came of a drill: what differed, and how many seconds it took to restore and compare."""

    differences: list[str]
    seconds: float


def drill(manifest: Manifest, store: Store, beside: Database) -> Drill:
    """Restore into a database of its own at the same server, compare, and drop it."""
    began = time.monotonic()
    with scratch(replace(beside, name=f"{beside.name}_drill"), manifest) as database:
        return Drill(restore(manifest, store, database), time.monotonic() - began)


@contextmanager
def scratch(database: Database, manifest: Manifest) -> Iterator[Database]:
    """A new database for as long as this lasts. One that is there already is not ours to drop."""
    drop = f"DROP DATABASE {quote_name(database.name)};"
    if [database.name] in programs.ask(database, "SHOW DATABASES", inside=False):
        raise BackupError(
            f"A database {database.name} is there already, perhaps of a drill broken off: {drop}"
        )
    programs.ask(database, statement_that_makes(database.name, manifest), inside=False)
    try:
        yield database
    finally:
        programs.ask(database, drop, inside=False)
