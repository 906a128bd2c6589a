"""The command `manage.py backup`: dump the database, with a manifest, to BACKUP_URL."""

import os
from contextlib import suppress
from datetime import datetime

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError, transaction

from core import clock
from core.environment import InvalidSetting
from operations.jobs import backups
from operations.jobs.engines import own_database
from operations.jobs.errors import BackupError
from operations.jobs.models import Run
from operations.jobs.storage import Store


class Command(BaseCommand):
    help = "Back up the database, and remove backups older than BACKUP_KEEP_DAYS."
    requires_system_checks = []
    stealth_options = ("by_hand",)

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--to",
            metavar="URL",
            help="file:///folder or s3://bucket/prefix, instead of BACKUP_URL",
        )

    def handle(
        self, *args: object, to: str | None, by_hand: bool = True, **options: object
    ) -> None:
        umask = os.umask(0o077)  # in a folder, no other account may read the files
        try:
            began = clock.now()
            store = Store("--to", to) if to else Store("BACKUP_URL", settings.BACKUP_URL)
            summary = self.back_up(store)
            if summary and by_hand and not to:
                self.record_run(began, summary)
        except (BackupError, InvalidSetting) as error:
            raise CommandError(str(error)) from error
        finally:
            os.umask(umask)

    def back_up(self, store: Store) -> str:
        """Return a line about the backup; empty if there is nothing to back up."""
        now = clock.now()
        database = own_database(settings.DATABASES["default"])
        manifest = backups.back_up(database, store, now)
        if manifest is None:
            self.stdout.write("The database is empty: there is nothing to back up yet.")
            return ""
        summary = (
            f"{manifest.name}: {manifest.rows} rows of {len(manifest.tables)} tables,"
            f" {manifest.size} bytes"
        )
        self.stdout.write(summary)
        try:
            for name in store.prune(now, settings.BACKUP_KEEP_DAYS):
                self.stdout.write(f"{name}: removed, older than {settings.BACKUP_KEEP_DAYS} days")
        except BackupError as error:
            self.stdout.write(
                f"warning: the backup is made, but older ones could not be removed: {error}"
            )
        return summary

    def record_run(self, began: datetime, summary: str) -> None:
        """Count a manual backup as the nightly one.

        The table may be missing or that of another release: deploy.sh backs up before it migrates.
        """
        with suppress(DatabaseError), transaction.atomic():
            Run.objects.create(
                name="backup",
                state=Run.State.SUCCEEDED,
                started_at=began,
                ended_at=clock.now(),
                says=summary,
            )
