"""Test the content and the rights of the image, and that it serves (`make image`)."""

from __future__ import annotations

import json
import re
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from tests.packages import server_packages
from tests.stack.stack import IMAGE, ROOT, docker, inspect, run, wait_for

MB = 1_000_000
# As in production, and without a network.
CLOSED = ("--read-only", "--tmpfs", "/tmp", "--cap-drop", "ALL", "--network", "none")  # noqa: S108  # in the container
WRITABLE = {"/backups", "/data", "/photos", "/run/todomate", "/srv/static", "/tmp"}  # noqa: S108  # as above
BASE_S_OWN = {"/run/lock", "/var/tmp"}  # noqa: S108  # writable for all in Debian
TOOLS = (
    "gcc",
    "cc",
    "g++",
    "make",
    "pip",
    "pip3",
    "pytest",
    "hypothesis",
    "ruff",
    "mypy",
    "mysql_config",
)
MODULES = ("pip", "ensurepip", "pytest", "hypothesis", "moto", "mypy", "todomate.demo")
APPS = sorted(server_packages())
SETTINGS = {
    "SECRET_KEY": "of-a-test-" * 6,
    "DOMAIN": "localhost",
    "DATABASE_URL": "sqlite:////tmp/x.sqlite3",
}
# Print Python files that would be compiled at each start: the compiled file is missing or outdated,
# or is compared with the time of its source, which image layers round.
UNCOMPILED = """
import importlib.util, pathlib
for path in pathlib.Path('/app').rglob('*.py'):
    compiled = pathlib.Path(importlib.util.cache_from_source(path))
    unchecked = b'\\x01\\0\\0\\0' + importlib.util.source_hash(path.read_bytes())
    if not compiled.exists() or compiled.read_bytes()[4:16] != unchecked:
        print(path)
"""
ASK = """
import sys, urllib.request
headers = {'Host': 'localhost', 'X-Forwarded-Proto': 'https', 'Accept-Language': 'ko'}
try:
    url = 'http://127.0.0.1:8000' + sys.argv[1]
    answer = urllib.request.urlopen(urllib.request.Request(url, headers=headers))
except urllib.error.HTTPError as error:
    answer = error
print(answer.status, answer.read().decode())
"""


@contextmanager
def container(*command: str, **environment: str) -> Iterator[str]:
    """Run a container of the image, and remove it at the end."""
    settings = [word for pair in environment.items() for word in ("--env", "=".join(pair))]
    name = docker("run", "--detach", *CLOSED, *settings, IMAGE, *command)
    try:
        yield name
    finally:
        docker("rm", "--force", name)


@pytest.fixture(scope="module")
def idle() -> Iterator[str]:
    with container("sleep", "infinity") as name:
        yield name


@pytest.fixture(scope="module")
def serving() -> Iterator[str]:
    """Run a container with the image's own command and a migrated database."""
    with container(**SETTINGS) as name:
        docker("exec", name, "python", "manage.py", "migrate", "--verbosity", "0")
        wait_for(lambda: probe(name) == 0, "it is ready")
        yield name


def inside(name: str, *command: str, check: bool = True) -> str:
    return docker("exec", name, *command, check=check)


def probe(name: str) -> int:
    return run("docker", "exec", name, "python", "-m", "todomate.probe", check=False).returncode


def image(what: str, name: str = IMAGE) -> Any:
    return json.loads(docker("image", "inspect", "--format", "{{json ." + what + "}}", name))


def test_it_adds_no_more_than_120_mb_to_its_base() -> None:
    base = re.findall(r"^FROM (\S+)", (ROOT / "Dockerfile").read_text(), re.MULTILINE)[-1]
    if run("docker", "image", "inspect", base, check=False).returncode:
        docker("pull", "--quiet", base)  # builders store their base images elsewhere
    added = (image("Size") - image("Size", base)) / MB
    sys.stdout.write(f"\nThe image adds {added:.0f} MB to {base}.\n")
    assert 0 < added <= 120


def test_its_labels() -> None:
    labels = image("Config.Labels")
    prefix = "org.opencontainers.image"
    assert (labels[f"{prefix}.title"], labels[f"{prefix}.licenses"]) == ("TodoMate", "Apache-2.0")
    assert f"{prefix}.revision" in labels


def test_it_starts_the_server_and_has_a_health_check(serving: str) -> None:
    config = inspect(serving, "Config")
    assert config["Cmd"] == ["python", "-m", "operations.serving.start"]
    assert not config["Entrypoint"]
    assert config["User"] == "10001:10001"
    assert config["Healthcheck"]["Test"] == ["CMD", "python", "-m", "todomate.probe"]
    assert inside(serving, "cat", "/proc/1/cmdline").split("\0")[1].endswith("/gunicorn"), (
        "something is between it and signals"
    )
    assert not [line for line in image("Config.Env") if "SECRET" in line or "PASSWORD" in line]


