"""`manage.py jobs`: runs `backup` and `purge` every night, until it is told to end. Several may run at once."""

import os
import sys
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import Error, connection

from core import days
from operations.jobs import nightly
from operations.jobs.loop import NOT_NOW


class Command(BaseCommand):
    help = "Runs the nightly jobs, each once a night, at NIGHTLY_HOUR (UTC)."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        what = parser.add_mutually_exclusive_group()
        what.add_argument("--once", action="store_true", help="run what is due now, and end")
        what.add_argument(
            "--status", action="store_true", help="say how each job went the last time"
        )

    def handle(self, *args: Any, once: bool, status: bool, **options: Any) -> None:
        if connection.vendor != "mysql":
            raise CommandError(
                "The jobs need MySQL or MariaDB. With SQLite: run `manage.py purge` once a day."
            )
        if status:
            self.tell()
        elif once:
            self.run_due()
        else:
            # In place of this process, which holds all of Django.
            os.chdir(settings.BASE_DIR)
            os.execv(
                sys.executable,
                [sys.executable, "-m", "operations.jobs.loop", str(settings.NIGHTLY_HOUR)],
            )  # noqa: S606  # ours

    def run_due(self) -> None:
        try:
            done, busy = nightly.run_due()
        except Error as error:
            raise CommandError(
                f"The database does not answer: {error}", returncode=NOT_NOW
            ) from error
        if not done:
            sys.exit(NOT_NOW if busy else 1)

    def tell(self) -> None:
        for line in nightly.told():
            self.stdout.write(line)
        if sentence := nightly.overdue(days.now()):
            self.stdout.write(sentence)
