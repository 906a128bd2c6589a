"""`manage.py purge`: deletes what has had its time. To be run once a day; at any time, and twice, it does no harm."""

from typing import Any

from django.core.management.base import BaseCommand
from django.db.models import QuerySet

from accounts.models import Attempt, Session
from core import days
from core.transactions import run_write
from resources.models import Tombstone

BATCH = 1000


class Command(BaseCommand):
    help = "Deletes tombstones older than TOMBSTONE_DAYS, sessions that ended and attempts that no longer count."

    def handle(self, *args: Any, **options: Any) -> None:
        now = days.now()
        for rows in (
            Tombstone.objects.expired(now),
            Session.objects.expired(now),
            Attempt.objects.expired(now),
        ):
            self.stdout.write(f"{purge(rows)} {rows.model._meta.verbose_name_plural} deleted")


def purge(rows: QuerySet[Any]) -> int:
    """Delete all of `rows`, some at a time, so that nobody waits long for a lock. How many they were."""
    total = 0
    while ids := list(rows.order_by("pk").values_list("pk", flat=True)[:BATCH]):
        # Asked again with the delete: a device may have signed in, or somebody tried once more, in between.
        run_write(lambda ids=ids: rows.filter(pk__in=ids).delete())  # type: ignore[misc]  # a default argument binds now
        total += len(ids)
    return total
