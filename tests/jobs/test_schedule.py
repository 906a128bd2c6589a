"""Test the beginning of a night, and the heartbeat."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from operations.jobs.alive import TIMEOUT
from operations.jobs.schedule import next_night, night_of
from tests.server import ROOT


@pytest.mark.parametrize(
    ("now", "hour", "began"),
    [
        ("2026-11-21T18:00:00", 18, "2026-11-21T18:00:00"),
        ("2026-11-21T17:59:59.999999", 18, "2026-11-20T18:00:00"),
        ("2026-11-22T03:00:00", 18, "2026-11-21T18:00:00"),
        ("2027-01-01T00:00:00", 0, "2027-01-01T00:00:00"),
        ("2027-01-01T22:00:00", 23, "2026-12-31T23:00:00"),
    ],
)
def test_a_night_begins_at_its_hour(now: str, hour: int, began: str) -> None:
    at = datetime.fromisoformat(now).replace(tzinfo=UTC)
    assert night_of(at, hour).isoformat() == f"{began}+00:00"
    assert at < next_night(at, hour) == night_of(next_night(at, hour), hour)


def test_the_heartbeat_expires(tmp_path: Path) -> None:
    def status() -> int:
        env = os.environ | {"TMPDIR": str(tmp_path)}
        return subprocess.run(
            [sys.executable, "-m", "operations.jobs.alive"], cwd=ROOT, env=env, check=False
        ).returncode

    assert status() == 1
    heartbeat = tmp_path / "todomate-jobs"
    heartbeat.touch()
    assert status() == 0
    at = heartbeat.stat().st_mtime - TIMEOUT
    os.utime(heartbeat, (at, at))
    assert status() == 1


def test_the_waiting_process_does_not_import_django() -> None:
    program = "import sys, operations.jobs.loop; sys.exit('django' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], cwd=ROOT, check=False).returncode == 0


ORPHAN = """
import os, sys
from operations.jobs.loop import reap_orphans
pid = os.fork() or os._exit(0)
os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)  # it has ended, but is not reaped
reap_orphans()
reap_orphans()  # no child is left
sys.exit(os.path.exists(f"/proc/{pid}"))
"""


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="there is no /proc")
def test_orphans_are_reaped() -> None:
    assert subprocess.run([sys.executable, "-c", ORPHAN], cwd=ROOT, check=False).returncode == 0
