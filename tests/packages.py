"""The packages of this checkout, from one place: the folders themselves and INSTALLED_APPS."""

from __future__ import annotations

from pathlib import Path

from django.conf import settings

ROOT = Path(__file__).resolve().parent.parent
# Not part of the server, so not in its image.
DEVELOPMENT = {"benchmarks", "tests"}


def server_packages() -> set[str]:
    """Return the names of the top-level packages that the server consists of."""
    return {path.parent.name for path in ROOT.glob("*/__init__.py")} - DEVELOPMENT


def own_apps() -> set[str]:
    """Return the top-level packages of the installed apps that are ours."""
    return {name.partition(".")[0] for name in settings.INSTALLED_APPS} & server_packages()
