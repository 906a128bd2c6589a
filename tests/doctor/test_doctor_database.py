"""Test the findings about a database, with each fault on the server of the test suite."""

from __future__ import annotations

import os
import subprocess
import sys
import uuid
from collections.abc import Iterator

import pytest
from django.db import connection

from accounts.models import User
from operations.doctor.privileges import STATEMENTS
from tests.doctor.base import PASSWORD, QUOTED_PASSWORD, ROOT, VALID_ENV, Report, doctor
from tests.doctor.listeners import Mail, listening
from tests.doctor.servers import examine, execute
from tests.doctor.test_doctor_reach import GREETING, packet
from tests.jobs.base import TOOLS

pytestmark = pytest.mark.skipif(connection.vendor != "mysql", reason="needs MySQL or MariaDB")

FRESH = "mail-not-set-up", "migrations-pending"  # of an empty database


@pytest.fixture
def name() -> Iterator[str]:
    """Return the name of a database that does not exist, with a hyphen."""
    name = f"doctor-{uuid.uuid4().hex[:12]}"
    yield name
    execute(f"DROP DATABASE IF EXISTS `{name}`")


@pytest.fixture
def user() -> Iterator[str]:
    """Create an account without privileges."""
    user = f"doctor_{uuid.uuid4().hex[:12]}"
    execute(f"CREATE USER '{user}'@'%' IDENTIFIED BY '{PASSWORD}'")
    yield user
    execute(f"DROP USER '{user}'@'%'")


def only_finding(report: Report, code: str) -> str:
    assert report.codes_except("mail-not-set-up") == {code: "error"}
    return report.text[code]


def follow(report: Report, code: str) -> None:
    """Run the statements in a finding, each of which has a line of its own."""
    for line in report.text[code].splitlines():
        if line.strip().endswith(";"):
            execute(
                line[
                    line.index(
                        next(word for word in ("CREATE", "GRANT", "ALTER") if word in line)
                    ) :
                ]
            )


class TestSignIn:
    def test_a_wrong_password(self, user: str) -> None:
        text = only_finding(
            examine("name", user=user, password=f"{QUOTED_PASSWORD}x"), "database-password"
        )
        assert f"The database refuses user '{user}' with the password of DATABASE_URL." in text
        assert "%40" in text

    def test_no_password(self, user: str) -> None:
        text = only_finding(examine("name", user=user, password=""), "database-password")
        assert "and DATABASE_URL has none." in text

    def test_an_account_with_its_one_connection_in_use(self, user: str, name: str) -> None:
        import MySQLdb  # noqa: PLC0415  # not installed where SQLite is used

        execute(f"ALTER USER '{user}'@'%' WITH MAX_USER_CONNECTIONS 1")
        here = connection.settings_dict
        where = {
            "host": here["HOST"],
            "port": here["PORT"] or 3306,
            "user": user,
            "password": PASSWORD,
        }
        held = MySQLdb.connect(**where)
        text = only_finding(examine(name, user=user), "database-full")
        held.close()
        assert "WEB_CONCURRENCY and WEB_THREADS" in text

    def test_another_error_of_the_server(self, user: str, name: str) -> None:
        execute(f"ALTER USER '{user}'@'%' ACCOUNT LOCK")
        text = only_finding(examine(name, user=user), "database-refuses")
        assert "locked" in text

    def test_localhost_is_a_socket_file(self) -> None:
        environment = {
            "DATABASE_URL": "mysql://me@localhost/name",
            "MYSQL_UNIX_PORT": "/nowhere/mysql.sock",
        }
        assert "Use 127.0.0.1" in only_finding(doctor(**VALID_ENV | environment), "database-socket")

    def test_a_server_that_disconnects_during_login(self) -> None:
        with listening(lambda line: line.sendall(packet(GREETING))) as port:
            report = doctor(
                **VALID_ENV
                | {"DATABASE_URL": f"mysql://me:{QUOTED_PASSWORD}@127.0.0.1:{port}/name"}
            )
        assert "closes the connection during login" in only_finding(report, "database-gone")


