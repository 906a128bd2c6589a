"""The three servers, each under gunicorn with the project's own configuration, on a free port of loopback."""

import http.client
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.errors import BenchmarkError

ROOT = Path(__file__).resolve().parent.parent
APPLICATIONS = {
    "bare": "benchmarks.bare:application",
    "twin": "benchmarks.twin.wsgi:application",
    "project": "todomate.wsgi:application",
}
START_TIMEOUT = 60  # seconds


@dataclass(frozen=True)
class Server:
    """Where it listens, and the process that looks after the workers."""

    port: int
    pid: int

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def memory(self) -> dict[int, int]:
        """The resident memory of each worker, by its process id, in KiB."""
        listed = subprocess.run(
            ["ps", "-A", "-o", "pid=,ppid=,rss="], capture_output=True, text=True, check=True
        )
        rows = (tuple(map(int, line.split())) for line in listed.stdout.splitlines())
        return {pid: rss for pid, parent, rss in rows if parent == self.pid}


@contextmanager
def serving(app: str, env: Mapping[str, str], folder: Path, workers: int = 2) -> Iterator[Server]:
    """Start one of APPLICATIONS and wait until it answers; ended by its process id. Its log is in `folder`."""
    port = free_port()
    more = {"BIND": f"127.0.0.1:{port}", "WEB_CONCURRENCY": str(workers)}
    command = [sys.executable, "-m", "gunicorn", APPLICATIONS[app]]
    log = folder / f"{app}.log"
    with log.open("wb") as out:
        process = subprocess.Popen(command, cwd=ROOT, env={**env, **more}, stdout=out, stderr=out)
    try:
        _wait(process, port, log)
        yield Server(port, process.pid)
    finally:
        process.terminate()
        process.wait(timeout=60)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    """Until anything is answered: a worker has loaded its application then."""
    end = time.monotonic() + START_TIMEOUT
    while time.monotonic() < end and process.poll() is None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        try:
            connection.request("GET", "/")
            connection.getresponse().read()
        except OSError:
            time.sleep(0.1)
        else:
            return
        finally:
            connection.close()
    raise BenchmarkError(f"The server did not start:\n{log.read_text()}")
