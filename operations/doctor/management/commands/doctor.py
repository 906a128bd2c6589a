"""manage.py doctor"""

import sys
from argparse import ArgumentParser
from collections import Counter
from typing import Any

from django.core.management.base import BaseCommand

from operations.doctor.examination import examine
from operations.doctor.findings import Finding


class Command(BaseCommand):
    """Its exit status is 1 when there is an error, else 0. manage.py runs it before the settings are loaded."""

    help = "Say in plain words what is wrong with this server's settings and surroundings, and what to do about it."
    requires_system_checks = []  # they want the settings, which may be what is wrong

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--before-deploy",
            action="store_true",
            help="migrate comes next: what it mends is no error",
        )
        parser.add_argument(
            "--in-service",
            default="",
            metavar="NAMES",
            help="before a deploy: the migrations that the release in service has, as its `showmigrations --plan` says"
            " them; empty where nothing is in service, or nobody knows",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        count: Counter[str] = Counter()
        for finding in examine(
            before_deploy=options["before_deploy"], in_service=options["in_service"]
        ):
            count[finding.level] += 1
            self.show(finding)
        kinds = [
            f"{count[kind]} {kind}{'s' * (count[kind] > 1)}"
            for kind in ("error", "warning", "note")
            if count[kind]
        ]
        self.stdout.write(f"{', '.join(kinds)}." if kinds else "Nothing is wrong.")
        if count["error"]:
            sys.exit(1)

    def show(self, finding: Finding) -> None:
        lines = "\n  ".join(finding.hint.splitlines())
        self.stdout.write(f"{finding.level} [{finding.code}]: {finding.message}\n  {lines}")
