"""What the doctor says of a database, each time with that very fault on the server that the suite runs on."""

from __future__ import annotations

import os
import subprocess
import sys
import uuid
from collections.abc import Iterator

import pytest
from django.db import connection

from accounts.models import User
from operations.doctor.rights import STATEMENTS
from tests.doctor.base import GOOD, IN_URL, ROOT, WORD, Said, doctor
from tests.doctor.listeners import Mail, listening
from tests.doctor.servers import ask, told
from tests.doctor.test_doctor_reach import GREETING, packet
from tests.jobs.base import TOOLS

pytestmark = pytest.mark.skipif(
    connection.vendor == "sqlite", reason="the faults are those of MySQL and MariaDB"
)

FRESH = "mail-not-set-up", "migrations-pending"  # of an empty database


@pytest.fixture
def name() -> Iterator[str]:
    """Of a database that is not there, with a hyphen in it."""
    name = f"doctor-{uuid.uuid4().hex[:12]}"
    yield name
    ask(f"DROP DATABASE IF EXISTS `{name}`")


@pytest.fixture
def user() -> Iterator[str]:
    """An account without any right."""
    user = f"doctor_{uuid.uuid4().hex[:12]}"
    ask(f"CREATE USER '{user}'@'%' IDENTIFIED BY '{WORD}'")
    yield user
    ask(f"DROP USER '{user}'@'%'")


def only(said: Said, code: str) -> str:
    assert said.besides("mail-not-set-up") == {code: "error"}
    return said.text[code]


def follow(said: Said, code: str) -> None:
    """Do what stands there: the statements, each on a line of its own."""
    for line in said.text[code].splitlines():
        if line.strip().endswith(";"):
            ask(
                line[
                    line.index(
                        next(word for word in ("CREATE", "GRANT", "ALTER") if word in line)
                    ) :
                ]
            )


class TestSignIn:
    def test_a_wrong_password(self, user: str) -> None:
        text = only(told("name", user=user, password=f"{IN_URL}x"), "database-password")
        assert f"The database refuses user '{user}' with the password of DATABASE_URL." in text
        assert "%40" in text

    def test_no_password(self, user: str) -> None:
        text = only(told("name", user=user, password=""), "database-password")
        assert "and DATABASE_URL has none." in text

    def test_an_account_with_its_one_connection_in_use(self, user: str, name: str) -> None:
        import MySQLdb  # noqa: PLC0415  # the suite on SQLite runs without it

        ask(f"ALTER USER '{user}'@'%' WITH MAX_USER_CONNECTIONS 1")
        here = connection.settings_dict
        where = {"host": here["HOST"], "port": here["PORT"] or 3306, "user": user, "password": WORD}
        held = MySQLdb.connect(**where)
        text = only(told(name, user=user), "database-full")
        held.close()
        assert "WEB_CONCURRENCY and WEB_THREADS" in text

    def test_whatever_else_the_server_says(self, user: str, name: str) -> None:
        ask(f"ALTER USER '{user}'@'%' ACCOUNT LOCK")
        text = only(told(name, user=user), "database-refuses")
        assert "locked" in text

    def test_localhost_is_a_file(self) -> None:
        environment = {
            "DATABASE_URL": "mysql://me@localhost/name",
            "MYSQL_UNIX_PORT": "/nowhere/mysql.sock",
        }
        assert "Write 127.0.0.1" in only(doctor(**GOOD | environment), "database-socket")

    def test_a_server_that_hangs_up(self) -> None:
        with listening(lambda line: line.sendall(packet(GREETING))) as port:
            said = doctor(**GOOD | {"DATABASE_URL": f"mysql://me:{IN_URL}@127.0.0.1:{port}/name"})
        assert "hangs up" in only(said, "database-gone")


