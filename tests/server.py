"""Start gunicorn on a free port, with an empty database, for tests that speak HTTP."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
from django.db import connection

ROOT = Path(__file__).resolve().parent.parent
START_TIMEOUT = 60  # seconds, enough for a busy machine


def free_port() -> int:
    """Return a TCP port of 127.0.0.1 that is free at the moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def own_database(folder: Path) -> Iterator[str]:
    """Yield the URL of a new, empty database of the same kind as the tests' database."""
    if connection.vendor == "sqlite":
        yield f"sqlite:///{folder / 'server.sqlite3'}"
        return
    name = f"test_server_{uuid.uuid4().hex[:12]}"
    url = urlsplit(os.environ["DATABASE_URL"])
    is_mysql = connection.vendor == "mysql"
    wrapper: Any = connection
    # Not in a transaction of the test, nor in a database that may not exist yet.
    server_cursor = wrapper.cursor if is_mysql else wrapper._nodb_cursor
    with server_cursor() as cursor:
        cursor.execute(f"CREATE DATABASE {name}{' CHARACTER SET utf8mb4' if is_mysql else ''}")
    try:
        yield url._replace(path=f"/{name}").geturl()
    finally:
        with server_cursor() as cursor:
            # PostgreSQL drops no database that somebody is connected to.
            cursor.execute(f"DROP DATABASE {name}{'' if is_mysql else ' WITH (FORCE)'}")


def default_port() -> int:
    """Return the port of the tests' database where its URL names none."""
    return 3306 if connection.vendor == "mysql" else 5432


@contextmanager
def running_server(folder: Path, **environment: str) -> Iterator[str]:
    """Migrate, start gunicorn with two workers, wait until it is ready and yield its address.

    A DATABASE_URL in `environment` replaces the new database.
    """
    given = environment.get("DATABASE_URL")
    with nullcontext(given) if given else own_database(folder) as database_url:
        env = (
            os.environ
            | {"TODOMATE_ENV": "local", "DATABASE_URL": database_url, "LOG_LEVEL": "WARNING"}
            | environment
        )
        subprocess.run(
            [sys.executable, "manage.py", "migrate", "--verbosity=0"], cwd=ROOT, env=env, check=True
        )
        port = free_port()
        command = [
            sys.executable,
            "-m",
            "gunicorn",
            "todomate.wsgi:application",
            "--bind",
            f"127.0.0.1:{port}",
        ]
        command += ["--workers", "2", "--threads", "4", "--no-control-socket"]
        with (folder / "server.log").open("wb") as log:
            server = subprocess.Popen(command, cwd=ROOT, env=env, stdout=log, stderr=log)
        try:
            wait_until_ready(f"http://127.0.0.1:{port}", server, folder / "server.log")
            yield f"http://127.0.0.1:{port}"
        finally:
            server.terminate()
            server.wait(timeout=30)


def wait_until_ready(address: str, server: subprocess.Popen[bytes], log: Path) -> None:
    """Wait until the readiness check answers 200; fail with the log if the server ends first."""
    end = time.monotonic() + START_TIMEOUT
    while time.monotonic() < end:
        if server.poll() is not None:
            break
        try:
            if httpx.get(f"{address}/api/v1/health/ready/", timeout=5).status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.05)  # nothing listens on the port yet; there is no event to wait for
    raise AssertionError(f"the server did not start:\n{log.read_text()}")
