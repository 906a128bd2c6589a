"""The command `manage.py tidy`: remove files of photos that are left over. It is idempotent."""

from django.core.management.base import BaseCommand, CommandError

from core import clock
from photos.store import StoreError
from photos.tidying import tidy


class Command(BaseCommand):
    help = (
        "Remove the files of deleted photos and of uploads that were interrupted, and delete photos"
        " that have been on nothing for a day. `manage.py jobs` does so every hour."
    )

    def handle(self, *args: object, **options: object) -> None:
        try:
            tidy(clock.now(), self.stdout.write)
        except StoreError as error:
            raise CommandError(f"The store of photos does not answer: {error}") from error