class TestNoDatabase:
    def test_the_statement_that_makes_it(self, name: str) -> None:
        said = told(name)
        text = only(said, "database-missing")
        assert f"The server has no database {name}." in text
        assert f": CREATE DATABASE `{name}` CHARACTER SET utf8mb4;\n" in text
        assert "Its hyphen is why the name stands in backticks there" in text
        follow(said, "database-missing")
        assert told(name).besides(*FRESH) == {}

    def test_the_statements_are_for_this_database_and_no_other(self, name: str, user: str) -> None:
        name = name.replace("-", "_")
        said = told(name, user=user)
        follow(said, "database-not-granted")
        other = name.replace("_", "x")
        ask(f"CREATE DATABASE {other}")
        try:
            assert "database-not-granted" in told(other, user=user).codes
            assert told(name, user=user).besides(*FRESH) == {}
        finally:
            ask(f"DROP DATABASE {other}")
            ask(f"DROP DATABASE {name}")

    def test_a_name_without_a_hyphen_needs_no_explanation(self) -> None:
        assert "hyphen" not in told("doctor_that_is_not_there").text["database-missing"]

    def test_the_statements_that_let_an_account_in(self, name: str, user: str) -> None:
        said = told(name, user=user)
        assert f"There is no database {name} that user '{user}' may see." in only(
            said, "database-not-granted"
        )
        follow(said, "database-not-granted")
        assert told(name, user=user).besides(*FRESH) == {}


class TestRights:
    READS = "SELECT, SHOW VIEW, TRIGGER"

    @pytest.fixture(autouse=True)
    def make(self, name: str) -> None:
        ask(f"CREATE DATABASE `{name}` CHARACTER SET utf8mb4")

    def test_an_account_that_may_only_read(self, name: str, user: str) -> None:
        ask(f"GRANT {self.READS} ON `{name}`.* TO '{user}'@'%'")
        said = told(name, user=user)
        lacks = "INSERT, UPDATE, DELETE, CREATE, ALTER, DROP, INDEX, CREATE TEMPORARY TABLES, LOCK TABLES."
        assert only(said, "database-rights").splitlines()[0].endswith(lacks)
        follow(said, "database-rights")
        assert told(name, user=user).besides(*FRESH) == {}

    def test_an_account_whose_backups_alone_would_fail_is_let_through(
        self, name: str, user: str
    ) -> None:
        here = [right for right in STATEMENTS if right != "LOCK TABLES"]
        ask(f"GRANT {', '.join(here)} ON `{name}`.* TO '{user}'@'%'")
        assert told(name, user=user).besides(*FRESH) == {"database-rights": "warning"}

    def test_rights_that_an_account_has_by_a_role(self, name: str, user: str) -> None:
        ask(f"CREATE ROLE {user}r")
        ask(f"GRANT ALL ON `{name}`.* TO {user}r")
        ask(f"GRANT {user}r TO '{user}'@'%'")
        ask(
            f"SET DEFAULT ROLE {user}r {'FOR' if connection.mysql_is_mariadb else 'TO'} '{user}'@'%'"
        )
        try:
            assert told(name, user=user).besides(*FRESH) == {}
        finally:
            ask(f"DROP ROLE {user}r")


def test_a_database_and_tables_that_cannot_hold_an_emoji(name: str) -> None:
    ask(f"CREATE DATABASE `{name}` CHARACTER SET latin1")
    exact = "CHARACTER SET utf8mb4 COLLATE utf8mb4_bin"
    ask(
        f"CREATE TABLE one (title VARCHAR(20) NOT NULL, bio TEXT, email VARCHAR(20) {exact} NOT NULL)",
        name,
    )
    ask("CREATE TABLE two (number INTEGER NOT NULL)", name)
    ask(f"CREATE TABLE three (title VARCHAR(20) {exact}) CHARACTER SET utf8mb4", name)
    ask("INSERT INTO one VALUES ('é', 'ü', '❤')", name)
    said = told(name)
    assert said.besides(*FRESH) == dict.fromkeys(
        ("database-not-utf8mb4", "tables-not-utf8mb4"), "error"
    )
    assert f"The database {name} is made for latin1" in said.text["database-not-utf8mb4"]
    assert f"Tables of {name} are not utf8mb4 (2)" in said.text["tables-not-utf8mb4"]
    for code in ("database-not-utf8mb4", "tables-not-utf8mb4"):
        follow(
            Said(
                1, "", {}, {code: said.text[code].replace("ALTER TABLE ", f"ALTER TABLE `{name}`.")}
            ),
            code,
        )
    assert told(name).besides(*FRESH) == {}
    ask("INSERT INTO one VALUES ('🍣', '🍺', '🍰')", name)
    assert ask("SELECT * FROM one", name) == [("é", "ü", "❤"), ("🍣", "🍺", "🍰")]
    assert "utf8mb4_bin NOT NULL" in ask("SHOW CREATE TABLE one", name)[0][1]


