"""Test which of several servers on unix sockets is the active one, for nginx."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.db import connection as database

from operations.serving.listening import (
    ACTIVE,
    UnixConnection,
    activate,
    allowed_host,
    is_older,
    open_connection,
    socket_path,
)
from tests.server import ROOT, START_TIMEOUT

pytestmark = pytest.mark.skipif(
    database.vendor != "sqlite",
    reason="independent of the database; runs with the suite on SQLite",
)

HOST = "todo.example.org"
LIVE = "/api/v1/health/live/"


class Web:
    """A production server, like in a container."""

    def __init__(self, folder: Path, name: str, data: Path) -> None:
        self.socket = folder / f"{name}.sock"
        self.env = {
            "PATH": os.environ["PATH"],
            "TODOMATE_ENV": "production",
            "SECRET_KEY": "key-of-a-test-" * 5,
        }
        self.env |= {
            "DOMAIN": HOST,
            "DATABASE_URL": f"sqlite:///{data}",
            "BIND": f"unix:{self.socket}",
        }
        self.env |= {"WEB_CONCURRENCY": "1", "TRUSTED_PROXIES": "1", "LOG_LEVEL": "WARNING"}
        self.process: subprocess.Popen[bytes] | None = None

    @contextmanager
    def running(self) -> Iterator[None]:
        self.process = subprocess.Popen([sys.executable, "-m", "gunicorn"], cwd=ROOT, env=self.env)
        try:
            self.wait_until_it_listens()
            yield
        finally:
            self.end(signal.SIGTERM)

    def end(self, how: signal.Signals) -> None:
        if self.process and self.process.poll() is None:
            self.process.send_signal(how)
            self.process.wait(timeout=30)

    def wait_until_it_listens(self) -> None:
        end = time.monotonic() + START_TIMEOUT
        while time.monotonic() < end:
            try:
                assert answers(self.socket) == 200
            except OSError:
                time.sleep(0.05)  # poll, as it sends no signal when it is ready
            else:
                return
        raise AssertionError("the server did not start")

    def probe(self, *arguments: str, **more: str) -> tuple[int, str]:
        """Run the health check; return its exit status and message."""
        command = [sys.executable, "-m", "todomate.probe", *arguments]
        done = subprocess.run(
            command, cwd=ROOT, env=self.env | more, capture_output=True, text=True, check=False
        )
        assert done.stdout == ""
        return done.returncode, done.stderr.strip()

    @property
    def is_active(self) -> bool:
        link = self.socket.with_name(ACTIVE)
        return link.is_symlink() and link.readlink() == Path(self.socket.name)


def answers(path: Path) -> int:
    """Return the status of the server's liveness endpoint."""
    line = UnixConnection(path)
    try:
        line.request(
            "GET", LIVE, headers={"Host": HOST, "X-Forwarded-Proto": "https", "Connection": "close"}
        )
        answer = line.getresponse()
        assert answer.read() == b'{"status":"ok"}'
        return answer.status
    finally:
        line.close()


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Create a migrated database."""
    path = tmp_path_factory.mktemp("data") / "todomate.sqlite3"
    env = os.environ | {"TODOMATE_ENV": "local", "DATABASE_URL": f"sqlite:///{path}"}
    subprocess.run(
        [sys.executable, "manage.py", "migrate", "--verbosity=0"], cwd=ROOT, env=env, check=True
    )
    return path


@pytest.fixture(scope="module")
def shared() -> Iterator[Path]:
    """Create a folder with a short name, as the path of a unix socket is limited to 107 bytes."""
    with tempfile.TemporaryDirectory() as name:
        yield Path(name)


@pytest.fixture(scope="module")
def pair(shared: Path, data: Path) -> Iterator[tuple[Web, Web]]:
    """Run two servers in the folder for all tests."""
    first, second = Web(shared, "first", data), Web(shared, "second", data)
    with first.running(), second.running():
        yield first, second


@pytest.fixture
def webs(pair: tuple[Web, Web], shared: Path) -> tuple[Web, Web]:
    """Return both servers, neither of them active."""
    (shared / ACTIVE).unlink(missing_ok=True)
    return pair


@pytest.fixture
def folder() -> Iterator[Path]:
    """Create a folder for a single test."""
    with tempfile.TemporaryDirectory() as name:
        yield Path(name)


def test_the_first_ready_server_is_activated_and_others_only_on_request(
    webs: tuple[Web, Web],
) -> None:
    first, second = webs
    for web, arguments, more, active in [
        (first, [], {}, first),
        (second, [], {}, first),
        (second, ["--take-charge"], {}, second),
        (first, ["--take-charge"], {}, first),
        (second, [], {"TAKE_CHARGE_WHEN_READY": "false"}, first),
        (second, [], {"TAKE_CHARGE_WHEN_READY": "true"}, second),
        # Health checks of both run repeatedly: the newer server stays active.
        (first, [], {"TAKE_CHARGE_WHEN_READY": "true"}, second),
    ]:
        assert web.probe(*arguments, **more) == (0, "")
        assert [one.is_active for one in webs] == [one is active for one in webs], (
            web.socket,
            arguments,
            more,
        )
    assert answers(second.socket.with_name(ACTIVE)) == 200


def test_a_server_is_activated_when_the_active_one_has_ended(
    webs: tuple[Web, Web], shared: Path, data: Path
) -> None:
    second, third = webs[1], Web(shared, "third", data)
    with third.running():
        assert third.probe() == (0, "")
        assert third.is_active
    assert second.probe() == (0, "")
    assert second.is_active


def test_the_socket_of_a_killed_server_is_ignored(webs: tuple[Web, Web], shared: Path) -> None:
    second, left = webs[1], shared / "killed.sock"
    with socket.socket(socket.AF_UNIX) as killed:
        killed.bind(str(left))
        killed.listen()
        activate(left)
        assert second.probe() == (0, "")
        assert not second.is_active
    assert left.is_socket()
    assert second.probe() == (0, "")
    assert second.is_active
    left.unlink()


def test_no_request_fails_while_servers_are_activated(webs: tuple[Web, Web]) -> None:
    first, second = webs
    link = first.socket.with_name(ACTIVE)
    activate(first.socket)

    def connect() -> list[int]:
        return [answers(link) for _ in range(200)]

    activations = 0
    with ThreadPoolExecutor(2) as pool:
        clients = [pool.submit(connect), pool.submit(connect)]
        while activations < 200 or not all(client.done() for client in clients):
            activate((second, first)[activations % 2].socket)
            activations += 1
    assert [client.result() for client in clients] == [[200] * 200] * 2
    assert sorted(path.name for path in link.parent.iterdir()) == [
        "first.sock",
        "second.sock",
        ACTIVE,
    ]


def test_a_server_without_its_database_is_not_activated(folder: Path) -> None:
    web = Web(folder, "first", folder / "nowhere" / "todomate.sqlite3")
    with web.running():
        for arguments in ((), ("--take-charge",)):
            status, message = web.probe(*arguments, TAKE_CHARGE_WHEN_READY="true")
            assert status == 1
            assert message.startswith('503 {"type":"urn:todomate:problem:busy"')
    assert not (folder / ACTIVE).is_symlink()


def test_the_error_about_a_missing_server_has_its_address(folder: Path, data: Path) -> None:
    web = Web(folder, "first", data)
    status, message = web.probe("--take-charge")
    assert status == 1
    assert message.startswith(f"no answer at unix:{web.socket}: ")
    assert not (folder / ACTIVE).is_symlink()


def test_the_older_of_two_servers(folder: Path) -> None:
    paths = [folder / name for name in ("later.sock", "earlier.sock")]
    with socket.socket(socket.AF_UNIX) as one, socket.socket(socket.AF_UNIX) as other:
        for line, path, at in zip((one, other), paths, (2_000_000_001, 2_000_000_000), strict=True):
            line.bind(str(path))
            os.utime(path, ns=(at, at))
        later, earlier = paths
        link = folder / ACTIVE
        assert is_older(link, later), "there is no active server"
        for own, older in ((earlier, True), (later, False)):
            activate(own)
            assert is_older(link, later) is older
            assert not is_older(link, earlier)


@pytest.mark.parametrize(
    ("address", "host", "port"),
    [
        ("0.0.0.0:8000", "127.0.0.1", 8000),
        ("[::]:8000", "::1", 8000),
        ("127.0.0.1:80", "127.0.0.1", 80),
        ("[::1]:65535", "::1", 65535),
        ("[fe80::1]:8000", "fe80::1", 8000),
        ("todo.example.org:8000", "todo.example.org", 8000),
        ("https://nginx:8443", "nginx", 8443),
    ],
)
def test_the_address_to_connect_to(address: str, host: str, port: int) -> None:
    connection = open_connection(address)
    assert (connection.host, connection.port) == (host, port)
    assert socket_path(address) is None


@pytest.mark.parametrize(
    ("allowed", "name"),
    [
        ("", HOST),
        ("a.example,b.example", "a.example"),
        (".example.org", "example.org"),
        ("*", "localhost"),
    ],
)
def test_the_host_header_is_allowed(
    monkeypatch: pytest.MonkeyPatch, allowed: str, name: str
) -> None:
    monkeypatch.setenv("DOMAIN", HOST)
    monkeypatch.setenv("ALLOWED_HOSTS", allowed)
    assert allowed_host() == name
