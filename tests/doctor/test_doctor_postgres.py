"""Test the findings about a database of PostgreSQL, with each fault on the suite's server."""

from __future__ import annotations

import os
import subprocess
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.db import connection

from tests.doctor.base import PASSWORD, QUOTED_PASSWORD, ROOT, VALID_ENV, Report, doctor
from tests.doctor.listeners import listening
from tests.server import free_port

OLD_PG_DUMP = "#!/bin/sh\necho 'pg_dump (PostgreSQL) 9.6.1'\n"

pytestmark = pytest.mark.skipif(connection.vendor != "postgresql", reason="needs PostgreSQL")


def execute(statement: str, database: str = "postgres") -> list[tuple[Any, ...]]:
    """Run a statement on the server of the suite and return its rows."""
    import psycopg  # noqa: PLC0415  # the driver of the database under test

    url = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{database}", query="").geturl()
    with psycopg.connect(url, autocommit=True) as line:
        cursor = line.execute(statement)
        return cursor.fetchall() if cursor.description else []


def examine(name: str, user: str = "", host: str = "", **more: str) -> Report:
    """Run the doctor with a database on the server of the suite, as its account by default."""
    url = urlsplit(os.environ["DATABASE_URL"])
    account = f"{user}:{QUOTED_PASSWORD}" if user else url.netloc.rpartition("@")[0]
    netloc = f"{account}@{host or url.netloc.rpartition('@')[2]}"
    address = url._replace(netloc=netloc, path=f"/{name}", query=more.pop("query", ""))
    return doctor(**VALID_ENV | {"DATABASE_URL": address.geturl()} | more)


@pytest.fixture
def user() -> Iterator[str]:
    """Create an account without privileges."""
    user = f"doctor_{uuid.uuid4().hex[:12]}"
    execute(f"CREATE ROLE {user} LOGIN PASSWORD '{PASSWORD}'")
    yield user
    execute(f"DROP ROLE {user}")


@pytest.fixture
def name(user: str) -> Iterator[str]:
    """Return the name of a database that does not exist, with a hyphen."""
    name = f"doctor-{uuid.uuid4().hex[:12]}"
    yield name
    execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def only_finding(report: Report, code: str) -> str:
    assert report.codes_except("mail-not-set-up", "migrations-pending") == {code: "error"}
    return report.text[code]


def follow(text: str) -> None:
    """Run the statement in a hint."""
    start = min(text.index(word) for word in ("CREATE DATABASE", "ALTER DATABASE") if word in text)
    execute(text[start : text.index(";", start)])


def test_nothing_listens() -> None:
    text = only_finding(examine("name", host=f"127.0.0.1:{free_port()}"), "database-refused")
    assert "nothing listens" in text


def test_the_host_does_not_exist() -> None:
    report = examine("name", host="db.example.invalid:5432", TODOMATE_ENV="local")
    assert report.codes_except("mail-not-set-up") == {"database-host-unknown": "error"}


def test_the_certificate_of_a_foreign_host_has_to_be_verified() -> None:
    report = examine("name", host="db.example.invalid:5432")
    assert report.codes["database-unverified"] == "error"
    assert "POSTGRES_CA is not set" in report.text["database-unverified"]


