"""The command `manage.py relabel`: publish and label diaries of former releases. Idempotent."""

from django.core.management.base import BaseCommand, CommandParser

from operations.jobs.relabelling import relabel


class Command(BaseCommand):
    help = (
        "Make posts of diaries that a release before posts has written, and label posts again if"
        " the rules of hashtags have changed. `jobs` and `purge` do so by themselves; an"
        " interrupted pass is continued."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--again", action="store_true", help="read all diaries, even if that was done before"
        )

    def handle(self, *args: object, again: bool, **options: object) -> None:
        self.stdout.write(f"{relabel(again=again)} diaries published, hidden or labelled")
