"""What the doctor says of Redis and of the mail server, each a real one with that fault."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.db import connection

from tests.doctor.base import EXPECTED, GOOD, IN_URL, WORD, Said, doctor
from tests.doctor.certificates import Authority
from tests.doctor.listeners import Mail, listening
from tests.server import free_port

pytestmark = pytest.mark.skipif(
    connection.vendor != "sqlite",
    reason="no server of a database has a part in it; tested along with SQLite",
)
REDIS = shutil.which(
    "redis-server", path=os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin"])
)


@contextmanager
def running_redis(folder: Path) -> Iterator[int]:
    """The port of a Redis that asks for a password."""
    port = free_port()
    command = [
        str(REDIS),
        "--port",
        str(port),
        "--bind",
        "127.0.0.1",
        "--requirepass",
        WORD,
        "--save",
        "",
    ]
    server = subprocess.Popen([*command, "--dir", str(folder)], stdout=subprocess.PIPE, text=True)
    assert server.stdout
    try:
        assert any("eady to accept connections" in line for line in server.stdout), (
            "it did not start"
        )
        yield port
    finally:
        server.send_signal(signal.SIGKILL)  # at once: it holds nothing
        server.communicate(timeout=30)


@pytest.mark.skipif(not REDIS, reason="redis-server is not installed")
def test_redis_with_its_password_and_with_wrong_ones(tmp_path: Path) -> None:
    with running_redis(tmp_path) as port:
        assert (
            doctor(**GOOD | {"REDIS_URL": f"redis://:{IN_URL}@127.0.0.1:{port}/0"}).besides(
                *EXPECTED
            )
            == {}
        )
        for password in (":wrong@", ""):
            said = doctor(**GOOD | {"REDIS_URL": f"redis://{password}127.0.0.1:{port}/0"})
            assert said.besides(*EXPECTED) == {"redis-password": "warning"}
            assert f"Redis at 127.0.0.1:{port} refuses the password" in said.text["redis-password"]
        said = doctor(**GOOD | {"REDIS_URL": f"redis://:{IN_URL}@127.0.0.1:{port}/99"})
    assert said.besides(*EXPECTED) == {"redis-refused": "warning"}


def test_a_redis_that_is_gone() -> None:
    said = doctor(**GOOD | {"REDIS_URL": "redis://redis.invalid:7000/0"})
    assert said.besides(*EXPECTED) == {"redis-unreachable": "warning"}
    assert "Redis does not answer at redis.invalid:7000" in said.text["redis-unreachable"]
    assert "`./deploy.sh compose up --detach redis`" in said.text["redis-unreachable"]


def test_a_redis_whose_certificate_nobody_knows(tmp_path: Path) -> None:
    with listening(Mail(WORD, Authority(tmp_path, "ours").issue("127.0.0.1"))) as port:
        said = doctor(**GOOD | {"REDIS_URL": f"rediss://127.0.0.1:{port}/0"})
    assert said.besides(*EXPECTED) == {"redis-tls": "warning"}
    assert f"to Redis at 127.0.0.1:{port}: unable to get local issuer" in said.text["redis-tls"]


def with_mail(url: str, **more: str) -> Said:
    return doctor(**GOOD | {"MAIL_URL": url} | more)


def test_mail_that_is_not_set_up() -> None:
    said = doctor(**GOOD)
    assert said.codes["mail-not-set-up"] == "warning"
    assert "MAIL_URL=smtp://user:password@host:587" in said.text["mail-not-set-up"]


def test_mail_without_a_sender() -> None:
    with listening(Mail(WORD)) as port:
        said = with_mail(f"smtp://127.0.0.1:{port}", MAIL_FROM="")
    assert said.besides(*EXPECTED) == {"mail-from-localhost": "warning"}


def test_a_mail_server_that_is_gone() -> None:
    said = with_mail(f"smtp://me:{IN_URL}@127.0.0.1:1")
    assert said.besides("database-refused") == {"mail-unreachable": "warning"}
    assert (
        "The mail server 127.0.0.1:1 does not answer: Connection refused."
        in said.text["mail-unreachable"]
    )


def test_a_mail_server_whose_name_no_host_can_have() -> None:
    said = with_mail("smtp://a..b:25")
    assert said.besides("database-refused") == {"mail-host": "warning"}
    assert "Correct the host in MAIL_URL." in said.text["mail-host"]


def test_a_mail_server_that_refuses_the_sign_in(tmp_path: Path) -> None:
    authority = Authority(tmp_path, "ours")
    with listening(Mail(WORD, authority.issue("127.0.0.1"))) as port:
        here = f"127.0.0.1:{port}"
        right = with_mail(f"smtps://me:{IN_URL}@{here}", SSL_CERT_FILE=str(authority.ca))
        wrong = with_mail(f"smtps://me:{IN_URL}0@{here}", SSL_CERT_FILE=str(authority.ca))
        unknown = with_mail(f"smtps://me:{IN_URL}@{here}")
    assert right.besides("database-refused") == {}
    assert wrong.besides("database-refused") == {"mail-password": "warning"}
    assert f"The mail server {here} refuses the sign-in of MAIL_URL." in wrong.text["mail-password"]
    assert unknown.besides("database-refused") == {"mail-tls": "warning"}
    assert "unable to get local issuer certificate" in unknown.text["mail-tls"]


def test_a_mail_server_without_encryption_gets_no_password() -> None:
    with listening(Mail(WORD)) as port:
        said = with_mail(f"smtp://me:{IN_URL}@127.0.0.1:{port}")
    assert said.besides("database-refused") == {"mail-tls": "warning"}
    assert "STARTTLS" in said.text["mail-tls"]


@pytest.mark.parametrize(
    ("greeting", "words"),
    [(b"", "does not speak SMTP"), (b"554 go away\r\n", "refuses this one ((554, b'go away'))")],
    ids=["another protocol", "refused"],
)
def test_a_mail_server_that_hangs_up(greeting: bytes, words: str) -> None:
    with listening(lambda line: line.sendall(greeting)) as port:
        said = with_mail(f"smtp://127.0.0.1:{port}")
    assert said.besides("database-refused") == {"mail-refused": "warning"}
    assert words in said.text["mail-refused"]
