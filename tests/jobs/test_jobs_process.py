"""Test the process of `manage.py jobs`: it runs jobs, waits, and ends promptly on SIGTERM."""

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
from tests.jobs.base import BackupTest, needs_mysql, own_database
from tests.jobs.s3 import environment
from tests.server import ROOT, START_TIMEOUT, free_port

pytestmark = needs_mysql
State = Run.State
END_TIMEOUT = 4  # seconds; Docker kills a container after ten


def wait_for(condition: Callable[[], object], process: subprocess.Popen[bytes]) -> None:
    """Poll until the condition is true, while the process is running."""
    end = time.monotonic() + START_TIMEOUT
    while not condition():
        assert process.poll() is None, "the process has ended"
        assert time.monotonic() < end, "timeout"
        time.sleep(0.05)


class JobsProcessTest(BackupTest):
    @contextmanager
    def jobs(self, **variables: str) -> Iterator[subprocess.Popen[bytes]]:
        it = own_database()
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

    def end(self, process: subprocess.Popen[bytes]) -> None:
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=END_TIMEOUT) == 0

    def states(self) -> list[tuple[str, str]]:
        nightly = Run.objects.exclude(name="tidy")  # is of every hour
        return list(nightly.order_by("pk").values_list("name", "state"))

    def test_it_runs_the_due_jobs_waits_and_ends_on_sigterm(self) -> None:
        heartbeat = self.folder / "todomate-jobs"
        done = [("backup", State.SUCCEEDED), ("purge", State.SUCCEEDED)]
        with self.jobs() as process:
            wait_for(lambda: self.states() == done, process)
            heartbeat.unlink()
            self.end(process)
        with self.jobs() as process:
            wait_for(heartbeat.exists, process)
            self.end(process)
        assert self.states() == done

    def test_a_backup_that_sigterm_interrupts_is_made_again(self) -> None:
        # An S3 server that accepts connections and never answers.
        with socket.create_server(("127.0.0.1", 0)) as server:
            address = f"http://127.0.0.1:{server.getsockname()[1]}"
            with self.jobs(BACKUP_URL="s3://bucket", **environment(address)) as process:
                wait_for(lambda: ("backup", State.RUNNING) in self.states(), process)
                server.accept()[0].close()
                self.end(process)
        with self.jobs() as process:
            wait_for(lambda: ("purge", State.SUCCEEDED) in self.states(), process)
            self.end(process)
        assert self.states()[:2] == [("backup", State.INTERRUPTED), ("backup", State.SUCCEEDED)]
        assert len(self.manifests()) == 1

    def test_it_waits_for_an_unreachable_database(self) -> None:
        with self.jobs(DATABASE_URL=f"mysql://nobody@127.0.0.1:{free_port()}/nothing") as process:
            wait_for(lambda: b"does not answer" in (self.folder / "log").read_bytes(), process)
            assert process.poll() is None
            self.end(process)