def test_it_has_no_tools_to_build_or_test(idle: str) -> None:
    assert inside(idle, "sh", "-c", f"command -v {' '.join(TOOLS)}", check=False) == ""
    for python in ("python", "/usr/local/bin/python"):
        names = [module.split(".")[0] for module in MODULES]
        find = f"import importlib.util as u; print([m for m in {names} if u.find_spec(m)])"
        assert inside(idle, python, "-c", find) in ("['todomate']", "[]")
    found = inside(
        idle, "find", "/app", "-name", "tests", "-o", "-name", "test_*", "-o", "-name", "demo"
    )
    assert found == ""


def test_it_has_no_settings_and_no_other_files_of_the_checkout(idle: str) -> None:
    assert inside(idle, "find", "/app", "-name", ".env*") == "/app/server/.env.example"
    expected = {
        ".venv",
        "LICENSE",
        "__pycache__",
        "docs",
        "gunicorn.conf.py",
        "infra",
        "manage.py",
        "server",
        "var",
        *APPS,
    }
    assert set(inside(idle, "ls", "-A", "/app").split()) == expected


def test_it_has_the_files_for_the_folder_on_the_server(idle: str) -> None:
    kit = [
        "deploy.sh",
        "docker-compose.prod.yml",
        "docker-compose.mysql.yml",
        ".env.example",
        "scripts/restore",
    ]
    kit += [str(path.relative_to(ROOT)) for path in (ROOT / "nginx").iterdir()]
    assert set(inside(idle, "find", "/app/server", "-type", "f", "-printf", "%P\n").split()) == set(
        kit
    )
    for name in kit:
        assert inside(idle, "cat", f"/app/server/{name}") == (ROOT / name).read_text().strip(), name
    assert (
        inside(idle, "cat", "/app/infra/rds-ca.pem")
        == (ROOT / "infra" / "rds-ca.pem").read_text().strip()
    )
    inside(idle, "test", "-x", "/app/server/deploy.sh")


def test_its_account_cannot_write_anything(idle: str) -> None:
    lines = inside(idle, "cat", "/proc/self/status").splitlines()
    status = dict(line.split(":\t", 1) for line in lines if ":\t" in line)
    assert (status["Uid"].split()[0], status["CapEff"], status["CapBnd"]) == (
        "10001",
        "0" * 16,
        "0" * 16,
    )
    # Folders that this account could write to if the root were writable.
    with_root = docker(
        "run",
        "--rm",
        "--cap-drop",
        "ALL",
        IMAGE,
        "find",
        "/",
        "-xdev",
        "-writable",
        "!",
        "-type",
        "l",
    )
    assert WRITABLE <= set(with_root.split()) <= WRITABLE | BASE_S_OWN


def test_python_is_compiled(idle: str) -> None:
    assert inside(idle, "python", "-c", UNCOMPILED) == ""


def test_the_programs_it_runs_start(idle: str) -> None:
    driver = inside(
        idle, "python", "-c", "import MySQLdb, obstore, redis; print(MySQLdb.get_client_info())"
    )
    sys.stdout.write(f"\nThe driver's client library is Connector/C {driver}.\n")
    assert re.fullmatch(r"3\.\d+\.\d+", driver)
    for program in ("mariadb", "mariadb-dump"):
        assert "Distrib" in (said := inside(idle, program, "--version")) or "MariaDB" in said
    assert inside(idle, "python", "-c", "import psycopg; print(psycopg.pq.__impl__)") == "binary"
    for program in ("pg_dump", "psql"):
        assert "(PostgreSQL)" in inside(idle, program, "--version")


def test_the_doctor_reports_missing_settings() -> None:
    """Without a database it would be a server that makes its keys by itself."""
    with container("sleep", "infinity", DATABASE_URL=SETTINGS["DATABASE_URL"]) as name:
        done = run("docker", "exec", name, "python", "manage.py", "doctor", check=False)
    assert done.returncode == 1
    assert "error [secret-key-missing]" in done.stdout
    assert "error [hosts-missing]" in done.stdout
    assert "Traceback" not in done.stdout + done.stderr


def test_it_answers_in_the_requested_language(serving: str) -> None:
    status, words = inside(serving, "python", "-c", ASK, "/api/v1/me/").split(" ", 1)
    assert status == "401"
    assert re.search("[가-힣]", words), "the Korean translation is missing"
    assert inside(serving, "python", "-c", ASK, "/api/docs/").startswith("200 ")


def test_without_a_schema_it_is_not_ready_and_ends_promptly_on_sigterm() -> None:
    with container(**SETTINGS) as name:
        wait_for(lambda: "Listening at" in logs(name), "it listens")
        assert probe(name) != 0
        began = time.monotonic()
        docker("stop", "-t", "30", name)
        assert time.monotonic() - began < 10
        assert inspect(name, "State")["ExitCode"] == 0
        assert "Traceback" not in logs(name)


def logs(name: str) -> str:
    done = run("docker", "logs", name)
    return done.stdout + done.stderr
