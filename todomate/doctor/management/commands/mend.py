"""manage.py mend: bring a migration that broke off half-way to its end."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import connection
from django.db.migrations.exceptions import InconsistentMigrationHistory
from django.db.migrations.executor import MigrationExecutor

from todomate.doctor import broken_off, history
from todomate.doctor.turn import turn


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
        try:
            executor.loader.check_consistent_history(connection)
        except InconsistentMigrationHistory as error:
            found = history.inconsistent(connection, error)
            raise CommandError(f"{found.says}\n{found.do}") from error
        broken = list(broken_off.find(executor))
        for one in broken:
            if one.progress.in_the_way:
                raise CommandError(f"{one.says} Nothing was changed: `python manage.py doctor` says what to do.")
        for one in broken:
            self.stdout.write(one.says)
            broken_off.finish(executor, one)
            executor.loader.build_graph()
            self.stdout.write(f"{one.migration} is complete now, and recorded.")
        return bool(broken)
