"""The command `manage.py demo`."""

from argparse import ArgumentParser

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import IntegrityError

from accounts.models import User
from todomate.demo import people
from todomate.demo.writing import reset_demo, write_demo


class Command(BaseCommand):
    help = "Insert three people and a month of their lives into the database, to try the server."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--if-empty", action="store_true", help="do nothing if there is any account"
        )

        parser.add_argument(
            "--reset",
            action="store_true",
            help="delete the demo's accounts with all they have, and insert them anew",
        )

    def handle(self, *args: object, **options: object) -> None:
        if not settings.LOCAL:
            reason = "The demo's passwords are public: it is for TODOMATE_ENV=local only."
            raise CommandError(reason)
        if options["if_empty"] and User.objects.exists():
            return
        emails = [account.email for account in (*people.PEOPLE, people.ADMIN)]
        if options["reset"]:
            self.reset()
        elif User.objects.filter(email__in=emails).exists():
            reason = "The demo is in this database already. --reset writes it anew."
            raise CommandError(reason)
        else:
            write_demo()
        accounts = f"{emails[0]}, {emails[1]} or {emails[2]}"
        self.stdout.write(f"The demo is in the database. Sign in as {accounts}.")

    def reset(self) -> None:
        try:
            reset_demo()
        except IntegrityError as error:
            handles = ", ".join(account.handle for account in (*people.PEOPLE, people.ADMIN))
            reason = f"Another account has one of the demo's handles: {handles}. Rename it first."
            raise CommandError(reason) from error
