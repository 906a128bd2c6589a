"""No acknowledged write is lost or done twice when workers and the database are killed.

`make attack` kills them more often than the test suite does.
"""

from __future__ import annotations

import os
import random
import sys
import threading
import time

import pytest

from tests.attack.arena import arena, needs_server
from tests.attack.writers import Writer

pytestmark = [pytest.mark.private_servers, needs_server]
IS_LONG = os.environ.get("ATTACK") == "long"
WORKERS, DATABASES = (200, 50) if IS_LONG else (6, 2)  # kills
WRITERS = 6


def test_kills_lose_and_double_no_acknowledged_write() -> None:
    rng = random.Random(7)  # noqa: S311  # not a secret
    stop = threading.Event()
    kills = ["worker"] * WORKERS + ["database"] * DATABASES
    rng.shuffle(kills)
    with arena() as server:
        writers = [Writer(server.address, number, stop) for number in range(WRITERS)]
        for writer in writers:
            writer.start()
        for kind in kills:
            time.sleep(rng.uniform(0.2, 0.7))  # let them write in between
            if kind == "worker":
                server.kill_worker(rng.randrange(2))
            else:
                server.kill_database()
        time.sleep(0.5)
        stop.set()
        for writer in writers:
            writer.join()
        failures = [failure for writer in writers for failure in writer.failures]
        wrong = [line for writer in writers for line in writer.compare()]
        for writer in writers:
            writer.http.close()
    acknowledged = sum(writer.acknowledged for writer in writers)
    sys.stdout.write(
        f"{WORKERS} kills of workers, {DATABASES} of the database: {acknowledged:.0f} writes"
        f" acknowledged, {sum(writer.repeated for writer in writers):.0f} sent again, longest wait"
        f" {max(writer.longest_wait for writer in writers):.1f} s, {len(wrong)} wrong\n"
    )
    assert not failures
    assert not wrong
    assert acknowledged > WRITERS * len(kills)
