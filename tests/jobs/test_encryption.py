"""With MYSQL_CA a backup goes to a server of that authority and that name alone, and never in the clear."""

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
from operations.jobs.programs import Database, ask, dump
from tests.doctor.certificates import LONG
from tests.doctor.servers import Private, running
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
def servers() -> Iterator[Private]:
    with running() as private:
        yield private


@contextmanager
def relayed(port: int) -> Iterator[int]:
    """The port at which ELSEWHERE is the server behind `port`: newer clients do not ask this machine for its name."""

    class Relay(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            with socket.create_connection((HOST, port)) as server:
                ends = {self.request: server, server: self.request}
                while all(pass_on(end, ends[end]) for end in select.select(ends, [], [])[0]):
                    pass

    with socketserver.ThreadingTCPServer((ELSEWHERE, 0), Relay) as relay:
        threading.Thread(target=relay.serve_forever).start()
        try:
            yield relay.server_address[1]
        finally:
            relay.shutdown()


def pass_on(one: socket.socket, other: socket.socket) -> bool:
    """What has come from one to the other. False at the end of either."""
    with suppress(OSError):
        data = one.recv(65536)
        other.sendall(data)
        return bool(data)
    return False


def at(server: Server, ca: Path) -> Database:
    return Database(
        name=NAME, host=HOST, port=server.port, user="todomate", password="", ca=str(ca)
    )


def cipher(database: Database) -> str:
    [[_name, value]] = ask(database, "SHOW STATUS LIKE 'Ssl_cipher'")
    return value


def test_the_right_authority_and_the_right_name_connect_encrypted(servers: Private) -> None:
    database = at(servers.safe, servers.ours.ca)
    assert cipher(database)
    servers.safe.ask("CREATE TABLE IF NOT EXISTS some (id INT PRIMARY KEY)")
    assert any(line.startswith(b"CREATE TABLE `some`") for line in dump(database))


def test_another_authority_is_refused(servers: Private) -> None:
    with pytest.raises(BackupError, match=r"certificate|SSL"):
        cipher(at(servers.safe, servers.others.ca))
    with pytest.raises(BackupError, match=r"certificate|SSL"):
        list(dump(at(servers.safe, servers.others.ca)))


def test_another_name_is_refused(servers: Private) -> None:
    with relayed(servers.safe.port) as port, servers.certified(ELSEWHERE):
        assert cipher(replace(at(servers.safe, servers.ours.ca), host=ELSEWHERE, port=port))
        servers.certify("db.example.com", LONG)
        with pytest.raises(BackupError, match=r"certificate|SSL"):
            cipher(replace(at(servers.safe, servers.ours.ca), host=ELSEWHERE, port=port))


def test_a_server_without_encryption_is_refused(servers: Private) -> None:
    with pytest.raises(BackupError, match="SSL"):
        cipher(at(servers.plain, servers.ours.ca))
