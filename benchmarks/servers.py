"""Start the three applications under gunicorn with the project's configuration, on loopback."""

import http.client
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks import BenchmarkError
from benchmarks.measures import APPLICATIONS, App

ROOT = Path(__file__).resolve().parent.parent
START_TIMEOUT = 60  # seconds


@dataclass(frozen=True)
class Server:
    """A running server; `pid` is gunicorn's main process."""

    address: str
    pid: int

    def worker_memory(self) -> list[float]:
        """Return the resident memory of each worker, in MB, sorted."""
        command = ["ps", "-A", "-o", "ppid=,rss="]
        listed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        rows = (map(int, line.split()) for line in listed.splitlines())
        return sorted(kib / 1000 for parent, kib in rows if parent == self.pid)


@contextmanager
def serve(app: App, env: Mapping[str, str], folder: Path) -> Iterator[Server]:
    """Start an application and wait until it answers. Its log is in `folder`."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    log = folder / f"{app}.log"
    command = [sys.executable, "-m", "gunicorn", APPLICATIONS[app]]
    if app != "project":  # the project's worker without what needs the project's settings
        command += ["--worker-class", "operations.serving.worker.BaseWorker"]
    with log.open("wb") as out:
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            env={**env, "BIND": f"127.0.0.1:{port}", "WEB_CONCURRENCY": "2"},
            stdout=out,
            stderr=out,
        )
    try:
        _wait(process, port, log)
        yield Server(f"http://127.0.0.1:{port}", process.pid)
    finally:
        process.terminate()
        process.wait(timeout=60)


def _wait(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    """Wait for any answer: then a worker has loaded the application."""
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
