"""Backups in S3, as in a folder."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import timedelta
from unittest.mock import patch

import pytest
from django.core.management import CommandError
from django.test import override_settings

from operations.jobs.errors import BackupError
from operations.jobs.storage import PART, Store
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

    def listed(self, **question: str) -> str:
        return keys(os.environ["AWS_ENDPOINT_URL"], BUCKET, **question)

    def test_it_comes_back_as_it_was(self) -> None:
        self.make_odd_table()
        self.run_command("backup")
        assert f"<Key>{self.id()}/todomate-" in self.listed()
        with self.empty_database() as database:
            assert "Every table is what it was." in self.run_command(
                "restore", "--into", database.name
            )

    def test_the_newest_is_first_and_what_is_old_goes(self) -> None:
        for days in (-100, -50, 0):
            with later(timedelta(days=days)):
                self.run_command("backup")
        assert len(self.run_command("restore", "--list").splitlines()) == 1
        assert self.listed().count(f"<Key>{self.id()}/") == 2

    def test_in_parts(self) -> None:
        part = os.urandom(PART + 1)
        self.store().keep("todomate-2026-11-21T180000Z", (part for _ in range(3)))
        assert b"".join(self.store().chunks("todomate-2026-11-21T180000Z")) == part * 3

    def test_what_fails_half_way_leaves_no_object_and_no_part(self) -> None:
        def broken() -> Iterator[bytes]:
            yield os.urandom(3 * PART)
            raise BackupError("the dump broke off")

        with pytest.raises(BackupError, match="the dump broke off"):
            self.store().keep("todomate-2026-11-21T180000Z", broken())
        assert self.id() not in self.listed()
        assert self.id() not in self.listed(question="uploads")

    def test_a_bucket_that_is_not_there_is_said(self) -> None:
        with override_settings(BACKUP_URL="s3://no-such-bucket/here"):
            for words in (["backup"], ["restore", "--list"]):
                with pytest.raises(CommandError, match=r"^s3://no-such-bucket/here: .*404.*"):
                    self.run_command(*words)
