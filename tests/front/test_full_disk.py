"""A server on SQLite whose disk is full: it says so, and refuses writes without an error of 500."""

from __future__ import annotations

import resource
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from django.db import connection

from tests.base import PASSWORD
from tests.server import running_server

pytestmark = [
    pytest.mark.skipif(connection.vendor != "sqlite", reason="about SQLite"),
    pytest.mark.skipif(not hasattr(resource, "prlimit"), reason="needs Linux"),
]
UNLIMITED = (resource.RLIM_INFINITY, resource.RLIM_INFINITY)


def limit_files(port: int, limits: tuple[int, int]) -> None:
    """Limit the size of the files that the server at this port can write, or no longer."""
    for process in Path("/proc").glob("[0-9]*"):
        try:
            command = (process / "cmdline").read_bytes()
        except OSError:  # it has ended
            continue
        if f"127.0.0.1:{port}".encode() in command:
            resource.prlimit(int(process.name), resource.RLIMIT_FSIZE, limits)


def test_a_full_disk_is_told_and_is_no_server_error(
    tmp_path: Path, django_db_setup: None, django_db_blocker: Any
) -> None:
    with django_db_blocker.unblock(), running_server(tmp_path) as address:
        port = int(urlsplit(address).port or 0)
        body = {"email": "alice@example.com", "password": PASSWORD, "nickname": "Alice"}
        with httpx.Client(base_url=f"{address}/api/v1/", timeout=30) as client:
            limit_files(port, (20_000, resource.RLIM_INFINITY))
            answers = [client.get("health/ready/") for _ in range(10)]
            assert answers[-1].status_code == 503
            assert client.get("health/live/").status_code == 200
            signed_up = client.post("auth/signup/", json=body)
            assert (signed_up.status_code, signed_up.json()["code"]) == (503, "busy")
            assert signed_up.headers["Retry-After"]
            limit_files(port, UNLIMITED)
            assert client.get("health/ready/").status_code == 200
            assert client.post("auth/signup/", json=body).status_code == 201
        log = (tmp_path / "server.log").read_text()
        refused = sum(answer.status_code == 503 for answer in answers)
        assert log.count(" WARNING ") == refused + 1, log  # one line for each
        assert "Traceback" not in log
        assert log.count("Not ready") == refused


def test_what_was_acknowledged_is_on_the_disk() -> None:
    from todomate import settings  # noqa: PLC0415  # not those of the tests

    command = settings.DATABASES["default"]["OPTIONS"]["init_command"]
    assert "journal_mode=WAL" in command
    assert "synchronous=FULL" in command
