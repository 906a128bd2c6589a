"""Loaded by pytest before Django reads its settings (addopts in pyproject.toml): the tests need no variable set."""

import os

os.environ.setdefault("TODOMATE_ENV", "local")


def pytest_configure() -> None:
    """Compare every compiled query that a test runs with what the ORM would run.

    With FAST_LISTS=off in the environment the lists take the plain way.
    """
    from django.conf import settings  # noqa: PLC0415  # not before the variable is set

    settings.CHECK_COMPILED_QUERIES = True
    settings.FAST_LISTS = os.environ.get("FAST_LISTS") != "off"
