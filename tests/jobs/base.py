"""A database with users' texts, and a folder for its backups."""

from __future__ import annotations

import json
import shutil
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection, transaction
from django.test import override_settings

from core import clock
from diaries.models import Diary
from goals.models import Goal
from operations.jobs import backups
from operations.jobs.engine import Engine
from operations.jobs.mysql import MySQL
from operations.jobs.programs import PAIRS
from operations.jobs.storage import Manifest, Store
from tests.base import RaceTest

TOOLS = any(shutil.which(dump) and shutil.which(client) for dump, client in PAIRS)
needs_mysql = [
    pytest.mark.skipif(
        connection.vendor != "mysql", reason="runs with the suite on MySQL or MariaDB"
    ),
    pytest.mark.skipif(not TOOLS, reason="no client (mariadb-dump, mysqldump) is installed"),
]
PASSWORD = "p\"a#s\\s' x;é"
# Everything that dumps have failed on: generated columns, checks, bytes, emoji, kinds of quotes.
ODD_TABLE = """CREATE TABLE odd (
    id BINARY(16) PRIMARY KEY, a INT NOT NULL, doubled INT GENERATED ALWAYS AS (a * 2) STORED,
    words VARCHAR(50) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin,
    next_one INT GENERATED ALWAYS AS (a + 1) VIRTUAL,
    at DATETIME(6), ratio DOUBLE, document JSON, bits BIT(3), body LONGBLOB,
    CHECK (a <> 7 AND words <> 'it''s'))"""
ODD_ROWS = [
    (
        bytes(range(16)),
        1,
        "it's \\ 🍣\r\n), (\"'",
        "2026-01-01 00:00:00.123456",
        0.1,
        '{"a": "b), (\'c"}',
        5,
        b"\x00\xff'",
    ),
    (bytes(range(16, 32)), -2, "", None, 1e300, "[]", 0, b""),
    (bytes(range(32, 48)), 3, None, None, None, None, None, None),
]
ODD_INSERT = (
    "INSERT INTO odd (id, a, words, at, ratio, document, bits, body)"
    " VALUES (%s, %s, %s, %s, %s, %s, %s, %s)"
)


def own_database() -> MySQL:
    return MySQL.from_entry(connection.settings_dict)


def execute(statement: str, *values: Any) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return list(cursor.fetchall()) if cursor.description else []


class BackupTest(RaceTest):
    """Base of tests with committed rows of Alice, and with backups in a temporary folder."""

    def setUp(self) -> None:
        super().setUp()
        self.folder = Path(self.enterContext(tempfile.TemporaryDirectory()))
        self.enterContext(override_settings(BACKUP_URL=self.folder.as_uri()))
        with transaction.atomic():
            Goal.add(self.alice, title='건강 \'n "fun" \\ 🍣')
        Diary.objects.create(
            owner=self.alice, date=self.today, body="line\nline; -- no comment", emoji="❤️"
        )

    def make_odd_table(self) -> None:
        execute(ODD_TABLE)
        self.addCleanup(execute, "DROP TABLE odd")
        for row in ODD_ROWS:
            execute(ODD_INSERT, *row)

    def run_command(self, *words: str) -> str:
        out = StringIO()
        call_command(*words, stdout=out)
        return out.getvalue()

    def back_up(self) -> Manifest:
        self.run_command("backup")
        return self.manifests()[-1]

    def manifests(self) -> list[Manifest]:
        return [
            Manifest.from_json(path.read_bytes()) for path in sorted(self.folder.glob("*.json"))
        ]

    def change_manifest(self, manifest: Manifest, **values: Any) -> None:
        path = self.folder / f"{manifest.name}.json"
        path.write_text(json.dumps(json.loads(path.read_text()) | values))

    @contextmanager
    def empty_database(self) -> Iterator[MySQL]:
        name = f"test_restored_{uuid.uuid4().hex[:12]}"
        execute(f"CREATE DATABASE {name} CHARACTER SET utf8mb4")
        try:
            yield replace(own_database(), name=name)
        finally:
            execute(f"DROP DATABASE {name}")

    @contextmanager
    def account(self, *grants: str) -> Iterator[MySQL]:
        """Create an account with only these privileges and a password that needs quoting."""
        user = f"test_{uuid.uuid4().hex[:12]}"
        execute(f"CREATE USER {user} IDENTIFIED BY %s", PASSWORD)
        try:
            for grant in grants:
                execute(f"GRANT {grant} TO {user}")
            yield replace(own_database(), user=user, password=PASSWORD)
        finally:
            execute(f"DROP USER {user}")

    def store(self) -> Store:
        return Store("BACKUP_URL", self.folder.as_uri())

    def back_up_by(self, database: Engine) -> Manifest | None:
        return backups.back_up(database, self.store(), clock.now())
