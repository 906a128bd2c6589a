"""The command `manage.py upgrade`: back up if there is something to migrate, and migrate.

A server that is one container runs it at each start. Several may start at once.
"""

import re
import time
from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError, OperationalError, connection
from django.db.migrations.executor import MigrationExecutor

from core.outages import code_of
from operations.jobs.file_lock import file_lock

WAIT = 120  # seconds for a database server that starts at the same time
LOCK = "upgrade.lock"
# What waiting does not mend: a wrong account, password or name of the database. The driver of
# PostgreSQL has no SQLSTATE for a connection that failed, so the server's text is compared, too.
PERMANENT = frozenset({"28P01", "28000", "3D000", 1044, 1045, 1049})
PERMANENT_TEXT = re.compile(
    r"authentication failed|no password supplied|(?:role|database) \".*\" does not exist"
    r"|no pg_hba\.conf entry|permission denied for database"
)


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
        """Wait for a server that starts. Raise CommandError at once if waiting does not help."""
        deadline = time.monotonic() + WAIT
        while True:
            try:
                connection.ensure_connection()
                if connection.vendor == "sqlite":
                    connection.introspection.table_names()  # it reads the file only when asked
            except DatabaseError as error:
                if not may_pass(error):
                    place = connection.settings_dict["NAME"]
                    raise CommandError(f"The database {place} cannot be used: {error}") from error
                if time.monotonic() > deadline:
                    raise CommandError(f"The database does not answer: {error}") from error
                self.stdout.write("Waiting for the database.")
                time.sleep(2)
            else:
                return


def may_pass(error: DatabaseError) -> bool:
    """Return whether a database that cannot be connected to may be usable soon."""
    if connection.vendor == "sqlite" or not isinstance(error, OperationalError):
        return False
    code = code_of(error)
    return code not in PERMANENT and not PERMANENT_TEXT.search(str(error))
