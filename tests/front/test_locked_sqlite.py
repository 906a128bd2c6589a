"""A server on SQLite while another process writes: reads do not wait for it."""

from __future__ import annotations

import sqlite3
import time
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import pytest
from django.db import connection

from tests.base import PASSWORD
from tests.server import running_server

pytestmark = pytest.mark.skipif(connection.vendor != "sqlite", reason="about SQLite")


def test_the_first_read_with_a_new_token_does_not_wait_for_a_writer(
    tmp_path: Path, django_db_setup: None, django_db_blocker: Any
) -> None:
    with django_db_blocker.unblock(), running_server(tmp_path) as address:
        body = {"email": "alice@example.com", "password": PASSWORD, "nickname": "Alice"}
        with (
            httpx.Client(base_url=f"{address}/api/v1/", timeout=30) as client,
            closing(sqlite3.connect(tmp_path / "server.sqlite3", isolation_level=None)) as other,
        ):
            refresh = client.post("auth/signup/", json=body).json()["refresh"]
            pair = client.post("auth/token/refresh/", json={"refresh": refresh}).json()
            client.headers["Authorization"] = f"Bearer {pair['access']}"
            other.execute("BEGIN IMMEDIATE")
            started = time.monotonic()
            assert client.get("goals/").status_code == 200
            assert time.monotonic() - started < 1
            other.execute("ROLLBACK")
            # A write still waits for its turn, and the use is noted with the next request.
            assert client.post("goals/", json={"title": "x"}).status_code == 201
            noted = other.execute("SELECT generation, used_generation FROM accounts_session")
            assert noted.fetchall() == [(1, 1)]
