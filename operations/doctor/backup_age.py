"""Check that the nightly backup is recent."""

from collections.abc import Iterator

from django.db import connection

from accounts.models import User
from core import clock
from operations.doctor.findings import Finding
from operations.jobs.models import Run
from operations.jobs.nightly import MAX_BACKUP_AGE, overdue_message

HINT = (
    "The service `jobs` makes it every night. Check that it is running: `./deploy.sh compose ps"
    " jobs`. `./deploy.sh compose exec jobs python manage.py jobs --status` shows the last error,"
    " and `./deploy.sh compose exec jobs python manage.py backup` makes a backup at once."
)


def examine() -> Iterator[Finding]:
    """Yield a finding if the last backup is too old.

    The tables may be missing. A database without users has nothing to lose.
    """
    tables = connection.introspection.table_names()
    if not {User._meta.db_table, Run._meta.db_table} <= set(tables) or not User.objects.exists():
        return
    if message := overdue_message(clock.now()) or _never_ran_message():
        yield Finding("backup-overdue", message, HINT, "warning")


def _never_ran_message() -> str:
    """Return a message if no job has ever run on a server older than MAX_BACKUP_AGE."""
    since = clock.now() - MAX_BACKUP_AGE
    if Run.objects.exists() or not User.objects.filter(created_at__lte=since).exists():
        return ""
    return "There has never been a nightly backup: nothing runs `python manage.py jobs`."
