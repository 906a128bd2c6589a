"""manage.py mend: bring a migration that broke off half-way to its end."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import connection
from django.db.migrations.exceptions import InconsistentMigrationHistory
from django.db.migrations.executor import MigrationExecutor

from safemigrations import interrupted as broken_off
from safemigrations import unrecorded
from safemigrations.migration_lock import turn
from todomate.doctor import history


class Command(BaseCommand):
    """Twice is the same as once; where nothing broke off, it does nothing. Run by deploy.sh before `migrate`."""

    help = "Bring a migration that was interrupted to its end. Does nothing where there is none."
    requires_system_checks = ()

    def handle(self, *args: Any, **options: Any) -> None:
        if connection.vendor != "mysql":
            self.stdout.write("Nothing to mend: SQLite takes back by itself what a migration has not finished.")
            return
        with turn(connection):
            mended = self.mend_all()
            if not mended:
                self.stdout.write("Nothing to mend: no migration broke off half-way.")
            for pending in history.waiting(MigrationExecutor(connection))[:1]:
                self.stdout.write(f"{pending} has not begun: run `python manage.py migrate`.")

    def mend_all(self) -> bool:
        """Whether there was something to mend."""
        executor = MigrationExecutor(connection)
        recorded = self.record_what_is_there(executor)
        broken = list(broken_off.find(executor))
        for one in broken:
            if one.progress.in_the_way:
                raise CommandError(f"{one.says} Nothing was changed: `python manage.py doctor` says what to do.")
        for one in broken:
            self.stdout.write(one.says)
            broken_off.finish(executor, one)
            executor.loader.build_graph()
            self.stdout.write(f"{one.migration} is complete now, and recorded.")
        return recorded or bool(broken)

    def record_what_is_there(self, executor: MigrationExecutor) -> bool:
        """Make an inconsistent history consistent, where all that was lost are records. Whether that was so."""
        try:
            executor.loader.check_consistent_history(connection)
        except InconsistentMigrationHistory as error:
            lost = list(unrecorded.find(executor))
            if not all(one.is_there for one in lost):
                found = history.inconsistent(executor, error)
                raise CommandError(f"{found.says}\n{found.do}") from error
            unrecorded.record(executor, lost)
            executor.loader.build_graph()
            for one in lost:
                self.stdout.write(f"{one.says} It is recorded now.")
            return True
        return False
