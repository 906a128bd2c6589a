"""The heartbeat of `manage.py jobs`.

`python -m operations.jobs.alive`, the container's HEALTHCHECK, checks it without Django.
"""

import sys
import tempfile
import time
from pathlib import Path

FILE = Path(tempfile.gettempdir()) / "todomate-jobs"
INTERVAL = 20  # seconds between two heartbeats
TIMEOUT = 120  # seconds without a heartbeat after which the process is considered dead


def beat() -> None:
    """Record a heartbeat."""
    FILE.touch()


def is_alive() -> bool:
    """Return whether the last heartbeat is recent."""
    try:
        return time.time() - FILE.stat().st_mtime < TIMEOUT
    except FileNotFoundError:
        return False


if __name__ == "__main__":
    sys.exit(not is_alive())
