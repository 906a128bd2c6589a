"""The command `manage.py restore`: restore a backup into an empty database and compare them."""

import time

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from core.environment import InvalidSetting
from operations.jobs import backups
from operations.jobs.engines import own_database, target_database
from operations.jobs.errors import BackupError
from operations.jobs.storage import Manifest, Store


class Command(BaseCommand):
    help = "Restore a backup into an empty database, and compare the rows of all tables."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "name", nargs="?", default="latest", help="the backup; the newest by default"
        )
        mode = parser.add_mutually_exclusive_group(required=True)
        mode.add_argument(
            "--into",
            metavar="DATABASE",
            help="an empty database: a URL, or a name on this server's database server (with SQLite"
            " the name of a new file beside the server's)",
        )
        mode.add_argument(
            "--drill",
            action="store_true",
            help="restore into a temporary database, and drop it",
        )
        mode.add_argument("--list", action="store_true", help="list the backups, the newest first")
        parser.add_argument(
            "--from", dest="source", metavar="URL", help="its place, instead of BACKUP_URL"
        )

    def handle(
        self,
        *args: object,
        name: str,
        source: str | None,
        into: str | None,
        list: bool,  # noqa: A002  # the name of the option
        **options: object,
    ) -> None:
        try:
            store = Store("--from", source) if source else Store("BACKUP_URL", settings.BACKUP_URL)
            if list:
                self.print_backups(store)
                return
            manifest = store.read_manifest(name)
            self.stdout.write(describe(manifest))
            differences = (
                self.restore(manifest, store, into) if into else self.drill(manifest, store)
            )
        except (BackupError, InvalidSetting) as error:
            raise CommandError(str(error)) from error
        if differences:
            heading = "The restored database differs from the backup:"
            raise CommandError("\n".join([heading, *differences]))
        self.stdout.write("The restored database is identical to the backup.")

    def print_backups(self, store: Store) -> None:
        for name in store.names():
            try:
                line = describe(store.read_manifest(name))
            except BackupError as error:
                line = f"{name}: {error}"
            self.stdout.write(line)

    def restore(self, manifest: Manifest, store: Store, into: str) -> list[str]:
        """Restore into the database of --into; return the differences."""
        database = target_database(into, settings.DATABASES["default"])
        began = time.monotonic()
        differences = backups.restore(manifest, store, database)
        seconds = time.monotonic() - began
        self.stdout.write(f"Restored into {database.name} and compared in {seconds:.1f} s.")
        return differences

    def drill(self, manifest: Manifest, store: Store) -> list[str]:
        """Restore into a temporary database; return the differences."""
        database = own_database(settings.DATABASES["default"])
        result = backups.drill(manifest, store, database)
        self.stdout.write(f"Restored, compared and dropped again in {result.seconds:.1f} s.")
        return result.differences


def describe(manifest: Manifest) -> str:
    """Return a line about a backup."""
    return (
        f"{manifest.name}: {manifest.rows} rows of {len(manifest.tables)} tables,"
        f" {manifest.size} bytes, of release {manifest.release} on {manifest.server}"
    )
