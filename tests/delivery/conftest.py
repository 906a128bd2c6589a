"""Run these tests on SQLite only, as they do not depend on the database."""

from __future__ import annotations

import pytest
from django.db import connection


@pytest.fixture(autouse=True, scope="session")
def on_sqlite_alone() -> None:
    if connection.vendor != "sqlite":
        pytest.skip("independent of the database; runs with the suite on SQLite")
