"""Test backups in S3."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import timedelta
from unittest.mock import patch

import pytest
from django.core.management import CommandError
from django.test import override_settings

from operations.jobs.errors import BackupError
from operations.jobs.storage import PART_SIZE, Store
from tests.accounts.clock import later
from tests.jobs.base import BackupTest, needs_mysql
from tests.jobs.s3 import environment, keys, make_bucket, running_s3

pytestmark = needs_mysql
BUCKET = "backups-of-the-test"


@pytest.fixture(scope="module")
def s3() -> Iterator[str]:
    with running_s3() as address, patch.dict(os.environ, environment(address)):
        make_bucket(address, BUCKET)
        yield address


@pytest.mark.usefixtures("s3")
@override_settings(BACKUP_URL=f"s3://{BUCKET}/some/where")
class S3Test(BackupTest):
    def setUp(self) -> None:
        super().setUp()
        self.enterContext(override_settings(BACKUP_URL=f"s3://{BUCKET}/{self.id()}"))

    def store(self) -> Store:
        return Store("BACKUP_URL", f"s3://{BUCKET}/{self.id()}")

    def list_keys(self, **query: str) -> str:
        return keys(os.environ["AWS_ENDPOINT_URL"], BUCKET, **query)

    def test_a_restored_backup_is_identical(self) -> None:
        self.make_odd_table()
        self.run_command("backup")
        assert f"<Key>{self.id()}/todomate-" in self.list_keys()
        with self.empty_database() as database:
            assert "The restored database is identical to the backup." in self.run_command(
                "restore", "--into", database.name
            )

    def test_old_backups_are_removed(self) -> None:
        for days in (-100, -50, 0):
            with later(timedelta(days=days)):
                self.run_command("backup")
        assert len(self.run_command("restore", "--list").splitlines()) == 1
        assert self.list_keys().count(f"<Key>{self.id()}/") == 2

    def test_an_upload_in_parts(self) -> None:
        part = os.urandom(PART_SIZE + 1)
        file = "todomate-2026-11-21T180000Z.sql.gz"
        self.store().write_dump(file, (part for _ in range(3)))
        assert b"".join(self.store().read_dump(file)) == part * 3

    def test_a_failed_upload_leaves_no_object_and_no_part(self) -> None:
        def broken() -> Iterator[bytes]:
            yield os.urandom(3 * PART_SIZE)
            raise BackupError("the dump failed")

        with pytest.raises(BackupError, match="the dump failed"):
            self.store().write_dump("todomate-2026-11-21T180000Z.sql.gz", broken())
        assert self.id() not in self.list_keys()
        assert self.id() not in self.list_keys(query="uploads")

    def test_a_missing_bucket(self) -> None:
        with override_settings(BACKUP_URL="s3://no-such-bucket/here"):
            for words in (["backup"], ["restore", "--list"]):
                with pytest.raises(CommandError, match=r"^s3://no-such-bucket/here: .*404.*"):
                    self.run_command(*words)
