"""Test the findings about Redis and the mail server, with real servers that have the fault."""

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

from tests.doctor.base import EXPECTED, PASSWORD, QUOTED_PASSWORD, VALID_ENV, Report, doctor
from tests.doctor.certificates import Authority
from tests.doctor.listeners import Mail, listening
from tests.server import free_port

pytestmark = pytest.mark.skipif(
    connection.vendor != "sqlite",
    reason="independent of the database; runs with the suite on SQLite",
)
REDIS = shutil.which(
    "redis-server", path=os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin"])
)


@contextmanager
def running_redis(folder: Path) -> Iterator[int]:
    """Run a Redis with a password; the value is its port."""
    port = free_port()
    command = [
        str(REDIS),
        "--port",
        str(port),
        "--bind",
        "127.0.0.1",
        "--requirepass",
        PASSWORD,
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
        server.send_signal(signal.SIGKILL)  # without a clean shutdown: it has no data
        server.communicate(timeout=30)


@pytest.mark.skipif(not REDIS, reason="redis-server is not installed")
def test_redis_with_the_right_and_wrong_passwords(tmp_path: Path) -> None:
    with running_redis(tmp_path) as port:
        assert (
            doctor(
                **VALID_ENV | {"REDIS_URL": f"redis://:{QUOTED_PASSWORD}@127.0.0.1:{port}/0"}
            ).codes_except(*EXPECTED)
            == {}
        )
        for password in (":wrong@", ""):
            report = doctor(**VALID_ENV | {"REDIS_URL": f"redis://{password}127.0.0.1:{port}/0"})
            assert report.codes_except(*EXPECTED) == {"redis-password": "warning"}
            assert (
                f"Redis at 127.0.0.1:{port} refuses the password" in report.text["redis-password"]
            )
        report = doctor(
            **VALID_ENV | {"REDIS_URL": f"redis://:{QUOTED_PASSWORD}@127.0.0.1:{port}/99"}
        )
    assert report.codes_except(*EXPECTED) == {"redis-refused": "warning"}


def test_an_unreachable_redis() -> None:
    report = doctor(**VALID_ENV | {"REDIS_URL": "redis://redis.invalid:7000/0"})
    assert report.codes_except(*EXPECTED) == {"redis-unreachable": "warning"}
    assert "Redis does not answer at redis.invalid:7000" in report.text["redis-unreachable"]
    assert "`./deploy.sh compose up --detach redis`" in report.text["redis-unreachable"]


def test_a_redis_with_an_unknown_authority(tmp_path: Path) -> None:
    with listening(Mail(PASSWORD, Authority(tmp_path, "ours").issue("127.0.0.1"))) as port:
        report = doctor(**VALID_ENV | {"REDIS_URL": f"rediss://127.0.0.1:{port}/0"})
    assert report.codes_except(*EXPECTED) == {"redis-tls": "warning"}
    assert f"to Redis at 127.0.0.1:{port}: unable to get local issuer" in report.text["redis-tls"]


def run_with_mail(url: str, **more: str) -> Report:
    return doctor(**VALID_ENV | {"MAIL_URL": url} | more)


def test_mail_is_not_set_up() -> None:
    report = doctor(**VALID_ENV)
    assert report.codes["mail-not-set-up"] == "warning"
    assert "MAIL_URL=smtp://user:password@host:587" in report.text["mail-not-set-up"]


def test_mail_is_not_set_up_although_a_sign_up_needs_it() -> None:
    for mail in ({}, {"MAIL_URL": "console://"}):
        report = doctor(**VALID_ENV | {"EMAIL_VERIFICATION": "required"} | mail)
        assert report.codes["mail-not-set-up"] == "error"
        assert "nobody can sign up" in report.text["mail-not-set-up"]
    report = doctor(**VALID_ENV | {"EMAIL_VERIFICATION": "optional"})
    assert report.codes["mail-not-set-up"] == "warning"


def test_mail_without_a_sender_address() -> None:
    with listening(Mail(PASSWORD)) as port:
        report = run_with_mail(f"smtp://127.0.0.1:{port}", MAIL_FROM="")
    assert report.codes_except(*EXPECTED) == {"mail-from-localhost": "warning"}


def test_an_unreachable_mail_server() -> None:
    report = run_with_mail(f"smtp://me:{QUOTED_PASSWORD}@127.0.0.1:1")
    assert report.codes_except("database-refused") == {"mail-unreachable": "warning"}
    assert (
        "The mail server 127.0.0.1:1 does not answer: Connection refused."
        in report.text["mail-unreachable"]
    )


def test_a_mail_server_with_an_invalid_name() -> None:
    report = run_with_mail("smtp://a..b:25")
    assert report.codes_except("database-refused") == {"mail-host": "warning"}
    assert "Correct the host in MAIL_URL." in report.text["mail-host"]


def test_a_mail_server_that_refuses_the_password(tmp_path: Path) -> None:
    authority = Authority(tmp_path, "ours")
    with listening(Mail(PASSWORD, authority.issue("127.0.0.1"))) as port:
        here = f"127.0.0.1:{port}"
        right = run_with_mail(
            f"smtps://me:{QUOTED_PASSWORD}@{here}", SSL_CERT_FILE=str(authority.ca)
        )
        wrong = run_with_mail(
            f"smtps://me:{QUOTED_PASSWORD}0@{here}", SSL_CERT_FILE=str(authority.ca)
        )
        unknown = run_with_mail(f"smtps://me:{QUOTED_PASSWORD}@{here}")
    assert right.codes_except("database-refused") == {}
    assert wrong.codes_except("database-refused") == {"mail-password": "warning"}
    assert (
        f"The mail server {here} refuses the user and password of MAIL_URL."
        in wrong.text["mail-password"]
    )
    assert unknown.codes_except("database-refused") == {"mail-tls": "warning"}
    assert "unable to get local issuer certificate" in unknown.text["mail-tls"]


def test_a_mail_server_without_encryption_is_not_sent_the_password() -> None:
    with listening(Mail(PASSWORD)) as port:
        report = run_with_mail(f"smtp://me:{QUOTED_PASSWORD}@127.0.0.1:{port}")
    assert report.codes_except("database-refused") == {"mail-tls": "warning"}
    assert "STARTTLS" in report.text["mail-tls"]


@pytest.mark.parametrize(
    ("greeting", "words"),
    [(b"", "does not speak SMTP"), (b"554 go away\r\n", "refuses this server ((554, b'go away'))")],
    ids=["another protocol", "refused"],
)
def test_a_mail_server_that_disconnects(greeting: bytes, words: str) -> None:
    with listening(lambda line: line.sendall(greeting)) as port:
        report = run_with_mail(f"smtp://127.0.0.1:{port}")
    assert report.codes_except("database-refused") == {"mail-refused": "warning"}
    assert words in report.text["mail-refused"]
