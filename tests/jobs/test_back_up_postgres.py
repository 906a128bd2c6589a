"""Backups of PostgreSQL: made beside the traffic, restored and compared."""

from __future__ import annotations

import gzip
import os
import re
import shutil
import subprocess
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from unittest import mock, skipUnless

import pytest
from django.core.management import CommandError
from django.db import connection

from operations.jobs.postgres import PostgreSQL, portable
from tests.jobs.base import BackupTest, execute

# What dumps may fail on: bytes, emoji, quotes, lines, NULL and '', generated columns, checks.
ODD_TABLE = """CREATE TABLE odd (
    id uuid PRIMARY KEY, a int NOT NULL CHECK (a <> 7),
    doubled int GENERATED ALWAYS AS (a * 2) STORED,
    words varchar(50) COLLATE "C" DEFAULT 'it''s', at timestamptz, ratio float8, document jsonb,
    body bytea)"""
ODD_ROWS = [
    (
        uuid.UUID(int=1),
        1,
        "it's \\ 🍣\r\n\t\\N), (\"'",
        "2026-01-01 00:00:00.123456+09",
        0.1,
        b"\x00'",
    ),
    (uuid.UUID(int=2), -2, "", None, 1e300, b""),
    (uuid.UUID(int=3), 3, None, None, None, None),
]
# pg_dump 17 and newer, for which an older one stands in if that is installed.
NEWER_PG_DUMP = """#!/bin/sh
"{pg_dump}" "$@" | sed '/^SET transaction_timeout/d
s/^SET idle_in_transaction_session_timeout.*/&\\
SET transaction_timeout = 0;/'
"""


def pg_dump_version() -> int:
    """Return the first part of the version of the installed pg_dump, or 0 without one."""
    if not (found := shutil.which("pg_dump")):
        return 0
    said = subprocess.run([found, "--version"], capture_output=True, text=True, check=True).stdout
    match = re.search(r"\) (\d+)", said)
    return int(match[1]) if match else 0


UNKNOWN = b"SET transaction_timeout = 0;\n"
HEAD = b"SET statement_timeout = 0;\n"
TABLE = b"CREATE TABLE public.note (\n    words text\n);\nCOPY public.note (words) FROM stdin;\n"


def test_a_dump_has_no_statement_that_an_older_server_refuses() -> None:
    # pg_dump 17 writes it, whatever the version of the server is.
    dump = HEAD + UNKNOWN + b"SET lock_timeout = 0;\n" + TABLE + UNKNOWN + b"\\.\n"
    expected = HEAD + b"SET lock_timeout = 0;\n" + TABLE + UNKNOWN + b"\\.\n"
    for size in (1, 7, 60, len(dump)):
        chunks = [dump[start : start + size] for start in range(0, len(dump), size)]
        assert b"".join(portable(chunks)) == expected, size
    assert b"".join(portable([HEAD, UNKNOWN])) == HEAD
    assert list(portable([])) == [b""]


