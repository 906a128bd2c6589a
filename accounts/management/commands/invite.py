"""The command `manage.py invite`: make, list or revoke invitations to sign up."""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.models import Invitation
from accounts.models.invitations import MAX_DAYS, MAX_USES
from core.events import security_event


class Command(BaseCommand):
    help = "Make an invitation to sign up, for a server with SIGN_UP=invitation."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--uses", type=int, default=1, help="how many people may use it")
        parser.add_argument("--days", type=int, default=7, help="for how many days it is valid")
        parser.add_argument("--note", default="", help="for whom it is; only operators see it")
        mode = parser.add_mutually_exclusive_group()
        mode.add_argument("--list", action="store_true", help="list the invitations")
        mode.add_argument("--revoke", type=int, metavar="NUMBER", help="make one unusable")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["list"]:
            self.list()
        elif options["revoke"] is not None:
            self.revoke(options["revoke"])
            self.stdout.write("It cannot be used any more.")
        else:
            self.make(options["uses"], options["days"], options["note"])

    def list(self) -> None:
        for invitation in Invitation.objects.order_by("pk"):
            self.stdout.write(
                f"{invitation.pk}: used {invitation.used} of {invitation.uses} times, until"
                f" {invitation.ends_at:%Y-%m-%d %H:%M} UTC {invitation.note}".rstrip()
            )

    def revoke(self, number: int) -> None:
        deleted, _rows = Invitation.objects.filter(pk=number).delete()
        if not deleted:
            raise CommandError(f"There is no invitation {number}; --list shows them.")
        security_event("invitation_revoked", invitation=number, by="console")

    def make(self, uses: int, days: int, note: str) -> None:
        if not (1 <= uses <= MAX_USES and 1 <= days <= MAX_DAYS and len(note) <= 100):
            raise CommandError(
                f"--uses must be 1 to {MAX_USES}, --days 1 to {MAX_DAYS}, and --note have at most"
                " 100 characters."
            )
        invitation, code = Invitation.make(uses=uses, lasts=timedelta(days=days), note=note)
        security_event("invitation_created", invitation=invitation.pk, by="console")
        self.stdout.write(f"Invitation {invitation.pk}, until {invitation.ends_at:%Y-%m-%d %H:%M}")
        self.stdout.write(f"Code: {code}")
        self.stdout.write(f"Link: {Invitation.link(code)}")
        if settings.SIGN_UP != "invitation":
            self.stdout.write(f"SIGN_UP is {settings.SIGN_UP}, so nobody needs it now.")
