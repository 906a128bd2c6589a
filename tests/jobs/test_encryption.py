"""Test that MYSQL_CA encrypts backups and verifies the authority and the name."""

from __future__ import annotations

import select
import socket
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

import pytest

from operations.jobs.errors import BackupError
from operations.jobs.programs import Database, dump, query
from tests.doctor.certificates import LONG
from tests.doctor.servers import PrivateServers, private_servers
from tests.jobs.base import needs_mysql
from tests.replicas.servers import NAME, SERVER_PROGRAM, Server

pytestmark = [
    *needs_mysql,
    pytest.mark.private_servers,
    pytest.mark.skipif(
        SERVER_PROGRAM is None, reason="no server program (mysqld, mariadbd) is installed"
    ),
]
HOST, ELSEWHERE = "127.0.0.1", "127.0.0.2"


@pytest.fixture(scope="module")
def servers() -> Iterator[PrivateServers]:
    with private_servers() as private:
        yield private


@contextmanager
def relay_to(port: int) -> Iterator[int]:
    """Relay a port of ELSEWHERE to `port`; the value is its number.

    Newer clients do not verify the name of 127.0.0.1.
    """

    class Relay(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            with socket.create_connection((HOST, port)) as server:
                ends = {self.request: server, server: self.request}
                while all(forward(end, ends[end]) for end in select.select(ends, [], [])[0]):
                    pass

    with socketserver.ThreadingTCPServer((ELSEWHERE, 0), Relay) as relay:
        threading.Thread(target=relay.serve_forever).start()
        try:
            yield relay.server_address[1]
        finally:
            relay.shutdown()


def forward(source: socket.socket, target: socket.socket) -> bool:
    """Forward the received bytes; return False if a connection has ended."""
    with suppress(OSError):
        data = source.recv(65536)
        target.sendall(data)
        return bool(data)
    return False


def at(server: Server, ca: Path) -> Database:
    return Database(
        name=NAME, host=HOST, port=server.port, user="todomate", password="", ca=str(ca)
    )


def cipher(database: Database) -> str:
    [[_name, value]] = query(database, "SHOW STATUS LIKE 'Ssl_cipher'")
    return value


def test_the_right_authority_and_the_right_name_connect_encrypted(servers: PrivateServers) -> None:
    database = at(servers.safe, servers.ours.ca)
    assert cipher(database)
    servers.safe.ask("CREATE TABLE IF NOT EXISTS some (id INT PRIMARY KEY)")
    assert any(line.startswith(b"CREATE TABLE `some`") for line in dump(database))


def test_another_authority_is_refused(servers: PrivateServers) -> None:
    with pytest.raises(BackupError, match=r"certificate|SSL"):
        cipher(at(servers.safe, servers.others.ca))
    with pytest.raises(BackupError, match=r"certificate|SSL"):
        list(dump(at(servers.safe, servers.others.ca)))


def test_another_name_is_refused(servers: PrivateServers) -> None:
    with relay_to(servers.safe.port) as port, servers.certified(ELSEWHERE):
        assert cipher(replace(at(servers.safe, servers.ours.ca), host=ELSEWHERE, port=port))
        servers.certify("db.example.com", LONG)
        with pytest.raises(BackupError, match=r"certificate|SSL"):
            cipher(replace(at(servers.safe, servers.ours.ca), host=ELSEWHERE, port=port))


def test_a_server_without_encryption_is_refused(servers: PrivateServers) -> None:
    with pytest.raises(BackupError, match="SSL"):
        cipher(at(servers.plain, servers.ours.ca))
