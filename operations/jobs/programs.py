"""Run the client programs of MariaDB or MySQL that dump and load a database.

They read the server's address and the password from an option file in a pipe, so that neither the
list of processes nor a disk shows them.
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
from typing import IO, Any, Self

from core import environment
from operations.jobs.errors import BackupError

PAIRS = (("mariadb-dump", "mariadb"), ("mysqldump", "mysql"))
DUMP_OPTIONS = (
    # A consistent snapshot of all tables, without a lock that requests would wait for.
    "--single-transaction",
    "--quick",
    "--hex-blob",
    # The same rows always give the same text.
    "--order-by-primary",
    "--skip-comments",
    "--skip-dump-date",
    # A restore never drops a table, and has no transaction as large as a table.
    "--skip-add-drop-table",
    "--skip-no-autocommit",
    # Tablespaces need a privilege that no account on RDS has.
    "--no-tablespaces",
    "--default-character-set=utf8mb4",
)
MYSQL_DUMP_OPTIONS = ("--set-gtid-purged=OFF", "--column-statistics=0")
# Binary mode keeps the client from running its own commands in the data.
CLIENT_OPTIONS = ("--default-character-set=utf8mb4", "--binary-mode")
BUFFER_SIZE = 1 << 20  # bytes


@dataclass(frozen=True)
class Database:
    """A database and the account for it.

    `host` may be the path of a socket. `ca` is the file of the certificate authority; without it
    the server's certificate is not verified.
    """

    name: str
    host: str
    port: int
    user: str
    password: str
    ca: str

    @classmethod
    def from_entry(cls, entry: dict[str, Any]) -> Self:
        """Return the database in an entry of DATABASES."""
        return cls(
            name=str(entry["NAME"]),
            host=entry.get("HOST") or "localhost",
            port=int(entry.get("PORT") or 3306),
            user=entry.get("USER") or "",
            password=entry.get("PASSWORD") or "",
            ca=environment.text("MYSQL_CA"),
        )

    def option_file(self, *, mysql: bool) -> str:
        """Return the option file for MySQL's programs or for MariaDB's."""
        lines = ["[client]", f"user={_quote(self.user)}"]
        if self.password:
            lines.append(f"password={_quote(self.password)}")
        if self.host.startswith("/"):
            lines.append(f"socket={_quote(self.host)}")
        else:
            lines += [f"host={_quote(self.host)}", f"port={self.port}"]
        if self.ca:
            verify = "ssl-mode=VERIFY_IDENTITY" if mysql else "ssl-verify-server-cert"
            lines += [f"ssl-ca={_quote(self.ca)}", verify]
        elif not mysql:
            # MariaDB's programs verify by default from 11.4 on, but there is no authority.
            lines.append("skip-ssl-verify-server-cert")
        return "\n".join([*lines, ""])


def _quote(value: str) -> str:
    """Quote a value for an option file."""
    if "\n" in value:
        raise BackupError(
            "The database's programs accept no line break in its user, password or host."
        )
    return '"{}"'.format(value.replace("\\", "\\\\").replace('"', '\\"'))


@dataclass(frozen=True)
class Programs:
    """The paths of the programs, and the version of the first."""

    dump: str
    client: str
    version: str

    @property
    def are_mysql(self) -> bool:
        """True for MySQL's programs, False for MariaDB's."""
        return "MariaDB" not in self.version


@cache
def find_programs() -> Programs:
    """Return the programs of this machine, MariaDB's if both are installed.

    Raise BackupError if there are none.
    """
    for names in PAIRS:
        dump, client = (shutil.which(name) for name in names)
        if dump and client:
            command = [dump, "--version"]
            done = subprocess.run(command, capture_output=True, text=True, check=True)  # noqa: S603  # found on the PATH
            return Programs(dump, client, done.stdout.strip().removeprefix(dump).strip())
    raise BackupError(
        "Neither mariadb-dump nor mysqldump is installed here: sudo apt install mariadb-client"
    )


@contextmanager
def _run_program(
    program: str,
    database: Database,
    *arguments: str,
    stdin: int | None = None,
    stdout: int | None = None,
) -> Iterator[subprocess.Popen[bytes]]:
    """Run a program with the options that name the database."""
    reading, writing = os.pipe()
    os.write(writing, database.option_file(mysql=find_programs().are_mysql).encode())
    os.close(writing)
    command = [program, f"--defaults-file=/dev/fd/{reading}", *arguments]
    with running(command, option_file=reading, stdin=stdin, stdout=stdout) as process:
        yield process


@contextmanager
def running(
    command: list[str],
    *,
    option_file: int | None = None,
    env: dict[str, str] | None = None,
    stdin: int | None = None,
    stdout: int | None = None,
) -> Iterator[subprocess.Popen[bytes]]:
    """Run a command. Kill it if the block fails; raise BackupError if the program fails.

    `option_file` is the handle of a file for the program, which is closed here.
    """
    files = () if option_file is None else (option_file,)
    with tempfile.TemporaryFile() as stderr:
        try:
            process = subprocess.Popen(  # noqa: S603  # the program is found on the PATH
                command,
                pass_fds=files,
                env=env,
                stdin=stdin,
                stdout=stdout,
                stderr=stderr,
                bufsize=BUFFER_SIZE,
            )
        finally:
            for file in files:
                os.close(file)
        try:
            yield process
        except BrokenPipeError:
            pass  # the program has ended; its error says why
        except BaseException:
            process.kill()
            raise
        finally:
            _close_pipes(process)
            process.wait()
        if process.returncode:
            raise BackupError(_failure_message(command[0], process.returncode, stderr))


def _close_pipes(process: subprocess.Popen[bytes]) -> None:
    for pipe in filter(None, (process.stdin, process.stdout)):
        with suppress(BrokenPipeError):  # the program ended without reading everything
            pipe.close()


def _failure_message(program: str, status: int, stderr: IO[bytes]) -> str:
    """Return the last error that a program has printed, as one sentence."""
    stderr.seek(0)
    lines = [line.strip() for line in stderr.read().decode(errors="replace").splitlines()]
    name = os.path.basename(program)
    # Other lines are not shown: the client quotes the failed statement, with users' texts.
    errors = [line for line in lines if line.startswith(("ERROR", f"{name}:"))]
    return f"{name} ended with status {status}: {errors[-1] if errors else 'it gives no reason'}"


def dump(database: Database) -> Iterator[bytes]:
    """Yield the lines of a dump. Raise BackupError if it is incomplete."""
    programs = find_programs()
    options = (*DUMP_OPTIONS, *(MYSQL_DUMP_OPTIONS if programs.are_mysql else ()))
    with _run_program(
        programs.dump, database, *options, database.name, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout  # noqa: S101  # for the type checker: it is a pipe
        yield from process.stdout


def load(database: Database, chunks: Iterable[bytes]) -> None:
    """Run the statements of a dump in the database."""
    with _run_program(
        find_programs().client,
        database,
        *CLIENT_OPTIONS,
        database.name,
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
    ) as process:
        assert process.stdin  # noqa: S101  # for the type checker: it is a pipe
        for chunk in chunks:
            process.stdin.write(chunk)


def query(database: Database, statement: str, *, select: bool = True) -> list[list[str]]:
    """Run a statement and return its rows; with `select=False`, without selecting a database."""
    arguments = ["--batch", "--skip-column-names", *CLIENT_OPTIONS, f"--execute={statement}"]
    if select:
        arguments.append(database.name)
    with _run_program(
        find_programs().client, database, *arguments, stdout=subprocess.PIPE
    ) as process:
        rows = process.communicate()[0].decode().splitlines()
    return [row.split("\t") for row in rows]
