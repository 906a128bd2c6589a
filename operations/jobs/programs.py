"""The client programs of MariaDB or MySQL: one dumps a database, the other one reads what it is fed.

They are told where the server is, and the password, through an open file that has no name: neither the list of
processes nor a disk ever shows it.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from typing import Any

from core import environment
from operations.jobs.errors import BackupError

PAIRS = (("mariadb-dump", "mariadb"), ("mysqldump", "mysql"))
DUMP = (
    # One state of all tables, without a lock that a request would wait for.
    "--single-transaction",
    "--quick",
    "--hex-blob",
    # The same rows give the same text.
    "--order-by-primary",
    "--skip-comments",
    "--skip-dump-date",
    # A restore never drops anything, and has no transaction as large as a table.
    "--skip-add-drop-table",
    "--skip-no-autocommit",
    # Takes a privilege that nobody has on RDS.
    "--no-tablespaces",
    "--default-character-set=utf8mb4",
)
ORACLES_DUMP = ("--set-gtid-purged=OFF", "--column-statistics=0")
# The second one reads no commands of the client's own out of what it is fed.
FEED = ("--default-character-set=utf8mb4", "--binary-mode")
BUFFER = 1 << 20


@dataclass(frozen=True)
class Database:
    """A database and how its server is reached. `host` may be a socket's path; `ca` is what TLS is verified with."""

    name: str
    host: str
    port: int
    user: str
    password: str
    ca: str

    @classmethod
    def of(cls, entry: dict[str, Any]) -> Database:
        """That of an entry of DATABASES, on MySQL or MariaDB."""
        return cls(
            name=str(entry["NAME"]),
            host=entry.get("HOST") or "localhost",
            port=int(entry.get("PORT") or 3306),
            user=entry.get("USER") or "",
            password=entry.get("PASSWORD") or "",
            ca=environment.text("MYSQL_CA"),
        )

    def options(self, *, oracle: bool) -> str:
        """The option file for the programs: MySQL's where `oracle`, else MariaDB's."""
        lines = ["[client]", f"user={quoted(self.user)}"]
        if self.password:
            lines.append(f"password={quoted(self.password)}")
        if self.host.startswith("/"):
            lines.append(f"socket={quoted(self.host)}")
        else:
            lines += [f"host={quoted(self.host)}", f"port={self.port}"]
        if self.ca:
            verified = "ssl-mode=VERIFY_IDENTITY" if oracle else "ssl-verify-server-cert"
            lines += [f"ssl-ca={quoted(self.ca)}", verified]
        elif (
            not oracle
        ):  # MariaDB's verify by themselves from 11.4 on, and there is nothing to verify with
            lines.append("skip-ssl-verify-server-cert")
        return "\n".join([*lines, ""])


def quoted(value: str) -> str:
    """As the programs read a value in their option files."""
    if "\n" in value:
        raise BackupError(
            "A line break in the database's user, password or host cannot be told to its programs."
        )
    return '"{}"'.format(value.replace("\\", "\\\\").replace('"', '\\"'))


@dataclass(frozen=True)
class Programs:
    dump: str
    client: str
    version: str

    @property
    def are_oracles(self) -> bool:
        return "MariaDB" not in self.version


@cache
def installed() -> Programs:
    """The programs of this machine: MariaDB's where it has both pairs."""
    for names in PAIRS:
        dump, client = (shutil.which(name) for name in names)
        if dump and client:
            said = subprocess.run([dump, "--version"], capture_output=True, text=True, check=True)  # noqa: S603  # found on the PATH
            return Programs(dump, client, said.stdout.strip().removeprefix(dump).strip())
    raise BackupError(
        "Neither mariadb-dump nor mysqldump is installed here: sudo apt install mariadb-client"
    )


@contextmanager
def started(
    program: str, database: Database, *arguments: str, **pipes: Any
) -> Iterator[subprocess.Popen[bytes]]:
    """A program at work; at the end it must have succeeded. Killed when what is done with it fails."""
    reading, writing = os.pipe()
    os.write(writing, database.options(oracle=installed().are_oracles).encode())
    os.close(writing)
    command = [program, f"--defaults-file=/dev/fd/{reading}", *arguments]
    with tempfile.TemporaryFile() as said:
        try:
            process = subprocess.Popen(
                command, pass_fds=(reading,), stderr=said, bufsize=BUFFER, **pipes
            )  # noqa: S603  # ours
        finally:
            os.close(reading)
        try:
            yield process
        except BrokenPipeError:
            pass  # it has ended, and says why
        except BaseException:
            process.kill()
            raise
        finally:
            close(process)
            process.wait()
        if process.returncode:
            raise BackupError(failure(program, process.returncode, said))


def close(process: subprocess.Popen[bytes]) -> None:
    for pipe in filter(None, (process.stdin, process.stdout)):
        with suppress(BrokenPipeError):  # what was still to be written has nobody to read it
            pipe.close()


def failure(program: str, status: int, said: Any) -> str:
    """What a program said of its failure, in one sentence."""
    said.seek(0)
    lines = [
        line.strip() for line in said.read().decode(errors="replace").splitlines() if line.strip()
    ]
    name = os.path.basename(program)
    # Before its error the client quotes the statement, which holds people's words.
    errors = [line for line in lines if line.startswith(("ERROR", f"{name}:"))]
    return f"{name} ended with status {status}: {(errors or ['it does not say why'])[-1]}"


def dump(database: Database) -> Iterator[bytes]:
    """The lines of a dump. Raises BackupError where it is not whole."""
    programs = installed()
    arguments = (*DUMP, *(ORACLES_DUMP if programs.are_oracles else ()), database.name)
    with started(programs.dump, database, *arguments, stdout=subprocess.PIPE) as process:
        assert process.stdout  # noqa: S101  # for the types: it was asked for
        yield from process.stdout


def feed(database: Database, chunks: Iterable[bytes]) -> None:
    """Have the database run what the chunks of a dump say."""
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.DEVNULL}
    with started(installed().client, database, *FEED, database.name, **pipes) as process:
        assert process.stdin  # noqa: S101  # for the types: it was asked for
        for chunk in chunks:
            process.stdin.write(chunk)


def ask(database: Database, statement: str, *, inside: bool = True) -> list[list[str]]:
    """The rows of a statement, run in the database or, not `inside`, at its server only."""
    arguments = ["--batch", "--skip-column-names", *FEED, f"--execute={statement}"]
    if inside:
        arguments.append(database.name)
    with started(installed().client, database, *arguments, stdout=subprocess.PIPE) as process:
        rows = process.communicate()[0].decode().splitlines()
    return [row.split("\t") for row in rows]
