"""The command `manage.py erase`: erase deleted accounts and goals. It is idempotent."""

import logging

from django.core.management.base import BaseCommand

from operations.jobs.erasing import erase_marked

logger = logging.getLogger(__name__)


class Command(BaseCommand):
    help = "Erase the accounts and goals that were deleted and had too many rows for a request."

    def handle(self, *args: object, **options: object) -> None:
        erase_marked(self.say)

    def say(self, line: str) -> None:
        """Tell the progress, in the log too: the output of a job is recorded when it has ended."""
        logger.info(line)
        self.stdout.write(line)
