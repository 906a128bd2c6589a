"""Test that scripts fail with one helpful sentence if something is missing."""

from __future__ import annotations

import re
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from django.db import connection

ROOT = Path(__file__).resolve().parent.parent
TOOLS = (
    "bash",
    "sh",
    "dirname",
    "cat",
    "cmp",
    "grep",
    "sed",
    "id",
    "mkdir",
    "mkfifo",
    "mktemp",
    "rm",
    "tail",
    "tee",
    "uname",
)

pytestmark = pytest.mark.skipif(
    connection.vendor != "sqlite",
    reason="independent of the database; runs with the suite on SQLite",
)

# Programs that act like a Python which is too old, incomplete or broken, for scripts/lib.sh.
TOO_OLD = """case $2 in *print*) echo 3.9.2 ;; *version_info*) exit 1 ;; esac"""
NO_VENV = """case $2 in *print*) echo 3.13.1 ;; *ensurepip*) exit 1 ;; esac"""
SHIM = """echo "pyenv: $0: command not found" >&2; exit 127"""
GOOD = f'exec {sys.executable} "$@"'


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Create a folder for the PATH, with the programs that scripts run, but no Python."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for name in TOOLS:
        found = shutil.which(name)
        assert found, name
        (folder / name).symlink_to(found)
    return folder


def put(path: Path, **programs: str) -> None:
    for name, body in programs.items():
        program = path / name.replace("_", ".")
        program.write_text(f"#!/bin/sh\n{body}\n")
        program.chmod(0o755)


def run(path: Path, *command: str, **more: str) -> subprocess.CompletedProcess[str]:
    """Run a command with this PATH and no other variable of the environment."""
    env = {"PATH": str(path), "HOME": str(path.parent), "TMPDIR": str(path.parent)} | more
    return subprocess.run(
        [*command], cwd=ROOT, env=env, capture_output=True, text=True, check=False, timeout=30
    )


def run_with_lib(path: Path, script: str, **more: str) -> subprocess.CompletedProcess[str]:
    return run(path, "bash", "-c", f"set -euo pipefail; source scripts/lib.sh; {script}", **more)


def checkout(folder: Path) -> Path:
    """Copy the scripts to a folder without .venv."""
    shutil.copytree(
        ROOT / "scripts",
        folder / "checkout" / "scripts",
        ignore=shutil.ignore_patterns("__pycache__"),
    )
    return folder / "checkout"


def one_sentence(done: subprocess.CompletedProcess[str]) -> str:
    assert done.returncode != 0
    assert done.stdout == ""
    assert done.stderr.count("\n") == 1, done.stderr
    return done.stderr


class TestFindPython:
    def test_a_newer_python_beside_an_old_python3(self, path: Path) -> None:
        put(path, python3_13=TOO_OLD, python3=TOO_OLD, python3_12=GOOD)
        assert run_with_lib(path, "find_python; say $python").stdout == "python3.12\n"

    def test_a_python_of_pyenv(self, path: Path) -> None:
        versions = path.parent / ".pyenv" / "versions" / "3.13.0" / "bin"
        versions.mkdir(parents=True)
        put(versions, python3=GOOD)
        put(path, python3=TOO_OLD)
        assert run_with_lib(path, "find_python; say $python").stdout == f"{versions}/python3\n"

    def test_commands_that_fail_are_skipped(self, path: Path) -> None:
        put(path, python3_13=SHIM, python3_12=SHIM, python3_14=GOOD)
        done = run_with_lib(path, "find_python; say $python")
        assert (done.stdout, done.stderr) == ("python3.14\n", "")

    def test_a_python_without_venv_is_skipped(self, path: Path) -> None:
        put(path, python3_13=NO_VENV, python3_12=GOOD)
        assert run_with_lib(path, "find_python; say $python").stdout == "python3.12\n"

    def test_the_variable_python_comes_first(self, path: Path) -> None:
        put(path, python3_13=GOOD, mine=GOOD)
        assert run_with_lib(path, "find_python; say $python", PYTHON="mine").stdout == "mine\n"


class TestNoPython:
    def test_an_old_python(self, path: Path) -> None:
        put(path, python3=TOO_OLD, python3_13=SHIM)
        message = one_sentence(run(path, "bash", str(checkout(path.parent) / "scripts" / "run")))
        assert message.startswith("TodoMate needs Python 3.12 or newer and finds 3.9.2 here")

    def test_no_python(self, path: Path) -> None:
        message = one_sentence(run(path, "bash", str(checkout(path.parent) / "scripts" / "run")))
        assert message.startswith("TodoMate needs Python 3.12 or newer and finds none here")

    def test_a_python_without_venv(self, path: Path) -> None:
        put(path, python3=NO_VENV)
        message = one_sentence(run(path, "bash", str(checkout(path.parent) / "scripts" / "run")))
        assert message.startswith("python3 lacks the module venv")
        assert "sudo apt install python3.13-venv" in message


