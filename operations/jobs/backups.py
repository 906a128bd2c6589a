"""Make and restore backups, and test that a backup can be restored."""

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
from operations.jobs.storage import Compressor, Manifest, Store, decompress, format_name
from safemigrations.names import quote_grant_pattern, quote_name

SERVER_INFO = "SELECT VERSION(), @@character_set_database, @@collation_database"
COUNT_TABLES = "SELECT COUNT(*) FROM information_schema.tables WHERE table_schema = DATABASE()"
MIGRATIONS = "SELECT CONCAT(app, '.', name) FROM django_migrations ORDER BY id"
# The message has the account as the server knows it, whose host may be a pattern.
ACCESS_DENIED = re.compile(r"ERROR 1044 .* for user (?P<account>'.*'@'.*') to database")
SQLITE = (
    "This command needs MySQL or MariaDB. With SQLite the database is one file, which sqlite3 can"
    " copy while the server is running: sqlite3 {file} '.backup {file}.backup'"
)


def own_database(entry: dict[str, Any]) -> Database:
    """Return this server's database, given its entry of DATABASES."""
    if not entry["ENGINE"].endswith("mysql"):
        raise BackupError(SQLITE.format(file=entry["NAME"]))
    return Database.from_entry(entry)


def target_database(into: str, entry: dict[str, Any]) -> Database:
    """Return the database of `--into`: a URL, or a name on the database server in `entry`."""
    if "://" not in into:
        return replace(own_database(entry), name=into)
    other = environment.entry("--into", into)
    if "mysql" not in other["ENGINE"]:
        raise BackupError(
            "--into must be mysql://user:password@host:port/name, or the name of a database."
        )
    return Database.from_entry(other)


def back_up(database: Database, store: Store, now: datetime) -> Manifest | None:
    """Make a backup. Return None if the database has no tables yet."""
    [[server, charset, collation]] = programs.query(database, SERVER_INFO)
    if programs.query(database, COUNT_TABLES) == [["0"]]:
        return None
    migrations = [row[0] for row in programs.query(database, MIGRATIONS)]
    name = format_name(now)
    reader = dumps.DumpReader()
    compressor = Compressor()
    store.write_dump(name, compressor.compress(reader.copy(programs.dump(database))))
    manifest = Manifest(
        name=name,
        release=settings.VERSION,
        server=server,
        client=programs.find_programs().version,
        charset=charset,
        collation=collation,
        migrations=migrations,
        size=compressor.size,
        sha256=compressor.sha256.hexdigest(),
        tables=reader.digests(),
    )
    store.write_manifest(manifest)
    return manifest


def restore(manifest: Manifest, store: Store, into: Database) -> list[str]:
    """Restore a backup into an empty database; return the differences, as compare() does."""
    create = _create_statement(into.name, manifest)
    try:
        [[tables]] = programs.query(into, COUNT_TABLES)
    except BackupError as error:
        raise BackupError(f"{error}. {_access_hint(into.name, create, str(error))}") from error
    if tables != "0":
        raise BackupError(
            f"The database {into.name} is not empty ({tables} tables). Create an empty one:"
            f" {create}"
        )
    store.verify(manifest)
    try:
        programs.load(into, decompress(store.read_dump(manifest.name)))
    except BackupError as error:
        raise BackupError(
            f"{error}. {into.name} contains a part of the backup now. To start again: DROP"
            f" DATABASE {quote_name(into.name)}; {create}"
        ) from error
    return compare(manifest, into)


def compare(manifest: Manifest, database: Database) -> list[str]:
    """Dump the database and return a message for each table that differs from the backup."""
    found = dumps.digest_tables(programs.dump(database))
    [[server, _charset, _collation]] = programs.query(database, SERVER_INFO)
    # Other versions of the server may write the same definition in another way.
    return dumps.compare_tables(manifest.tables, found, definitions=server == manifest.server)


def _create_statement(name: str, manifest: Manifest) -> str:
    charset, collation = manifest.charset, manifest.collation
    return f"CREATE DATABASE {quote_name(name)} CHARACTER SET {charset} COLLATE {collation};"


def _access_hint(name: str, create: str, error: str) -> str:
    """Return what to do if a database cannot be used; without privileges, this has a GRANT."""
    if "ERROR 1045 " in error:
        return "Correct user and password; the database itself cannot be checked without them."
    if not (denied := ACCESS_DENIED.search(error)):
        return f"To create an empty database: {create}"
    grant = f"GRANT ALL ON {quote_grant_pattern(name)}.* TO {denied['account']};"
    return (
        "To create an empty database and give this account access, run as the server's"
        f" administrator: {create} {grant}"
    )


class Drill(NamedTuple):
    """The result of a drill: the differences, and the seconds it took to restore and compare."""

    differences: list[str]
    seconds: float


def drill(manifest: Manifest, store: Store, beside: Database) -> Drill:
    """Restore into a new database on the same server, compare, and drop it."""
    began = time.monotonic()
    with _temporary_database(replace(beside, name=f"{beside.name}_drill"), manifest) as database:
        return Drill(restore(manifest, store, database), time.monotonic() - began)


@contextmanager
def _temporary_database(database: Database, manifest: Manifest) -> Iterator[Database]:
    """Create a database and drop it at the end. Raise BackupError if it exists already."""
    drop = f"DROP DATABASE {quote_name(database.name)};"
    if [database.name] in programs.query(database, "SHOW DATABASES", select=False):
        raise BackupError(
            f"A database {database.name} exists already, perhaps from an interrupted drill: {drop}"
        )
    programs.query(database, _create_statement(database.name, manifest), select=False)
    try:
        yield database
    finally:
        programs.query(database, drop, select=False)
