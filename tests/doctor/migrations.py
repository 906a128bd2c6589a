"""The doctor's findings about the migrations of safemigrations' test app, `shop`."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.db import connection
from django.test import override_settings

from operations.doctor import history
from operations.doctor.findings import Finding
from safemigrations.tests.base import database
from tests.doctor.shop_settings import INSTALLED_APPS

__all__ = ["all_apps", "database", "findings", "premature"]


@pytest.fixture
def all_apps(database: None) -> Iterator[None]:
    """Install the project's apps, and the shop."""
    with override_settings(INSTALLED_APPS=INSTALLED_APPS):
        yield


def findings(*, before_deploy: bool = False) -> dict[str, Finding]:
    """Return the findings by code."""
    found = history.examine(connection, before_deploy=before_deploy)
    return {finding.code: finding for finding in found}


def premature(in_service: str) -> list[Finding]:
    """Return the findings that stop a deploy while the release with these migrations is running."""
    found = history.examine(connection, before_deploy=True, in_service=in_service)
    return [finding for finding in found if finding.code == "two-steps-at-once"]
