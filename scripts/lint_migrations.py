"""Reads the project's own migrations after each app's first: the release before must run on the new schema.

Prints what is wrong, a line each, and fails then. The rules and their reasons: CONTRIBUTING.md, "Migrations".
"""

import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "todomate.settings")

import django  # after the path and the settings are known

django.setup()

from safemigrations import linter as rules  # noqa: E402  # after django knows the apps

if __name__ == "__main__":
    found = list(rules.all_faults())
    print("\n".join(found) or "Every migration keeps to the rules.", file=sys.stderr if found else sys.stdout)
    sys.exit(bool(found))