class TestNoDatabase:
    def test_the_hint_has_the_statement_that_creates_it(self, name: str) -> None:
        report = examine(name)
        text = only_finding(report, "database-missing")
        assert f"The server has no database {name}." in text
        assert f": CREATE DATABASE `{name}` CHARACTER SET utf8mb4;\n" in text
        assert "The name needs its backticks there" in text
        follow(report, "database-missing")
        assert examine(name).codes_except(*FRESH) == {}

    def test_the_grant_is_for_this_database_only(self, name: str, user: str) -> None:
        name = name.replace("-", "_")
        report = examine(name, user=user)
        follow(report, "database-not-granted")
        other = name.replace("_", "x")
        execute(f"CREATE DATABASE {other}")
        try:
            assert "database-not-granted" in examine(other, user=user).codes
            assert examine(name, user=user).codes_except(*FRESH) == {}
        finally:
            execute(f"DROP DATABASE {other}")
            execute(f"DROP DATABASE {name}")

    def test_a_name_without_a_hyphen_needs_no_explanation(self) -> None:
        assert "hyphen" not in examine("doctor_missing").text["database-missing"]

    def test_the_hint_has_the_statements_that_grant_access(self, name: str, user: str) -> None:
        report = examine(name, user=user)
        assert (
            f"The database {name} does not exist, or user '{user}' has no access."
            in only_finding(report, "database-not-granted")
        )
        follow(report, "database-not-granted")
        assert examine(name, user=user).codes_except(*FRESH) == {}


class TestRights:
    READS = "SELECT, SHOW VIEW, TRIGGER"

    @pytest.fixture(autouse=True)
    def make(self, name: str) -> None:
        execute(f"CREATE DATABASE `{name}` CHARACTER SET utf8mb4")

    def test_an_account_that_can_only_read(self, name: str, user: str) -> None:
        execute(f"GRANT {self.READS} ON `{name}`.* TO '{user}'@'%'")
        report = examine(name, user=user)
        missing = (
            "INSERT, UPDATE, DELETE, CREATE, ALTER, DROP, INDEX, CREATE TEMPORARY TABLES,"
            " LOCK TABLES."
        )
        assert only_finding(report, "database-rights").splitlines()[0].endswith(missing)
        follow(report, "database-rights")
        assert examine(name, user=user).codes_except(*FRESH) == {}

    def test_a_privilege_that_only_backups_need_is_a_warning(self, name: str, user: str) -> None:
        here = [right for right in STATEMENTS if right != "LOCK TABLES"]
        execute(f"GRANT {', '.join(here)} ON `{name}`.* TO '{user}'@'%'")
        assert examine(name, user=user).codes_except(*FRESH) == {"database-rights": "warning"}

    def test_privileges_through_a_role(self, name: str, user: str) -> None:
        execute(f"CREATE ROLE {user}r")
        execute(f"GRANT ALL ON `{name}`.* TO {user}r")
        execute(f"GRANT {user}r TO '{user}'@'%'")
        preposition = "FOR" if connection.mysql_is_mariadb else "TO"
        execute(f"SET DEFAULT ROLE {user}r {preposition} '{user}'@'%'")
        try:
            assert examine(name, user=user).codes_except(*FRESH) == {}
        finally:
            execute(f"DROP ROLE {user}r")