def test_a_column_keeps_its_default_and_what_computes_it(name: str) -> None:
    ask(f"CREATE DATABASE `{name}` CHARACTER SET utf8mb4")
    columns = (
        "title VARCHAR(20) NOT NULL DEFAULT 'it''s (x), '",
        "small VARCHAR(20) GENERATED ALWAYS AS (LOWER(title)) VIRTUAL COMMENT 'c, `d`'",
        "size ENUM('x','é, (') NOT NULL DEFAULT 'x'",
        "exact VARCHAR(5) COLLATE latin1_bin",
    )
    ask(f"CREATE TABLE one ({', '.join(columns)}) CHARACTER SET latin1", name)
    said = told(name)
    follow(
        Said(
            1,
            "",
            {},
            {
                "x": said.text["tables-not-utf8mb4"].replace(
                    "ALTER TABLE ", f"ALTER TABLE `{name}`."
                )
            },
        ),
        "x",
    )
    assert told(name).besides(*FRESH) == {}
    ask("INSERT INTO one (exact) VALUES ('🍣'), ('Ä')", name)
    assert ask("SELECT title, small, size, exact FROM one WHERE exact <> 'ä'", name) == [
        ("it's (x), ", "it's (x), ", "x", exact) for exact in ("🍣", "Ä")
    ]


@pytest.mark.django_db(transaction=True)
class TestMigrated:
    """The database that the tests have."""

    @property
    def name(self) -> str:
        return str(connection.settings_dict["NAME"])

    def test_nothing_is_wrong(self) -> None:
        with listening(Mail(WORD)) as port:
            said = told(self.name, MAIL_URL=f"smtp://127.0.0.1:{port}")
        if TOOLS:
            assert (said.status, said.last) == (0, "Nothing is wrong.")
        assert said.besides("backup-program") == {}

    def test_an_account_that_may_not_read(self, user: str) -> None:
        ask(f"GRANT INSERT ON `{self.name}`.* TO '{user}'@'%'")
        text = only(told(self.name, user=user), "database-rights")
        assert (
            f"User '{user}' lacks rights on the database {self.name}: SELECT, UPDATE, DELETE, CREATE, "
            in text
        )

    def test_the_demos_people(self) -> None:
        for email in ("mina@demo.todomate", "june@demo.todomate", "me@example.org"):
            User.objects.create_user(email, None)
        said = told(self.name)
        assert said.besides("mail-not-set-up", "backup-program") == {"demo-accounts": "error"}
        assert "Accounts of the demo are in this database (2)" in said.text["demo-accounts"]
        command = said.text["demo-accounts"].split("python manage.py shell -c ")[1].strip('"')
        url = os.environ["DATABASE_URL"].rsplit("/", 1)[0] + f"/{self.name}"
        env = {"PATH": os.environ["PATH"]} | GOOD | {"DATABASE_URL": url}
        subprocess.run(
            [sys.executable, "manage.py", "shell", "-c", command], cwd=ROOT, env=env, check=True
        )
        assert list(User.objects.values_list("email", flat=True)) == ["me@example.org"]
