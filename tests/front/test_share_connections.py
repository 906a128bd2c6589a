"""Workers share out the connections that stay open, so that no processor is left without work."""

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
    reason="no request asks the database; it is tested along with SQLite",
)
CONNECTED = "01"  # as /proc/net/tcp says it


def connections_of_workers(port: int) -> list[int]:
    """How many open connections to this port each process holds, the fewest first."""
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
        except OSError:  # it has ended, or is another person's
            continue
    return sorted(number for number in held.values() if number)


def shares(address: str) -> list[int]:
    """Who holds how many of eight connections that stay open."""
    url = urlsplit(address)
    with ExitStack() as stack:
        for _ in range(8):
            connection = http.client.HTTPConnection(str(url.hostname), url.port, timeout=10)
            stack.enter_context(closing(connection))
            connection.request("GET", "/api/v1/health/live/")
            assert connection.getresponse().read() == b'{"status":"ok"}'
        return connections_of_workers(url.port or 0)


@pytest.mark.skipif(
    not Path("/proc/net/tcp").exists(), reason="only Linux tells who holds a connection"
)
def test_connections_that_stay_open_are_shared_out_evenly(
    tmp_path: Path, django_db_setup: None, django_db_blocker: Any
) -> None:
    with django_db_blocker.unblock(), running_server(tmp_path) as address:
        started = time.monotonic()
        # The second worker may be starting yet, and has none then.
        while (found := shares(address)) != [4, 4]:
            assert time.monotonic() - started < 20, found
