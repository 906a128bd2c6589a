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
    """A folder for the PATH, with the programs that scripts run, but no Python."""
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
    """With this PATH and nothing else of the environment, a pyenv or a database's address least of all."""
    env = {"PATH": str(path), "HOME": str(path.parent), "TMPDIR": str(path.parent)} | more
    return subprocess.run(
        [*command], cwd=ROOT, env=env, capture_output=True, text=True, check=False, timeout=30
    )


def sourced(path: Path, script: str, **more: str) -> subprocess.CompletedProcess[str]:
    return run(path, "bash", "-c", f"set -euo pipefail; source scripts/lib.sh; {script}", **more)


def checkout(folder: Path) -> Path:
    """The scripts in a folder where nothing has been installed yet."""
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
    def test_a_newer_one_beside_a_python3_that_is_too_old(self, path: Path) -> None:
        put(path, python3_13=TOO_OLD, python3=TOO_OLD, python3_12=GOOD)
        assert sourced(path, "find_python; say $python").stdout == "python3.12\n"

    def test_one_that_only_pyenv_has(self, path: Path) -> None:
        versions = path.parent / ".pyenv" / "versions" / "3.13.0" / "bin"
        versions.mkdir(parents=True)
        put(versions, python3=GOOD)
        put(path, python3=TOO_OLD)
        assert sourced(path, "find_python; say $python").stdout == f"{versions}/python3\n"

    def test_names_that_answer_with_an_error_are_passed_over(self, path: Path) -> None:
        put(path, python3_13=SHIM, python3_12=SHIM, python3_14=GOOD)
        done = sourced(path, "find_python; say $python")
        assert (done.stdout, done.stderr) == ("python3.14\n", "")

    def test_one_without_venv_is_passed_over_for_one_that_has_it(self, path: Path) -> None:
        put(path, python3_13=NO_VENV, python3_12=GOOD)
        assert sourced(path, "find_python; say $python").stdout == "python3.12\n"

    def test_the_one_that_is_asked_for_comes_first(self, path: Path) -> None:
        put(path, python3_13=GOOD, mine=GOOD)
        assert sourced(path, "find_python; say $python", PYTHON="mine").stdout == "mine\n"


class TestNoPython:
    def test_too_old(self, path: Path) -> None:
        put(path, python3=TOO_OLD, python3_13=SHIM)
        said = one_sentence(run(path, "bash", str(checkout(path.parent) / "scripts" / "run")))
        assert said.startswith("TodoMate needs Python 3.12 or newer and finds 3.9.2 here")

    def test_none(self, path: Path) -> None:
        said = one_sentence(run(path, "bash", str(checkout(path.parent) / "scripts" / "run")))
        assert said.startswith("TodoMate needs Python 3.12 or newer and finds none here")

    def test_no_venv_in_it(self, path: Path) -> None:
        put(path, python3=NO_VENV)
        said = one_sentence(run(path, "bash", str(checkout(path.parent) / "scripts" / "run")))
        assert said.startswith("python3 lacks the module venv")
        assert "sudo apt install python3.13-venv" in said


class TestRun:
    def test_a_port_that_is_taken(self, path: Path) -> None:
        put(path, python3=GOOD)
        folder = checkout(path.parent)
        with socket.socket() as other:
            other.bind(("127.0.0.1", 0))
            other.listen()
            port = other.getsockname()[1]
            said = one_sentence(run(path, "bash", str(folder / "scripts" / "run"), PORT=str(port)))
        assert re.search(rf"Port {port} is in use: .*`PORT=\d+ make run`", said)
        assert {entry.name for entry in folder.iterdir()} == {"scripts"}, (
            "it must fail before anything slow"
        )

    @pytest.mark.parametrize("port", ["0", "65536", "http", "-1"])
    def test_a_port_that_is_none(self, path: Path, port: str) -> None:
        put(path, python3=GOOD)
        said = one_sentence(
            run(path, "bash", str(checkout(path.parent) / "scripts" / "run"), PORT=port)
        )
        assert said == f"PORT is {port!r}; it must be a number from 1 to 65535.\n"


class TestMissingMysql:
    """The suite itself is left out: `scripts/test` with a pytest that has nothing to do."""

    @pytest.fixture
    def folder(self, path: Path) -> Path:
        """A checkout whose environment is there, with a server program nowhere."""
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

    def test_it_fails_where_it_was_asked_for(self, path: Path, folder: Path) -> None:
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
