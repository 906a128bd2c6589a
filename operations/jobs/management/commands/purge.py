"""The command `manage.py purge`: delete expired rows. Run it once a day; it is idempotent.

It also erases deleted accounts and goals, folds texts and labels diaries again, which `manage.py
jobs` does more often, deletes labels that no post has, and encrypts second factors again after an
exchange of SECRET_KEY.
"""

from django.conf import settings
from django.core.management.base import BaseCommand
from django.db.models import Model, QuerySet

from accounts.models import Attempt, Invitation, KnownNetwork, SecondFactor, Session
from core import clock
from core.transactions import run_write
from diaries.models import Label
from operations.jobs import refolding, relabelling
from operations.jobs.erasing import erase_marked
from resources.models import Tombstone

BATCH = 1000


class Command(BaseCommand):
    help = (
        "Delete tombstones older than TOMBSTONE_DAYS, ended sessions, attempts that no longer"
        " count, networks from which nobody signed in lately, and invitations that ended; erase"
        " deleted accounts and goals."
    )

    def handle(self, *args: object, **options: object) -> None:
        now = clock.now()
        for model in (Tombstone, Session, Attempt, KnownNetwork, Invitation):
            count = purge(model.objects.expired(now))
            self.stdout.write(f"{count} {model._meta.verbose_name_plural} deleted")
        if settings.SECRET_KEY_FALLBACKS:
            count = SecondFactor.objects.encrypt_again()
            self.stdout.write(f"{count} second factors encrypted with the new SECRET_KEY")
        erase_marked(self.stdout.write)
        count = purge(Label.objects.unused())
        self.stdout.write(f"{count} {Label._meta.verbose_name_plural} of no post deleted")
        if relabelling.is_due(now) and (count := relabelling.relabel()):
            self.stdout.write(f"{count} diaries published, hidden or labelled")
        if refolding.is_due(now) and (count := refolding.refold()):
            self.stdout.write(f"{count} texts folded again")


def purge(rows: QuerySet[Model]) -> int:
    """Delete all `rows` in batches, so that no lock is held for long; return their number."""
    total = 0
    while ids := list(rows.order_by("pk").values_list("pk", flat=True)[:BATCH]):
        # `rows` again and not the ids alone: a row may have been renewed in between.
        batch = rows.filter(pk__in=ids)
        run_write(batch.delete)
        total += len(ids)
    return total
