"""The command `manage.py doctor`."""

import sys
from argparse import ArgumentParser
from collections import Counter

from django.core.management.base import BaseCommand

from operations.doctor.checks import run_checks
from operations.doctor.findings import Finding


class Command(BaseCommand):
    """Print every finding. The exit status is 1 if one of them is an error, else 0.

    manage.py runs this command before it loads the settings.
    """

    help = "Report what is wrong with this server's settings and services, and how to fix it."
    requires_system_checks = []  # system checks need the settings, which may be the problem

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--before-deploy",
            action="store_true",
            help="mend and migrate run next: what they fix is not an error",
        )
        parser.add_argument(
            "--in-service",
            default="",
            metavar="NAMES",
            help="with --before-deploy: the migrations of the running release, as its"
            " `showmigrations --plan` prints them; empty if none is running or it is unknown",
        )

        parser.add_argument(
            "--dotenv",
            default="",
            metavar="NAMES",
            help="the names of the variables in .env, which Compose does not pass on",
        )

    def handle(
        self,
        *args: object,
        before_deploy: bool,
        in_service: str,
        dotenv: str,
        **options: object,
    ) -> None:
        count: Counter[str] = Counter()
        for finding in run_checks(
            before_deploy=before_deploy, in_service=in_service, dotenv=dotenv.split()
        ):
            count[finding.level] += 1
            self.show(finding)
        self.stdout.write(_summary(count))
        if count["error"]:
            sys.exit(1)

    def show(self, finding: Finding) -> None:
        """Print a finding, with its hint indented."""
        hint = "\n  ".join(finding.hint.splitlines())
        self.stdout.write(f"{finding.level} [{finding.code}]: {finding.message}\n  {hint}")


def _summary(count: Counter[str]) -> str:
    levels = [level for level in ("error", "warning", "note") if count[level]]
    if not levels:
        return "Nothing is wrong."
    parts = [f"{count[level]} {level}{'s' * (count[level] > 1)}" for level in levels]
    return f"{', '.join(parts)}."
