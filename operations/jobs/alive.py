"""The sign of life of `manage.py jobs`; `python -m operations.jobs.alive` asks for it, without Django (HEALTHCHECK)."""

import sys
import tempfile
import time
from pathlib import Path

FILE = Path(tempfile.gettempdir()) / "todomate-jobs"
TICK = 20  # seconds between two signs
SILENCE = 120  # seconds without one after which it is taken to be dead


def beat() -> None:
    FILE.touch()


def is_alive() -> bool:
    try:
        return time.time() - FILE.stat().st_mtime < SILENCE
    except FileNotFoundError:
        return False


if __name__ == "__main__":
    sys.exit(not is_alive())
