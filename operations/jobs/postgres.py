"""Backups of PostgreSQL, by pg_dump and psql.

A dump is SQL that psql reads. The digests are those of the same snapshot.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any, Self

from operations.jobs.dumps import TableDigest
from operations.jobs.engine import Dump, Engine, Server
from operations.jobs.errors import BackupError
from operations.jobs.programs import running
from operations.jobs.storage import CHUNK_SIZE, Manifest

if TYPE_CHECKING:
    import psycopg

# Owners and privileges are those of the account that restores. Comments need its being the owner
# of what they are on.
DUMP_OPTIONS = ("--format=plain", "--no-owner", "--no-privileges", "--no-comments", "--no-password")
CLIENT_OPTIONS = ("--no-psqlrc", "--quiet", "--no-password", "--single-transaction")
CONNECT_TIMEOUT = 10  # seconds
# Turn off the limits that a server may have for all its sessions: a backup may take long, and one
# of its two connections is idle meanwhile.
NO_LIMITS = (
    "-c statement_timeout=0 -c idle_in_transaction_session_timeout=0 -c idle_session_timeout=0"
)
# The same rows always give the same text.
SESSION_OPTIONS = f"{NO_LIMITS} -c TimeZone=UTC -c DateStyle=ISO -c bytea_output=hex"
# Servers before 17 do not have this one, and pg_dump 17 turns it off in the head of each dump.
NO_TRANSACTION_LIMIT = """
    SELECT set_config(name, '0', false) FROM pg_settings WHERE name = 'transaction_timeout'
"""
UNKNOWN_BEFORE_17 = re.compile(rb"^SET transaction_timeout = 0;\r?\n", re.MULTILINE)
END_OF_HEAD = re.compile(rb"^(?:CREATE|COPY) ", re.MULTILINE)

SERVER_INFO = """
    SELECT current_setting('server_version'), pg_encoding_to_char(encoding), datcollate
    FROM pg_database WHERE datname = current_database()
"""
TABLES = """
    SELECT c.oid, c.relname, quote_ident(c.relname) FROM pg_class c
    WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind = 'r'
    ORDER BY c.relname COLLATE "C"
"""
KEY = """
    SELECT quote_ident(a.attname) FROM pg_index x
        CROSS JOIN unnest(x.indkey::int[]) WITH ORDINALITY k (attnum, place)
        JOIN pg_attribute a ON a.attrelid = x.indrelid AND a.attnum = k.attnum
    WHERE x.indrelid = %s AND x.indisprimary ORDER BY k.place
"""
# Everything about a table that its migrations have stated.
DEFINITION = """
    SELECT concat_ws(' ', a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull,
        a.attidentity, a.attgenerated, pg_get_expr(d.adbin, d.adrelid))
    FROM pg_attribute a LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
    WHERE a.attrelid = %(table)s AND a.attnum > 0 AND NOT a.attisdropped
    UNION ALL
    SELECT pg_get_indexdef(indexrelid) FROM pg_index WHERE indrelid = %(table)s
    UNION ALL
    SELECT conname || ' ' || pg_get_constraintdef(oid) FROM pg_constraint
    WHERE conrelid = %(table)s
    ORDER BY 1
