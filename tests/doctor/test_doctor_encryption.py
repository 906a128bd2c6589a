"""Test the findings about TLS, and other faults that need a private server."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Iterator

import pytest
from django.db import connection

from tests.doctor.base import PASSWORD, Report
from tests.doctor.servers import PrivateServers, private_servers
from tests.replicas.servers import NAME, SERVER_PROGRAM, wait_for

pytestmark = [
    pytest.mark.private_servers,
    pytest.mark.skipif(connection.vendor != "mysql", reason="needs MySQL or MariaDB"),
    pytest.mark.skipif(
        SERVER_PROGRAM is None, reason="no server program (mysqld, mariadbd) is installed"
    ),
]
NAMELESS = "127.1"  # 127.0.0.1 in a form that no certificate has


@pytest.fixture(scope="module")
def private() -> Iterator[PrivateServers]:
    with private_servers() as private:
        yield private


@pytest.fixture
def user(private: PrivateServers) -> Iterator[str]:
    """Create an account without privileges on the server itself, as in production."""
    private.safe.ask(f"CREATE USER 'web'@'127.0.0.1' IDENTIFIED BY '{PASSWORD}'", database="")
    private.safe.ask(f"GRANT ALL ON {NAME}.* TO 'web'@'127.0.0.1'", database="")
    yield "web"
    private.safe.ask("DROP USER 'web'@'127.0.0.1'", database="")


def only_finding(report: Report, code: str) -> str:
    assert report.codes_except("mail-not-set-up", "migrations-pending") == {code: "error"}
    return report.text[code]


class TestTls:
    def test_the_right_authority_and_name(self, private: PrivateServers) -> None:
        report = private.examine(private.safe, MYSQL_CA=str(private.ours.ca))
        assert report.codes_except("mail-not-set-up") == {"migrations-pending": "error"}

    def test_a_wrong_authority(self, private: PrivateServers) -> None:
        text = only_finding(
            private.examine(private.safe, MYSQL_CA=str(private.others.ca)), "tls-wrong-ca"
        )
        assert f"is not signed by an authority in {private.others.ca}" in text
        assert "Set MYSQL_CA to the file" in text

    def test_a_certificate_for_another_name(self, private: PrivateServers) -> None:
        with private.certified("db.example.org"):
            report = private.examine(private.safe, MYSQL_CA=str(private.ours.ca))
        text = only_finding(report, "tls-wrong-name")
        assert "has a trusted signature, but is not for the name 127.0.0.1." in text

    def test_a_name_that_the_certificate_does_not_have(self, private: PrivateServers) -> None:
        report = private.examine(private.safe, host=NAMELESS, MYSQL_CA=str(private.ours.ca))
        assert "for RDS it is the endpoint" in only_finding(report, "tls-wrong-name")

    def test_an_expired_certificate(self, private: PrivateServers) -> None:
        end = time.time() + 2  # MySQL does not load an expired certificate
        with private.certified("127.0.0.1", dt.timedelta(seconds=2)):
            wait_for(lambda: time.time() > end, "the certificate has expired")
            report = private.examine(private.safe, MYSQL_CA=str(private.ours.ca))
        assert "certificate has expired." in only_finding(report, "tls-out-of-date")

    def test_a_server_without_tls(self, private: PrivateServers) -> None:
        text = only_finding(
            private.examine(private.plain, MYSQL_CA=str(private.ours.ca)), "tls-missing"
        )
        assert "has no TLS, which MYSQL_CA requires" in text

    def test_a_driver_with_tls_on_a_server_without_it(self, private: PrivateServers) -> None:
        text = only_finding(
            private.examine(private.plain, name=f"{NAME}?ssl_mode=VERIFY_IDENTITY"), "tls-failed"
        )
        assert "SSL is required, but the server does not support it" in text

    def test_a_remote_server_without_verification(self, private: PrivateServers) -> None:
        report = private.examine(private.safe, host=NAMELESS)
        text = only_finding(report, "database-unverified")
        assert f"between this machine and {NAMELESS} can read and change everything" in text
        assert (
            private.examine(private.safe, host=NAMELESS, TODOMATE_ENV="local").codes_except(
                "migrations-pending"
            )
            == {}
        )

    def test_a_server_that_requires_tls(self, private: PrivateServers, user: str) -> None:
        with private.temporarily(
            private.safe, "SET GLOBAL require_secure_transport = {}", "ON", "OFF"
        ):
            report = private.examine(private.safe, user=user, password=PASSWORD)
        # MariaDB reports the same error as for a wrong password.
        text = only_finding(
            report, "database-password" if private.safe.is_mariadb else "tls-required"
        )
        assert "accepts encrypted connections only" in text
        assert "MYSQL_CA to the file of" in text


def test_an_old_server(private: PrivateServers) -> None:
    if not private.plain.is_mariadb:
        pytest.skip("MySQL cannot report another version")
    text = only_finding(private.examine(private.plain), "database-too-old")
    assert "The database is MariaDB 10.6, which Django does not support." in text
    assert "MariaDB 10.11 or newer" in text


@pytest.mark.parametrize(
    ("skew", "level", "words"),
    [(-10, "warning", "10 seconds behind"), (1000, "error", "1000 seconds ahead of"), (1, "", "")],
)
def test_a_difference_of_clocks(
    private: PrivateServers, user: str, skew: int, level: str, words: str
) -> None:
    there = f"'SET timestamp = {time.time() + skew:.0f}'"
    with private.temporarily(private.safe, "SET GLOBAL init_connect = {}", there, "''"):
        report = private.examine(private.safe, user=user, password=PASSWORD)
    assert report.codes_except("mail-not-set-up", "migrations-pending") == (
        {"clock-skew": level} if level else {}
    )
    numbers = {
        str(abs(skew) + late) for late in (-2, -1, 0, 1, 2)
    }  # the doctor needs time to start
    assert not level or any(
        words.replace(str(abs(skew)), number) in report.text["clock-skew"] for number in numbers
    )


def test_a_server_without_an_account_for_this_address(private: PrivateServers) -> None:
    accounts = private.safe.ask(
        "SELECT user AS user FROM mysql.user WHERE host = '127.0.0.1'", database=""
    )
    here = ", ".join(
        "'{user}'@'127.0.0.1' TO '{user}'@'10.0.0.1'".format(**one) for one in accounts
    )
    back = ", ".join(
        "'{user}'@'10.0.0.1' TO '{user}'@'127.0.0.1'".format(**one) for one in accounts
    )
    with private.temporarily(private.safe, "RENAME USER {}", here, back):
        report = private.examine(private.safe)
    text = only_finding(report, "database-foreign-host")
    assert "CREATE USER 'todomate'@'%'" in text


def test_a_server_without_a_connection_left(private: PrivateServers, user: str) -> None:
    with (
        private.temporarily(private.safe, "SET GLOBAL max_connections = {}", "10", "200"),
        private.no_connection_left(user, PASSWORD),
    ):
        report = private.examine(private.safe, user=user, password=PASSWORD)
    assert "The database has no connection left." in only_finding(report, "database-full")
