"""The command `manage.py jobs`: run `backup` and `purge` every night.

Several of these processes may run at once.
"""

import os
import sys

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import Error

from core import clock
from operations.jobs import nightly
from operations.jobs.loop import TRY_AGAIN
from operations.jobs.nightly import Outcome


class Command(BaseCommand):
    help = "Run the nightly jobs, each once a night, at NIGHTLY_HOUR (UTC)."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        mode = parser.add_mutually_exclusive_group()
        mode.add_argument("--once", action="store_true", help="run the jobs that are due, and end")
        mode.add_argument("--status", action="store_true", help="print the last run of each job")

    def handle(self, *args: object, once: bool, status: bool, **options: object) -> None:
        if status:
            self.print_status()
        elif once:
            self.run_due()
        else:
            # Replace this process, which has all of Django in memory.
            os.chdir(settings.BASE_DIR)
            command = ["-m", "operations.jobs.loop", str(settings.NIGHTLY_HOUR)]
            os.execv(sys.executable, [sys.executable, *command])  # noqa: S606  # a fixed command

    def run_due(self) -> None:
        """Run the jobs that are due, and exit with a status that the loop understands."""
        try:
            outcome = nightly.run_due()
        except Error as error:
            message = f"The database does not answer: {error}"
            raise CommandError(message, returncode=TRY_AGAIN) from error
        if outcome is not Outcome.DONE:
            sys.exit(TRY_AGAIN if outcome is Outcome.BUSY else 1)

    def print_status(self) -> None:
        for line in nightly.status_lines():
            self.stdout.write(line)
        if message := nightly.overdue_message(clock.now()):
            self.stdout.write(message)
