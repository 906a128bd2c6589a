"""manage.py demo"""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from accounts.models import User
from todomate.demo import people
from todomate.demo.writing import write_demo


class Command(BaseCommand):
    help = "Put three people and a month of their lives into the database, to look around in."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--if-empty", action="store_true", help="do nothing where there is anyone already"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.LOCAL:
            raise CommandError(
                "The demo has passwords that everyone knows: it is for TODOMATE_ENV=local only."
            )
        if options["if_empty"] and User.objects.exists():
            return
        emails = [person.email for person in (*people.PEOPLE, people.ADMIN)]
        if User.objects.filter(email__in=emails).exists():
            raise CommandError("The demo is in this database already.")
        write_demo()
        self.stdout.write(f"The demo is in: sign in as {emails[0]}, {emails[1]} or {emails[2]}.")
