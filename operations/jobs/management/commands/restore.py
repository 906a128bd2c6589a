"""`manage.py restore`: puts a backup into an empty database and compares the two; `--drill` tries it out."""

import time
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from core.environment import Refused
from operations.jobs import backups
from operations.jobs.errors import BackupError
from operations.jobs.storage import Manifest, Store


class Command(BaseCommand):
    help = "Restores a backup into an empty database and compares the two, row by row in sums."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "name", nargs="?", default="latest", help="which backup; the newest where none is named"
        )
        what = parser.add_mutually_exclusive_group(required=True)
        what.add_argument(
            "--into",
            metavar="DATABASE",
            help="an empty one: mysql://…, or a name at our own server",
        )
        what.add_argument(
            "--drill",
            action="store_true",
            help="into a database made for it, which is dropped again",
        )
        what.add_argument("--list", action="store_true", help="name the backups, the newest first")
        parser.add_argument(
            "--from", dest="source", metavar="URL", help="where it is, instead of BACKUP_URL"
        )

    def handle(self, *args: Any, name: str, source: str | None, **options: Any) -> None:
        try:
            store = Store("--from", source) if source else Store("BACKUP_URL", settings.BACKUP_URL)
            if options["list"]:
                self.name_all(store)
                return
            manifest = store.manifest(name)
            self.stdout.write(self.described(manifest))
            into: str | None = options["into"]
            self.judge(self.restore(manifest, store, into) if into else self.drill(manifest, store))
        except (BackupError, Refused) as error:
            raise CommandError(str(error)) from error

    def name_all(self, store: Store) -> None:
        for name in store.names():
            try:
                says = self.described(store.manifest(name))
            except BackupError as error:
                says = f"{name}: {error}"
            self.stdout.write(says)

    def described(self, it: Manifest) -> str:
        of = f"{it.rows} rows of {len(it.tables)} tables, {it.size} bytes"
        return f"{it.name}: {of}, of release {it.release} on {it.server}"

    def restore(self, manifest: Manifest, store: Store, into: str) -> list[str]:
        database, began = backups.target(into, settings.DATABASES["default"]), time.monotonic()
        differences = backups.restore(manifest, store, database)
        self.stdout.write(
            f"Restored into {database.name} and compared in {time.monotonic() - began:.1f} s."
        )
        return differences

    def drill(self, manifest: Manifest, store: Store) -> list[str]:
        result = backups.drill(manifest, store, backups.own(settings.DATABASES["default"]))
        self.stdout.write(f"Restored, compared and dropped again in {result.seconds:.1f} s.")
        return result.differences

    def judge(self, differences: list[str]) -> None:
        if differences:
            raise CommandError(
                "\n".join(["What was restored is not what was backed up:", *differences])
            )
        self.stdout.write("Every table is what it was.")
