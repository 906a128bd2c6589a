"""`manage.py backup`: a dump of the database, with a manifest, to where BACKUP_URL says."""

import os
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from todomate.api import days
from todomate.environment import Refused
from todomate.jobs import backups
from todomate.jobs.errors import BackupError
from todomate.jobs.storage import Store


class Command(BaseCommand):
    help = "Backs the database up, and removes backups older than BACKUP_KEEP_DAYS."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--to", metavar="URL", help="file:///folder or s3://bucket/prefix, instead of BACKUP_URL")

    def handle(self, *args: Any, to: str | None, **options: Any) -> None:
        before = os.umask(0o077)  # in a folder, for nobody else's eyes
        try:
            self.back_up(Store("--to", to) if to else Store("BACKUP_URL", settings.BACKUP_URL))
        except (BackupError, Refused) as error:
            raise CommandError(str(error)) from error
        finally:
            os.umask(before)

    def back_up(self, store: Store) -> None:
        now = days.now()
        made = backups.back_up(backups.own(settings.DATABASES["default"]), store, now)
        if made is None:
            self.stdout.write("The database is empty: there is nothing to back up yet.")
            return
        self.stdout.write(f"{made.name}: {made.rows} rows of {len(made.tables)} tables, {made.size} bytes")
        for name in store.prune(now, settings.BACKUP_KEEP_DAYS):
            self.stdout.write(f"{name}: removed, older than {settings.BACKUP_KEEP_DAYS} days")
