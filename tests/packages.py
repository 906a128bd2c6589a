"""The packages of this checkout, read from the folders themselves and from INSTALLED_APPS."""

from __future__ import annotations

from pathlib import Path

from django.conf import settings

ROOT = Path(__file__).resolve().parent.parent
# Packages that are not part of the server and so are not in its image.
DEVELOPMENT = {"benchmarks", "tests"}


def server_packages() -> set[str]:
    """Return the names of the server's top-level packages."""
    return {path.parent.name for path in ROOT.glob("*/__init__.py")} - DEVELOPMENT


def own_apps() -> set[str]:
    """Return the top-level packages of the installed apps that are in this checkout."""
    return {name.partition(".")[0] for name in settings.INSTALLED_APPS} & server_packages()
