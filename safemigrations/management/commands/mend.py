"""manage.py mend: complete interrupted migrations."""

from django.core.management.base import BaseCommand, CommandError
from django.db import connection
from django.db.migrations.exceptions import InconsistentMigrationHistory
from django.db.migrations.executor import MigrationExecutor

from safemigrations import unrecorded
from safemigrations.history import pending_migrations
from safemigrations.interrupted import InterruptedMigration, complete, find_interrupted
from safemigrations.migration_lock import migration_lock


class Command(BaseCommand):
    """Complete what `migrate` left, and do nothing else. Idempotent."""

    help = "Complete an interrupted migration. Does nothing if there is none."
    requires_system_checks = ()

    def handle(self, *args: object, **options: object) -> None:
        if connection.vendor != "mysql":
            self.stdout.write(
                "Nothing to mend: `mend` is for MySQL and MariaDB, and this database rolls back"
                " interrupted migrations."
            )
            return
        with migration_lock(connection):
            if not self.mend_all():
                self.stdout.write("Nothing to mend: no migration was interrupted.")
            for migration in pending_migrations(MigrationExecutor(connection))[:1]:
                self.stdout.write(f"{migration} has not begun: run `python manage.py migrate`.")

    def mend_all(self) -> bool:
        """Return whether there was something to mend."""
        executor = MigrationExecutor(connection)
        recorded = self.restore_records(executor)
        found = list(find_interrupted(executor))
        for interrupted in found:
            if interrupted.progress.conflict:
                raise CommandError(f"{interrupted.message} {self.conflict_hint(interrupted)}")
        for interrupted in found:
            self.stdout.write(interrupted.message)
            complete(executor, interrupted)
            executor.loader.build_graph()
            self.stdout.write(f"{interrupted.migration} is now complete and recorded.")
        return recorded or bool(found)

    def conflict_hint(self, interrupted: InterruptedMigration) -> str:
        migration = interrupted.migration
        return (
            "Nothing was changed. Find out what that is. If the migration ran and only its record"
            f" was lost, run `python manage.py migrate --fake {migration.app_label}"
            f" {migration.name}`."
        )

    def restore_records(self, executor: MigrationExecutor) -> bool:
        """Record unrecorded migrations whose effects all exist; return whether there were any.

        Raise CommandError if the history is inconsistent for another reason.
        """
        try:
            executor.loader.check_consistent_history(connection)
        except InconsistentMigrationHistory as error:
            found = list(unrecorded.find_unrecorded(executor))
            if not all(one.is_applied for one in found):
                details = " ".join(one.message for one in found if one.creates)
                raise CommandError(
                    f"The history of migrations is inconsistent: {error} {details}\nCheck that the"
                    " settings name the right database. If they do, restore a backup from before"
                    " the history was changed."
                ) from error
            unrecorded.record(executor, found)
            executor.loader.build_graph()
            for one in found:
                self.stdout.write(f"{one.message} It is recorded now.")
            return True
        return False
