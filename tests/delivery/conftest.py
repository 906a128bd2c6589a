"""Nothing here depends on the database: with another one than SQLite none of it is run a second time."""

from __future__ import annotations

import pytest
from django.db import connection


@pytest.fixture(autouse=True, scope="session")
def on_sqlite_alone() -> None:
    if connection.vendor != "sqlite":
        pytest.skip(
            "what delivers the server does not depend on the database; it is tested along with SQLite"
        )
