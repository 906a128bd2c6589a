"""Test `manage.py backup`."""

from __future__ import annotations

import gzip
import hashlib
import os
import stat
from datetime import UTC, datetime, timedelta
from unittest.mock import patch

import pytest
from django.core.management import CommandError, call_command
from django.test import override_settings

import todomate
from goals.models import Goal
from operations.jobs import nightly, programs
from operations.jobs.errors import BackupError
from operations.jobs.models import Run
from operations.jobs.mysql import SERVER_INFO
from operations.jobs.programs import PAIRS
from tests.accounts.clock import clock_at
from tests.jobs.base import PASSWORD, BackupTest, execute, needs_mysql, own_database

pytestmark = needs_mysql
EVENING = datetime(2026, 11, 21, 18, tzinfo=UTC)


class BackUpTest(BackupTest):
    def test_its_name_has_the_time_and_its_manifest_describes_it(self) -> None:
        with clock_at(EVENING):
            manifest = self.back_up()
        assert manifest.name == "todomate-2026-11-21T180000Z"
        file = self.folder / f"{manifest.name}.sql.gz"
        assert manifest.size == file.stat().st_size
        assert manifest.sha256 == hashlib.sha256(file.read_bytes()).hexdigest()
        assert manifest.release == todomate.__version__
        assert [[manifest.server, manifest.charset, manifest.collation]] == programs.query(
            own_database(), SERVER_INFO
        )
        assert "goals.0001_initial" in manifest.migrations
        assert manifest.tables["goals_goal"].rows == Goal.objects.count() == 1

    def test_no_other_account_can_read_it(self) -> None:
        self.back_up()
        assert {stat.S_IMODE(path.stat().st_mode) for path in self.folder.iterdir()} == {0o600}

    def test_old_backups_are_removed_except_for_the_newest(self) -> None:
        for days in (40, 31, 29):
            with clock_at(EVENING - timedelta(days=days)):
                self.run_command("backup")
        with clock_at(EVENING), override_settings(BACKUP_KEEP_DAYS=30):
            assert self.run_command("backup").count("removed") == 2
        assert [m.name[9:19] for m in self.manifests()] == ["2026-10-23", "2026-11-21"]
        assert len(list(self.folder.iterdir())) == 4
        with clock_at(EVENING + timedelta(days=50)), override_settings(BACKUP_KEEP_DAYS=1):
            self.run_command("backup")
        assert self.store().prune(EVENING + timedelta(days=500), 1) == []
        assert [m.name[9:19] for m in self.manifests()] == ["2027-01-10"]

    def test_an_incomplete_backup_is_removed_a_day_later(self) -> None:
        left = [
            self.folder / f"todomate-2026-11-0{n}T180000Z.sql.gz{end}"
            for n, end in ((1, ""), (2, "#1"))
        ]
        for path in left:
            path.touch()
        self.back_up()
        assert all(path.exists() for path in left)
        for path in left:
            os.utime(path, (0, 0))
        self.back_up()
        assert not any(path.exists() for path in left)

    def test_a_failed_dump_leaves_no_file(self) -> None:
        tables = [name for (name,) in execute("SHOW TABLES") if name != "todos_todo"]
        rights = [f"SELECT ON {own_database().name}.{name}" for name in tables]
        rights.append(
            f"INSERT ON {own_database().name}.todos_todo"
        )  # the account sees the table but cannot read it
        with (
            self.account(*rights) as database,
            pytest.raises(BackupError, match=r"ended with status \d+: .*denied"),
        ):
            self.back_up_by(database)
        assert list(self.folder.iterdir()) == []

    def test_it_needs_only_privileges_that_rds_grants(self) -> None:
        with self.account(
            f"SELECT, LOCK TABLES, SHOW VIEW, TRIGGER ON {own_database().name}.*"
        ) as database:
            assert self.back_up_by(database)

    def test_no_command_line_shows_the_user_or_the_password(self) -> None:
        log, programs_of = self.folder / "log", programs.find_programs()
        for name, real in zip(PAIRS[0], (programs_of.dump, programs_of.client), strict=True):
            (self.folder / name).write_text(f'#!/bin/sh\necho "$0 $@" >>{log}\nexec {real} "$@"\n')
            (self.folder / name).chmod(0o700)
        self.addCleanup(programs.find_programs.cache_clear)
        programs.find_programs.cache_clear()
        with (
            patch.dict(os.environ, PATH=f"{self.folder}:{os.environ['PATH']}"),
            self.account(f"ALL ON {own_database().name}.*") as database,
        ):
            self.back_up_by(database)
        commands = log.read_text()
        assert commands.count("--defaults-file=/dev/fd/") >= 4
        assert PASSWORD not in commands
        assert database.user not in commands

    def test_an_empty_database_has_nothing_to_back_up(self) -> None:
        with self.empty_database() as database:
            assert self.back_up_by(database) is None
        assert list(self.folder.iterdir()) == []

    def test_another_target(self) -> None:
        self.run_command("backup", "--to", (self.folder / "else where").as_uri())
        assert len(list((self.folder / "else where").iterdir())) == 2
        assert not Run.objects.exists(), "it does not count as the nightly backup"

    def test_a_manual_backup_counts_as_the_nightly_one(self) -> None:
        with clock_at(EVENING):
            self.back_up()
            assert not nightly.is_due("backup", EVENING)
        assert nightly.overdue_message(EVENING) == ""
        message = Run.objects.get(name="backup").says
        assert message.startswith("todomate-2026-11-21T180000Z: ")

    def test_it_is_made_even_if_the_run_cannot_be_recorded(self) -> None:
        execute("RENAME TABLE jobs_run TO jobs_run_of_another_release")
        self.addCleanup(execute, "RENAME TABLE jobs_run_of_another_release TO jobs_run")
        assert self.back_up().rows

    def test_files_with_similar_names_are_kept(self) -> None:
        strange = [
            "todomate-2026-01-01T180000Z (1).json",
            "todomate-2026-13-01T180000Z.json",
            "todomate-2026-01-01T180000Z.json.bak",
        ]
        for name in strange:
            (self.folder / name).touch()
        self.run_command("backup")
        assert len(self.run_command("restore", "--list").splitlines()) == 1
        assert all((self.folder / name).exists() for name in strange)

    def test_a_backup_that_cannot_be_removed_is_a_warning(self) -> None:
        left = self.folder / "todomate-2026-01-01T180000Z.sql.gz#1"
        left.mkdir()  # unlink() fails for a folder
        os.utime(left, (0, 0))
        made, warning = self.run_command("backup").splitlines()
        assert " rows of " in made
        assert warning.startswith(
            "warning: the backup is made, but older ones could not be removed: "
        )

    def test_the_dump_does_not_drop_tables_or_select_a_database(self) -> None:
        manifest = self.back_up()
        text = gzip.decompress((self.folder / f"{manifest.name}.sql.gz").read_bytes()).decode()
        assert not [
            line
            for line in text.splitlines()
            if line.startswith(("DROP", "USE", "CREATE DATABASE"))
        ]


@pytest.mark.parametrize("url", ["file://host/folder", "s3:", "ftp://host/folder", "folder"])
def test_an_invalid_target_is_refused(url: str) -> None:
    with pytest.raises(CommandError, match=r"^--to must"):
        call_command("backup", to=url)