class TestRun:
    def test_a_port_in_use(self, path: Path) -> None:
        put(path, python3=GOOD)
        folder = checkout(path.parent)
        with socket.socket() as other:
            other.bind(("127.0.0.1", 0))
            other.listen()
            port = other.getsockname()[1]
            message = one_sentence(
                run(path, "bash", str(folder / "scripts" / "run"), PORT=str(port))
            )
        assert re.search(rf"Port {port} is in use: .*`PORT=\d+ make run`", message)
        assert {entry.name for entry in folder.iterdir()} == {"scripts"}, (
            "it must fail before anything slow"
        )

    @pytest.mark.parametrize("port", ["0", "65536", "http", "-1"])
    def test_an_invalid_port(self, path: Path, port: str) -> None:
        put(path, python3=GOOD)
        message = one_sentence(
            run(path, "bash", str(checkout(path.parent) / "scripts" / "run"), PORT=port)
        )
        assert message == f"PORT is {port!r}; it must be a number from 1 to 65535.\n"


# A .venv's Python that checks the address, and tells how it was asked to serve.
SERVES = f"""
case "$1 $*" in
  "- "*) exec {sys.executable} "$@" ;;
  *gunicorn*) echo "serves $*"; echo "hosts $ALLOWED_HOSTS" ;;
esac"""


class TestShare:
    def serve(self, path: Path, host: str, **more: str) -> list[str]:
        """Return what `scripts/run` prints for this HOST."""
        folder = checkout(path.parent)
        (folder / ".venv" / "bin").mkdir(parents=True)
        put(folder / ".venv" / "bin", python=SERVES)
        for name in ("requirements.txt", ".venv/installed-requirements.txt"):
            (folder / name).write_text("")
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = str(probe.getsockname()[1])
        script = str(folder / "scripts" / "run")
        done = run(path, "bash", script, HOST=host, PORT=port, **more)
        assert done.returncode == 0, done.stderr
        return done.stdout.replace(port, "PORT").splitlines()

    def test_by_default_only_this_machine_is_served(self, path: Path) -> None:
        assert self.serve(path, "127.0.0.1") == [
            "TodoMate runs on http://127.0.0.1:PORT (Ctrl-C stops it)",
            "serves -m gunicorn --bind 127.0.0.1:PORT --log-level warning",
            "hosts ",
        ]

    def test_all_addresses_are_served_and_the_one_for_phones_is_printed(self, path: Path) -> None:
        first, *lines = self.serve(path, "0.0.0.0")  # noqa: S104  # nothing listens
        assert first == "TodoMate runs on http://127.0.0.1:PORT (Ctrl-C stops it)"
        assert "serves -m gunicorn --bind 0.0.0.0:PORT --log-level warning" in lines
        if len(lines) == 2:
            pytest.skip("this machine has no network")
        address = re.fullmatch(r"Phones in the same network use http://(\S+):PORT", lines[0])
        assert address is not None
        assert "admin" in lines[1]
        hosts = lines[-1].removeprefix("hosts ").split(",")
        assert {address[1], "localhost", "127.0.0.1", "10.0.2.2"} <= set(hosts)

    def test_allowed_hosts_that_are_given_stay(self, path: Path) -> None:
        lines = self.serve(path, "0.0.0.0", ALLOWED_HOSTS="my.example")  # noqa: S104  # as above
        assert lines[-1] == "hosts my.example"


class TestMissingMysql:
    """Run `scripts/test` with a fake pytest."""

    @pytest.fixture
    def folder(self, path: Path) -> Path:
        """Create a checkout with .venv, on a machine without a server program."""
        folder = checkout(path.parent)
        (folder / "scripts" / "install").write_text("#!/bin/sh\n")
        library = folder / "scripts" / "private-mysql.sh"
        library.write_text(
            re.sub(
                r"^server_path=.*$", "server_path=$PATH", library.read_text(), flags=re.MULTILINE
            )
        )
        (folder / ".venv" / "bin").mkdir(parents=True)
        put(
            folder / ".venv" / "bin",
            python='case "$*" in *pytest*) echo "2 passed in 0.01s" ;; *) echo "SQLite 3" ;; esac',
        )
        return folder

    def test_it_fails_if_mysql_is_requested(self, path: Path, folder: Path) -> None:
        done = run(path, "bash", str(folder / "scripts" / "test"), "mysql")
        assert done.returncode == 1
        assert "MySQL: not run, no server program (mysqld, mariadbd) is installed" in done.stdout

    def test_it_is_a_remark_where_it_was_not(self, path: Path, folder: Path) -> None:
        done = run(path, "bash", str(folder / "scripts" / "test"), "all")
        assert done.returncode == 0, done.stderr
        assert "MySQL: not run, no server program (mysqld, mariadbd) is installed" in done.stdout
        assert "2 passed, 0 failed on all databases" in done.stdout

    def test_an_unknown_argument_is_refused(self, path: Path, folder: Path) -> None:
        assert one_sentence(
            run(path, "bash", str(folder / "scripts" / "test"), "oracle")
        ).startswith("usage: ")


def test_make_lists_every_target() -> None:
    makefile = (ROOT / "Makefile").read_text().replace("\\\n", "")
    phony = re.search(r"^\.PHONY: (.*)$", makefile, re.MULTILINE)
    assert phony
    done = subprocess.run(
        ["make", "--no-print-directory"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert {line.split()[1] for line in done.stdout.splitlines()} == set(phony[1].split())
