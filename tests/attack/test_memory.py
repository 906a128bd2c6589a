"""The memory of the workers while the largest answers are asked for, all at once"""

from __future__ import annotations

import os
import re
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from core.pagination import MAX_PAGE_BYTES
from tests.base import PASSWORD
from tests.server import running_server

DIARIES = 200
AT_ONCE = 8
ROUNDS = 3
# Of all workers together, in bytes. Pages of 24 MB took 490 MB.
MAX_GROWTH = 50_000_000


def workers() -> list[int]:
    """Return the process ids of the workers of the servers that this process has started."""
    parents = {
        int(path.parent.name): int(path.read_text().rpartition(")")[2].split()[1])
        for path in Path("/proc").glob("[0-9]*/stat")
        if os.access(path, os.R_OK)
    }
    masters = {pid for pid, parent in parents.items() if parent == os.getpid()}
    return [pid for pid, parent in parents.items() if parent in masters]


def memory() -> int:
    """Return the highest resident memory of the workers so far, in bytes, together."""
    total = 0
    for pid in workers():
        status = Path(f"/proc/{pid}/status").read_text()
        match = re.search(r"VmHWM:\s+(\d+) kB", status)
        total += int(match[1]) * 1024 if match else 0
    return total


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="there is no /proc")
@pytest.mark.django_db
def test_long_pages_take_little_memory(tmp_path: Path) -> None:
    with (
        running_server(tmp_path) as address,
        httpx.Client(base_url=f"{address}/api/v1/", timeout=60) as client,
    ):
        person = {"email": "a@example.com", "password": PASSWORD, "nickname": "Alice"}
        tokens = client.post("auth/signup/", json=person).json()
        client.headers["Authorization"] = f"Bearer {tokens['access']}"
        for number in range(DIARIES):
            day = date(2026, 1, 1) + timedelta(days=number)
            body = {"date": day.isoformat(), "body": "일" * 20_000}
            assert client.post("diaries/", json=body).status_code == 201

        def read(page_size: int) -> Any:
            path = f"diaries/?page_size={page_size}"
            with httpx.Client(base_url=client.base_url, headers=client.headers, timeout=60) as own:
                return [len(own.get(path).content) for _ in range(ROUNDS)]

        with ThreadPoolExecutor(AT_ONCE) as pool:
            list(pool.map(read, [1] * AT_ONCE))  # each thread has its connection now
            before = memory()
            lengths = list(pool.map(read, [200] * AT_ONCE))
        assert before
        assert max(map(max, lengths)) <= MAX_PAGE_BYTES + 200_000
        growth = memory() - before
        assert growth < MAX_GROWTH, f"{growth / 1e6:.1f} MB more than {before / 1e6:.1f} MB"
