"""The command `manage.py upgrade`: back up if there is something to migrate, and migrate.

A server that is one container runs it at each start. Several may start at once.
"""

import time
from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import OperationalError, connection
from django.db.migrations.executor import MigrationExecutor

from operations.jobs.file_lock import file_lock

WAIT = 120  # seconds for a database server that starts at the same time
LOCK = "upgrade.lock"


class Command(BaseCommand):
    help = "Back up if there are migrations to run, then migrate. Does nothing the second time."

    def handle(self, *args: object, **options: object) -> None:
        folder: Path | None = settings.DATA_FOLDER
        with file_lock(folder / LOCK if folder else None, wait=True):
            self.wait_for_database()
            call_command("mend", stdout=self.stdout)
            executor = MigrationExecutor(connection)
            plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
            if not plan:
                self.stdout.write("The database is up to date.")
                return
            if executor.loader.applied_migrations:
                # The way back, should the new release not work.
                call_command("backup", by_hand=True, stdout=self.stdout)
            call_command("migrate", interactive=False, verbosity=0)
            self.stdout.write(f"Ran {len(plan)} migrations.")

    def wait_for_database(self) -> None:
        deadline = time.monotonic() + WAIT
        while True:
            try:
                connection.ensure_connection()
            except OperationalError as error:
                if time.monotonic() > deadline:
                    raise CommandError(f"The database does not answer: {error}") from error
                self.stdout.write("Waiting for the database.")
                time.sleep(2)
            else:
                return
