"""Test backups of SQLite: the online copy is checked, stored, and restored by the same commands."""

from __future__ import annotations

import gzip
import os
import sqlite3
import stat
import subprocess
import sys
import tempfile
from contextlib import closing
from io import StringIO
from pathlib import Path
from unittest import mock

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.test import override_settings

from core import clock
from goals.models import Goal
from operations.jobs import backups, nightly
from operations.jobs.engines import own_database, target_database
from operations.jobs.errors import BackupError
from operations.jobs.file_lock import file_lock
from operations.jobs.sqlite import COMPANIONS, SQLite
from operations.jobs.storage import Manifest, Store
from tests.base import RaceTest

pytestmark = pytest.mark.skipif(
    connection.vendor != "sqlite", reason="runs with the suite on SQLite"
)
ODD_TABLES = """
CREATE TABLE odd (id TEXT PRIMARY KEY, "a ""b" BLOB, half REAL, twice AS (half * 2)) WITHOUT ROWID;
INSERT INTO odd VALUES ('건강', x'00ff27', 0.1), ('b', NULL, 1e300);
CREATE INDEX odd_half ON odd (half);
CREATE TABLE bytes (words TEXT);
INSERT INTO bytes VALUES (CAST(x'ff00' AS TEXT));
"""


class SQLiteBackupTest(RaceTest):
    """A server whose database is a file: a copy of that of the suite, with a goal of Alice.

    Its rows are committed, since SQLite copies nothing of an open transaction.
    """

    def setUp(self) -> None:
        super().setUp()
        with transaction.atomic():
            Goal.add(self.alice, title="건강 🍣")
        self.folder = Path(self.enterContext(tempfile.TemporaryDirectory()))
        self.path = self.folder / "db" / "todomate.sqlite3"
        self.path.parent.mkdir()
        with closing(sqlite3.connect(self.path)) as copy:
            connection.connection.backup(copy)
            copy.executescript(f"PRAGMA journal_mode=WAL; {ODD_TABLES}")
        place = (self.folder / "backups").as_uri()
        self.enterContext(override_settings(BACKUP_URL=place))
        entry = {"default": connection.settings_dict | {"NAME": str(self.path)}}
        self.enterContext(mock.patch("django.conf.settings.DATABASES", entry))
        self.store = Store("BACKUP_URL", place)
        self.own = SQLite(str(self.path))

    def run_command(self, *words: str) -> str:
        out = StringIO()
        call_command(*words, stdout=out)
        return out.getvalue()

    def back_up(self) -> Manifest:
        manifest = backups.back_up(self.own, self.store, clock.now())
        assert manifest
        return manifest

    def titles(self, path: Path) -> list[tuple[str]]:
        with closing(sqlite3.connect(path)) as database:
            return database.execute("SELECT title FROM goals_goal").fetchall()

    def left(self) -> set[str]:
        return {path.name for path in self.path.parent.iterdir()} - {
            self.path.name + end for end in COMPANIONS
        }

    def test_the_commands_make_list_try_and_restore_a_backup(self) -> None:
        summary = self.run_command("backup")
        assert self.run_command("restore", "--list").startswith(summary.partition(",")[0])
        assert "identical to the backup" in self.run_command("restore", "--drill")
        assert "identical" in self.run_command("restore", "latest", "--into", "restored.sqlite3")
        assert self.titles(self.path.with_name("restored.sqlite3")) == [("건강 🍣",)]
        assert self.left() == {"todomate.sqlite3", "restored.sqlite3"}

    def test_a_dump_is_one_file_that_any_sqlite_opens(self) -> None:
        manifest = self.back_up()
        assert manifest.file.endswith("Z.sqlite3.gz")
        dump = self.folder / "dump.sqlite3"
        dump.write_bytes(gzip.decompress((self.folder / "backups" / manifest.file).read_bytes()))
        assert self.titles(dump) == [("건강 🍣",)]
        with closing(sqlite3.connect(dump)) as database:
            assert database.execute("PRAGMA journal_mode").fetchall() == [("delete",)]
        assert manifest.tables["odd"].rows == 2
        assert "goals.0001_initial" in manifest.migrations

    def test_writes_that_are_not_committed_are_left_out_and_do_not_delay_it(self) -> None:
        with closing(sqlite3.connect(self.path)) as writer:
            writer.execute("INSERT INTO bytes VALUES ('committed')")
            writer.commit()
            writer.execute("INSERT INTO bytes VALUES ('open')")
            assert self.back_up().tables["bytes"].rows == 2

    def test_a_damaged_database_is_not_stored(self) -> None:
        with closing(sqlite3.connect(self.path)) as database:
            database.executescript(
                "PRAGMA wal_checkpoint(TRUNCATE); PRAGMA writable_schema=ON;"
                " UPDATE sqlite_schema SET rootpage = 3 WHERE name = 'odd_half'"
            )
        with pytest.raises(BackupError, match="integrity_check"):
            self.back_up()
        assert self.store.names() == []
        assert self.left() == {"todomate.sqlite3"}

    def test_only_its_owner_can_read_a_restored_database(self) -> None:
        self.back_up()
        self.addCleanup(os.umask, os.umask(0o022))
        self.run_command("restore", "--into", "restored.sqlite3")
        mode = self.path.with_name("restored.sqlite3").stat().st_mode
        assert stat.S_IMODE(mode) == 0o600

    def test_what_differs_after_a_restore_is_reported(self) -> None:
        manifest = self.back_up()
        into = self.own.beside("restored.sqlite3")
        for change, message in (
            ("UPDATE odd SET half = 2 WHERE id = 'b'", "odd: its rows differ (2 rows, 2 in the"),
            ("DROP INDEX odd_half", "odd: its definition differs"),
            ("DROP TABLE bytes", "bytes: is missing"),
        ):
            with self.subTest(change), into.temporary(manifest) as database:
                assert backups.restore(manifest, self.store, database) == []
                with closing(sqlite3.connect(database.name)) as other:
                    other.execute(change)
                    other.commit()
                [found] = backups.compare(manifest, database)
                assert found.startswith(message)

    def test_a_database_with_tables_or_in_use_is_not_overwritten(self) -> None:
        self.back_up()
        with pytest.raises(CommandError, match=r"is not empty \(\d+ tables\)"):
            self.run_command("restore", "--into", self.path.name)
        empty = self.path.with_name("empty.sqlite3")
        with closing(sqlite3.connect(empty)) as database:
            database.executescript("PRAGMA journal_mode=WAL; BEGIN IMMEDIATE")
            with pytest.raises(CommandError, match="in use: stop the server first"):
                self.run_command("restore", "--into", empty.name)
        assert self.titles(self.path) == [("건강 🍣",)]

    def test_a_changed_dump_is_refused_and_leaves_nothing(self) -> None:
        manifest = self.back_up()
        file = self.folder / "backups" / manifest.file
        file.write_bytes(file.read_bytes()[:-9] + b"123456789")
        with pytest.raises(CommandError, match="has changed since it was stored"):
            self.run_command("restore", "--into", "restored.sqlite3")
        assert self.left() == {"todomate.sqlite3"}

    def test_a_backup_of_another_product_is_refused(self) -> None:
        name = self.back_up().name
        path = self.folder / "backups" / f"{name}.json"
        path.write_text(path.read_text().replace('"sqlite"', '"mysql"'))
        with pytest.raises(CommandError, match="is a backup of mysql, which cannot be restored"):
            self.run_command("restore", "--into", "restored.sqlite3")

    def test_an_existing_file_of_a_drill_is_kept(self) -> None:
        self.back_up()
        kept = self.path.with_name("todomate_drill.sqlite3")
        kept.write_bytes(b"mine")
        with pytest.raises(CommandError, match="exists already, perhaps from an interrupted"):
            self.run_command("restore", "--drill")
        assert kept.read_bytes() == b"mine"

    def test_a_file_that_does_not_exist_yet_has_nothing_to_back_up(self) -> None:
        own = self.own.beside("new.sqlite3")
        assert backups.back_up(own, self.store, clock.now()) is None
        assert not own.path.exists()

    def test_what_a_killed_backup_has_left_is_removed_a_day_later(self) -> None:
        old = self.path.with_name(".todomate.sqlite3.copy-abc")
        young = self.path.with_name(".todomate.sqlite3.copy-def")
        old.touch()
        young.touch()
        os.utime(old, (0, 0))
        self.back_up()
        assert not old.exists()
        assert young.exists()

    def test_into_takes_a_url_of_the_same_product(self) -> None:
        entry = {"ENGINE": "django.db.backends.sqlite3", "NAME": str(self.path)}
        assert target_database("sqlite:////x/y.sqlite3", entry).name == "/x/y.sqlite3"
        assert own_database(entry).name == str(self.path)
        with pytest.raises(BackupError, match="of the same kind as this server's: sqlite"):
            target_database("mysql://someone@host/name", entry)

    def test_a_job_that_another_process_runs_is_left_to_it(self) -> None:
        path = self.folder / "x.lock"
        held = (
            "import fcntl, sys; f = open(sys.argv[1], 'w'); fcntl.flock(f, 2); print(flush=True);"
        )
        command = [sys.executable, "-c", f"{held} input()", str(path)]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
            assert other.stdout
            other.stdout.readline()
            with file_lock(path) as acquired:
                assert not acquired
            other.communicate(b"\n")
        with file_lock(path) as acquired:
            assert acquired

    def test_the_nightly_jobs_run(self) -> None:
        assert nightly.run_due() is nightly.Outcome.DONE
        assert len(self.store.names()) == 1
        assert "purge succeeded" in "\n".join(nightly.status_lines())
