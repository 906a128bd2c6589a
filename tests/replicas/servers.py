"""A private source and its replica: two temporary MySQL or MariaDB servers on loopback."""

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
# An account for the address, as --skip-name-resolve disables names. It is not replicated.
START = """SET sql_log_bin = 0;
CREATE USER 'todomate'@'127.0.0.1' IDENTIFIED BY '';
GRANT ALL ON *.* TO 'todomate'@'127.0.0.1' WITH GRANT OPTION;
"""
# Servers are often in folders that are not on the PATH of a normal user.
SERVER_PATH = os.pathsep.join(
    [os.environ.get("PATH", ""), "/usr/sbin", "/usr/local/sbin", "/usr/libexec"]
)


def find_program(*names: str) -> str | None:
    return next((path for name in names if (path := shutil.which(name, path=SERVER_PATH))), None)


SERVER_PROGRAM = find_program("mysqld", "mariadbd")


def wait_for[T](condition: Callable[[], T], description: str) -> T:
    """Poll until the condition is true, and return its value."""
    end = time.monotonic() + START_TIMEOUT
    while not (answer := condition()):
        assert time.monotonic() < end, f"timeout: {description}"
        time.sleep(0.05)
    return answer


class Server:
    """A database server with these additional options. Its account owns its folder."""

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
        if os.geteuid() == 0:  # servers refuse to run as root
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
        # Tests need no durability beyond the end of the process, so nothing waits for the disk.
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
        wait_for(
            self.answers, f"{self.folder}/server.log has the reason why the server did not start"
        )
        (self.folder / "start.sql").unlink(missing_ok=True)

    def answers(self) -> bool:
        assert self.process.poll() is None, (self.folder / "server.log").read_text()
        import MySQLdb  # noqa: PLC0415  # as below

        try:
            return bool(self.ask("SELECT 1", database=""))
        except MySQLdb.OperationalError:
            return False

    def ask(self, statement: str, *values: Any, database: str = NAME) -> list[dict[str, Any]]:
        """Run a statement and return its rows as dicts."""
        import MySQLdb  # noqa: PLC0415  # not installed where SQLite is used
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
        """Send a signal to the server's process."""
        self.process.send_signal(number)
        if number == signal.SIGKILL:
            self.process.wait(timeout=30)


class Replica(Server):
    """A replica that follows a source from the first entry of its log on."""

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
        """START or STOP replication, or only its SQL_THREAD, which applies received changes."""
        self.ask(f"{verb} {'SLAVE' if self.is_mariadb else 'REPLICA'} {thread}", database="")

    @contextmanager
    def stopped(self) -> Iterator[None]:
        """Stop applying changes in the block."""
        self.control("STOP", "SQL_THREAD")
        try:
            yield
        finally:
            self.control("START", "SQL_THREAD")

    @contextmanager
    def delayed(self, seconds: int) -> Iterator[None]:
        """Delay changes by a number of seconds in the block."""
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
    """Return the account for a server that root starts."""
    known = Path("/etc/passwd").read_text()
    return "mysql" if "\nmysql:" in known else "nobody"


@contextmanager
def source_and_replica() -> Iterator[tuple[Server, Replica]]:
    """Run a source and its replica, with an empty database."""
    folder = Path(tempfile.mkdtemp())  # not pytest's, which other accounts may not enter
    folder.chmod(0o755)
    source, replica = Server(folder / "source", 1), Replica(folder / "replica", 2)
    source.install()
    shutil.copytree(source.folder, replica.folder)
    # The id of a MySQL server.
    (replica.folder / "data" / "auto.cnf").unlink(missing_ok=True)
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
                server.signal(signal.SIGKILL)  # without a clean shutdown: its data are deleted
        shutil.rmtree(folder)
