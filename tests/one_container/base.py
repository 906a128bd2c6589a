"""Run the image's command as it runs in a container, with a folder in place of the volume."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import httpx

from tests.replicas.servers import wait_for
from tests.server import ROOT, free_port

END_TIMEOUT = 10  # seconds; Docker kills a container then
PERSON = {"email": "me@example.org", "password": "a-long-one-for-tests", "nickname": "Me"}


def environment(folder: Path, **more: str) -> dict[str, str]:
    """Return the environment of such a container, and of `docker exec` in it."""
    temporary = folder.parent / "tmp"
    temporary.mkdir(exist_ok=True)
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    return {"PATH": path, "DATA_FOLDER": str(folder), "TMPDIR": str(temporary)} | more


class Server:
    """A server that is one container."""

    def __init__(self, folder: Path, **more: str) -> None:
        port = free_port()
        self.folder, self.address = folder, f"http://127.0.0.1:{port}"
        self.env = environment(folder, BIND=f"127.0.0.1:{port}", **more)
        self.log_file = folder.parent / f"log-{port}"
        with self.log_file.open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "operations.serving.start"],
                cwd=ROOT,
                env=self.env,
                stdout=log,
                stderr=log,
            )

    def log(self) -> str:
        return self.log_file.read_text()

    def manage(self, *words: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "manage.py", *words]
        return subprocess.run(
            command, cwd=ROOT, env=self.env, capture_output=True, text=True, check=False
        )

    def probe(self) -> int:
        command = [sys.executable, "-m", "todomate.probe"]
        return subprocess.run(command, cwd=ROOT, env=self.env, check=False).returncode

    def wait_until_ready(self) -> None:
        wait_for(lambda: self.probe() == 0 or self.process.poll() is not None, "it is ready")
        assert self.process.poll() is None, self.log()

    def children(self) -> dict[str, int]:
        """Return the processes of gunicorn and of the jobs: their ids by a word."""
        task = f"/proc/{self.process.pid}/task/{self.process.pid}/children"
        words = {"gunicorn": "gunicorn", "operations.jobs.loop": "jobs"}
        found = {}
        for pid in Path(task).read_text().split():
            with suppress(FileNotFoundError, ProcessLookupError):  # it has ended meanwhile
                command = Path(f"/proc/{pid}/cmdline").read_text()
                found |= {words[word]: int(pid) for word in words if word in command}
        return found

    def sign_up(self) -> httpx.Response:
        return httpx.post(f"{self.address}/api/v1/auth/signup/", json=PERSON)

    def end(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(END_TIMEOUT)


@contextmanager
def one_container(folder: Path, **more: str) -> Iterator[Server]:
    """Start a server, wait until it is ready, and end it."""
    server = Server(folder, **more)
    try:
        server.wait_until_ready()
        yield server
    finally:
        if server.process.poll() is None:
            server.end()
