"""Servers of MySQL and MariaDB with faults: the one that the suite runs on, and private ones."""

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

from tests.doctor.base import GOOD, IN_URL, Said, doctor
from tests.doctor.certificates import LONG, Authority
from tests.replicas.servers import NAME, Server, account


def connect(**where: Any) -> Any:
    """A connection of the driver's that commits at once."""
    import MySQLdb  # noqa: PLC0415  # the suite on SQLite runs without it

    return MySQLdb.connect(autocommit=True, charset="utf8mb4", **where)


def ask(statement: str, database: str = "") -> list[tuple[Any, ...]]:
    """The rows of a statement on the suite's server."""
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


def told(name: str, *, user: str = "", password: str = IN_URL, **more: str) -> Said:
    """Of a production server with this database of the suite's server; as the suite's own account by default."""
    url = urlsplit(os.environ["DATABASE_URL"])
    if user:
        netloc = f"{user}:{password}@{url.hostname}:{url.port or 3306}"
        url = url._replace(netloc=netloc)
    return doctor(
        **GOOD | {"DATABASE_URL": url._replace(path=f"/{name}", query="").geturl()} | more
    )


class Private:
    """Two servers: `safe` has TLS with a certificate for its address, `plain` has none and may call itself old."""

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
        )  # a server's identity, where it has one
        if os.geteuid() == 0:
            for path in [key, self.plain.folder, *self.plain.folder.rglob("*")]:
                shutil.chown(path, account())

    @contextmanager
    def certified(self, host: str, time: dt.timedelta = LONG) -> Iterator[None]:
        """`safe` has a certificate for another name or another time meanwhile."""
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

    def told(
        self, server: Server, *, host: str = "127.0.0.1", name: str = NAME, **more: str
    ) -> Said:
        """Of a production server with a database of one of both; `user` and `password` where it is not todomate."""
        user, password = more.pop("user", "todomate"), more.pop("password", "")
        url = f"mysql://{user}:{quote(password, safe='')}@{host}:{server.port}/{name}"
        return doctor(**GOOD | {"DATABASE_URL": url} | more)

    @contextmanager
    def holding(self, server: Server, statement: str, here: str, back: str) -> Iterator[None]:
        """Run a statement now and with another value at the end, over one connection: no other might be let in."""
        with closing(connect(host="127.0.0.1", port=server.port, user="todomate")) as line:
            line.query(statement.format(here))
            try:
                yield
            finally:
                line.query(statement.format(back))

    @contextmanager
    def all_taken(self, user: str, password: str) -> Iterator[None]:
        """All connections of `safe` that anybody may have."""
        import MySQLdb  # noqa: PLC0415  # the suite on SQLite runs without it

        with ExitStack() as stack:
            with suppress(MySQLdb.OperationalError):
                while True:
                    line = connect(
                        host="127.0.0.1", port=self.safe.port, user=user, password=password
                    )
                    stack.callback(line.close)
            yield


@contextmanager
def running() -> Iterator[Private]:
    """Both, with an empty database, thrown away at the end."""
    folder = Path(tempfile.mkdtemp())  # not pytest's, which no other account may enter
    folder.chmod(0o755)
    with ExitStack() as stack:
        stack.callback(shutil.rmtree, folder)
        private = Private(folder)
        for server in (private.safe, private.plain):
            server.start()
            stack.callback(server.signal, signal.SIGKILL)  # at once: its data are thrown away
            server.ask(f"CREATE DATABASE {NAME} CHARACTER SET utf8mb4", database="")
        yield private
