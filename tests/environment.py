"""Loaded by pytest before Django reads its settings (addopts in pyproject.toml): the tests need no variable set."""

import os

os.environ.setdefault("TODOMATE_ENV", "local")


def pytest_configure() -> None:
    """Every kept query that a test runs is compared with what the ORM would run for the same values."""
    from django.conf import settings  # noqa: PLC0415  # not before the variable is set

    settings.CHECK_READY_QUERIES = True
