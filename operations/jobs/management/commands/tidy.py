"""The command `manage.py tidy`: remove files of photos that are left over. It is idempotent."""

from django.core.management.base import BaseCommand, CommandError, CommandParser

from core import clock
from photos.store import StoreError
from photos.tidying import ForeignFilesError, tidy


class Command(BaseCommand):
    help = (
        "Remove the files of deleted photos and of uploads that were interrupted, and delete photos"
        " that have been on nothing for a day. `manage.py jobs` does so every hour."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--force",
            action="store_true",
            help="remove all files without a photo, even if they are most of a day's",
        )

    def handle(self, *args: object, force: bool, **options: object) -> None:
        try:
            tidy(clock.now(), self.stdout.write, force=force)
        except StoreError as error:
            raise CommandError(f"The store of photos does not answer: {error}") from error
        except ForeignFilesError as error:
            message = (
                f"Files were not removed that this database does not know ({error}). They may be"
                " the photos of another database or of after its dump: check DATABASE_URL and"
                " PHOTO_URL. `manage.py tidy --force` removes them for good."
            )
            raise CommandError(message) from error
