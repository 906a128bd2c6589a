"""MySQL and MariaDB servers with faults: the one of the test suite, and private ones."""

from __future__ import annotations

import datetime as dt
import os
import shutil
import signal
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote, urlsplit

from tests.doctor.base import QUOTED_PASSWORD, VALID_ENV, Report, doctor
from tests.doctor.certificates import LONG, Authority
from tests.replicas.servers import NAME, Server, account


def connect(**where: Any) -> Any:
    """Return a connection of the driver, in autocommit mode."""
    import MySQLdb  # noqa: PLC0415  # not installed where SQLite is used

    return MySQLdb.connect(autocommit=True, charset="utf8mb4", **where)


def execute(statement: str, database: str = "") -> list[tuple[Any, ...]]:
    """Run a statement on the server of the test suite and return its rows."""
    url = urlsplit(os.environ["DATABASE_URL"])
    where = {
        "host": url.hostname,
        "port": url.port or 3306,
        "user": url.username,
        "password": unquote(url.password or ""),
    }
    with closing(connect(database=database, **where)) as line:
        cursor = line.cursor()
        cursor.execute(statement)
        return list(cursor.fetchall())


def examine(name: str, *, user: str = "", password: str = QUOTED_PASSWORD, **more: str) -> Report:
    """Run the doctor with a database on the server of the test suite, as its account by default."""
    url = urlsplit(os.environ["DATABASE_URL"])
    if user:
        netloc = f"{user}:{password}@{url.hostname}:{url.port or 3306}"
        url = url._replace(netloc=netloc)
    return doctor(
        **VALID_ENV | {"DATABASE_URL": url._replace(path=f"/{name}", query="").geturl()} | more
    )


class PrivateServers:
    """Two servers: `safe` has TLS with a certificate for its address, `plain` has no TLS.

    A `plain` MariaDB reports an old version.
    """

    def __init__(self, folder: Path) -> None:
        self.ours, self.others = Authority(folder, "ours"), Authority(folder, "others")
        certificate, key = self.ours.issue("127.0.0.1")
        self.safe = Server(
            folder / "safe",
            1,
            f"--ssl-ca={self.ours.ca}",
            f"--ssl-cert={certificate}",
            f"--ssl-key={key}",
        )
        self.plain = Server(folder / "plain", 2)
        self.plain.options = (
            ("--skip-ssl", "--version=10.6.18-MariaDB")
            if self.plain.is_mariadb
            else ("--tls-version=",)
        )
        self.safe.install()
        shutil.copytree(self.safe.folder, self.plain.folder)
        (self.plain.folder / "data" / "auto.cnf").unlink(
            missing_ok=True
        )  # the id of a MySQL server
        if os.geteuid() == 0:
            for path in [key, self.plain.folder, *self.plain.folder.rglob("*")]:
                shutil.chown(path, account())

    @contextmanager
    def certified(self, host: str, time: dt.timedelta = LONG) -> Iterator[None]:
        """Give `safe` a certificate for another name or another time."""
        self.certify(host, time)
        try:
            yield
        finally:
            self.certify("127.0.0.1", LONG)

    def certify(self, host: str, time: dt.timedelta) -> None:
        self.ours.issue(host, time)
        self.safe.ask(
            "FLUSH SSL" if self.safe.is_mariadb else "ALTER INSTANCE RELOAD TLS", database=""
        )

    def examine(
        self, server: Server, *, host: str = "127.0.0.1", name: str = NAME, **more: str
    ) -> Report:
        """Run the doctor with a database on one of the servers.

        `more` may have `user` and `password` of another account than todomate.
        """
        user, password = more.pop("user", "todomate"), more.pop("password", "")
        url = f"mysql://{user}:{quote(password, safe='')}@{host}:{server.port}/{name}"
        return doctor(**VALID_ENV | {"DATABASE_URL": url} | more)

    @contextmanager
    def temporarily(self, server: Server, statement: str, here: str, back: str) -> Iterator[None]:
        """Run a statement with `here`, and at the end with `back`.

        Both over one connection, as the server may accept no other in between.
        """
        with closing(connect(host="127.0.0.1", port=server.port, user="todomate")) as line:
            line.query(statement.format(here))
            try:
                yield
            finally:
                line.query(statement.format(back))

    @contextmanager
    def no_connection_left(self, user: str, password: str) -> Iterator[None]:
        """Use all connections of `safe`."""
        import MySQLdb  # noqa: PLC0415  # not installed where SQLite is used

        with ExitStack() as stack:
            with suppress(MySQLdb.OperationalError):
                while True:
                    line = connect(
                        host="127.0.0.1", port=self.safe.port, user=user, password=password
                    )
                    stack.callback(line.close)
            yield


@contextmanager
def private_servers() -> Iterator[PrivateServers]:
    """Run both servers, with an empty database, and delete them at the end."""
    folder = Path(tempfile.mkdtemp())  # not pytest's, which other accounts may not enter
    folder.chmod(0o755)
    with ExitStack() as stack:
        stack.callback(shutil.rmtree, folder)
        private = PrivateServers(folder)
        for server in (private.safe, private.plain):
            server.start()
            stack.callback(
                server.signal, signal.SIGKILL
            )  # without a clean shutdown: its data are deleted
            server.ask(f"CREATE DATABASE {NAME} CHARACTER SET utf8mb4", database="")
        yield private
