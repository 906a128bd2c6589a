"""manage.py migrate: Django's own, one at a time, and without stopping those who use the tables."""

from typing import Any

from django.core.management.base import CommandError
from django.core.management.commands import migrate
from django.db import connections
from django.db.migrations.exceptions import InconsistentMigrationHistory
from django.db.migrations.executor import MigrationExecutor

from safemigrations import interrupted as broken_off
from safemigrations.migration_lock import turn
from safemigrations.schema_editors import PatientSchemaEditor, editing


class Command(migrate.Command):
    """Waits for another one to end, and says what to do where a migration has broken off before."""

    def handle(self, *args: Any, **options: Any) -> None:
        connection: Any = connections[options["database"]]
        if connection.vendor != "mysql" or options["plan"] or options["check_unapplied"]:  # these only look
            super().handle(*args, **options)
            return
        with turn(connection), editing(connection, PatientSchemaEditor):
            if not options["fake"] and not options["fake_initial"]:
                self.refuse_broken_off(connection)
            super().handle(*args, **options)

    def refuse_broken_off(self, connection: Any) -> None:
        executor = MigrationExecutor(connection)
        try:
            executor.loader.check_consistent_history(connection)
        except InconsistentMigrationHistory:
            return  # which is Django's to refuse
        for one in broken_off.find(executor):
            mend = "" if one.progress.in_the_way else " Run `python manage.py mend`, and then this again."
            raise CommandError(one.says + mend)