"""
MIGRATIONS = "SELECT app || '.' || name FROM django_migrations ORDER BY id"


@dataclass(frozen=True)
class PostgreSQL(Engine):
    """A database on a server of PostgreSQL, and the account for it.

    `host` may be the folder of a socket. `ca` is the file of the certificate authority.
    """

    name: str
    host: str
    port: int
    user: str
    password: str
    ssl_mode: str
    ca: str

    product = "postgres"

    @classmethod
    def from_entry(cls, entry: dict[str, Any]) -> Self:
        """Return the database in an entry of DATABASES."""
        options = entry.get("OPTIONS", {})
        return cls(
            name=str(entry["NAME"]),
            host=entry.get("HOST") or "localhost",
            port=int(entry.get("PORT") or 5432),
            user=entry.get("USER") or "",
            password=entry.get("PASSWORD") or "",
            ssl_mode=options.get("sslmode", "prefer"),
            ca=options.get("sslrootcert", ""),
        )

    @classmethod
    def check_programs(cls) -> None:
        _find("pg_dump")
        _find("psql")

    def problem_of_program(self) -> str:
        program, server = _major(self.client), _major(self.server().version)
        if program >= server:
            return ""
        return f"pg_dump is of version {program}, and cannot dump a server of version {server}"

    @property
    def client(self) -> str:
        command = [_find("pg_dump"), "--version"]
        done = subprocess.run(command, capture_output=True, text=True, check=True)  # noqa: S603  # found on the PATH
        return done.stdout.strip()

    def server(self) -> Server:
        with self._open() as connection:
            row = connection.execute(SERVER_INFO).fetchone() or ("", "", "")
        # Manifests hold words only; the collation of the database does not matter for a restore.
        return Server(f"PostgreSQL {row[0]}", row[1], re.sub(r"\W", "_", row[2]))

    def count_tables(self) -> int:
        with self._open() as connection:
            return len(connection.execute(TABLES).fetchall())

    def migrations(self) -> list[str]:
        with self._open() as connection:
            return [name for (name,) in connection.execute(MIGRATIONS)]

    def dump(self) -> Dump:
        digests: dict[str, TableDigest] = {}
        return Dump(self._dump(digests), lambda: digests)

    def _dump(self, digests: dict[str, TableDigest]) -> Iterator[bytes]:
        """Yield the dump, and set the digests of its tables."""
        with self._open() as connection:
            snapshot = _begin(connection)
            with self._running("pg_dump", *DUMP_OPTIONS, f"--snapshot={snapshot}") as process:
                assert process.stdout  # noqa: S101  # for the type checker: it is a pipe
                yield from portable(iter(partial(process.stdout.read, CHUNK_SIZE), b""))
            digests |= _digest_tables(connection)

    def digest_tables(self) -> dict[str, TableDigest]:
        with self._open() as connection:
            _begin(connection)
            return _digest_tables(connection)

    def load(self, chunks: Iterable[bytes]) -> None:
        # In place of the line that portable() removes.
        with self._open() as connection:
            has_limit = connection.execute(NO_TRANSACTION_LIMIT).fetchone()
        options = "-c transaction_timeout=0" if has_limit else ""
        with self._running(
            "psql", *CLIENT_OPTIONS, "--set=ON_ERROR_STOP=1", options=options
        ) as process:
            assert process.stdin  # noqa: S101  # for the type checker: it is a pipe
            for chunk in portable(chunks):
                process.stdin.write(chunk)
        with self._open() as connection:
            connection.execute("ANALYZE")

    def beside(self, name: str) -> PostgreSQL:
        return replace(self, name=name)

    def drill(self) -> PostgreSQL:
        return self.beside(f"{self.name[:57]}_drill")  # names have at most 63 bytes

    @contextmanager
    def temporary(self, manifest: Manifest) -> Iterator[Engine]:
        drop = f"DROP DATABASE {_quote(self.name)}"
        with self.beside("postgres")._open() as connection:
            found = "SELECT 1 FROM pg_database WHERE datname = %s"
            if connection.execute(found, [self.name]).fetchone():
                raise BackupError(
                    f"A database {self.name} exists already, perhaps from an interrupted drill:"
                    f" {drop};"
                )
            connection.execute(self._create_statement.encode())
            try:
                yield self
            finally:
                connection.execute(drop.encode())

    def creation_hint(self, manifest: Manifest, error: str = "") -> str:
        return f"To create an empty database, with an account that may: {self._create_statement};"

    def failure_hint(self, manifest: Manifest) -> str:
        return "Nothing was restored: run the command again."

    @property
    def _create_statement(self) -> str:
        owner = f" OWNER {_quote(self.user)}" if self.user else ""
        return f"CREATE DATABASE {_quote(self.name)}{owner} ENCODING 'UTF8' TEMPLATE template0"

    @contextmanager
    def _open(self) -> Iterator[psycopg.Connection[Any]]:
        """Connect, in autocommit mode. Turn errors into a BackupError."""
        import psycopg  # noqa: PLC0415  # not installed where SQLite is used

        given = {"user": self.user, "password": self.password, "sslrootcert": self.ca}
        optional: dict[str, Any] = {name: value for name, value in given.items() if value}
        try:
            with psycopg.connect(
                dbname=self.name,
                host=self.host,
                port=self.port,
                sslmode=self.ssl_mode,
                connect_timeout=CONNECT_TIMEOUT,
                autocommit=True,
                options=SESSION_OPTIONS,
                **optional,
            ) as connection:
                yield connection
        except psycopg.Error as error:
            raise BackupError(str(error).strip().splitlines()[0]) from error

    @contextmanager
    def _running(
        self, program: str, *arguments: str, options: str = ""
    ) -> Iterator[subprocess.Popen[bytes]]:
        """Run a program, which reads the address and the password from its environment.

        `options` are those of its session.
        """
        settings = {
            "PGDATABASE": self.name,
            "PGHOST": self.host,
            "PGPORT": str(self.port),
            "PGUSER": self.user,
            "PGPASSWORD": self.password,
            "PGSSLMODE": self.ssl_mode,
            "PGSSLROOTCERT": self.ca,
            "PGCONNECT_TIMEOUT": str(CONNECT_TIMEOUT),
            "PGOPTIONS": f"{os.environ.get('PGOPTIONS', '')} {NO_LIMITS} {options}".strip(),
        }
        environment = os.environ | {name: value for name, value in settings.items() if value}
        is_dump = program == "pg_dump"
        with running(
            [_find(program), *arguments],
            env=environment,
            stdin=None if is_dump else subprocess.PIPE,
            stdout=subprocess.PIPE if is_dump else subprocess.DEVNULL,
        ) as process:
            yield process


def portable(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Yield a dump without the statement that servers before PostgreSQL 17 refuse.

    It is looked for in the head alone, which ends with the first CREATE or COPY: a row of a table
    may have the same text.
    """
    head, rest = b"", iter(chunks)
    for chunk in rest:
        head += chunk
        if found := END_OF_HEAD.search(head):
            start = found.start()
            yield UNKNOWN_BEFORE_17.sub(b"", head[:start]) + head[start:]
            yield from rest
            return
    yield UNKNOWN_BEFORE_17.sub(b"", head)


