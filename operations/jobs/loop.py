"""The process of `manage.py jobs` between two nights: it waits, and has a process of its own do the work.

Without Django, since it stays for months: a sixth of the memory. `python -m operations.jobs.loop HOUR`.
"""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
import time
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from operations.jobs import alive
from operations.jobs.schedule import next_night

ROOT = Path(__file__).resolve().parent.parent.parent
# What `manage.py jobs --once` ends with when it could not even look: the database is away, or another one is at work.
NOT_NOW = 75
SOON, LATER = 60, 600  # seconds until it looks again then, and after a failure
LIMIT = 6 * 3600  # seconds; what takes longer hangs
GRACE = 5  # seconds to end in when told to


class Signals:
    """Signals as something to wait for."""

    def __init__(self) -> None:
        self.reading, writing = os.pipe()
        os.set_blocking(self.reading, False)
        os.set_blocking(writing, False)
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGCHLD):
            signal.signal(number, lambda *_: None)
        signal.set_wakeup_fd(writing)

    def wait(self, seconds: float) -> bool:
        """Until a signal comes, or so long. Whether we are told to end."""
        ready, _, _ = select.select([self.reading], [], [], max(seconds, 0))
        came = os.read(self.reading, 64) if ready else b""
        return signal.SIGTERM in came or signal.SIGINT in came


def work(signals: Signals) -> int | None:
    """Have what is due done. The status it ended with; None when we were told to end meanwhile."""
    end = time.monotonic() + LIMIT
    # In a group of its own, so that the programs it has started are told to end with it.
    child = subprocess.Popen(
        [sys.executable, "manage.py", "jobs", "--once"], cwd=ROOT, start_new_session=True
    )
    while child.poll() is None:
        alive.beat()
        told = signals.wait(alive.TICK)
        if told or time.monotonic() > end:
            stop(child)
            return None if told else child.returncode
    return child.returncode


def stop(child: subprocess.Popen[bytes]) -> None:
    os.killpg(child.pid, signal.SIGTERM)
    try:
        child.wait(GRACE)
    except subprocess.TimeoutExpired:
        os.killpg(child.pid, signal.SIGKILL)
        child.wait()


def rest(until: float, signals: Signals) -> bool:
    """Wait until that time of the clock. False when we were told to end."""
    while (left := until - time.time()) > 0:
        alive.beat()
        if signals.wait(min(left, alive.TICK)):
            return False
        reap_orphans()
    return True


def reap_orphans() -> None:
    """End what others have left behind: in a container this is process 1, which every orphan becomes a child of."""
    with suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass


def main(hour: int) -> None:
    signals = Signals()
    while (status := work(signals)) is not None:
        pause = {NOT_NOW: SOON}.get(status, LATER)
        until = time.time() + pause if status else next_night(datetime.now(UTC), hour).timestamp()
        if not rest(until, signals):
            return


if __name__ == "__main__":
    main(int(sys.argv[1]))