@skipUnless(connection.vendor == "postgresql", "the programs are those of PostgreSQL")
class PostgresBackupTest(BackupTest):
    def setUp(self) -> None:
        super().setUp()
        server = connection.pg_version // 10_000
        if 0 < pg_dump_version() < server:
            self.skipTest(f"pg_dump {pg_dump_version()} cannot dump a server of version {server}")
        execute(ODD_TABLE)
        self.addCleanup(execute, "DROP TABLE odd")
        for row in ODD_ROWS:
            execute(
                "INSERT INTO odd (id, a, words, at, ratio, body) VALUES (%s, %s, %s, %s, %s, %s)",
                *row,
            )

    @contextmanager
    def new_database(self) -> Iterator[str]:
        name = f"test_restored_{uuid.uuid4().hex[:12]}"
        execute(f"CREATE DATABASE {name} TEMPLATE template0")
        try:
            yield name
        finally:
            execute(f"DROP DATABASE {name} WITH (FORCE)")

    def test_a_backup_is_restored_and_identical(self) -> None:
        manifest = self.back_up()
        assert manifest.engine == "postgres"
        assert manifest.tables["odd"].rows == len(ODD_ROWS)
        assert manifest.tables["goals_goal"].rows == 1
        assert "goals.0001_initial" in manifest.migrations
        with self.new_database() as name:
            out = self.run_command("restore", "--into", name)
            assert "The restored database is identical to the backup." in out
            with pytest.raises(CommandError, match="is not empty"):
                self.run_command("restore", "--into", name)

    def test_a_backup_is_sql_for_psql(self) -> None:
        manifest = self.back_up()
        text = gzip.decompress((self.folder / manifest.file).read_bytes()).decode()
        assert "CREATE TABLE public.odd" in text
        assert "OWNER TO" not in text

    def test_a_dump_of_a_newer_pg_dump_is_restored(self) -> None:
        folder = Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, folder)
        program = folder / "pg_dump"
        program.write_text(NEWER_PG_DUMP.format(pg_dump=shutil.which("pg_dump")))
        program.chmod(0o755)
        with mock.patch.dict(os.environ, PATH=f"{folder}:{os.environ['PATH']}"):
            self.back_up()
        assert "identical to the backup" in self.run_command("restore", "--drill")

    def test_a_drill_restores_beside_the_database_and_drops_it(self) -> None:
        self.back_up()
        assert "identical to the backup" in self.run_command("restore", "--drill")
        databases = [name for (name,) in execute("SELECT datname FROM pg_database")]
        assert not [name for name in databases if name.endswith("_drill")]

    def test_what_differs_from_the_backup_is_named(self) -> None:
        manifest = self.back_up()
        tables = {name: digest._asdict() for name, digest in manifest.tables.items()}
        tables["odd"]["data"] = "0" * 64
        tables["goals_goal"]["definition"] = "0" * 64
        tables["gone"] = tables["odd"]
        self.change_manifest(manifest, tables=tables)
        with pytest.raises(CommandError) as caught:
            self.run_command("restore", "--drill")
        message = str(caught.value)
        assert "gone: is missing" in message
        assert "odd: its rows differ (3 rows, 3 in the backup)" in message
        assert "goals_goal: its definition differs" in message

    def test_a_database_that_does_not_exist_is_an_error_with_the_statement(self) -> None:
        self.back_up()
        with pytest.raises(CommandError, match='CREATE DATABASE "nowhere"'):
            self.run_command("restore", "--into", "nowhere")

    def test_the_dump_and_the_digests_are_of_one_moment(self) -> None:
        database = PostgreSQL.from_entry(connection.settings_dict)
        dump = database.dump()
        chunks = iter(dump.chunks)
        first = next(chunks)
        execute("INSERT INTO odd (id, a) VALUES (%s, 4)", uuid.UUID(int=4))
        text = b"".join([first, *chunks])
        assert dump.digests()["odd"].rows == len(ODD_ROWS)
        assert str(uuid.UUID(int=4)).encode() not in text

    def test_a_dump_with_a_statement_of_a_newer_program_is_loaded(self) -> None:
        database = PostgreSQL.from_entry(connection.settings_dict)
        with self.new_database() as name:
            other = database.beside(name)
            other.load([HEAD + UNKNOWN, TABLE, b"rice\n\\.\n"])
            assert other.digest_tables()["note"].rows == 1

    def test_limits_of_the_server_do_not_end_a_backup(self) -> None:
        name = connection.settings_dict["NAME"]
        limits = ("idle_in_transaction_session_timeout", "statement_timeout")
        for limit in limits:
            execute(f'ALTER DATABASE "{name}" SET {limit} = 1')  # milliseconds
            self.addCleanup(execute, f'ALTER DATABASE "{name}" RESET {limit}')
        assert self.back_up().tables["odd"].rows == len(ODD_ROWS)

    def test_a_dump_that_fails_is_an_error_of_the_program(self) -> None:
        database = PostgreSQL.from_entry(connection.settings_dict | {"NAME": "nowhere"})
        with pytest.raises(Exception, match='"nowhere" does not exist'):
            b"".join(database.dump().chunks)
