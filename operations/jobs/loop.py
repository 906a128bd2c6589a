"""The process of `manage.py jobs`: wait for the night, and run the jobs in a separate process.

It does not import Django: it runs for months, and so needs a sixth of the memory. Start it with
`python -m operations.jobs.loop HOUR`.
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
# Exit status of `manage.py jobs --once` if it could not decide what is due: the database does not
# answer, or another process is running a job.
TRY_AGAIN = 75
RETRY_DELAY = 60  # seconds until the next try after TRY_AGAIN
ERASE_INTERVAL = 900  # seconds until it looks again for what was deleted and has to be erased
FAILURE_DELAY = 600  # seconds until the next try after a failure
TIME_LIMIT = 6 * 3600  # seconds; a process that runs for longer hangs
GRACE_PERIOD = 5  # seconds between SIGTERM and SIGKILL


class Signals:
    """Signals that this process can wait for."""

    def __init__(self) -> None:
        self.reading, writing = os.pipe()
        os.set_blocking(self.reading, False)
        os.set_blocking(writing, False)
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGCHLD):
            signal.signal(number, lambda *_: None)
        signal.set_wakeup_fd(writing)

    def wait(self, seconds: float) -> bool:
        """Wait for a signal, for at most `seconds`; return whether it asks this process to end."""
        ready, _, _ = select.select([self.reading], [], [], max(seconds, 0))
        received = os.read(self.reading, 64) if ready else b""
        return signal.SIGTERM in received or signal.SIGINT in received


def run_due_jobs(signals: Signals) -> int | None:
    """Run the jobs that are due; return the exit status, or None if this process has to end."""
    deadline = time.monotonic() + TIME_LIMIT
    # In a separate process group, so that stop() also ends the programs it has started.
    child = subprocess.Popen(
        [sys.executable, "manage.py", "jobs", "--once"], cwd=ROOT, start_new_session=True
    )
    while child.poll() is None:
        alive.beat()
        must_end = signals.wait(alive.INTERVAL)
        if must_end or time.monotonic() > deadline:
            stop(child)
            return None if must_end else child.returncode
    return child.returncode


def stop(child: subprocess.Popen[bytes]) -> None:
    """End a process group: ask first, then kill it."""
    os.killpg(child.pid, signal.SIGTERM)
    try:
        child.wait(GRACE_PERIOD)
    except subprocess.TimeoutExpired:
        os.killpg(child.pid, signal.SIGKILL)
        child.wait()


def sleep_until(timestamp: float, signals: Signals) -> bool:
    """Wait until `timestamp`; return False if this process has to end before."""
    while (remaining := timestamp - time.time()) > 0:
        alive.beat()
        if signals.wait(min(remaining, alive.INTERVAL)):
            return False
        reap_orphans()
    return True


def reap_orphans() -> None:
    """Reap ended processes: in a container this is process 1, the parent of every orphan."""
    with suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass


def main(hour: int) -> None:
    """Run the jobs every night at `hour` o'clock in UTC, until SIGTERM."""
    signals = Signals()
    while (status := run_due_jobs(signals)) is not None:
        if status == 0:
            night = next_night(datetime.now(UTC), hour).timestamp()
            timestamp = min(night, time.time() + ERASE_INTERVAL)
        else:
            timestamp = time.time() + (RETRY_DELAY if status == TRY_AGAIN else FAILURE_DELAY)
        if not sleep_until(timestamp, signals):
            return


if __name__ == "__main__":
    main(int(sys.argv[1]))
