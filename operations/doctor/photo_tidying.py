"""Check that the hourly job removes the files of deleted photos, and has not met others' files."""

from collections.abc import Iterator

from django.db import connection

from operations.doctor.findings import Finding
from operations.jobs.models import Run

HINT = (
    "Files that the database does not know may be photos of another server or of after the dump"
    " that was restored: check DATABASE_URL and PHOTO_URL (docs/backups.md#photos). If nobody needs"
    " them, `python manage.py tidy --force` removes them for good. Other errors are of the store."
)


def examine() -> Iterator[Finding]:
    """Yield a finding if the last run failed. The table may be missing."""
    if Run._meta.db_table not in connection.introspection.table_names():
        return
    ended = Run.objects.filter(name="tidy", state__in=[Run.State.SUCCEEDED, Run.State.FAILED])
    last = ended.order_by("started_at").last()
    if last is not None and last.state == Run.State.FAILED:
        says = last.says.replace("\n", " ").rstrip(".")
        message = f"The files of deleted photos could not be removed: {says}."
        yield Finding("photo-tidy", message, HINT, "warning")
