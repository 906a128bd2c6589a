"""`manage.py backup`: a dump of the database, with a manifest, to where BACKUP_URL says."""

import os
from contextlib import suppress
from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError, transaction

from core import days
from core.environment import Refused
from operations.jobs import backups
from operations.jobs.errors import BackupError
from operations.jobs.models import Run
from operations.jobs.storage import Store


class Command(BaseCommand):
    help = "Backs the database up, and removes backups older than BACKUP_KEEP_DAYS."
    requires_system_checks = []
    stealth_options = ("by_hand",)

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--to",
            metavar="URL",
            help="file:///folder or s3://bucket/prefix, instead of BACKUP_URL",
        )

    def handle(self, *args: Any, to: str | None, by_hand: bool = True, **options: Any) -> None:
        before = os.umask(0o077)  # in a folder, for nobody else's eyes
        try:
            began, store = (
                days.now(),
                Store("--to", to) if to else Store("BACKUP_URL", settings.BACKUP_URL),
            )
            says = self.back_up(store)
            if says and by_hand and not to:
                self.write_down(began, says)
        except (BackupError, Refused) as error:
            raise CommandError(str(error)) from error
        finally:
            os.umask(before)

    def back_up(self, store: Store) -> str:
        """What was made, in one line; nothing where there is nothing to back up."""
        now = days.now()
        made = backups.back_up(backups.own(settings.DATABASES["default"]), store, now)
        if made is None:
            self.stdout.write("The database is empty: there is nothing to back up yet.")
            return ""
        says = f"{made.name}: {made.rows} rows of {len(made.tables)} tables, {made.size} bytes"
        self.stdout.write(says)
        try:
            for name in store.prune(now, settings.BACKUP_KEEP_DAYS):
                self.stdout.write(f"{name}: removed, older than {settings.BACKUP_KEEP_DAYS} days")
        except BackupError as error:
            self.stdout.write(
                f"warning: the backup is made, and older ones could not be removed: {error}"
            )
        return says

    def write_down(self, began: datetime, says: str) -> None:
        """It counts as a night's. The table may be that of another release: deploy.sh backs up before it migrates."""
        with suppress(DatabaseError), transaction.atomic():
            done = {
                "state": Run.State.SUCCEEDED,
                "started_at": began,
                "ended_at": days.now(),
                "says": says,
            }
            Run.objects.create(name="backup", **done)
