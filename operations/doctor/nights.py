"""Whether the nightly backup is made."""

from collections.abc import Iterator

from django.db import connection

from accounts.models import User
from core import days
from operations.doctor.findings import Finding
from operations.jobs.models import Run
from operations.jobs.nightly import TOO_OLD, overdue

HINT = (
    "It is the service jobs that runs it every night: `./deploy.sh compose ps jobs`."
    " `./deploy.sh compose exec jobs python manage.py jobs --status` says why, and"
    " `./deploy.sh compose exec jobs python manage.py backup` makes one at once."
)


def examine() -> Iterator[Finding]:
    """Of MySQL or MariaDB, whose tables need not be there yet. Where there are no people, nothing would be lost."""
    tables = connection.introspection.table_names()
    if not {User._meta.db_table, Run._meta.db_table} <= set(tables) or not User.objects.exists():
        return
    if message := overdue(days.now()) or never():
        yield Finding("backup-overdue", message, HINT, "warning")


def never() -> str:
    """A sentence where no job has ever run, and people have been here for longer than that may be."""
    if (
        Run.objects.exists()
        or not User.objects.filter(created_at__lte=days.now() - TOO_OLD).exists()
    ):
        return ""
    return "There has never been a nightly backup: nothing runs `python manage.py jobs`."