def test_another_program_listens() -> None:
    with listening(lambda line: line.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")) as port:
        report = examine("name", host=f"127.0.0.1:{port}", query="sslmode=disable")
    assert "is not a PostgreSQL server" in only_finding(report, "database-not-postgres")


def test_a_file_of_the_authority_that_is_missing_or_holds_no_certificate(tmp_path: Any) -> None:
    missing = examine("name", POSTGRES_CA=str(tmp_path / "none.pem"))
    assert "cannot be read" in only_finding(missing, "ca-unreadable")
    (tmp_path / "empty.pem").write_text("nothing")
    empty = examine("name", POSTGRES_CA=str(tmp_path / "empty.pem"))
    assert "contains no certificate" in only_finding(empty, "ca-without-certificate")


def test_a_missing_database_is_created_by_the_statement_in_the_hint(name: str, user: str) -> None:
    follow(only_finding(examine(name, user), "database-missing"))
    assert "database-missing" not in examine(name, user).codes
    migrated = subprocess.run(
        [sys.executable, "manage.py", "migrate", "--verbosity=0"],
        cwd=ROOT,
        env=os.environ | {"DATABASE_URL": url_of(name, user), "TODOMATE_ENV": "local"},
        check=False,
        capture_output=True,
        text=True,
    )
    assert migrated.returncode == 0, migrated.stderr
    assert "migrations-pending" not in examine(name, user).codes


def url_of(name: str, user: str) -> str:
    url = urlsplit(os.environ["DATABASE_URL"])
    host = url.netloc.rpartition("@")[2]
    return url._replace(netloc=f"{user}:{QUOTED_PASSWORD}@{host}", path=f"/{name}").geturl()


def test_an_account_that_may_not_connect(name: str, user: str) -> None:
    execute(f'CREATE DATABASE "{name}"')
    execute(f'REVOKE CONNECT ON DATABASE "{name}" FROM PUBLIC')
    follow(only_finding(examine(name, user), "database-not-granted"))
    assert "database-not-granted" not in examine(name, user).codes


def test_an_account_that_may_not_create_tables(name: str, user: str) -> None:
    execute(f'CREATE DATABASE "{name}"')
    follow(only_finding(examine(name, user), "database-rights"))
    assert "database-rights" not in examine(name, user).codes


def test_tables_of_another_account(name: str, user: str) -> None:
    execute(f'CREATE DATABASE "{name}" OWNER {user}')
    execute("CREATE TABLE someone_elses (id int)", name)
    text = only_finding(examine(name, user), "database-rights")
    assert "1 tables" in text
    assert "someone_elses" in text


def test_an_encoding_without_every_character(name: str) -> None:
    execute(
        f"CREATE DATABASE \"{name}\" ENCODING 'LATIN1' LOCALE_PROVIDER libc LOCALE 'C'"
        " TEMPLATE template0"
    )
    assert "The encoding" in only_finding(examine(name), "database-not-utf8")


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ('FATAL:  password authentication failed for user "me"', "database-password"),
        ("fe_sendauth: no password supplied", "database-password"),
        ('FATAL:  role "me" does not exist', "database-password"),
        ("FATAL:  sorry, too many clients already", "database-full"),
        (
            'FATAL:  no pg_hba.conf entry for host "10.0.0.1", user "me", database "x", no'
            " encryption",
            "tls-required",
        ),
        (
            'FATAL:  no pg_hba.conf entry for host "10.0.0.1", user "me", database "x", SSL'
            " encryption",
            "database-foreign-host",
        ),
        ("FATAL:  the database system is starting up", "database-gone"),
        ("server does not support SSL, but SSL was required", "tls-missing"),
        ('server certificate for "a" does not match host name "b"', "tls-wrong-name"),
        ("SSL error: certificate verify failed", "tls-wrong-ca"),
        ("SSL error: certificate verify failed: certificate has expired", "tls-out-of-date"),
        ("SSL error: unsupported protocol", "tls-failed"),
        ("FATAL:  something new", "database-refuses"),
    ],
)
def test_the_texts_of_servers_that_this_one_does_not_send(text: str, code: str) -> None:
    from operations.doctor.address import Address  # noqa: PLC0415  # as the doctor loads them
    from operations.doctor.postgres import explain  # noqa: PLC0415  # as above

    entry = {
        "ENGINE": "core.postgres",
        "HOST": "db.example",
        "PORT": "",
        "USER": "me",
        "PASSWORD": PASSWORD,
        "NAME": "x",
    }
    assert explain(Address.from_entry(entry), text).code == code


@pytest.mark.django_db(transaction=True)
def test_a_pg_dump_that_is_older_than_the_server(tmp_path: Path) -> None:
    (tmp_path / "pg_dump").write_text(OLD_PG_DUMP)
    (tmp_path / "pg_dump").chmod(0o755)
    name = str(connection.settings_dict["NAME"])
    report = examine(name, PATH=f"{tmp_path}:{os.environ['PATH']}")
    assert report.codes["backup-program-too-old"] == "warning"
    text = report.text["backup-program-too-old"]
    assert (
        f"version 9, and cannot dump a server of version {connection.pg_version // 10_000}" in text
    )
    assert "apt.postgresql.org" in text
