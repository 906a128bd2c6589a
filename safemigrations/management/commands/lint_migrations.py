"""manage.py lint_migrations."""

import sys

from django.core.management.base import BaseCommand

from safemigrations.linter import lint_project


class Command(BaseCommand):
    """Print each broken rule on a line and exit with status 1 if there is one."""

    help = "Check that the previous release can run on the schema of the project's migrations."
    requires_system_checks = ()

    def handle(self, *args: object, **options: object) -> None:
        errors = list(lint_project())
        for error in errors:
            self.stderr.write(str(error))
        if errors:
            sys.exit(1)
        self.stdout.write("All migrations follow the rules.")
