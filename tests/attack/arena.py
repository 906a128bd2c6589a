"""A server of its own to attack: gunicorn with two workers, and a database that can be killed."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import httpx
import pytest
from django.db import connection

from tests.base import new_id
from tests.replicas.servers import NAME, SERVER_PROGRAM, Server, account
from tests.server import ROOT, free_port, wait_until_ready

# These tests start servers of their own. The suite runs on SQLite, too, where once is enough.
needs_server = pytest.mark.skipif(
    SERVER_PROGRAM is None or (connection.vendor != "mysql" and "ATTACK" not in os.environ),
    reason="needs mysqld or mariadbd, and a suite that runs on it or `make attack`",
)
PASSWORD = "a walk by the river"
# An acknowledged write must survive a kill of the database, as in production.
DURABLE = ("--innodb-flush-log-at-trx-commit=1", "--innodb-buffer-pool-size=256M")


class Arena:
    """A running server: its address, the processes and the log."""

    def __init__(self, database: Server, folder: Path) -> None:
        self.database, self.folder = database, folder
        self.port = free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        self.log = folder / "server.log"
        self.env = os.environ | {
            "TODOMATE_ENV": "local",
            "DATABASE_URL": database.url,
            "LOG_LEVEL": "WARNING",
            "WEB_CONCURRENCY": "2",
            "WEB_THREADS": "4",
            "MALLOC_MMAP_THRESHOLD_": "1048576",  # as in the image
            "BIND": f"127.0.0.1:{self.port}",
        }

    def start(self) -> None:
        migrate = [sys.executable, "manage.py", "migrate", "--verbosity=0"]
        subprocess.run(migrate, cwd=ROOT, env=self.env, check=True)
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "gunicorn"], cwd=ROOT, env=self.env, stdout=log, stderr=log
            )
        wait_until_ready(self.address, self.process, self.log)

    def stop(self) -> None:
        if hasattr(self, "process"):
            self.process.terminate()
            self.process.wait(timeout=60)

    @property
    def workers(self) -> list[int]:
        """Return the process ids of gunicorn's workers."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        return [int(pid) for pid in children.read_text().split()]

    @property
    def memory(self) -> float:
        """Return the memory of gunicorn and its workers in MB; pages that they share count once."""
        kib = 0
        for pid in (self.process.pid, *self.workers):
            with suppress(FileNotFoundError, ProcessLookupError):  # a worker that has just ended
                lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
                kib += sum(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
        return kib / 1000

    def kill_worker(self, which: int) -> None:
        workers = self.workers
        if workers:
            with suppress(ProcessLookupError):
                os.kill(workers[which % len(workers)], signal.SIGKILL)

    def kill_database(self) -> None:
        """Kill the database without a clean shutdown, and start it again on its data."""
        self.database.signal(signal.SIGKILL)
        self.database.start()


@contextmanager
def arena() -> Iterator[Arena]:
    """Start a database and a server, and delete both at the end."""
    folder = Path(tempfile.mkdtemp())  # not pytest's, which other accounts may not enter
    folder.chmod(0o755)
    database = Server(folder / "database", 1, *DURABLE)
    database.install()
    if os.geteuid() == 0:
        for path in [database.folder, *database.folder.rglob("*")]:
            shutil.chown(path, account())
    server = Arena(database, folder)
    try:
        database.start()
        database.ask(f"CREATE DATABASE {NAME} CHARACTER SET utf8mb4", database="")
        server.start()
        yield server
    finally:
        server.stop()
        if database.process.poll() is None:
            database.signal(signal.SIGKILL)
        shutil.rmtree(folder)


def sign_up(address: str, number: int = 0) -> httpx.Client:
    """Return the client of a new account, signed in."""
    client = httpx.Client(base_url=f"{address}/api/v1/", timeout=60)
    body = {
        "id": new_id(),
        "email": f"{new_id()}@example.com",
        "password": PASSWORD,
        "nickname": f"p{number}",
    }
    answer = client.post("auth/signup/", json=body).raise_for_status().json()
    client.headers["Authorization"] = f"Bearer {answer['access']}"
    return client
