"""manage.py migrate: Django's command, one process at a time and without blocking the site."""

from functools import partial
from typing import Any

from django.core.management.base import CommandError
from django.core.management.commands import migrate
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations.exceptions import InconsistentMigrationHistory
from django.db.migrations.executor import MigrationExecutor

from safemigrations import postgres
from safemigrations.interrupted import find_interrupted
from safemigrations.migration_lock import migration_lock
from safemigrations.schema_editors import PatientSchemaEditor, use_schema_editor


class Command(migrate.Command):
    """Wait for another migration to end, and refuse to run on top of an interrupted one."""

    builds_concurrently = False  # indexes, on PostgreSQL

    def handle(self, *args: Any, **options: Any) -> None:
        connection = connections[options["database"]]
        read_only = options["plan"] or options["check_unapplied"]
        migrate_all = partial(super().handle, *args, **options)
        if connection.vendor == "mysql" and not read_only:
            with migration_lock(connection), use_schema_editor(connection, PatientSchemaEditor):
                if not options["fake"] and not options["fake_initial"]:
                    self.refuse_interrupted(connection)
                migrate_all()
        elif connection.vendor == "postgresql" and not read_only:
            self.builds_concurrently = not connection.in_atomic_block
            with migration_lock(connection), postgres.build_indexes_concurrently(connection):
                postgres.run_patiently(connection, migrate_all)
        else:
            migrate_all()

    def migration_progress_callback(
        self, action: str, migration: Any = None, fake: bool = False
    ) -> None:
        """Report the progress, and prepare a migration that is about to run."""
        if self.builds_concurrently and action in ("apply_start", "unapply_start"):
            postgres.run_outside_of_transaction(migration)
        super().migration_progress_callback(action, migration, fake)

    def refuse_interrupted(self, connection: BaseDatabaseWrapper) -> None:
        """Raise CommandError if a migration was interrupted before."""
        executor = MigrationExecutor(connection)
        try:
            executor.loader.check_consistent_history(connection)
        except InconsistentMigrationHistory:
            return  # Django's command refuses it
        for interrupted in find_interrupted(executor):
            hint = ""
            if not interrupted.progress.conflict:
                hint = " Run `python manage.py mend`, then repeat this command."
            raise CommandError(interrupted.message + hint)
