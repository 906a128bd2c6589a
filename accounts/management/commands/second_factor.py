"""The command `manage.py second_factor`: set up or remove a second factor on the server."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from rest_framework.exceptions import ValidationError

from accounts.credentials import second_factor
from accounts.models import User
from accounts.names import normalise_email
from core.exceptions import field_errors
from core.problems import Problem
from core.transactions import run_write


class Command(BaseCommand):
    help = (
        "Set up the second factor of an operator, who has no app to do it in, or remove that of"
        " somebody who lost the phone and the recovery codes."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email")
        parser.add_argument("--code", help="the first code, which turns the second factor on")
        parser.add_argument("--remove", action="store_true", help="turn the second factor off")

    def handle(self, *args: Any, **options: Any) -> None:
        user = User.objects.with_email(normalise_email(options["email"])).first()
        if user is None:
            raise CommandError("There is no account with this email.")
        if options["remove"]:
            if run_write(lambda: second_factor.forget(user)):
                second_factor.log_off(user)
            self.stdout.write("The second factor is off.")
        elif options["code"]:
            self.confirm(user, options["code"])
        else:
            self.start(user)

    def start(self, user: User) -> None:
        try:
            factor = second_factor.start(user)
        except Problem as problem:
            raise CommandError("The second factor is on already.") from problem
        self.stdout.write(factor.uri(user.email, second_factor.ISSUER))
        self.stdout.write(f"Enter this key in an authenticator app: {factor.typed_key}")
        self.stdout.write("Then run this command with --code and the code that the app shows.")

    def confirm(self, user: User, code: str) -> None:
        try:
            factor = second_factor.confirm(user, code)
        except ValidationError as error:
            raise CommandError(next(iter(field_errors(error.detail)))["detail"]) from error
        self.stdout.write("The second factor is on. Keep these recovery codes:")
        for recovery_code in factor.recovery_codes:
            self.stdout.write(recovery_code)
