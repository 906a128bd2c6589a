"""The process of `manage.py jobs`: it does what is due, waits, and ends soon when told to, also in mid-backup."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from operations.jobs.models import Run
from tests.jobs.base import BackupTest, needs_mysql, ours
from tests.jobs.s3 import environment
from tests.server import ROOT, START_TIMEOUT, free_port

pytestmark = needs_mysql
State = Run.State
SOON = 4  # seconds; a container is given ten to end in


def wait_for(question: Callable[[], object], process: subprocess.Popen[bytes]) -> None:
    """Asked again and again: a process tells nobody how far it has come."""
    end = time.monotonic() + START_TIMEOUT
    while not question():
        assert process.poll() is None, "it has ended"
        assert time.monotonic() < end, "in vain"
        time.sleep(0.05)


class JobsProcessTest(BackupTest):
    @contextmanager
    def jobs(self, **variables: str) -> Iterator[subprocess.Popen[bytes]]:
        it = ours()
        url = f"mysql://{it.user}:{it.password}@{it.host}:{it.port}/{it.name}"
        env = os.environ | {
            "DATABASE_URL": url,
            "BACKUP_URL": self.folder.as_uri(),
            "TMPDIR": str(self.folder),
        }
        command = [sys.executable, "manage.py", "jobs"]
        with (self.folder / "log").open("wb") as log:
            process = subprocess.Popen(
                command, cwd=ROOT, env=env | variables, stdout=log, stderr=log
            )
        try:
            yield process
        finally:
            process.kill()
            process.wait()

    def ends(self, process: subprocess.Popen[bytes]) -> None:
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=SOON) == 0

    def states(self) -> list[tuple[str, str]]:
        return list(Run.objects.order_by("pk").values_list("name", "state"))

    def test_it_does_what_is_due_waits_and_ends_when_told_to(self) -> None:
        sign = self.folder / "todomate-jobs"
        done = [("backup", State.SUCCEEDED), ("purge", State.SUCCEEDED)]
        with self.jobs() as process:
            wait_for(lambda: self.states() == done, process)
            sign.unlink()
            self.ends(process)
        with self.jobs() as process:
            wait_for(sign.exists, process)
            self.ends(process)
        assert self.states() == done

    def test_a_backup_that_it_is_told_to_end_in_leaves_nothing_and_is_made_again(self) -> None:
        with socket.create_server(
            ("127.0.0.1", 0)
        ) as deaf:  # an S3 that takes everything and answers nothing
            address = f"http://127.0.0.1:{deaf.getsockname()[1]}"
            with self.jobs(BACKUP_URL="s3://bucket", **environment(address)) as process:
                wait_for(lambda: ("backup", State.RUNNING) in self.states(), process)
                deaf.accept()[0].close()
                self.ends(process)
        with self.jobs() as process:
            wait_for(lambda: ("purge", State.SUCCEEDED) in self.states(), process)
            self.ends(process)
        assert self.states()[:2] == [("backup", State.INTERRUPTED), ("backup", State.SUCCEEDED)]
        assert len(self.manifests()) == 1

    def test_a_database_that_is_away_is_waited_for(self) -> None:
        with self.jobs(DATABASE_URL=f"mysql://nobody@127.0.0.1:{free_port()}/nothing") as process:
            wait_for(lambda: b"does not answer" in (self.folder / "log").read_bytes(), process)
            assert process.poll() is None
            self.ends(process)