def test_the_hints_convert_a_database_and_its_tables_to_utf8mb4(name: str) -> None:
    execute(f"CREATE DATABASE `{name}` CHARACTER SET latin1")
    exact = "CHARACTER SET utf8mb4 COLLATE utf8mb4_bin"
    execute(
        "CREATE TABLE one"
        f" (title VARCHAR(20) NOT NULL, bio TEXT, email VARCHAR(20) {exact} NOT NULL)",
        name,
    )
    execute("CREATE TABLE two (number INTEGER NOT NULL)", name)
    execute(f"CREATE TABLE three (title VARCHAR(20) {exact}) CHARACTER SET utf8mb4", name)
    execute("INSERT INTO one VALUES ('é', 'ü', '❤')", name)
    report = examine(name)
    assert report.codes_except(*FRESH) == dict.fromkeys(
        ("database-not-utf8mb4", "tables-not-utf8mb4"), "error"
    )
    assert (
        f"The character set of the database {name} is latin1" in report.text["database-not-utf8mb4"]
    )
    assert f"2 tables of {name} are not utf8mb4" in report.text["tables-not-utf8mb4"]
    for code in ("database-not-utf8mb4", "tables-not-utf8mb4"):
        follow(
            Report(
                1,
                "",
                {},
                {code: report.text[code].replace("ALTER TABLE ", f"ALTER TABLE `{name}`.")},
            ),
            code,
        )
    assert examine(name).codes_except(*FRESH) == {}
    execute("INSERT INTO one VALUES ('🍣', '🍺', '🍰')", name)
    assert execute("SELECT * FROM one", name) == [("é", "ü", "❤"), ("🍣", "🍺", "🍰")]
    assert "utf8mb4_bin NOT NULL" in execute("SHOW CREATE TABLE one", name)[0][1]


def test_converted_columns_keep_their_defaults_and_expressions(name: str) -> None:
    execute(f"CREATE DATABASE `{name}` CHARACTER SET utf8mb4")
    columns = (
        "title VARCHAR(20) NOT NULL DEFAULT 'it''s (x), '",
        "small VARCHAR(20) GENERATED ALWAYS AS (LOWER(title)) VIRTUAL COMMENT 'c, `d`'",
        "size ENUM('x','é, (') NOT NULL DEFAULT 'x'",
        "exact VARCHAR(5) COLLATE latin1_bin",
    )
    execute(f"CREATE TABLE one ({', '.join(columns)}) CHARACTER SET latin1", name)
    report = examine(name)
    follow(
        Report(
            1,
            "",
            {},
            {
                "x": report.text["tables-not-utf8mb4"].replace(
                    "ALTER TABLE ", f"ALTER TABLE `{name}`."
                )
            },
        ),
        "x",
    )
    assert examine(name).codes_except(*FRESH) == {}
    execute("INSERT INTO one (exact) VALUES ('🍣'), ('Ä')", name)
    assert execute("SELECT title, small, size, exact FROM one WHERE exact <> 'ä'", name) == [
        ("it's (x), ", "it's (x), ", "x", exact) for exact in ("🍣", "Ä")
    ]


@pytest.mark.django_db(transaction=True)
class TestMigrated:
    """The migrated database of the tests."""

    @property
    def name(self) -> str:
        return str(connection.settings_dict["NAME"])

    def test_a_valid_server_has_no_findings(self) -> None:
        with listening(Mail(PASSWORD)) as port:
            report = examine(self.name, MAIL_URL=f"smtp://127.0.0.1:{port}")
        if TOOLS:
            assert (report.status, report.last) == (0, "Nothing is wrong.")
        assert report.codes_except("backup-program") == {}

    def test_an_account_that_cannot_read(self, user: str) -> None:
        execute(f"GRANT INSERT ON `{self.name}`.* TO '{user}'@'%'")
        text = only_finding(examine(self.name, user=user), "database-rights")
        assert (
            f"User '{user}' lacks privileges on the database {self.name}:"
            " SELECT, UPDATE, DELETE, CREATE, " in text
        )

    def test_demo_accounts_and_the_command_that_deletes_them(self) -> None:
        for email in ("mina@demo.todomate", "june@demo.todomate", "me@example.org"):
            User.objects.create_user(email, None)
        report = examine(self.name)
        assert report.codes_except("mail-not-set-up", "backup-program") == {
            "demo-accounts": "error"
        }
        assert "The database has 2 accounts of the demo" in report.text["demo-accounts"]
        command = report.text["demo-accounts"].split("python manage.py shell -c ")[1].strip('"')
        url = os.environ["DATABASE_URL"].rsplit("/", 1)[0] + f"/{self.name}"
        env = {"PATH": os.environ["PATH"]} | VALID_ENV | {"DATABASE_URL": url}
        subprocess.run(
            [sys.executable, "manage.py", "shell", "-c", command], cwd=ROOT, env=env, check=True
        )
        assert list(User.objects.values_list("email", flat=True)) == ["me@example.org"]
