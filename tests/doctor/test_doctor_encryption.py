"""What the doctor says of TLS, and of what can be made wrong on a private server only."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Iterator

import pytest
from django.db import connection

from tests.doctor.base import WORD, Said
from tests.doctor.servers import Private, running
from tests.replicas.servers import NAME, SERVER_PROGRAM, wait_for

pytestmark = [
    pytest.mark.private_servers,
    pytest.mark.skipif(
        connection.vendor == "sqlite", reason="the faults are those of MySQL and MariaDB"
    ),
    pytest.mark.skipif(
        SERVER_PROGRAM is None, reason="no server program (mysqld, mariadbd) is installed"
    ),
]
NAMELESS = "127.1"  # the same address, but no name of a container and none that a certificate bears


@pytest.fixture(scope="module")
def private() -> Iterator[Private]:
    with running() as private:
        yield private


@pytest.fixture
def user(private: Private) -> Iterator[str]:
    """An account as a server has: without rights over the server itself."""
    private.safe.ask(f"CREATE USER 'web'@'127.0.0.1' IDENTIFIED BY '{WORD}'", database="")
    private.safe.ask(f"GRANT ALL ON {NAME}.* TO 'web'@'127.0.0.1'", database="")
    yield "web"
    private.safe.ask("DROP USER 'web'@'127.0.0.1'", database="")


def only(said: Said, code: str) -> str:
    assert said.besides("mail-not-set-up", "migrations-pending") == {code: "error"}
    return said.text[code]


class TestTls:
    def test_the_right_authority_and_name(self, private: Private) -> None:
        said = private.told(private.safe, MYSQL_CA=str(private.ours.ca))
        assert said.besides("mail-not-set-up") == {"migrations-pending": "error"}

    def test_a_wrong_authority(self, private: Private) -> None:
        text = only(private.told(private.safe, MYSQL_CA=str(private.others.ca)), "tls-wrong-ca")
        assert f"is signed by none of those in {private.others.ca}" in text
        assert "Set MYSQL_CA to the file" in text

    def test_a_certificate_for_another_name(self, private: Private) -> None:
        with private.certified("db.example.org"):
            said = private.told(private.safe, MYSQL_CA=str(private.ours.ca))
        text = only(said, "tls-wrong-name")
        assert "is signed as it should be, but for another name than 127.0.0.1." in text

    def test_a_name_that_the_certificate_does_not_bear(self, private: Private) -> None:
        said = private.told(private.safe, host=NAMELESS, MYSQL_CA=str(private.ours.ca))
        assert "for RDS that is the endpoint" in only(said, "tls-wrong-name")

    def test_a_certificate_that_has_run_out(self, private: Private) -> None:
        end = time.time() + 2  # MySQL takes none that has run out already
        with private.certified("127.0.0.1", dt.timedelta(seconds=2)):
            wait_for(lambda: time.time() > end, "the clock goes on")
            said = private.told(private.safe, MYSQL_CA=str(private.ours.ca))
        assert "certificate has expired." in only(said, "tls-out-of-date")

    def test_a_server_without_tls(self, private: Private) -> None:
        text = only(private.told(private.plain, MYSQL_CA=str(private.ours.ca)), "tls-missing")
        assert "has no TLS, which MYSQL_CA asks for" in text

    def test_a_driver_that_is_told_to_encrypt_there(self, private: Private) -> None:
        text = only(
            private.told(private.plain, name=f"{NAME}?ssl_mode=VERIFY_IDENTITY"), "tls-failed"
        )
        assert "SSL is required, but the server does not support it" in text

    def test_a_server_elsewhere_that_proves_nothing(self, private: Private) -> None:
        said = private.told(private.safe, host=NAMELESS)
        text = only(said, "database-unverified")
        assert (
            f"whoever stands between this machine and {NAMELESS} can read and change everything"
            in text
        )
        assert (
            private.told(private.safe, host=NAMELESS, TODOMATE_ENV="local").besides(
                "migrations-pending"
            )
            == {}
        )

    def test_a_server_that_insists_on_tls(self, private: Private, user: str) -> None:
        with private.holding(private.safe, "SET GLOBAL require_secure_transport = {}", "ON", "OFF"):
            said = private.told(private.safe, user=user, password=WORD)
        # MariaDB says no more than that it refuses.
        text = only(said, "database-password" if private.safe.is_mariadb else "tls-required")
        assert "takes encrypted connections only" in text
        assert "MYSQL_CA to the file of" in text


def test_a_server_that_is_too_old(private: Private) -> None:
    if not private.plain.is_mariadb:
        pytest.skip("MySQL cannot be told to call itself older")
    text = only(private.told(private.plain), "database-too-old")
    assert "The database is MariaDB 10.6, which Django does not work with." in text
    assert "MariaDB 10.11 or newer" in text


@pytest.mark.parametrize(
    ("skew", "level", "words"),
    [(-10, "warning", "10 seconds behind"), (1000, "error", "1000 seconds ahead of"), (1, "", "")],
)
def test_clocks_that_differ(private: Private, user: str, skew: int, level: str, words: str) -> None:
    there = f"'SET timestamp = {time.time() + skew:.0f}'"
    with private.holding(private.safe, "SET GLOBAL init_connect = {}", there, "''"):
        said = private.told(private.safe, user=user, password=WORD)
    assert said.besides("mail-not-set-up", "migrations-pending") == (
        {"clock-skew": level} if level else {}
    )
    numbers = {
        str(abs(skew) + late) for late in (-2, -1, 0, 1, 2)
    }  # the doctor takes a while to start
    assert not level or any(
        words.replace(str(abs(skew)), number) in said.text["clock-skew"] for number in numbers
    )


def test_a_server_that_lets_nobody_in_from_here(private: Private) -> None:
    accounts = private.safe.ask(
        "SELECT user AS user FROM mysql.user WHERE host = '127.0.0.1'", database=""
    )
    here = ", ".join(
        "'{user}'@'127.0.0.1' TO '{user}'@'10.0.0.1'".format(**one) for one in accounts
    )
    back = ", ".join(
        "'{user}'@'10.0.0.1' TO '{user}'@'127.0.0.1'".format(**one) for one in accounts
    )
    with private.holding(private.safe, "RENAME USER {}", here, back):
        said = private.told(private.safe)
    text = only(said, "database-foreign-host")
    assert "CREATE USER 'todomate'@'%'" in text


def test_a_server_without_a_connection_left(private: Private, user: str) -> None:
    with (
        private.holding(private.safe, "SET GLOBAL max_connections = {}", "10", "200"),
        private.all_taken(user, WORD),
    ):
        said = private.told(private.safe, user=user, password=WORD)
    assert "The database has no connection left." in only(said, "database-full")
