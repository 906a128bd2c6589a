"""Backups of MySQL and MariaDB, by their client programs."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

from operations.jobs import dumps, programs
from operations.jobs.dumps import TableDigest
from operations.jobs.engine import Dump, Engine, Server
from operations.jobs.errors import BackupError
from operations.jobs.storage import Manifest
from safemigrations.names import quote_grant_pattern, quote_name

SERVER_INFO = "SELECT VERSION(), @@character_set_database, @@collation_database"
COUNT_TABLES = "SELECT COUNT(*) FROM information_schema.tables WHERE table_schema = DATABASE()"
MIGRATIONS = "SELECT CONCAT(app, '.', name) FROM django_migrations ORDER BY id"
# The message has the account as the server knows it, whose host may be a pattern.
ACCESS_DENIED = re.compile(r"ERROR 1044 .* for user (?P<account>'.*'@'.*') to database")


@dataclass(frozen=True)
class MySQL(programs.Database, Engine):
    """A database on a server of MySQL or MariaDB."""

    product = "mysql"

    @classmethod
    def check_programs(cls) -> None:
        programs.find_programs()

    @property
    def client(self) -> str:
        return programs.find_programs().version

    def server(self) -> Server:
        [[version, charset, collation]] = programs.query(self, SERVER_INFO)
        return Server(version, charset, collation)

    def count_tables(self) -> int:
        [[tables]] = programs.query(self, COUNT_TABLES)
        return int(tables)

    def migrations(self) -> list[str]:
        return [row[0] for row in programs.query(self, MIGRATIONS)]

    def dump(self) -> Dump:
        reader = dumps.DumpReader()
        return Dump(reader.copy(programs.dump(self)), reader.digests)

    def digest_tables(self) -> dict[str, TableDigest]:
        return dumps.digest_tables(programs.dump(self))

    def load(self, chunks: Iterable[bytes]) -> None:
        programs.load(self, chunks)

    def beside(self, name: str) -> MySQL:
        return replace(self, name=name)

    def drill(self) -> MySQL:
        return self.beside(f"{self.name}_drill")

    @contextmanager
    def temporary(self, manifest: Manifest) -> Iterator[Engine]:
        drop = f"DROP DATABASE {quote_name(self.name)};"
        if [self.name] in programs.query(self, "SHOW DATABASES", select=False):
            raise BackupError(
                f"A database {self.name} exists already, perhaps from an interrupted drill: {drop}"
            )
        programs.query(self, self._create_statement(manifest), select=False)
        try:
            yield self
        finally:
            programs.query(self, drop, select=False)

    def creation_hint(self, manifest: Manifest, error: str = "") -> str:
        """Return the statement; without privileges, this has a GRANT."""
        create = self._create_statement(manifest)
        if "ERROR 1045 " in error:
            return "Correct user and password; the database itself cannot be checked without them."
        if not (denied := ACCESS_DENIED.search(error)):
            return f"To create an empty database: {create}"
        grant = f"GRANT ALL ON {quote_grant_pattern(self.name)}.* TO {denied['account']};"
        return (
            "To create an empty database and give this account access, run as the server's"
            f" administrator: {create} {grant}"
        )

    def failure_hint(self, manifest: Manifest) -> str:
        return (
            f"{self.name} contains a part of the backup now. To start again: DROP DATABASE"
            f" {quote_name(self.name)}; {self._create_statement(manifest)}"
        )

    def _create_statement(self, manifest: Manifest) -> str:
        charset, collation = manifest.charset, manifest.collation
        return (
            f"CREATE DATABASE {quote_name(self.name)} CHARACTER SET {charset} COLLATE {collation};"
        )
