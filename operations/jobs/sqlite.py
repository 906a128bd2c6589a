"""Backups of SQLite, by its online backup API: requests go on reading and writing meanwhile.

A dump is a copy of the database's file, which was checked before it was stored.
"""

from __future__ import annotations

import hashlib
import os
import sqlite3
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from core.one_container import sync_folder
from operations.jobs.dumps import TableDigest
from operations.jobs.engine import Dump, Engine, Server
from operations.jobs.errors import BackupError
from operations.jobs.storage import CHUNK_SIZE, INCOMPLETE_AFTER, Manifest

TABLES = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE"
TABLES += " '\\' ORDER BY name"
# A table with its indexes and triggers.
DEFINITION = "SELECT sql FROM sqlite_schema WHERE tbl_name = ? AND sql IS NOT NULL"
DEFINITION += " ORDER BY type, name"
KEY = "SELECT name FROM pragma_table_info(?) WHERE pk ORDER BY pk"
WITHOUT_ROWID = "SELECT wr FROM pragma_table_list(?) WHERE schema = 'main'"
MIGRATIONS = "SELECT app || '.' || name FROM django_migrations ORDER BY id"
LOCK_TIMEOUT = 30  # seconds; a long transaction of a migration
# What SQLite keeps beside a file while it is in use.
COMPANIONS = ("-wal", "-shm", "-journal")


@dataclass(frozen=True)
class SQLite(Engine):
    """A database in a file. `name` is its absolute path."""

    name: str

    product = "sqlite"

    @classmethod
    def from_entry(cls, entry: dict[str, Any]) -> SQLite:
        """Return the database in an entry of DATABASES."""
        return cls(os.path.abspath(entry["NAME"]))

    @property
    def path(self) -> Path:
        return Path(self.name)

    @property
    def client(self) -> str:
        return f"SQLite {sqlite3.sqlite_version}"

    def server(self) -> Server:
        return Server(self.client, "utf8", "binary")

    def count_tables(self) -> int:
        if not self.path.exists():
            if not os.access(self.path.parent, os.W_OK | os.X_OK):
                raise BackupError(f"{self.path.parent} is no folder that this account may write to")
            return 0
        with self._open() as connection:
            return len(connection.execute(TABLES).fetchall())

    def migrations(self) -> list[str]:
        with self._open() as connection:
            return [name for (name,) in connection.execute(MIGRATIONS)]

    def dump(self) -> Dump:
        digests: dict[str, TableDigest] = {}
        return Dump(self._copy(digests), lambda: digests)

    def _copy(self, digests: dict[str, TableDigest]) -> Iterator[bytes]:
        """Yield the content of a checked copy, and set the digests of its tables."""
        self._remove_old_copies()
        # Beside the database and not in /tmp, which may be small and in memory.
        handle, name = tempfile.mkstemp(prefix=self._copy_prefix, dir=self.path.parent)
        os.close(handle)
        copy = SQLite(name)
        try:
            with self._open() as source, copy._open() as target:
                source.backup(target)  # all at once: a copy in parts starts again with each write
                target.execute("PRAGMA journal_mode=DELETE")  # so that it is one file
                copy._check(target)
                digests |= _digest_tables(target)
            with copy.path.open("rb") as file:
                while chunk := file.read(CHUNK_SIZE):
                    yield chunk
        except OSError as error:
            raise BackupError(f"{name}: {error.strerror}") from error
        finally:
            copy._remove()

    @property
    def _copy_prefix(self) -> str:
        return f".{self.path.name}.copy-"

    def _remove_old_copies(self) -> None:
        """Remove what killed backups have left."""
        oldest = time.time() - INCOMPLETE_AFTER.total_seconds()
        for path in self.path.parent.glob(f"{self._copy_prefix}*"):
            if path.stat().st_mtime < oldest:
                path.unlink(missing_ok=True)

    def _check(self, connection: sqlite3.Connection) -> None:
        """Raise BackupError if the file is damaged."""
        if (found := connection.execute("PRAGMA integrity_check(1)").fetchall()) != [("ok",)]:
            raise BackupError(f"The integrity_check of {self.name} failed: {found[0][0]}")

    def digest_tables(self) -> dict[str, TableDigest]:
        with self._open() as connection:
            self._check(connection)
            return _digest_tables(connection)

    def load(self, chunks: Iterable[bytes]) -> None:
        """Write the file, and give it its name when it is complete and undamaged."""
        partial = SQLite(f"{self.name}.partial")
        if any(Path(self.name + companion).exists() for companion in COMPANIONS):
            raise BackupError(f"{self.name} is in use: stop the server first")
        try:
            with open(partial.name, "wb", opener=_open_private) as file:
                for chunk in chunks:
                    file.write(chunk)
                file.flush()
                os.fsync(file.fileno())
            with partial._open() as connection:
                partial._check(connection)
            partial.path.replace(self.path)
            sync_folder(self.path.parent)
        except OSError as error:
            raise BackupError(f"{partial.name}: {error.strerror}") from error
        finally:
            partial._remove()

    def beside(self, name: str) -> SQLite:
        return SQLite(str(self.path.parent / name))

    def drill(self) -> SQLite:
        return SQLite(str(self.path.with_stem(f"{self.path.stem}_drill")))

    @contextmanager
    def temporary(self, manifest: Manifest) -> Iterator[Engine]:
        if self.path.exists():
            raise BackupError(
                f"{self.name} exists already, perhaps from an interrupted drill: rm {self.name}"
            )
        try:
            yield self
        finally:
            self._remove()

    def creation_hint(self, manifest: Manifest, error: str = "") -> str:
        return "Give --into the name of a file that does not exist, in a folder that does."

    def failure_hint(self, manifest: Manifest) -> str:
        return "Nothing was restored: run the command again."

    def _remove(self) -> None:
        for end in ("", *COMPANIONS):
            Path(self.name + end).unlink(missing_ok=True)

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        """Open the file, which must exist. Turn errors into a BackupError."""
        uri = f"file:{quote(self.name)}?mode=rw"
        try:
            with closing(sqlite3.connect(uri, uri=True, timeout=LOCK_TIMEOUT)) as connection:
                connection.text_factory = _decode
                yield connection
        except sqlite3.Error as error:
            raise BackupError(f"{self.name}: {error}") from error


