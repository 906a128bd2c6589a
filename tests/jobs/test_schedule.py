"""When a night begins, and the sign of life."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from operations.jobs.alive import SILENCE
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


def test_the_sign_of_life_is_seen_as_long_as_it_is_fresh(tmp_path: Path) -> None:
    def status() -> int:
        env = os.environ | {"TMPDIR": str(tmp_path)}
        return subprocess.run(
            [sys.executable, "-m", "operations.jobs.alive"], cwd=ROOT, env=env, check=False
        ).returncode

    assert status() == 1
    sign = tmp_path / "todomate-jobs"
    sign.touch()
    assert status() == 0
    at = sign.stat().st_mtime - SILENCE
    os.utime(sign, (at, at))
    assert status() == 1


def test_what_waits_holds_nothing_of_django() -> None:
    program = "import sys, operations.jobs.loop; sys.exit('django' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], cwd=ROOT, check=False).returncode == 0


ORPHAN = """
import os, sys
from operations.jobs.loop import reap_orphans
pid = os.fork() or os._exit(0)
os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)  # it has ended, and lies there
reap_orphans()
reap_orphans()  # nobody
sys.exit(os.path.exists(f"/proc/{pid}"))
"""


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="there is no /proc")
def test_who_is_left_behind_is_buried() -> None:
    assert subprocess.run([sys.executable, "-c", ORPHAN], cwd=ROOT, check=False).returncode == 0
