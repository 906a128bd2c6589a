"""A private source and a replica of it: two MySQL or MariaDB servers on loopback, thrown away at the end."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.server import START_TIMEOUT, free_port

NAME = "todomate"
# By address, so that no name has to be looked up. Made on each server apart, not replicated.
START = """SET sql_log_bin = 0;
CREATE USER 'todomate'@'127.0.0.1' IDENTIFIED BY '';
GRANT ALL ON *.* TO 'todomate'@'127.0.0.1' WITH GRANT OPTION;
"""
# Servers often stand outside an ordinary user's PATH.
PLACES = os.pathsep.join(
    [os.environ.get("PATH", ""), "/usr/sbin", "/usr/local/sbin", "/usr/libexec"]
)


def find_program(*names: str) -> str | None:
    return next((path for name in names if (path := shutil.which(name, path=PLACES))), None)


SERVER_PROGRAM = find_program("mysqld", "mariadbd")


def wait_for[T](question: Callable[[], T], what: str) -> T:
    """The answer, once it is true. Asked again and again, as a replica tells nobody how far it has come."""
    end = time.monotonic() + START_TIMEOUT
    while not (answer := question()):
        assert time.monotonic() < end, f"in vain: {what}"
        time.sleep(0.05)
    return answer


class Server:
    """One database server, with further options where they are given. Its folder belongs to whom it runs as."""

    def __init__(self, folder: Path, number: int, *options: str) -> None:
        assert SERVER_PROGRAM
        self.folder, self.number, self.port, self.options = folder, number, free_port(), options
        version = subprocess.run(
            [SERVER_PROGRAM, "--no-defaults", "--version"],
            capture_output=True,
            text=True,
            check=True,
        )
        self.is_mariadb = "mariadb" in version.stdout.lower()
        self.common = ["--no-defaults", f"--datadir={folder / 'data'}"]
        if os.geteuid() == 0:  # as root a server refuses to run
            self.common.append(f"--user={account()}")

    @property
    def url(self) -> str:
        return f"mysql://todomate@127.0.0.1:{self.port}/{NAME}"

    def install(self) -> None:
        self.folder.mkdir()
        (self.folder / "start.sql").write_text(START)
        command = [SERVER_PROGRAM, *self.common, "--initialize-insecure"]
        if self.is_mariadb:
            program = find_program("mariadb-install-db", "mysql_install_db")
            command = [
                program,
                *self.common,
                "--auth-root-authentication-method=normal",
                "--skip-test-db",
            ]
        if os.geteuid() == 0:
            shutil.chown(self.folder, account())
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr

    def start(self) -> None:
        # Nothing here has to outlive a power cut, so nothing waits for the disk; the end of the process it does.
        options = [
            f"--port={self.port}",
            "--bind-address=127.0.0.1",
            "--skip-name-resolve",
            f"--server-id={self.number}",
        ]
        options += [
            f"--socket={self.folder / 'socket'}",
            f"--pid-file={self.folder / 'pid'}",
            f"--tmpdir={self.folder}",
        ]
        options += [f"--secure-file-priv={self.folder}"]
        options += [
            "--log-bin=bin",
            "--relay-log=relay",
            "--character-set-server=utf8mb4",
            "--max-connections=200",
        ]
        options += [
            "--sync-binlog=0",
            "--innodb-flush-log-at-trx-commit=2",
            "--innodb-doublewrite=0",
            "--loose-mysqlx=OFF",
        ]
        options += [
            "--innodb-buffer-pool-size=64M",
            "--performance-schema=OFF",
            "--loose-innodb-flush-method=nosync",
        ]
        if (self.folder / "start.sql").exists():
            options.append(f"--init-file={self.folder / 'start.sql'}")
        command = [str(SERVER_PROGRAM), *self.common, *options, *self.options]
        with (self.folder / "server.log").open("ab") as log:
            self.process = subprocess.Popen(command, stdout=log, stderr=log)
        wait_for(self.answers, f"{self.folder}/server.log says why the server did not start")
        (self.folder / "start.sql").unlink(missing_ok=True)

    def answers(self) -> bool:
        assert self.process.poll() is None, (self.folder / "server.log").read_text()
        import MySQLdb  # noqa: PLC0415  # as below

        try:
            return bool(self.ask("SELECT 1", database=""))
        except MySQLdb.OperationalError:
            return False

    def ask(self, statement: str, *values: Any, database: str = NAME) -> list[dict[str, Any]]:
        """The rows of a statement, by column."""
        import MySQLdb  # noqa: PLC0415  # the suite on SQLite runs without it
        import MySQLdb.cursors  # noqa: PLC0415  # as above

        connection = MySQLdb.connect(
            host="127.0.0.1",
            port=self.port,
            user="todomate",
            database=database,
            autocommit=True,
            charset="utf8mb4",
        )
        try:
            cursor = connection.cursor(MySQLdb.cursors.DictCursor)
            cursor.execute(statement, values)
            return list(cursor.fetchall())
        finally:
            connection.close()

    def signal(self, number: signal.Signals) -> None:
        """Kill or halt it, by its own process id."""
        self.process.send_signal(number)
        if number == signal.SIGKILL:
            self.process.wait(timeout=30)


class Replica(Server):
    """One that follows `source` from the first entry of its log on."""

    def follow(self, source: Server) -> None:
        where = {"HOST": "'127.0.0.1'", "PORT": source.port, "USER": "'todomate'", "PASSWORD": "''"}
        where |= {"LOG_FILE": "'bin.000001'", "LOG_POS": 4}
        self.set_source(**where, **({} if self.is_mariadb else {"GET_PUBLIC_KEY": 1}))
        self.control("START")

    def set_source(self, **options: Any) -> None:
        if self.is_mariadb:
            words = ", ".join(f"MASTER_{name} = {value}" for name, value in options.items())
            self.ask(f"CHANGE MASTER TO {words}", database="")
            return
        names = {name: f"SOURCE_{name}" for name in options} | {
            "GET_PUBLIC_KEY": "GET_SOURCE_PUBLIC_KEY"
        }
        words = ", ".join(f"{names[name]} = {value}" for name, value in options.items())
        self.ask(f"CHANGE REPLICATION SOURCE TO {words}", database="")

    def control(self, verb: str, thread: str = "") -> None:
        """START or STOP replication, or one half of it: SQL_THREAD, which applies what was fetched."""
        self.ask(f"{verb} {'SLAVE' if self.is_mariadb else 'REPLICA'} {thread}", database="")

    @contextmanager
    def stopped(self) -> Iterator[None]:
        """Applies nothing meanwhile."""
        self.control("STOP", "SQL_THREAD")
        try:
            yield
        finally:
            self.control("START", "SQL_THREAD")

    @contextmanager
    def delayed(self, seconds: int) -> Iterator[None]:
        """Applies everything so many seconds later."""
        self.set_delay(seconds)
        try:
            yield
        finally:
            self.set_delay(0)

    def set_delay(self, seconds: int) -> None:
        self.control("STOP")
        self.set_source(DELAY=seconds)
        self.control("START")


def account() -> str:
    """Whom a server runs as that root starts."""
    known = Path("/etc/passwd").read_text()
    return "mysql" if "\nmysql:" in known else "nobody"


@contextmanager
def source_and_replica() -> Iterator[tuple[Server, Replica]]:
    """Both running, the one following the other, with an empty database."""
    folder = Path(tempfile.mkdtemp())  # not pytest's, which no other account may enter
    folder.chmod(0o755)
    source, replica = Server(folder / "source", 1), Replica(folder / "replica", 2)
    source.install()
    shutil.copytree(source.folder, replica.folder)
    (replica.folder / "data" / "auto.cnf").unlink(
        missing_ok=True
    )  # a server's identity, where it has one
    if os.geteuid() == 0:
        for path in [replica.folder, *replica.folder.rglob("*")]:
            shutil.chown(path, account())
    try:
        source.start()
        replica.start()
        source.ask(f"CREATE DATABASE {NAME} CHARACTER SET utf8mb4", database="")
        replica.follow(source)
        wait_for(
            lambda: replica.ask("SHOW DATABASES LIKE %s", NAME, database=""),
            "the replica follows the source",
        )
        yield source, replica
    finally:
        for server in (source, replica):
            if hasattr(server, "process") and server.process.poll() is None:
                server.signal(signal.SIGKILL)  # at once: its data are thrown away
        shutil.rmtree(folder)
