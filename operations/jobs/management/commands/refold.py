"""The command `manage.py refold`: fold stored texts again for searches. It is idempotent."""

from django.core.management.base import BaseCommand, CommandParser

from operations.jobs.refolding import refold


class Command(BaseCommand):
    help = (
        "Fold stored texts again if a release has changed how texts are searched. `jobs` and"
        " `purge` do so by themselves; an interrupted pass is continued."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--again", action="store_true", help="read all rows, even if that was done before"
        )

    def handle(self, *args: object, again: bool, **options: object) -> None:
        self.stdout.write(f"{refold(again=again)} texts folded again")
