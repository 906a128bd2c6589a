"""Plugin that pytest loads before Django reads its settings (addopts in pyproject.toml).

It selects the local settings, so that the tests run without any environment variable.
"""

import os
import sys
from collections.abc import Iterator

import pytest

os.environ.setdefault("TODOMATE_ENV", "local")


def pytest_configure() -> None:
    """Compare each cached query that a test runs with the query the ORM would run."""
    from django.conf import settings  # noqa: PLC0415  # the variable must be set first

    settings.CHECK_COMPILED_QUERIES = True
    settings.FAST_LISTS = os.environ.get("FAST_LISTS") != "off"


@pytest.fixture(autouse=True)
def send_mail_before_the_next_test() -> Iterator[None]:
    """Send what a test has posted, so that it does not arrive in the outbox of another one."""
    yield
    if mail := sys.modules.get("accounts.mailing.mail"):
        mail.flush()


@pytest.fixture(autouse=True)
def _full_quotas() -> None:
    """Fill the quotas of this process, which earlier tests have used up."""
    from core import quotas  # noqa: PLC0415  # as above

    quotas.buckets.clear()
    quotas.row_counts.clear()
