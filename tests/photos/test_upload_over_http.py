"""Uploads to a real server: it takes them whole, in files, and refuses what is too long."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from tests.base import PASSWORD, new_id
from tests.photos.pictures import jpeg, random_bytes
from tests.server import running_server

MAX_BYTES = 10 << 20


class Server:
    """A running server with a person who is signed in."""

    def __init__(self, address: str, folder: Path) -> None:
        self.address, self.folder = address, folder
        body = {"email": "alice@example.com", "password": PASSWORD, "nickname": "Alice"}
        tokens = httpx.post(f"{address}/api/v1/auth/signup/", json=body, timeout=30).json()
        headers = {"Authorization": f"Bearer {tokens['access']}", "Content-Type": "image/jpeg"}
        self.http = httpx.Client(base_url=f"{address}/api/v1/", headers=headers, timeout=60)

    def files(self) -> int:
        return sum(path.is_file() for path in self.folder.rglob("*"))

    def raw(self, length: int) -> socket.socket:
        """Return a connection on which the head of an upload of this length was sent."""
        parts = urlsplit(self.address)
        connection = socket.create_connection((str(parts.hostname), int(parts.port or 0)), 60)
        head = (
            f"PUT /api/v1/photos/{new_id()}/ HTTP/1.1\r\nHost: {parts.netloc}\r\n"
            f"Authorization: {self.http.headers['Authorization']}\r\n"
            f"Content-Type: image/jpeg\r\nContent-Length: {length}\r\n\r\n"
        )
        connection.sendall(head.encode())
        return connection


@pytest.fixture(scope="module")
def server(
    tmp_path_factory: Any, django_db_setup: None, django_db_blocker: Any
) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("server")
    photos = folder / "photos"
    with (
        django_db_blocker.unblock(),
        running_server(folder, PHOTO_URL=photos.as_uri()) as address,
    ):
        server = Server(address, photos)
        with server.http:
            yield server


def test_an_upload_of_ten_megabytes_is_taken_and_a_longer_one_refused(server: Server) -> None:
    picture = jpeg(1200, 900)
    whole = picture + random_bytes(MAX_BYTES - len(picture))  # as a motion photo has its film
    pk = new_id()
    first = server.http.put(f"photos/{pk}/", content=whole)
    assert first.status_code == 201, first.text
    assert (first.json()["width"], server.files()) == (1200, 2)
    again = server.http.put(f"photos/{pk}/", content=whole)
    assert (again.status_code, again.content) == (200, first.content)
    longer = server.http.put(f"photos/{new_id()}/", content=whole + b"x")
    assert (longer.status_code, longer.json()["code"]) == (413, "payload_too_large")
    # Nowhere else is a body so long.
    other = server.http.patch("me/", content=whole)
    assert (other.status_code, other.json()["code"]) == (413, "payload_too_large")


def test_a_slow_upload_and_one_that_is_cut_hold_nobody_up(server: Server) -> None:
    picture = jpeg(400, 300)
    before = server.files()
    with server.raw(len(picture) + 100_000) as cut, server.raw(len(picture)) as slow:
        cut.sendall(picture)
        for at in range(0, len(picture), 4_000):
            slow.sendall(picture[at : at + 4_000])
            started = time.monotonic()
            assert server.http.get("me/").status_code == 200
            assert time.monotonic() - started < 5
        assert slow.recv(100).startswith(b"HTTP/1.1 201")
    assert server.files() == before + 2


def test_an_upload_in_chunks_may_be_as_long_as_other_bodies(server: Server) -> None:
    short = server.http.put(f"photos/{new_id()}/", content=iter([jpeg()]))
    assert short.status_code == 201
    longer = server.http.put(f"photos/{new_id()}/", content=iter([jpeg(), bytes(2 << 20)]))
    assert longer.status_code == 413
    assert server.http.get("me/").status_code == 200


def statuses_of(server: Server, number: int, length: int) -> tuple[list[list[int]], list[str]]:
    """Upload photos of this length at once, each until it is taken. Return all answers."""
    picture = jpeg(600, 400)
    picture += bytes(length - len(picture))
    barrier = threading.Barrier(number)
    wrong: list[str] = []

    def send(_: int) -> list[int]:
        pk, found = new_id(), []
        barrier.wait()
        for _try in range(60):
            try:
                answer = server.http.put(f"photos/{pk}/", content=picture)
            except httpx.TransportError as error:
                wrong.append(repr(error))
                continue
            found.append(answer.status_code)
            if answer.status_code != 503:
                break
            if answer.json()["code"] != "busy" or "Retry-After" not in answer.headers:
                wrong.append(answer.text)
            time.sleep(0.2)
        return found

    with ThreadPoolExecutor(number) as pool:
        return list(pool.map(send, range(number))), wrong


@pytest.mark.parametrize(("number", "length"), [(10, 3_000_000), (12, 7_400_000)])
def test_all_photos_of_one_person_at_once_are_answered_and_arrive(
    server: Server, number: int, length: int
) -> None:
    before = server.files()
    found, wrong = statuses_of(server, number, length)
    assert wrong == []
    assert [statuses[-1] for statuses in found] == [201] * number, found
    assert server.files() == before + 2 * number
    log = (server.folder.parent / "server.log").read_text()
    assert "was answered with 503" not in log
    assert "An upload was" not in log


def test_uploads_that_fill_all_files_and_stop_are_answered(server: Server) -> None:
    """Those that stop make room for others in the end. Two workers have 20 MiB each."""
    length = MAX_BYTES
    with ExitStack() as stack:
        stuck = [stack.enter_context(server.raw(length)) for _ in range(8)]
        for connection in stuck:
            connection.settimeout(0.2)
            with suppress(TimeoutError):
                connection.sendall(bytes(length - 1))
        # Meanwhile other requests are served, and in the end an upload finds room.
        assert server.http.get("me/").status_code == 200
        found, wrong = statuses_of(server, 1, 3_000_000)
        assert (wrong, found[0][-1]) == ([], 201)
        answered = 0
        for connection in stuck:
            with suppress(TimeoutError):
                answered += connection.recv(100).startswith(b"HTTP/1.1 503 ")
        assert answered


def test_many_uploads_at_once_are_all_answered(server: Server) -> None:
    picture = jpeg(600, 400) + bytes(300_000)

    def send(number: int) -> int:
        pk = new_id()
        for _ in range(20):
            status = server.http.put(f"photos/{pk}/", content=picture).status_code
            if status != 503:
                return status
            time.sleep(0.1)
        return 503

    with ThreadPoolExecutor(6) as pool:
        assert list(pool.map(send, range(6))) == [201] * 6
