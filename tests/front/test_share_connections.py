"""Test that open connections are balanced between workers."""

import http.client
import os
import time
from collections import Counter
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.db import connection

from tests.server import running_server

pytestmark = pytest.mark.skipif(
    connection.vendor != "sqlite",
    reason="independent of the database; runs with the suite on SQLite",
)
CONNECTED = "01"  # the state in /proc/net/tcp


def connections_of_workers(port: int) -> list[int]:
    """Return the number of connections to this port of each process, the lowest first."""
    rows = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    ours = {
        f"socket:[{row[9]}]"
        for row in rows
        if row[1].endswith(f":{port:04X}") and row[3] == CONNECTED
    }
    held: Counter[str] = Counter()
    for process in Path("/proc").glob("[0-9]*"):
        try:
            held[process.name] = sum(
                os.readlink(file) in ours for file in (process / "fd").iterdir()
            )
        except OSError:  # the process has ended, or belongs to another account
            continue
    return sorted(number for number in held.values() if number)


def shares(address: str) -> list[int]:
    """Open eight connections, and return the number of each process."""
    url = urlsplit(address)
    with ExitStack() as stack:
        for _ in range(8):
            connection = http.client.HTTPConnection(str(url.hostname), url.port, timeout=10)
            stack.enter_context(closing(connection))
            connection.request("GET", "/api/v1/health/live/")
            assert connection.getresponse().read() == b'{"status":"ok"}'
        return connections_of_workers(url.port or 0)


@pytest.mark.skipif(not Path("/proc/net/tcp").exists(), reason="needs /proc of Linux")
def test_open_connections_are_balanced(
    tmp_path: Path, django_db_setup: None, django_db_blocker: Any
) -> None:
    with django_db_blocker.unblock(), running_server(tmp_path) as address:
        started = time.monotonic()
        # The second worker may still be starting, and then has none.
        while (found := shares(address)) != [4, 4]:
            assert time.monotonic() - started < 20, found
