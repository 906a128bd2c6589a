"""Test the findings about a database that cannot be reached, without a driver."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.db import connection

from tests.doctor.base import QUOTED_PASSWORD, VALID_ENV, Report, doctor
from tests.doctor.certificates import Authority
from tests.doctor.listeners import full_queue, listening

pytestmark = pytest.mark.skipif(
    connection.vendor != "sqlite",
    reason="independent of the database; runs with the suite on SQLite",
)
# The greeting of a MySQL server without TLS: protocol, version, id, random bytes, flags.
GREETING = (
    b"\x0a8.4.3\0"
    + b"\x01\0\0\0"
    + b"12345678\0"
    + b"\x00\x82"
    + b"\xff\x02\0\0\0\x15"
    + bytes(10)
    + b"123456789012\0"
)


def packet(content: bytes) -> bytes:
    """Return the content as the first packet of a connection."""
    return len(content).to_bytes(3, "little") + b"\0" + content


def examine(address: str, **more: str) -> Report:
    """Run the doctor of a production server whose database is at this HOST:PORT."""
    return doctor(
        **VALID_ENV | {"DATABASE_URL": f"mysql://me:{QUOTED_PASSWORD}@{address}/todomate"} | more
    )


def only_finding(report: Report, code: str) -> str:
    assert report.codes_except("mail-not-set-up") == {code: "error"}
    return report.text[code]


def test_an_unknown_host(tmp_path: Path) -> None:
    text = only_finding(
        examine("db.example.invalid:3306", TODOMATE_ENV="local"), "database-host-unknown"
    )
    assert "There is no host db.example.invalid." in text
    assert "for RDS copy the endpoint" in text


def test_a_missing_container() -> None:
    text = only_finding(examine("no-such-container"), "database-host-unknown")
    assert "Start the container of that name" in text
    assert "`./deploy.sh compose up --detach no-such-container`" in text


def test_a_port_without_a_listener() -> None:
    text = only_finding(examine("127.0.0.1:1"), "database-refused")
    assert "nothing listens on port 1." in text
    assert "RDS: its status must be Available" in text
    assert "In a container this address is the container itself" in text


def test_a_port_that_does_not_answer() -> None:
    with full_queue() as port:
        text = only_finding(examine(f"127.0.0.1:{port}"), "database-silent")
    assert f"does not answer at 127.0.0.1:{port}: timed out." in text
    assert f"the security group of the database must allow port {port}" in text


@pytest.mark.parametrize("answer", [b"", b"HTTP/1.1 400 Bad Request\r\n\r\n", b"\x05\0\0\0hello"])
def test_a_server_of_another_protocol(answer: bytes) -> None:
    with listening(lambda line: line.sendall(answer)) as port:
        text = only_finding(examine(f"127.0.0.1:{port}"), "database-not-mysql")
    assert f"The server at 127.0.0.1:{port} is not a MySQL server." in text


def test_a_missing_driver(tmp_path: Path) -> None:
    (tmp_path / "MySQLdb.py").write_text("raise ModuleNotFoundError('not installed')")
    with listening(lambda line: line.sendall(packet(GREETING))) as port:
        text = only_finding(
            examine(f"127.0.0.1:{port}", PYTHONPATH=str(tmp_path)), "database-driver"
        )
    assert "requirements-mysql.txt" in text


def test_a_server_that_offers_tls_and_fails(tmp_path: Path) -> None:
    offering = GREETING.replace(b"\x00\x82\xff", b"\x00\x8a\xff")
    with listening(lambda line: line.sendall(packet(offering))) as port:
        report = examine(f"127.0.0.1:{port}", MYSQL_CA=str(Authority(tmp_path, "ours").ca))
    assert f"No encrypted connection to 127.0.0.1:{port}: " in only_finding(report, "tls-failed")


def test_a_remote_server_without_verification() -> None:
    report = examine("10.255.255.1.invalid")
    assert report.codes_except("mail-not-set-up", "database-host-unknown") == {
        "database-unverified": "error"
    }
    assert "Set MYSQL_CA to the file" in report.text["database-unverified"]


def test_a_missing_authority_file(tmp_path: Path) -> None:
    report = examine("127.0.0.1:1", MYSQL_CA=str(tmp_path / "ca.pem"))
    assert report.codes_except("mail-not-set-up", "database-refused") == {"ca-unreadable": "error"}
    assert (
        f"MYSQL_CA is the file {tmp_path}/ca.pem, which cannot be read: No such file"
        in report.text["ca-unreadable"]
    )


def test_an_authority_file_without_a_certificate(tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_text("<html>404</html>")
    report = examine("127.0.0.1:1", MYSQL_CA=str(tmp_path / "ca.pem"))
    assert report.codes_except("mail-not-set-up", "database-refused") == {
        "ca-without-certificate": "error"
    }


def test_an_unusable_sqlite_file(tmp_path: Path) -> None:
    (tmp_path / "text.sqlite3").write_text("a text that is longer than the header of SQLite" * 100)
    for path, words in (
        ("missing/x.sqlite3", "unable to open"),
        ("text.sqlite3", "not a database"),
    ):
        report = doctor(**VALID_ENV | {"DATABASE_URL": f"sqlite:///{tmp_path / path}"})
        expected = {"sqlite-in-production": "warning", "sqlite-unusable": "error"}
        assert report.codes_except("mail-not-set-up") == expected
        assert words in report.text["sqlite-unusable"]


def test_a_new_database_is_only_a_note_before_a_deploy(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/new.sqlite3"
    assert doctor(TODOMATE_ENV="local", DATABASE_URL=url).status == 1
    report = doctor("--before-deploy", TODOMATE_ENV="local", DATABASE_URL=url)
    assert (report.status, set(report.codes.values()), report.last) == (0, {"note"}, "1 note.")