def _find(program: str) -> str:
    """Return the path of a program of PostgreSQL."""
    if found := shutil.which(program):
        return found
    raise BackupError(f"{program} is not installed here: sudo apt install postgresql-client")


def _major(text: str) -> int:
    """Return the first number of a version, such as `pg_dump (PostgreSQL) 17.2`."""
    found = re.search(r"PostgreSQL\)? (\d+)", text)
    return int(found[1]) if found else 0


def _quote(name: str) -> str:
    doubled = name.replace('"', '""')
    return f'"{doubled}"'


def _begin(connection: psycopg.Connection[Any]) -> str:
    """Begin to read one snapshot of the database, and return its name for other connections."""
    connection.execute(NO_TRANSACTION_LIMIT)
    connection.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
    row = connection.execute("SELECT pg_export_snapshot()").fetchone()
    return str(row[0]) if row else ""


def _digest_tables(connection: psycopg.Connection[Any]) -> dict[str, TableDigest]:
    tables = connection.execute(TABLES).fetchall()
    return {name: _digest(connection, oid, quoted) for oid, name, quoted in tables}


def _digest(connection: psycopg.Connection[Any], oid: int, quoted: str) -> TableDigest:
    definition = hashlib.sha256()
    for (line,) in connection.execute(DEFINITION, {"table": oid}):
        definition.update(f"{line}\n".encode())
    key = [name for (name,) in connection.execute(KEY, [oid])] or [f"{quoted}::text"]
    statement = f"COPY (SELECT * FROM {quoted} ORDER BY {', '.join(key)}) TO STDOUT"  # noqa: S608  # quoted names
    rows, data = 0, hashlib.sha256()
    with connection.cursor().copy(statement.encode()) as copy:
        for block in copy:
            rows += bytes(block).count(b"\n")  # those in texts are escaped
            data.update(block)
    return TableDigest(rows, data.hexdigest(), definition.hexdigest())