def _open_private(path: str, flags: int) -> int:
    """Open a file that only its owner can read, whatever the umask is."""
    return os.open(path, flags, 0o600)


def _decode(text: bytes) -> str:
    """Return a text, whatever bytes it has: a backup must not fail because of one."""
    return text.decode(errors="surrogateescape")


def _digest_tables(connection: sqlite3.Connection) -> dict[str, TableDigest]:
    names = [name for (name,) in connection.execute(TABLES).fetchall()]
    return {name: _digest(connection, name) for name in names}


def _digest(connection: sqlite3.Connection, table: str) -> TableDigest:
    rows, data, definition = 0, hashlib.sha256(), hashlib.sha256()
    for (statement,) in connection.execute(DEFINITION, [table]):
        definition.update(statement.encode(errors="surrogateescape") + b"\n")
    [[without_rowid]] = connection.execute(WITHOUT_ROWID, [table]).fetchall()
    key = ["rowid"]
    if without_rowid:
        key = [_quote(name) for (name,) in connection.execute(KEY, [table])]
    statement = f"SELECT * FROM {_quote(table)} ORDER BY {', '.join(key)}"  # noqa: S608  # quoted names
    for row in connection.execute(statement):
        rows += 1
        data.update(repr(row).encode() + b"\n")
    return TableDigest(rows, data.hexdigest(), definition.hexdigest())


def _quote(name: str) -> str:
    return '"{}"'.format(name.replace('"', '""'))
