"""What the doctor says where no database can be reached, before any driver is asked."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.db import connection

from tests.doctor.base import GOOD, IN_URL, Said, doctor
from tests.doctor.certificates import Authority
from tests.doctor.listeners import listening, nobody_accepts

pytestmark = pytest.mark.skipif(
    connection.vendor != "sqlite",
    reason="no server of a database has a part in it; tested along with SQLite",
)
# As a server of MySQL begins: the protocol, its version, a number, random bytes, its flags. This one has no TLS.
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
    """As the first one that a server sends."""
    return len(content).to_bytes(3, "little") + b"\0" + content


def told(address: str, **more: str) -> Said:
    """Of a production server whose database is at host:port."""
    return doctor(**GOOD | {"DATABASE_URL": f"mysql://me:{IN_URL}@{address}/todomate"} | more)


def only(said: Said, code: str) -> str:
    assert said.besides("mail-not-set-up") == {code: "error"}
    return said.text[code]


def test_a_host_that_is_unknown(tmp_path: Path) -> None:
    text = only(told("db.example.invalid:3306", TODOMATE_ENV="local"), "database-host-unknown")
    assert "There is no host db.example.invalid." in text
    assert "for RDS copy the endpoint" in text


def test_a_container_that_is_not_there() -> None:
    text = only(told("no-such-container"), "database-host-unknown")
    assert "Start the container of that name" in text
    assert "`./deploy.sh compose up --detach no-such-container`" in text


def test_a_port_where_nothing_listens() -> None:
    text = only(told("127.0.0.1:1"), "database-refused")
    assert "nothing listens on port 1." in text
    assert "RDS: its status must be Available" in text
    assert "In a container this address is the container itself" in text


def test_a_port_that_does_not_answer() -> None:
    with nobody_accepts() as port:
        text = only(told(f"127.0.0.1:{port}"), "database-silent")
    assert f"does not answer at 127.0.0.1:{port}: timed out." in text
    assert f"the security group of the database must let port {port} in" in text


@pytest.mark.parametrize("answer", [b"", b"HTTP/1.1 400 Bad Request\r\n\r\n", b"\x05\0\0\0hello"])
def test_something_else_answers(answer: bytes) -> None:
    with listening(lambda line: line.sendall(answer)) as port:
        text = only(told(f"127.0.0.1:{port}"), "database-not-mysql")
    assert f"What answers at 127.0.0.1:{port} is no MySQL server." in text


def test_a_driver_that_is_not_installed(tmp_path: Path) -> None:
    (tmp_path / "MySQLdb.py").write_text(
        "raise ModuleNotFoundError('as where it is not installed')"
    )
    with listening(lambda line: line.sendall(packet(GREETING))) as port:
        text = only(told(f"127.0.0.1:{port}", PYTHONPATH=str(tmp_path)), "database-driver")
    assert "requirements-mysql.txt" in text


def test_a_server_that_cannot_do_the_tls_it_offers(tmp_path: Path) -> None:
    offering = GREETING.replace(b"\x00\x82\xff", b"\x00\x8a\xff")
    with listening(lambda line: line.sendall(packet(offering))) as port:
        said = told(f"127.0.0.1:{port}", MYSQL_CA=str(Authority(tmp_path, "ours").ca))
    assert f"No encrypted connection to 127.0.0.1:{port}: " in only(said, "tls-failed")


def test_a_way_to_another_machine_that_nobody_checks() -> None:
    said = told("10.255.255.1.invalid")
    assert said.besides("mail-not-set-up", "database-host-unknown") == {
        "database-unverified": "error"
    }
    assert "Set MYSQL_CA to the file" in said.text["database-unverified"]


def test_an_authority_that_is_no_file(tmp_path: Path) -> None:
    said = told("127.0.0.1:1", MYSQL_CA=str(tmp_path / "ca.pem"))
    assert said.besides("mail-not-set-up", "database-refused") == {"ca-unreadable": "error"}
    assert (
        f"MYSQL_CA names {tmp_path}/ca.pem, which cannot be read: No such file"
        in said.text["ca-unreadable"]
    )


def test_an_authority_without_a_certificate(tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_text("<html>404</html>")
    said = told("127.0.0.1:1", MYSQL_CA=str(tmp_path / "ca.pem"))
    assert said.besides("mail-not-set-up", "database-refused") == {
        "ca-without-certificate": "error"
    }


def test_a_file_of_sqlite_that_cannot_be_used(tmp_path: Path) -> None:
    (tmp_path / "text.sqlite3").write_text("no database, but text enough to be taken for one" * 100)
    for path, words in (
        ("missing/x.sqlite3", "unable to open"),
        ("text.sqlite3", "not a database"),
    ):
        said = doctor(**GOOD | {"DATABASE_URL": f"sqlite:///{tmp_path / path}"})
        expected = {"sqlite-in-production": "warning", "sqlite-unusable": "error"}
        assert said.besides("mail-not-set-up") == expected
        assert words in said.text["sqlite-unusable"]


def test_a_new_database_is_an_error_but_for_who_migrates_next(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/new.sqlite3"
    assert doctor(TODOMATE_ENV="local", DATABASE_URL=url).status == 1
    said = doctor("--before-deploy", TODOMATE_ENV="local", DATABASE_URL=url)
    assert (said.status, set(said.codes.values()), said.last) == (0, {"note"}, "1 note.")
